import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { PlacementReport } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds } from './facts';

const GIB = 1024 ** 3;

/** Looks at everything that the deployment will need, before anything is changed. */
export const preflight = ({ vcenter, playbooks }: ProvisioningTools) =>
  defineStep<MachineRequest, object>({
    name: 'preflight',
    title: 'Check the request',
    timeoutMs: minutes(2),
    retry: { attempts: 10, delayMs: seconds(2), backoff: 1.5 },
    run: async (request, at) => {
      const { vcenterId, placement, hostname, network } = request;
      if (await vcenter.findByRun(vcenterId, at.runId, at.signal)) {
        at.log('The machine of this run exists already; its name and space need no check.');
        return {};
      }
      const asked = { name: hostname, address: network.address };
      const report = await vcenter.inspect(vcenterId, placement, asked, at.signal);
      refuseWhatCannotWork(request, report);
      for (const playbookId of request.playbookIds) {
        await playbooks.read(playbookId);
      }
      at.log(
        `Template ${placement.template.name}, ${inGib(report.templateBytes)} GiB; ` +
          `datastore ${placement.datastore.name} has ${inGib(report.datastoreFreeBytes)} GiB free.`,
      );
      return {};
    },
  });

function refuseWhatCannotWork(request: MachineRequest, report: PlacementReport): void {
  const { hostname, placement, network, diskGb = 0 } = request;
  const needed = Math.max(report.templateBytes, diskGb * GIB);
  if (needed > report.datastoreFreeBytes) {
    throw new ProvisioningFailure({
      code: 'not-enough-space',
      cause: `The machine needs ${inGib(needed)} GiB, and ${placement.datastore.name} has ${inGib(report.datastoreFreeBytes)} GiB free.`,
      remedy: 'Free space there, or ask for the machine on another datastore.',
    });
  }
  if (report.nameTaken) {
    throw new ProvisioningFailure({
      code: 'name-in-vcenter',
      cause: `The folder ${placement.folder.name} of vCenter already holds a machine called ${hostname}.`,
      remedy: 'Choose another host name, or rename or remove that machine in vCenter.',
    });
  }
  if (report.addressHolder !== null) {
    throw new ProvisioningFailure({
      code: 'address-taken',
      cause: `The machine ${report.addressHolder} in vCenter reports the address ${network.address}.`,
      remedy: 'Choose another address.',
    });
  }
}

function inGib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
