import type { CloneSighting, SoughtClone } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { findChild } from '../inventory/find-child';
import { readProperties } from '../properties/retrieve';
import { textOf } from '../soap/vim-value';
import { lookForRun, unlessGone } from './find-machine';
import { runNamedBy } from './run-annotation';

const CLAIMS = ['config.instanceUuid', 'config.annotation'];

/**
 * What became of a clone that was asked for: by the run's id, and by its name while it has no id yet.
 * Throws `not-our-machine` when a machine has the run's id without its mark.
 */
export async function findClone(
  vcenter: ConnectedVCenter,
  sought: SoughtClone,
  signal: AbortSignal,
): Promise<CloneSighting> {
  const found = await lookForRun(vcenter, sought.runId, signal);
  if (found?.machine) return { state: 'made', machine: found.machine };
  const isBegun = found !== undefined || (await hasItsName(vcenter, sought, signal));
  return { state: isBegun ? 'being-made' : 'absent' };
}

/** Whether what has the name in the folder may become the clone. */
async function hasItsName(
  vcenter: ConnectedVCenter,
  { runId, name, folder }: SoughtClone,
  signal: AbortSignal,
): Promise<boolean> {
  const child = await unlessGone(findChild(vcenter, folder, name, signal));
  if (child?.type !== 'VirtualMachine') return false;
  const seen = await unlessGone(readProperties(vcenter.connection, child, CLAIMS, signal));
  if (!seen) return false;
  // vCenter gives a machine that it makes its configuration last.
  const uuid = textOf(seen['config.instanceUuid']).toLowerCase();
  return uuid === '' || uuid === runId || runNamedBy(textOf(seen['config.annotation'])) === runId;
}
