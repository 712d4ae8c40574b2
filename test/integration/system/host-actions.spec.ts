import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  HostPage,
  HostView,
  type PowerAction,
  RunAccepted,
  RunPage,
  type RunView,
} from '@diaken/contracts';
import { rulesAt } from '@diaken/lab';
import type { Machine } from '@diaken/provisioning';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DeployedHost, deployHost } from '../../support/deployed-host';
import { inVCenter, LAB } from '../../support/in-vcenter';
import { finished, logOf, onGuest } from '../../support/machines';
import { withDatabase } from '../../support/own-api';
import { problemIn, RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';
import { ADMIN } from '../../support/system';

type System = Awaited<ReturnType<typeof sharedSystem>>;

const hostFor = (system: System, hostname: string, address: string) =>
  deployHost(system, system.needed, { hostname, address });

async function done({ client }: System, path: string, body: unknown): Promise<RunView> {
  return finished(client, (await client.post(path, body, RunAccepted)).id);
}

function machineOf({ vmMoRef, vmInstanceUuid }: DeployedHost): Machine {
  return { moRef: vmMoRef, instanceUuid: vmInstanceUuid, biosUuid: '' };
}

/** Methods that were called on the machine while something was done. */
async function callsDuring(system: System, work: () => Promise<unknown>) {
  const certificate = join(system.folder, 'lab', 'certificate.pem');
  const rules = rulesAt(system.lab.url, await readFile(certificate, 'utf8'));
  const before = await rules.calls();
  await work();
  const after = await rules.calls();
  const changing = /^(Power|Reset|Suspend|Shutdown|Reboot|Destroy)/;
  return Object.keys(after)
    .filter((method) => changing.test(method) && after[method] !== (before[method] ?? 0))
    .sort();
}

describe('the power of a host', () => {
  let system: System;
  let host: DeployedHost;
  beforeAll(async () => {
    system = await sharedSystem();
    host = await hostFor(system, 'power-01', '127.77.161.1');
  });

  const power = (action: PowerAction, more = {}) =>
    done(system, `hosts/${host.id}/power`, { action, ...more });

  /** Waits until VMware Tools run in the guest. */
  const toolsRun = () =>
    inVCenter(system, (vcenter, signal) =>
      vcenter.waitForAddress(LAB, machineOf(host), host.address, signal),
    );

  it('is changed as was asked, and where it is so already nothing is done', async () => {
    const asked: [PowerAction, string, string][] = [
      ['off', 'on', 'off'],
      ['on', 'off', 'on'],
      ['suspend', 'on', 'suspended'],
      ['on', 'suspended', 'on'],
      ['reset', 'on', 'on'],
    ];
    for (const [action, before, after] of asked) {
      expect(await power(action)).toMatchObject({
        ...{ kind: 'power', status: 'success', failure: null, target: 'power-01' },
        result: { before, after },
      });
    }
    expect(await callsDuring(system, () => power('on'))).toEqual([]);
  });

  it('goes by the guest where that is asked', async () => {
    const bootedAt = () => onGuest(system, host.address, "cut -d' ' -f22 /proc/1/stat");
    await toolsRun();
    const before = await bootedAt();
    expect(await power('reboot-guest')).toMatchObject({ status: 'success', failure: null });
    const hasBooted = async () => ![before, ''].includes(await bootedAt().catch(() => ''));
    await expect.poll(hasBooted, { timeout: 60_000 }).toBe(true);
    await toolsRun();
    expect((await power('shutdown', { timeoutSeconds: 60 })).result).toEqual({
      ...{ before: 'on', after: 'off' },
    });
    expect((await power('shutdown')).result).toEqual({ before: 'off', after: 'off' });
  });

  it('says why it cannot be done', async () => {
    for (const action of ['reset', 'reboot-guest'] as const) {
      const { status, failure } = await power(action);
      expect(status).toBe('failed');
      expect(failure?.message).toContain('wrong power state');
      expect(failure?.remedy).not.toBe('');
    }
  });

  it('is left alone where the machine is not the one that was registered', async () => {
    const other = randomUUID();
    const set = (uuid: string) =>
      withDatabase(system.databaseUrl, (database) =>
        database.query('UPDATE host SET vm_instance_uuid = $2 WHERE id = $1', [host.id, uuid]),
      );
    await set(other);
    const calls = await callsDuring(system, async () => {
      const run = await power('on');
      expect(run).toMatchObject({ status: 'failed', failure: { code: 'not-our-machine' } });
      expect(run.failure?.message).toContain(other);
    });
    await set(host.vmInstanceUuid);
    expect(calls).toEqual([]);
  });

  it('is asked for with a known action of a host that there is', async () => {
    const api = await RawApi.signedIn(system.url);
    const send = (id: string, body: unknown) => api.send('POST', `hosts/${id}/power`, { body });
    expect(problemIn(await send(randomUUID(), { action: 'on' }))).toMatchObject({ status: 404 });
    expect(problemIn(await send(host.id, { action: 'explode' }))).toMatchObject({
      ...{ code: 'invalid-request', errors: [{ path: 'action' }] },
    });
    expect(problemIn(await send(host.id, { action: 'shutdown', timeoutSeconds: 0 }))).toMatchObject(
      { errors: [{ path: 'timeoutSeconds' }] },
    );
  });

  it('is one run however often it is asked for with one key, and is not relaunched', async () => {
    const api = await RawApi.signedIn(system.url);
    const headers = { 'Idempotency-Key': randomUUID() };
    const send = async () => {
      const body = { action: 'off' };
      const answer = await api.send('POST', `hosts/${host.id}/power`, { body, headers });
      expect(answer.status).toBe(202);
      return RunAccepted.parse(answer.body).id;
    };
    const id = await send();
    expect(await send()).toBe(id);
    const run = await finished(system.client, id);
    expect(run.actions).toEqual([]);
    const again = await api.send('POST', `runs/${id}/relaunch`, { body: {} });
    expect(problemIn(again)).toMatchObject({ code: 'action-not-allowed' });
  });
});

describe('decommissioning', () => {
  let system: System;
  let api: RawApi;
  beforeAll(async () => {
    system = await sharedSystem();
    api = await RawApi.signedIn(system.url);
  });

  it('removes the machine, the host, its name and its address; another may have them at once', async () => {
    const { client } = system;
    const host = await hostFor(system, 'leaving-01', '127.77.162.1');
    const path = `hosts/${host.id}/decommission`;
    const body = { confirm: 'leaving-01' };
    const headers = { 'Idempotency-Key': randomUUID() };
    const accepted = await api.send('POST', path, { body, headers });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('Location')).toMatch(/\/runs\/[0-9a-f-]{36}$/);
    const { id } = RunAccepted.parse(accepted.body);
    const run = await finished(client, id);
    expect(run).toMatchObject({ kind: 'decommission', status: 'success', target: 'leaving-01' });

    // Also a request that is sent once more when the host is gone is the same run.
    const repeated = await api.send('POST', path, { body, headers });
    expect(RunAccepted.parse(repeated.body).id).toBe(id);
    expect(problemIn(await api.send('POST', path, { body })).code).toBe('action-not-allowed');
    const archived = await client.get(`hosts/${host.id}`, HostView);
    expect(archived.archived).toMatchObject({ by: ADMIN.username });

    await expect(onGuest(system, host.address, 'true')).rejects.toThrow();
    const again = await hostFor(system, 'leaving-01', '127.77.162.1');
    expect(again.vmInstanceUuid).not.toBe(host.vmInstanceUuid);
    // What was done stays in the history.
    const history = await client.get('runs?target=leaving-01', RunPage);
    expect(history.items.map(({ kind }) => kind)).toEqual([
      ...['deploy-vm', 'decommission', 'deploy-vm'],
    ]);
  });

  it('wants the name of the host, and nothing that it does not know', async () => {
    const host = await hostFor(system, 'leaving-02', '127.77.162.2');
    const send = async (body: unknown) =>
      problemIn(await api.send('POST', `hosts/${host.id}/decommission`, { body }));
    expect(await send({})).toMatchObject({ status: 400, errors: [{ path: 'confirm' }] });
    expect(await send({ confirm: 'leaving-01' })).toMatchObject({
      ...{ status: 400, errors: [{ path: 'confirm' }] },
      detail: expect.stringContaining('leaving-02'),
    });
    expect(await send({ confirm: 'leaving-02', machine: 'burn', also: 1 })).toMatchObject({
      status: 400,
    });
    expect((await system.client.get('hosts?name=leaving-02', HostPage)).items).toHaveLength(1);
  });

  it('of a machine without the run’s mark wants its name in vCenter, too', async () => {
    const [host] = (await system.client.get('hosts?name=leaving-02', HostPage)).items;
    const id = host?.id ?? '';
    await withDatabase(system.databaseUrl, (database) =>
      database.query('UPDATE host SET created_by_run = $2 WHERE id = $1', [id, randomUUID()]),
    );
    const path = `hosts/${id}/decommission`;
    let refused: RunView | undefined;
    const calls = await callsDuring(system, async () => {
      refused = await done(system, path, { confirm: 'leaving-02' });
    });
    expect(calls).toEqual([]);
    expect(refused).toMatchObject({ status: 'failed', failure: { code: 'not-our-machine' } });
    expect(refused?.failure?.remedy).toContain('"confirmMachine": "leaving-02"');
    // Asked for twice at once: one after the other, and the second finds that all is done.
    const confirmed = { confirm: 'leaving-02', confirmMachine: 'leaving-02' };
    const both = await Promise.all([1, 2].map(() => done(system, path, confirmed)));
    expect(both).toMatchObject([{ status: 'success' }, { status: 'success' }]);
    const destroyed = both.map(({ steps }) =>
      steps.filter(({ name }) => name === 'destroy-machine'),
    );
    const statuses = destroyed.flat().map(({ status }) => status);
    expect(statuses.sort()).toEqual(['skipped', 'success']);
    expect((await system.client.get('hosts?name=leaving-02', HostPage)).items).toEqual([]);
  });

  it('is refused for a host without a machine, and while its run holds it', async () => {
    const { client, needed, databaseUrl } = system;
    const input = { name: 'leaving-05', address: '127.77.162.5', osFamily: 'debian' };
    const entered = await client.post(
      'hosts',
      { ...input, credentialId: needed.credentialId },
      HostView,
    );
    const body = { confirm: 'leaving-05' };
    const path = `hosts/${entered.id}/decommission`;
    const without = problemIn(await api.send('POST', path, { body }));
    expect(without).toMatchObject({ status: 409, code: 'action-not-allowed' });
    await client.remove(`hosts/${entered.id}`);

    const { items } = await client.get('hosts?name=leaving-01', HostPage);
    const [held] = items;
    const become = (status: string) =>
      withDatabase(databaseUrl, (database) =>
        database.query('UPDATE run SET status = $2 WHERE id = $1', [held?.createdByRun, status]),
      );
    await become('failed');
    const confirm = { body: { confirm: 'leaving-01' } };
    const refused = await api.send('POST', `hosts/${held?.id}/decommission`, confirm);
    await become('success');
    expect(problemIn(refused)).toMatchObject({ status: 409, code: 'still-in-use' });
    expect(problemIn(refused).remedy).toContain('roll-back');
  });

  it('can keep the machine, switched off, which the search for orphans then knows', async () => {
    const { client, needed } = system;
    const host = await hostFor(system, 'leaving-03', '127.77.162.3');
    const kept = { confirm: 'leaving-03', machine: 'power-off' };
    const run = await done(system, `hosts/${host.id}/decommission`, kept);
    expect(run).toMatchObject({ status: 'success', failure: null });
    const search = await done(system, `vcenters/${needed.vcenterId}/find-orphans`, {});
    expect(search.result['orphans']).toContainEqual(
      expect.objectContaining({ name: 'leaving-03', reason: 'decommissioned' }),
    );
    const lines = await logOf(client, search.id);
    expect(lines.join('\n')).toContain('its host was decommissioned');
  });

  it('removes the host of a machine that somebody has removed in vCenter', async () => {
    const host = await hostFor(system, 'leaving-04', '127.77.162.4');
    await inVCenter(system, (vcenter, signal) =>
      vcenter.destroyOfRun(LAB, host.createdByRun, signal),
    );
    const off = await done(system, `hosts/${host.id}/power`, { action: 'off' });
    expect(off).toMatchObject({ status: 'failed', failure: { code: 'machine-missing' } });
    const run = await done(system, `hosts/${host.id}/decommission`, { confirm: 'leaving-04' });
    expect(run).toMatchObject({ status: 'success', failure: null });
    expect((await system.client.get('hosts?name=leaving-04', HostPage)).items).toEqual([]);
  });

  it('is for authors and administrators', async () => {
    const body = { name: `scoped ${randomUUID()}`, scopes: ['hosts:write'] };
    const created = await api.send('POST', 'tokens', { body });
    const { token } = created.body as { token: string };
    const path = `hosts/${randomUUID()}`;
    const scoped = api.withToken(token);
    const refused = await scoped.send('POST', `${path}/decommission`, { body: { confirm: 'x' } });
    expect(problemIn(refused)).toMatchObject({ status: 403 });
    expect(problemIn(refused).detail).toContain('machines:destroy');
    const known = await scoped.send('POST', `${path}/power`, { body: { action: 'on' } });
    expect(known.status).toBe(404);
  });
});
