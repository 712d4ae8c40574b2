import { type VCenterAccess, VCenterDirectory, VsphereVCenter } from '@diaken/vcenter';
import type { SharedSystem } from './shared-system';

/** What vCenter itself says of a run's machine, over a session of our own. */
export async function lookInVCenter({ lab }: Pick<SharedSystem, 'lab'>, runId: string) {
  class OneVCenter extends VCenterDirectory {
    override async find(id: string): Promise<VCenterAccess> {
      const { url, username, password, certificateSha256 } = lab;
      const tls = { mode: 'pin' as const, sha256: certificateSha256 };
      return { id, name: 'Lab', url, username, password, tls, revision: '1' };
    }
  }
  const vcenter = new VsphereVCenter(new OneVCenter());
  const signal = AbortSignal.timeout(30_000);
  try {
    const machine = await vcenter.findByRun('lab', runId, signal);
    return { machine, state: machine && (await vcenter.state('lab', machine, signal)) };
  } finally {
    await vcenter.close();
  }
}
