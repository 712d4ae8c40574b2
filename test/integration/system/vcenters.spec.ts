import { ProblemAnswer } from '@diaken/client';
import { HostPage, RunAccepted, VCenterView } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { deploy, finished, machineInput } from '../../support/machines';
import { sharedSystem } from '../../support/shared-system';

describe('a registered vCenter', () => {
  it('keeps its password from another server: a new address needs it again', async () => {
    const { client, needed, lab } = await sharedSystem();
    const path = `vcenters/${needed.vcenterId}`;
    const before = await client.get(path, VCenterView);

    const change = { url: 'https://127.0.0.1:1/sdk' };
    const refused = await client.change('PATCH', path, change, VCenterView).catch((error) => error);
    expect(refused).toBeInstanceOf(ProblemAnswer);
    expect(refused.problem).toMatchObject({ status: 400, errors: [{ path: 'password' }] });
    // What is known of its inventory goes on meanwhile.
    const unchanged = { ...before, inventory: expect.anything(), syncedAt: expect.any(String) };
    expect(await client.get(path, VCenterView)).toEqual(unchanged);

    const both = { url: before.url, password: lab.password, name: 'Lab' };
    expect(await client.change('PATCH', path, both, VCenterView)).toEqual(unchanged);
  });

  it('is searched for machines that runs have left behind', async () => {
    const { client, needed, lab } = await sharedSystem();
    const search = async () => {
      const path = `vcenters/${needed.vcenterId}/find-orphans`;
      const run = await finished(client, (await client.post(path, {}, RunAccepted)).id);
      expect(run).toMatchObject({ kind: 'find-orphans', status: 'success', target: 'Lab' });
      return run;
    };
    const network = { address: '127.77.32.1' };
    const input = machineInput(needed, lab, { hostname: 'orphan-01', network });
    const deployed = await finished(client, await deploy(client, input));
    expect(deployed.failure).toBeNull();
    const named = expect.arrayContaining([expect.objectContaining({ name: 'orphan-01' })]);
    expect((await search()).result['orphans']).not.toEqual(named);

    const inUse = await client.remove(`vcenters/${needed.vcenterId}`).catch((error) => error);
    expect(inUse.problem).toMatchObject({
      code: 'still-in-use',
      // Who of many is named, is not ours to say: others use it, too.
      detail: expect.stringMatching(/is still used by the host \S+/),
    });
    const { items } = await client.get('hosts?name=orphan-01', HostPage);
    await client.remove(`hosts/${items[0]?.id}`);
    const { result } = await search();
    expect(result['orphans']).toContainEqual({
      moRef: (deployed.result['machine'] as { moRef: string }).moRef,
      name: 'orphan-01',
      runId: deployed.id,
      reason: 'host-removed',
    });
  });
});
