import { type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import type { Properties } from '../properties/retrieve';
import { adaptersOf, DEVICES, macOf } from './devices';
import { machineRef, missing, readMachine } from './find-machine';
import { addressesOn } from './guest-addresses';
import { toolsRun } from './machine-state';

const PATHS = ['runtime.powerState', 'guest.toolsRunningStatus', 'guest.net'];

/**
 * Waits until VMware Tools run.
 * Throws `no-guest-address` when the machine goes off, `machine-missing` when it is gone.
 */
export async function waitForTools(
  vcenter: ConnectedVCenter,
  machine: Machine,
  signal: AbortSignal,
): Promise<void> {
  await watch(vcenter, machine, (seen) => toolsRun(seen) || undefined, signal);
}

/** Waits until VMware Tools report the address on one of the machine's own adapters. Throws as `waitForTools` does. */
export async function waitForAddress(
  vcenter: ConnectedVCenter,
  machine: Machine,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const { [DEVICES]: devices } = await readMachine(vcenter, machine, [DEVICES], signal);
  const macs = adaptersOf(devices).map(macOf);
  const look = (seen: Properties) =>
    (toolsRun(seen) && addressesOn(macs, seen['guest.net']).includes(address)) || undefined;
  await watch(vcenter, machine, look, signal);
}

/**
 * Waits until the first adapter has had the same first address for so long: the first lease is often not the last.
 * Answers the address. Throws as `waitForTools` does.
 */
export async function waitForAnyAddress(
  vcenter: ConnectedVCenter,
  machine: Machine,
  unchangedForMs: number,
  signal: AbortSignal,
): Promise<string> {
  const { [DEVICES]: devices } = await readMachine(vcenter, machine, [DEVICES], signal);
  const macs = adaptersOf(devices).slice(0, 1).map(macOf);
  const settled = settling(unchangedForMs);
  const look = (seen: Properties) =>
    settled(toolsRun(seen) ? addressesOn(macs, seen['guest.net'])[0] : undefined, Date.now());
  return watch(vcenter, machine, look, signal);
}

/** Answers a value that it was told for so long without another in between; time in ms. */
export function settling(
  unchangedForMs: number,
): (value: string | undefined, now: number) => string | undefined {
  let last: string | undefined;
  let since = 0;
  return (value, now) => {
    if (value !== last) {
      last = value;
      since = now;
    }
    return now - since >= unchangedForMs ? value : undefined;
  };
}

async function watch<T>(
  vcenter: ConnectedVCenter,
  machine: Machine,
  look: (seen: Properties) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await vcenter.watches.until(
      {
        object: machineRef(machine),
        paths: PATHS,
        look: (seen) => {
          const { 'runtime.powerState': power = 'poweredOn' } = seen;
          if (power !== 'poweredOn') throw wentOff(machine);
          return look(seen);
        },
      },
      signal,
    );
  } catch (error) {
    throw isFault(error, 'ManagedObjectNotFound') ? missing(machine, error) : error;
  }
}

function wentOff({ moRef }: Machine): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'no-guest-address',
    cause: `The machine ${moRef} went off before its guest was ready.`,
    remedy: 'See its console and its events in vCenter: the guest may stop while it starts.',
  });
}
