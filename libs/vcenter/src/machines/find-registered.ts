import {
  type FoundMachine,
  type PowerState,
  ProvisioningFailure,
  type RegisteredVm,
} from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { type Properties, readProperties } from '../properties/retrieve';
import { textOf, type VimValue } from '../soap/vim-value';
import { findByInstanceUuid, machineRef, markOf, unlessGone } from './find-machine';

const PATHS = [
  ...['name', 'config.uuid', 'config.instanceUuid', 'config.extraConfig'],
  'runtime.powerState',
];

/**
 * The machine with this instance UUID, whoever made it; `undefined`: there is none. Throws `not-our-machine` when its
 * MoRef is another machine's by now.
 */
export async function findRegistered(
  vcenter: ConnectedVCenter,
  { vmMoRef, vmInstanceUuid }: RegisteredVm,
  signal: AbortSignal,
): Promise<FoundMachine | undefined> {
  const ref = await findByInstanceUuid(vcenter, vmInstanceUuid, signal);
  const seen = ref && (await unlessGone(readProperties(vcenter.connection, ref, PATHS, signal)));
  if (!ref || !seen) {
    await refuseAnother(vcenter, { vmMoRef, vmInstanceUuid }, signal);
    return undefined;
  }
  const instanceUuid = textOf(seen['config.instanceUuid']);
  return {
    machine: { moRef: ref.value, instanceUuid, biosUuid: textOf(seen['config.uuid']) },
    name: textOf(seen['name']),
    markedBy: markOf(seen),
    power: powerOf(seen['runtime.powerState']),
  };
}

const POWER: Readonly<Record<string, PowerState>> = { poweredOn: 'on', suspended: 'suspended' };

function powerOf(state: VimValue | undefined): PowerState {
  return POWER[textOf(state)] ?? 'off';
}

/** A MoRef is never given to another machine: one that has another UUID now was changed by somebody. */
async function refuseAnother(
  { connection }: ConnectedVCenter,
  { vmMoRef, vmInstanceUuid }: RegisteredVm,
  signal: AbortSignal,
): Promise<void> {
  const paths = ['name', 'config.instanceUuid'];
  const other: Properties | undefined = await unlessGone(
    readProperties(connection, machineRef({ moRef: vmMoRef }), paths, signal),
  );
  if (!other) return;
  throw new ProvisioningFailure({
    code: 'not-our-machine',
    cause:
      `${connection.label} has no machine with the instance UUID ${vmInstanceUuid}; ${vmMoRef} is ` +
      `${textOf(other['name'])} and has the instance UUID ${textOf(other['config.instanceUuid'])}.`,
    remedy:
      'It is not touched. See in vCenter’s events who changed it, and whether the host is this machine.',
  });
}
