import { type Machine, ProvisioningFailure } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { type Properties, readProperties } from '../properties/retrieve';
import { MoRef, moRefOf, objectsOf, textOf } from '../soap/vim-value';

/** Where a machine says which run made it, in its extra configuration. */
export const RUN_MARKER = 'guestinfo.diaken.run';

/** The reference of a machine or template. */
export function machineRef({ moRef }: { readonly moRef: string }): MoRef {
  return new MoRef('VirtualMachine', moRef);
}

/**
 * The machine that a run made: its instance UUID is the run's id, and it carries the run's mark.
 * Throws `not-our-machine` when it has the UUID without the mark.
 */
export async function findByRun(
  vcenter: ConnectedVCenter,
  runId: string,
  signal: AbortSignal,
): Promise<Machine | undefined> {
  const found = await lookForRun(vcenter, runId, signal);
  if (found && !found.machine) throw notReady(vcenter, found.name);
  return found?.machine;
}

/** What has a run's id in vCenter. */
export interface FoundByRun {
  readonly name: string;
  /** Missing while vCenter still makes it. */
  readonly machine?: Machine;
}

/** Looks for the machine that a run made, ready or not. Throws `not-our-machine` like `findByRun`. */
export async function lookForRun(
  vcenter: ConnectedVCenter,
  runId: string,
  signal: AbortSignal,
): Promise<FoundByRun | undefined> {
  const found = await findByInstanceUuid(vcenter, runId, signal);
  if (!found) return undefined;
  const paths = ['name', 'config.uuid', 'config.instanceUuid', 'config.extraConfig'];
  const seen = await unlessGone(readProperties(vcenter.connection, found, paths, signal));
  if (!seen) return undefined;
  const name = textOf(seen['name']);
  if (seen['config.instanceUuid'] === undefined) return { name };
  if (markOf(seen) !== runId) throw notOurs(vcenter, name, runId);
  const instanceUuid = textOf(seen['config.instanceUuid']);
  const machine = { moRef: found.value, instanceUuid, biosUuid: textOf(seen['config.uuid']) };
  return { name, machine };
}

/** The machine or template with this instance UUID, whoever made it; not while vCenter still makes it. */
export async function findMachine(
  vcenter: ConnectedVCenter,
  instanceUuid: string,
  signal: AbortSignal,
): Promise<Machine | undefined> {
  const found = await findByInstanceUuid(vcenter, instanceUuid, signal);
  const read = found && readProperties(vcenter.connection, found, ['config.uuid'], signal);
  const seen = await (read && unlessGone(read));
  return found && seen?.['config.uuid'] !== undefined
    ? { moRef: found.value, instanceUuid, biosUuid: textOf(seen['config.uuid']) }
    : undefined;
}

/** Properties of a machine. Throws `machine-missing`. */
export async function readMachine(
  { connection }: ConnectedVCenter,
  machine: Machine,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Properties> {
  try {
    return await readProperties(connection, machineRef(machine), paths, signal);
  } catch (error) {
    throw isFault(error, 'ManagedObjectNotFound') ? missing(machine, error) : error;
  }
}

/** The machine is not in vCenter any more. */
export function missing(machine: Machine, cause: unknown): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'machine-missing',
      cause: `The machine ${machine.moRef} of the run ${machine.instanceUuid} is not in vCenter any more.`,
      remedy: 'See in vCenter’s events who removed it. Roll back, and ask for a new one.',
    },
    { cause },
  );
}

/** `undefined` when what was asked about is gone. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    // It may go between being found and being asked about.
    if (isFault(error, 'ManagedObjectNotFound')) return undefined;
    throw error;
  }
}

/** What has the instance UUID; also a machine that is still being made. */
export async function findByInstanceUuid(
  { connection }: ConnectedVCenter,
  uuid: string,
  signal: AbortSignal,
): Promise<MoRef | undefined> {
  const parameters = { uuid, vmSearch: true, instanceUuid: true };
  return moRefOf(
    await connection.call({ method: 'FindByUuid', on: 'searchIndex', parameters }, signal),
  );
}

/** The run whose mark a machine carries; null when it carries none, or several that differ. */
export function markOf(seen: Properties): string | null {
  const marks = objectsOf(seen['config.extraConfig']).filter(({ key }) => key === RUN_MARKER);
  const runs = new Set(marks.map(({ value }) => textOf(value)));
  const [run] = runs;
  return run !== undefined && runs.size === 1 ? run : null;
}

function notReady({ connection }: ConnectedVCenter, name: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-fault',
    cause: `${connection.label} is still making the machine ${name}.`,
    remedy: 'The next attempt looks again.',
    transient: true,
  });
}

function notOurs(
  { connection }: ConnectedVCenter,
  name: string,
  runId: string,
): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'not-our-machine',
    cause:
      `${connection.label} has a machine ${name} with the instance UUID ${runId}, ` +
      `but without the mark that this run puts on its machine (${RUN_MARKER}).`,
    remedy:
      'It is not touched. See in vCenter where it comes from, and remove it there if it is not needed.',
  });
}
