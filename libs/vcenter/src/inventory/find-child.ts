import type { ObjectRef } from '@diaken/contracts';
import type { ConnectedVCenter } from '../connected-vcenter';
import { MoRef, moRefOf } from '../soap/vim-value';

/** What has this name in a folder: a machine, also one that is still being made, or something else. */
export async function findChild(
  { connection }: ConnectedVCenter,
  folder: ObjectRef,
  name: string,
  signal: AbortSignal,
): Promise<MoRef | undefined> {
  const parameters = { entity: new MoRef('Folder', folder.moRef), name };
  return moRefOf(
    await connection.call({ method: 'FindChild', on: 'searchIndex', parameters }, signal),
  );
}
