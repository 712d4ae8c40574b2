import type { DecommissionRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import { proveOurs } from '../host-machine/host-machine';
import type { Machine } from '../ports/vcenter';
import type { ProvisioningTools } from '../tools';

/** The machine as it was found; null: vCenter has none. */
export interface WithFoundMachine {
  readonly foundMachine: Machine | null;
}

/** Makes sure that the machine is the host's before anything is done to it. */
export const findMachine = ({ vcenter }: ProvisioningTools) =>
  defineStep<DecommissionRequest, WithFoundMachine>({
    name: 'find-machine',
    title: 'Find the machine of the host',
    timeoutMs: 2 * 60_000,
    retry: { attempts: 5, delayMs: 2_000, backoff: 2 },
    run: async (request, at) => {
      const found = await vcenter.findRegistered(request.vcenterId, request, at.signal);
      if (!found) {
        at.log('vCenter has no machine of this host any more: there is only the host to remove.');
        return { foundMachine: null };
      }
      proveOurs(request, found);
      at.log(
        `${found.name} (${found.machine.moRef}) is the machine of this host; it is ${found.power}.`,
      );
      return { foundMachine: found.machine };
    },
  });
