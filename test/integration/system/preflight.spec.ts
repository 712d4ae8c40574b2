import { randomUUID } from 'node:crypto';
import {
  type DeploymentInput,
  HostPage,
  PreflightReport,
  RunAccepted,
  RunPage,
  VCenterCreated,
} from '@diaken/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { deploy, finished, machineInput, storePlaybook } from '../../support/machines';
import { RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

describe('POST /deployments/preflight', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  beforeAll(async () => {
    system = await sharedSystem();
  });

  const input = (
    change: Parameters<typeof machineInput>[2] = {
      hostname: 'foreseen-01',
      network: { address: '127.77.160.1' },
    },
  ) => machineInput(system.needed, system.lab, change);

  const check = async (asked: DeploymentInput) => {
    const { id } = await system.client.post('deployments/preflight', asked, RunAccepted);
    const run = await finished(system.client, id);
    expect(run).toMatchObject({ kind: 'preflight', status: 'success', failure: null });
    return { run, report: PreflightReport.parse(run.result) };
  };

  const failed = ({ checks }: PreflightReport) =>
    checks.flatMap((one) => (one.state === 'failed' ? [[one.check, one.code]] : []));

  it('says of each check that it passed, and the deployment then does what it said', async () => {
    const { report, run } = await check(input());
    // What DNS has, this machine's own servers say.
    const others = report.checks.filter((one) => one.check !== 'dns');
    expect(others.map(({ state }) => state)).toEqual(others.map(() => 'ok'));
    expect(report).toMatchObject({ passed: true });
    expect(run.target).toBe('foreseen-01');
    const { items } = await system.client.get('hosts?name=foreseen-01', HostPage);
    expect(items).toEqual([]);

    const deployed = await finished(system.client, await deploy(system.client, input()));
    expect(deployed.failure).toBeNull();
    expect(failed((await check(input())).report)).toEqual([
      ['name', 'hostname-taken'],
      ['address', 'address-taken'],
    ]);
  });

  it('reports every fault of a request at once, with cause and remedy', async () => {
    const credentialId = randomUUID();
    const asked = input({
      ...{ hostname: 'foreseen-02', template: 'gone', datastore: 'nowhere', credentialId },
      network: { address: '127.77.160.2' },
    });
    const { report } = await check(asked);
    expect(failed(report)).toEqual([
      ['references', 'unknown-object'],
      ['credential', 'credential-missing'],
    ]);
    const [references] = report.checks;
    expect(references?.cause).toContain('template: no template called "gone"');
    expect(references?.cause).toContain('datastore: no datastore called "nowhere"');
    expect(references?.remedy).not.toBe('');
    expect(report.checks.find((one) => one.check === 'vcenter')?.state).toBe('ok');
  });

  it('finds in vCenter what nobody here knows of any more', async () => {
    const { client } = system;
    const { items } = await client.get('hosts?name=foreseen-01', HostPage);
    await client.remove(`hosts/${items[0]?.id}`);
    const playbookId = await storePlaybook(client, 'Checked', '---\n- hosts: all\n');
    const { report } = await check({ ...input(), playbookIds: [playbookId] });
    expect(failed(report)).toEqual([
      ['name', 'name-in-vcenter'],
      ['address', 'address-taken'],
    ]);
    expect(report.checks.find((one) => one.check === 'playbooks')?.state).toBe('ok');
  });

  it('tells of a vCenter that cannot be reached, and keeps nobody waiting for it', async () => {
    const { client, lab } = system;
    const created = await client.post(
      'vcenters',
      {
        ...{ name: 'Nowhere', url: 'https://127.0.0.1:1/sdk', username: 'x', password: 'x' },
        tls: { mode: 'pin', sha256: lab.certificateSha256 },
      },
      VCenterCreated,
    );
    await finished(client, created.syncRunId);
    const free = input({ hostname: 'foreseen-09', network: { address: '127.77.160.9' } });
    const { report } = await check({ ...free, vcenterId: created.id });
    expect(failed(report)).toEqual([
      ['references', 'inventory-not-ready'],
      ['vcenter', 'vcenter-unreachable'],
    ]);
    expect(report.checks.filter(({ state }) => state === 'not-checked')).toHaveLength(6);
    await client.remove(`vcenters/${created.id}`);
  });

  it('refuses a body that no deployment could have', async () => {
    const wrong = { ...input(), cpus: 0, colour: 'red' };
    const before = await system.client.get('runs?kind=preflight', RunPage);
    const answer = await system.client
      .post('deployments/preflight', wrong, RunAccepted)
      .catch((error) => error.problem);
    expect(answer).toMatchObject({ status: 400, code: 'invalid-request' });
    expect(answer.errors.map(({ path }: { path: string }) => path)).toContain('cpus');
    expect(await system.client.get('runs?kind=preflight', RunPage)).toEqual(before);
  });

  it('is one run however often it is sent with one key, and can be asked again', async () => {
    const { client, url } = system;
    const api = await RawApi.signedIn(url);
    const body = input({ hostname: 'foreseen-04', network: { address: '127.77.160.4' } });
    const headers = { 'Idempotency-Key': randomUUID() };
    const [one, two] = await Promise.all(
      [1, 2].map(async () => {
        const answer = await api.send('POST', 'deployments/preflight', { body, headers });
        expect(answer.status).toBe(202);
        return RunAccepted.parse(answer.body);
      }),
    );
    expect(two?.id).toBe(one?.id);
    await finished(client, one?.id ?? '');
    const again = await client.post(`runs/${one?.id}/relaunch`, {}, RunAccepted);
    expect(await finished(client, again.id)).toMatchObject({
      ...{ kind: 'preflight', relaunchOf: one?.id, result: { passed: true } },
    });
  });
});
