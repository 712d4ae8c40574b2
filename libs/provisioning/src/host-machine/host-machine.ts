import type { DecommissionRequest, RegisteredMachine } from '@diaken/contracts';
import type { FoundMachine } from '../ports/found-machine';
import { ProvisioningFailure } from '../problems/provisioning-failure';

/** The machine of a host is not in its vCenter. */
export function hostWithoutMachine(host: RegisteredMachine): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'machine-missing',
    cause: `The machine of the host ${host.hostname} (${host.vmMoRef}, instance UUID ${host.vmInstanceUuid}) is not in vCenter any more.`,
    remedy:
      'See in vCenter’s events who removed it. If it is to stay away, decommission the host, or remove it.',
  });
}

/** Throws unless the machine carries the mark of the host's run, or whoever asks has named the machine. */
export function proveOurs(
  { hostname, createdByRun, confirmMachine }: DecommissionRequest,
  { name, markedBy, machine }: FoundMachine,
): void {
  const isOurs = createdByRun !== null && markedBy === createdByRun;
  if (isOurs || confirmMachine === name) {
    return;
  }
  const mark = markedBy === null ? 'no run’s mark' : `the mark of the run ${markedBy}`;
  const wanted =
    createdByRun === null ? 'and no run made it' : `not that of the run ${createdByRun}`;
  throw new ProvisioningFailure({
    code: 'not-our-machine',
    cause: `The machine ${name} (${machine.moRef}) of the host ${hostname} carries ${mark}, ${wanted}. Nothing was changed.`,
    remedy: `If it is the right one all the same, ask again with its name in vCenter: "confirmMachine": "${name}".`,
  });
}
