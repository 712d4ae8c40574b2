import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ProblemAnswer } from '@diaken/client';
import {
  InventoryPage,
  PlacementChoices,
  RunAccepted,
  type RunView,
  VCenterCreated,
  type VCenterInput,
  VCenterView,
} from '@diaken/contracts';
import { type Lab, SoapSession, startLab } from '@diaken/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy, finished, machineInput } from '../../support/machines';
import { withDatabase } from '../../support/own-api';
import { sharedSystem } from '../../support/shared-system';
import { freePort, ROOT } from '../../support/system';

type System = Awaited<ReturnType<typeof sharedSystem>>;

let system: System;
let lab: Lab;
let expired: Lab;
let labOptions: Parameters<typeof startLab>[0];

beforeAll(async () => {
  system = await sharedSystem();
  const stateFolder = await mkdtemp(join(system.folder, 'second-lab-'));
  const port = await freePort();
  labOptions = { root: ROOT, stateFolder, port, guests: false, taskTimeMs: 20 };
  lab = await startLab(labOptions);
  const expiredFolder = await mkdtemp(join(system.folder, 'expired-lab-'));
  expired = await startLab({
    ...{ root: ROOT, stateFolder: expiredFolder, guests: false, expiredCertificate: true },
  });
});

afterAll(async () => {
  await lab?.stop();
  await expired?.stop();
});

async function register(change: Partial<VCenterInput>): Promise<VCenterCreated> {
  const { url, username, password, certificatePem: caPem } = lab;
  const input = { url, username, password, tls: { mode: 'ca', caPem }, ...change };
  const name = `v-${randomBytes(4).toString('hex')}`;
  return system.client.post('vcenters', { name, ...input }, VCenterCreated);
}

async function test({ id }: { id: string }): Promise<RunView> {
  const { id: runId } = await system.client.post(`vcenters/${id}/test`, {}, RunAccepted);
  return finished(system.client, runId);
}

const view = ({ id }: { id: string }) => system.client.get(`vcenters/${id}`, VCenterView);
const inventory = ({ id }: { id: string }, query: string) =>
  system.client.get(`vcenters/${id}/inventory?${query}`, InventoryPage);

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (const end = Date.now() + 60_000; ;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end) throw new Error(`It did not become so: ${JSON.stringify(seen)}`);
    await pause(100);
  }
}

describe('the test of a vCenter', () => {
  it('tells what it is, when all is well', async () => {
    const run = await test(await register({}));
    expect(run).toMatchObject({ kind: 'test-vcenter', status: 'success', failure: null });
    expect(run.result).toMatchObject({
      product: expect.stringContaining('vCenter'),
      missingPrivileges: [],
    });
  });

  it('tells that vCenter does not say what the account may do', async () => {
    await lab.rules.add({
      action: 'fault',
      method: 'HasPrivilegeOnEntities',
      fault: 'NoPermission',
    });
    const run = await test(await register({}));
    expect(run.result).toMatchObject({ missingPrivileges: null });
    await lab.rules.clear();
  });

  const wrongPin = { mode: 'pin', sha256: 'ab'.repeat(32) } as const;
  it.each([
    ['a wrong password', () => ({ password: 'not-this-one' }), 'log-in', 'password is wrong'],
    ['nobody there', () => ({ url: 'https://127.0.0.1:1/sdk' }), 'reach-vcenter', 'was refused'],
    ['an unknown name', () => ({ url: 'https://no.invalid/sdk' }), 'reach-vcenter', 'its name'],
    [
      ...['an authority that is another one'],
      () => ({ tls: { mode: 'ca' as const, caPem: expired.certificatePem } }),
      ...['reach-vcenter', 'none of the authorities that we know'],
    ],
    ['a wrong fingerprint', () => ({ tls: wrongPin }), 'reach-vcenter', 'than the pinned one'],
    [
      ...['an expired certificate'],
      () => ({
        url: expired.url,
        tls: { mode: 'ca' as const, caPem: expired.certificatePem },
      }),
      ...['reach-vcenter', 'it has expired'],
    ],
  ] as [string, () => Partial<VCenterInput>, string, string][])(
    'says cause and remedy of %s',
    async (_what, change, step, words) => {
      const { failure, status } = await test(await register(change()));
      expect(status).toBe('failed');
      expect(failure).toMatchObject({ step, message: expect.stringContaining(words) });
      expect(failure?.remedy).not.toBe('');
    },
  );
});

describe('the inventory of a vCenter', () => {
  it('follows what somebody does there, without being asked', async () => {
    const vcenter = await register({});
    await until(
      () => view(vcenter),
      ({ inventory: { isWatched, revision } }) => isWatched && revision > 1,
    );
    const { items, revision } = await inventory(vcenter, 'kind=vm&name=DC0_C0_RP0_VM0');
    const somebody = await SoapSession.login(lab);
    const ref = { type: 'VirtualMachine', value: items[0]?.moRef ?? '' };
    await somebody.task('Rename_Task', ref, '<newName>payroll</newName>');
    const changes = await until(
      () => inventory(vcenter, `changedSince=${revision}`),
      (page) => page.items.length > 0,
    );
    expect(changes.items).toMatchObject([
      { kind: 'vm', moRef: ref.value, name: 'payroll', isGone: false },
    ]);
    await somebody.task('PowerOffVM_Task', ref);
    await somebody.task('Destroy_Task', ref);
    const gone = await until(
      () => inventory(vcenter, `changedSince=${changes.revision}&name=payroll`),
      (page) => page.items.some(({ isGone }) => isGone),
    );
    expect(gone.items).toMatchObject([{ moRef: ref.value, name: 'payroll', isGone: true }]);
    somebody.close();
  });

  it('stays when vCenter is away, with its age and why; and goes on when it is back', async () => {
    const vcenter = await register({});
    await until(
      () => view(vcenter),
      ({ inventory: { isWatched, revision } }) => isWatched && revision > 1,
    );
    await lab.stop();
    const { inventory: health } = await until(
      () => view(vcenter),
      (seen) => seen.inventory.state === 'failing',
    );
    expect(health).toMatchObject({
      confirmedAt: expect.any(String),
      ageSeconds: expect.any(Number),
      lastProblem: { code: 'vcenter-unreachable', remedy: expect.stringContaining('firewall') },
    });
    expect((await inventory(vcenter, 'kind=template')).items).toHaveLength(3);

    lab = await startLab(labOptions);
    const back = await until(
      () => view(vcenter),
      (seen) => seen.inventory.state === 'current',
    );
    expect(back.inventory.lastProblem).toBeNull();
  });

  it('may name a template that has gone a moment ago: the run says so', async () => {
    const { databaseUrl, needed, client } = system;
    await withDatabase(databaseUrl, (database) =>
      database.query(
        `INSERT INTO inventory_object
           (vcenter_id, mo_type, mo_ref, kind, name, path, datacenter, parent, details)
         SELECT vcenter_id, mo_type, 'vm-gone', kind, 'gone-template', path, datacenter, parent, details
         FROM inventory_object WHERE vcenter_id = $1 AND name = 'debian-12'`,
        [needed.vcenterId],
      ),
    );
    const input = machineInput(needed, system.lab, {
      ...{ hostname: 'without-template', template: 'gone-template' },
      network: { address: '127.77.110.1' },
    });
    const { failure } = await finished(client, await deploy(client, input));
    expect(failure).toMatchObject({
      step: 'preflight',
      code: 'template-missing',
      message: expect.stringContaining('gone-template'),
    });
    expect(failure?.remedy).not.toBe('');
    await withDatabase(databaseUrl, (database) =>
      database.query(`DELETE FROM inventory_object WHERE mo_ref = 'vm-gone'`),
    );
  });
});

describe('the choices of a form', () => {
  const choices = (query = '') =>
    system.client.get(`vcenters/${system.needed.vcenterId}/choices${query}`, PlacementChoices);
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

  it('begin with what does not depend on anything', async () => {
    const { datacenters, clusters, templates, ...others } = await choices();
    expect(names(datacenters)).toEqual(['DC0']);
    expect(names(clusters)).toEqual(['DC0_C0', 'DC0_H0']);
    expect(names(templates)).toEqual(['debian-12', 'rocky-9', 'windows-2022']);
    expect(others).toEqual({ resourcePools: [], datastores: [], networks: [], folders: [] });
  });

  it('of a cluster are what its hosts reach', async () => {
    const [cluster] = (await choices()).clusters;
    const found = await choices(`?cluster=${cluster?.moRef}`);
    expect(names(found.resourcePools)).toEqual(['Resources', 'DC0_C0_RP1']);
    const byName = found.datastores.toSorted((a, b) => a.name.localeCompare(b.name));
    expect(byName).toMatchObject([
      { name: 'LocalDS_0', hosts: 3, freeBytes: expect.any(Number) },
      { name: 'LocalDS_1', hosts: 3 },
    ]);
    expect(found.datastores[0]?.freeBytes).toBe(Math.max(...byName.map((each) => each.freeBytes)));
    expect(names(found.networks)).toEqual(['DC0_DVPG0', 'DC0_DVPG1', 'VM Network']);
    expect(found.folders).toContainEqual(expect.objectContaining({ name: 'vm', isRoot: true }));
  });

  it.each(['cluster', 'datacenter'])('refuse a %s that is not there', async (field) => {
    const refused = await choices(`?${field}=nothing-1`).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemAnswer);
    expect((refused as ProblemAnswer).problem).toMatchObject({
      ...{ status: 422, code: 'unknown-object', errors: [{ path: field }] },
    });
  });
});
