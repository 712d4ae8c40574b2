import { type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { adaptersOf, DEVICES, macOf } from './devices';
import { machineRef, missing, readMachine } from './find-machine';
import { addressesOn } from './guest-addresses';
import { toolsRun } from './machine-state';

const PATHS = ['runtime.powerState', 'guest.toolsRunningStatus', 'guest.net'];

/**
 * Waits until VMware Tools run and report the address on one of the machine's own adapters.
 * Throws `no-guest-address` when the machine goes off, `machine-missing` when it is gone.
 */
export async function waitForAddress(
  vcenter: ConnectedVCenter,
  machine: Machine,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const { [DEVICES]: devices } = await readMachine(vcenter, machine, [DEVICES], signal);
  const macs = adaptersOf(devices).map(macOf);
  try {
    await vcenter.watches.until(
      {
        object: machineRef(machine),
        paths: PATHS,
        look: (seen) => {
          const { 'runtime.powerState': power = 'poweredOn' } = seen;
          if (power !== 'poweredOn') throw wentOff(machine, address);
          const reported = toolsRun(seen) && addressesOn(macs, seen['guest.net']).includes(address);
          return reported || undefined;
        },
      },
      signal,
    );
  } catch (error) {
    throw isFault(error, 'ManagedObjectNotFound') ? missing(machine, error) : error;
  }
}

function wentOff({ moRef }: Machine, address: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'no-guest-address',
    cause: `The machine ${moRef} went off before its guest had the address ${address}.`,
    remedy: 'See its console and its events in vCenter: the guest may stop while it starts.',
  });
}
