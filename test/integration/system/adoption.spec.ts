import { ProblemAnswer, type RestClient } from '@diaken/client';
import { HostPage, HostView, type Problem, RunAccepted } from '@diaken/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  deploy,
  finished,
  machineInput,
  type Needed,
  settled,
  type SystemAccess,
} from '../../support/machines';
import { sharedSystem } from '../../support/shared-system';

let client: RestClient;
let needed: Needed;
let lab: SystemAccess['lab'];

beforeAll(async () => {
  ({ client, needed, lab } = await sharedSystem());
});

/** A machine of the lab that answers, and that no host in use is; our inventory knows it. */
async function machine(hostname: string, address: string) {
  const input = machineInput(needed, lab, { hostname, network: { address } });
  const run = await finished(client, await deploy(client, input));
  expect(run.failure).toBeNull();
  const [host] = (await client.get(`hosts?name=${hostname}`, HostPage)).items;
  if (!host) {
    throw new Error(`${hostname} is no host`);
  }
  await client.remove(`hosts/${host.id}`);
  const sync = await client.post(`vcenters/${needed.vcenterId}/sync`, {}, RunAccepted);
  expect(await settled(client, sync.id)).toMatchObject({ status: 'success' });
  return host;
}

const asked = (more: object) => ({
  ...{ ...needed, osFamily: 'debian', sshPort: lab.sshPort },
  ...more,
});

const adopt = async (more: object) =>
  finished(client, (await client.post('hosts/adopt', asked(more), RunAccepted)).id);

async function refusal(more: object): Promise<Problem> {
  const answer: unknown = await client
    .post('hosts/adopt', asked(more), RunAccepted)
    .catch((error: unknown) => error);
  if (!(answer instanceof ProblemAnswer)) {
    throw new Error(`It was not refused: ${JSON.stringify(answer)}`);
  }
  return answer.problem;
}

describe('a virtual machine that there is', () => {
  it('becomes a host by the name and the address that it has, once it has proved who it is', async () => {
    const { hostKey, vmMoRef, vmInstanceUuid } = await machine('adopted-01', '127.77.142.1');
    const run = await adopt({ machine: vmMoRef });
    expect(run).toMatchObject({ kind: 'adopt-vm', status: 'success', target: 'adopted-01' });
    const host = await client.get(`hosts/${String(run.result['hostId'])}`, HostView);
    expect(host).toMatchObject({
      ...{ name: 'adopted-01', address: '127.77.142.1', hostKey, vmMoRef, vmInstanceUuid },
      ...{ createdByRun: run.id, contact: { failure: null } },
    });

    expect(await refusal({ machine: 'adopted-01' })).toMatchObject({
      ...{ status: 409, code: 'already-a-host', heldBy: { id: host.id } },
    });
    await client.remove(`hosts/${host.id}`);
    const again = await client.post(`runs/${run.id}/relaunch`, {}, RunAccepted);
    expect(await finished(client, again.id)).toMatchObject({ status: 'success', failure: null });
  });

  it('is not taken for another one that answers at the address', async () => {
    const right = await machine('adopted-02', '127.77.142.2');
    const other = await machine('adopted-03', '127.77.142.3');
    const name = 'not-adopted';
    const run = await adopt({ machine: right.vmInstanceUuid, address: other.address, name });
    expect(run).toMatchObject({
      status: 'failed',
      failure: { step: 'log-in', code: 'guest-identity-mismatch' },
    });
    expect((await client.get(`hosts?name=${name}`, HostPage)).items).toEqual([]);
    await client.post(`runs/${run.id}/roll-back`, {}, RunAccepted);
    expect(await settled(client, run.id)).toMatchObject({ status: 'rolled_back' });
    const both = [adopt({ machine: right.vmMoRef }), adopt({ machine: other.name })];
    expect(await Promise.all(both)).toMatchObject([{ status: 'success' }, { status: 'success' }]);
  });

  it('is refused when nobody knows it, or it does not say all', async () => {
    expect(await refusal({ machine: 'nowhere' })).toMatchObject({
      ...{ status: 422, errors: [{ path: 'machine' }] },
    });
    const vcenterId = '00000000-0000-4000-8000-000000000000';
    expect(await refusal({ machine: 'x', vcenterId })).toMatchObject({
      ...{ status: 422, errors: [{ path: 'vcenterId' }] },
    });
    expect(await refusal({ machine: 'x', credentialId: vcenterId })).toMatchObject({
      ...{ status: 422, errors: [{ path: 'credentialId' }] },
    });
    expect(await refusal({})).toMatchObject({ status: 400, errors: [{ path: 'machine' }] });
  });
});
