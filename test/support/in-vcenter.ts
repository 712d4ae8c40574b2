import { type VCenterAccess, VCenterDirectory, VsphereVCenter } from '@diaken/vcenter';
import type { SystemAccess } from './machines';

/** The id under which the lab's vCenter is known here. */
export const LAB = 'lab';

/** Asks the lab's vCenter itself, over a session of our own. */
export async function inVCenter<T>(
  { lab }: Pick<SystemAccess, 'lab'>,
  ask: (vcenter: VsphereVCenter, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  class OneVCenter extends VCenterDirectory {
    override async find(id: string): Promise<VCenterAccess> {
      const { url, username, password, certificateSha256 } = lab;
      const tls = { mode: 'pin' as const, sha256: certificateSha256 };
      return { id, name: 'Lab', url, username, password, tls, revision: '1' };
    }
  }
  const vcenter = new VsphereVCenter(new OneVCenter());
  try {
    return await ask(vcenter, AbortSignal.timeout(60_000));
  } finally {
    await vcenter.close();
  }
}
