import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InventoryKind, ObjectRef, Placement, RunStatus } from '@diaken/contracts';
import { type EmbeddedServices, startEmbedded } from '@diaken/embedded';
import { type Lab, type LabRule, SoapSession, startLab } from '@diaken/lab';
import { databaseOptions, migrate, PostgresMachineOwners } from '@diaken/persistence';
import { type BuiltStep, Interruption } from '@diaken/pipeline';
import { type FoundMachine, pipelinesOf, type RegisteredVm } from '@diaken/provisioning';
import { fakeTools, machineRequest, RUN_ID, StepBench } from '@diaken/provisioning/testing';
import { type VCenterAccess, VCenterDirectory, VsphereVCenter } from '@diaken/vcenter';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/own-api';
import { ROOT } from '../support/system';

const ID = 'lab';
/** How long each task of the lab takes, ms: longer than a call may take. */
const TASK_MS = 1_200;
const CALL_MS = 1_000;

let folder: string;
let lab: Lab;
let vcenter: VsphereVCenter;
let placement: Placement;
let made: string[] = [];

const signal = () => AbortSignal.timeout(60_000);

beforeAll(async () => {
  const parent = join(ROOT, '.data', 'test');
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'vcenter-machines-'));
  const stateFolder = join(folder, 'lab');
  lab = await startLab({ root: ROOT, stateFolder, taskTimeMs: TASK_MS, guests: false });
  vcenter = new VsphereVCenter(new LabDirectory(), { callTimeoutMs: CALL_MS, pollEveryMs: 100 });
  placement = await choosePlacement();
}, 180_000);

beforeEach(() => lab.rules.clear());

afterEach(async () => {
  await lab.rules.clear();
  await Promise.all(made.map((runId) => vcenter.destroyOfRun(ID, runId, signal())));
  made = [];
});

afterAll(async () => {
  await vcenter.close();
  await lab.stop();
  await rm(folder, { recursive: true, force: true });
});

class LabDirectory extends VCenterDirectory {
  override async find(): Promise<VCenterAccess> {
    const { url, username, password, certificateSha256 } = lab;
    const tls = { mode: 'pin', sha256: certificateSha256 } as const;
    return { id: ID, name: 'Lab', url, username, password, tls, revision: '1' };
  }
}

async function choosePlacement(): Promise<Placement> {
  const inventory = (await vcenter.readInventory(ID, signal())).objects;
  const ref = (kind: InventoryKind, path: RegExp): ObjectRef => {
    const found = inventory.find((each) => each.kind === kind && path.test(each.path));
    if (!found) throw new Error(`The lab has no ${kind} ${path.source}`);
    return { moRef: found.moRef, name: found.name };
  };
  return {
    template: ref('template', /\/debian-12$/),
    datacenter: ref('datacenter', /DC0$/),
    cluster: ref('cluster', /C0$/),
    resourcePool: ref('resource-pool', /C0\/Resources$/),
    datastore: ref('datastore', /LocalDS_0$/),
    folder: ref('folder', /^\/DC0\/vm$/),
    portGroup: ref('network', /DVPG0$/),
    stagingPortGroup: null,
  };
}

/** Clones a machine for a run of its own. */
async function cloned(runId: string, name: string): Promise<string> {
  made.push(runId);
  const order = { runId, name, placement, cpus: 1, memoryMb: 512 };
  const task = await vcenter.startClone(ID, order, signal());
  await vcenter.followTask(ID, task, { signal: signal() });
  return (await vcenter.findByRun(ID, runId, signal()))?.moRef ?? '';
}

const namesInVCenter = async () =>
  (await vcenter.listMachines(ID, signal())).map(({ name }) => name);

function stepOf(kind: 'deploy-vm' | 'find-orphans', name: string, tools: object): BuiltStep {
  const all = pipelinesOf({ ...fakeTools(), vcenter, ...tools }).get(kind)?.steps ?? [];
  const step = all.find((each) => each.name === name);
  if (!step) throw new Error(`${kind} has no step ${name}`);
  return step;
}

describe('the machines of a vCenter', () => {
  it('are listed once each, without templates, with the run that made them', async () => {
    const runId = randomUUID();
    const moRef = await cloned(runId, 'listed-01');
    const machines = await vcenter.listMachines(ID, signal());
    expect(new Set(machines.map((machine) => machine.moRef)).size).toBe(machines.length);
    expect(machines.map(({ name }) => name)).not.toContain('debian-12');
    expect(machines.filter((machine) => machine.runId !== null)).toEqual([
      { moRef, name: 'listed-01', instanceUuid: runId, runId },
    ]);
    const others = machines.filter((machine) => machine.runId === null);
    expect(others.length).toBeGreaterThanOrEqual(4);
    for (const { instanceUuid } of others) {
      expect(instanceUuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });

  it('are read with one walk', async () => {
    await vcenter.listMachines(ID, signal());
    expect(await lab.rules.calls()).toEqual({ RetrievePropertiesEx: 1 });
  });
});

describe('the machine of a host', () => {
  /** A machine that a run made, as its host knows it. */
  async function registered(name: string) {
    const runId = randomUUID();
    const vmMoRef = await cloned(runId, name);
    return { vmMoRef, vmInstanceUuid: runId };
  }

  const look = (host: RegisteredVm) => vcenter.findRegistered(ID, host, signal());

  async function seen(host: RegisteredVm): Promise<FoundMachine> {
    const found = await look(host);
    if (!found) throw new Error('The lab does not have it');
    return found;
  }

  it('is found by its instance UUID, also where its MoRef has changed', async () => {
    const host = await registered('host-01');
    const found = await seen({ ...host, vmMoRef: 'vm-0' });
    expect(found).toMatchObject({ name: 'host-01', markedBy: host.vmInstanceUuid, power: 'off' });
    expect(found.machine).toMatchObject({ moRef: host.vmMoRef });
  });

  it('is not taken for one that has its MoRef and another instance UUID', async () => {
    const host = await registered('host-02');
    const other = { ...host, vmInstanceUuid: randomUUID() };
    await expect(look(other)).rejects.toMatchObject({
      code: 'not-our-machine',
      message: expect.stringContaining(host.vmInstanceUuid),
    });
    expect(await look({ ...other, vmMoRef: 'vm-0' })).toBeUndefined();
  });

  it('carries no mark where no run made it', async () => {
    const all = await vcenter.listMachines(ID, signal());
    const strange = all.find(({ runId }) => runId === null);
    const found = await seen({
      ...{ vmMoRef: '', vmInstanceUuid: strange?.instanceUuid ?? '' },
    });
    expect(found).toMatchObject({ name: strange?.name, markedBy: null });
  });

  it('is switched, suspended and reset; what is so already is left alone', async () => {
    const host = await registered('host-03');
    const { machine } = await seen(host);
    await expect(vcenter.startReset(ID, machine, signal()).then(follow)).rejects.toMatchObject({
      message: expect.stringContaining('power state'),
    });
    await vcenter.powerOn(ID, machine, signal());
    await vcenter.startReset(ID, machine, signal()).then(follow);
    for (let times = 0; times < 2; times++) {
      await vcenter.suspend(ID, machine, signal());
      expect((await seen(host)).power).toBe('suspended');
    }
    await vcenter.powerOn(ID, machine, signal());
    expect((await seen(host)).power).toBe('on');
    expect(await lab.rules.calls()).toMatchObject({ SuspendVM_Task: 1, ResetVM_Task: 2 });
  });

  it('is shut down by its guest, once VMware Tools run there', async () => {
    const host = await registered('host-04');
    const { machine } = await seen(host);
    await vcenter.powerOn(ID, machine, signal());
    const ask = () =>
      vcenter.askGuest(ID, machine, 'shutdown', signal()).catch(({ message }) => message);
    await expect.poll(ask, { timeout: 20_000 }).toBeUndefined();
    await vcenter.waitUntilOff(ID, machine, signal());
    expect((await seen(host)).power).toBe('off');
  });

  it('goes with its snapshots when it is destroyed, and then is gone', async () => {
    const host = await registered('host-05');
    const { machine } = await seen(host);
    await takeSnapshot(host.vmMoRef);
    const strange = { ...machine, instanceUuid: randomUUID() };
    await expect(vcenter.startDestroy(ID, strange, signal())).rejects.toMatchObject({
      code: 'not-our-machine',
    });
    await vcenter.startDestroy(ID, machine, signal()).then(follow);
    expect(await look(host)).toBeUndefined();
    expect(await vcenter.startDestroy(ID, machine, signal())).toBeUndefined();
    await expect(vcenter.waitUntilOff(ID, machine, signal())).rejects.toMatchObject({
      code: 'machine-missing',
    });
  });

  const follow = (task: string | undefined) =>
    vcenter.followTask(ID, task ?? '', { signal: signal() });

  async function takeSnapshot(moRef: string): Promise<void> {
    const session = await SoapSession.login(lab);
    const on = { type: 'VirtualMachine', value: moRef };
    const wish = '<name>before</name><memory>false</memory><quiesce>false</quiesce>';
    await session.task('CreateSnapshot_Task', on, wish);
    session.close();
  }
});

describe('a placement', () => {
  const asked = { name: 'free-name', address: '127.77.99.99' };

  it('tells of all parts that are missing', async () => {
    const nothing = { moRef: 'nothing-1', name: 'Gone' };
    const gone = { ...placement, template: nothing, datastore: nothing, portGroup: nothing };
    const { problems, ...report } = await vcenter.inspect(ID, gone, asked, signal());
    expect(Object.keys(problems).sort()).toEqual(['datastore', 'portGroup', 'template']);
    expect(report).toMatchObject({ templateBytes: null, datastoreFreeBytes: null });
  });

  it('tells which part the account may not see', async () => {
    const fault = { action: 'fault', fault: 'NoPermission', count: 1 } as const;
    await lab.rules.add({ ...fault, contains: placement.datastore.moRef });
    const { problems } = await vcenter.inspect(ID, placement, asked, signal());
    expect(problems).toMatchObject({ datastore: { code: 'vcenter-permission-denied' } });
  });
});

describe('a machine whose guest two workers customize at a time', () => {
  it('is customized once, and neither of them fails', async () => {
    const runId = randomUUID();
    await cloned(runId, 'twice-01');
    const machine = await vcenter.findByRun(ID, runId, signal());
    if (!machine) throw new Error('The lab has not cloned it');
    const network = { ipv4: { address: '127.77.33.1', prefix: 16 }, dns: [] };
    const customize = () =>
      vcenter.customize(ID, machine, { hostname: 'twice-01', ...network }, signal());
    await Promise.all([customize(), customize()]);
    expect(await lab.rules.calls()).toMatchObject({ CustomizeVM_Task: 2 });
    await customize();
    expect(await lab.rules.calls()).toMatchObject({ CustomizeVM_Task: 2 });
  });
});

describe('the hardware of a machine', () => {
  it('changes all hardware at once, and no part of it twice when an answer is lost', async () => {
    const runId = randomUUID();
    await cloned(runId, 'hardware-01');
    const machine = await vcenter.findByRun(ID, runId, signal());
    if (!machine) throw new Error('The lab has not cloned it');
    const disk = { sizeGb: 5, thin: true, datastore: null };
    const hardware = {
      ...{ cpus: 5, memoryMb: 4096, diskGb: 20, extraDisks: [disk, { ...disk, sizeGb: 6 }] },
      portGroups: [placement.portGroup, placement.portGroup],
    };
    const configure = () => vcenter.configureHardware(ID, machine, hardware, signal());
    await lab.rules.add({ action: 'reset-after', method: 'ReconfigVM_Task', count: 1 });
    await expect(configure()).rejects.toMatchObject({ transient: true });
    // The task whose answer was lost may go on: what is asked for meanwhile is refused, for now.
    for (let settled = false; !settled;) {
      settled = await configure().then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ transient: true });
          return false;
        },
      );
    }
    await configure();
    expect(await vcenter.state(ID, machine, signal())).toMatchObject({
      ...{ cpus: 5, memoryMb: 4096, firstDisk: { bytes: 20 * 2 ** 30 } },
      extraDisks: [{ bytes: 5 * 2 ** 30 }, { bytes: 6 * 2 ** 30 }],
      adapters: [
        { portGroup: placement.portGroup.moRef },
        { portGroup: placement.portGroup.moRef },
      ],
    });
  });
});

describe('a clone that was asked for', () => {
  const sightOf = (runId: string, name: string) =>
    vcenter.findClone(ID, { runId, name, folder: placement.folder }, signal());

  it('is found by its run', async () => {
    const runId = randomUUID();
    expect(await sightOf(runId, 'sought-01')).toEqual({ state: 'absent' });
    const moRef = await cloned(runId, 'sought-01');
    expect(await sightOf(runId, 'sought-01')).toMatchObject({
      state: 'made',
      machine: { moRef, instanceUuid: runId },
    });
    expect(await sightOf(randomUUID(), 'sought-01')).toEqual({ state: 'absent' });
    expect(await vcenter.destroyOfRun(ID, runId, signal())).toBe(moRef);
    expect(await vcenter.destroyOfRun(ID, runId, signal())).toBeUndefined();
  });

  it('is absent where there is no such folder', async () => {
    const gone = { moRef: 'group-v0', name: 'gone' };
    const sought = { runId: randomUUID(), name: 'sought-02', folder: gone };
    expect(await vcenter.findClone(ID, sought, signal())).toEqual({ state: 'absent' });
  });
});

describe('the step that clones', () => {
  const hostname = 'lost-01';
  const bench = () => {
    made.push(RUN_ID);
    const step = stepOf('deploy-vm', 'clone-template', {});
    const request = machineRequest({ hostname, placement, cpus: 1, memoryMb: 512 });
    return new StepBench(step, { ...request }, fakeTools());
  };
  const msOf = async (work: Promise<unknown>) => {
    const before = Date.now();
    await work;
    return Date.now() - before;
  };

  it.each<[string, LabRule]>([
    ['the answer was lost', { action: 'reset-after', method: 'CloneVM_Task', count: 1 }],
    // The call is given up, and then vCenter does it.
    ['vCenter began late', { action: 'delay', method: 'CloneVM_Task', ms: 3_000, count: 1 }],
  ])('destroys a clone that shows up after its run was cancelled: %s', async (_, rule) => {
    const step = bench();
    await lab.rules.add(rule);
    await expect(step.take()).rejects.toMatchObject({ code: 'vcenter-unreachable' });
    expect(await namesInVCenter()).not.toContain(hostname);
    await step.undo();
    expect(step.lines.at(-1)).toMatch(/^Destroyed the machine .+ \(lost-01\)\.$/);
    await new Promise((next) => setTimeout(next, 2 * TASK_MS));
    expect(await namesInVCenter()).not.toContain(hostname);
    expect(await lab.rules.calls()).toMatchObject({ CloneVM_Task: 1, Destroy_Task: 1 });
  });

  it('adopts a clone that vCenter begins late', async () => {
    const step = bench();
    await lab.rules.add({ action: 'delay', method: 'CloneVM_Task', ms: 3_000, count: 1 });
    await expect(step.take()).rejects.toMatchObject({ transient: true });
    expect(await step.take()).toHaveProperty('machine.instanceUuid', RUN_ID);
    expect(await lab.rules.calls()).toMatchObject({ CloneVM_Task: 1 });
  });

  it.each<[string, LabRule]>([
    ['NoPermission', { action: 'fault', method: 'CloneVM_Task', fault: 'NoPermission' }],
    ['TaskInProgress', { action: 'fault', method: 'CloneVM_Task', fault: 'TaskInProgress' }],
  ])('waits for nothing that vCenter refused: %s', async (_, rule) => {
    const step = bench();
    await lab.rules.add({ ...rule, count: 1 });
    await expect(step.take()).rejects.toThrow('vCenter Lab');
    expect(step.notes).toMatchObject({ asked: false });
    expect(await msOf(step.undo())).toBeLessThan(2_000);
    expect(step.lines).toEqual(['vCenter has no machine of this run.']);
  });

  it.each([
    ['while vCenter takes the request', 'CloneVM_Task', 200, { asked: true, task: /^task-/ }],
    ['before the request is sent', 'RetrievePropertiesEx', 200, { asked: false, task: null }],
    ['while vCenter clones', 'CancelTask', 800, { asked: true, task: /^task-/ }],
  ])('is undone at once when the run is cancelled %s', async (_, method, afterMs, noted) => {
    const step = bench();
    await lab.rules.add({ action: 'delay', method, ms: 500, count: 1 });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Interruption('cancelled')), afterMs);
    await expect(step.take(cancel.signal)).rejects.toThrow('cancelled');
    const task = noted.task ? expect.stringMatching(noted.task) : null;
    expect(step.notes).toMatchObject({ asked: noted.asked, task });
    expect(await msOf(step.undo())).toBeLessThan(2_000);
    await new Promise((next) => setTimeout(next, 2 * TASK_MS));
    expect(await namesInVCenter()).not.toContain(hostname);
  });
});

describe('the search for orphans', () => {
  let embedded: EmbeddedServices;
  let database: DataSource;
  const vcenterId = randomUUID();

  beforeAll(async () => {
    const need = { postgres: true, redis: false };
    const dataFolder = join(folder, 'data');
    embedded = await startEmbedded({ root: ROOT, dataFolder, durable: false, need });
    const url = await createDatabase(embedded, 'orphans');
    await migrate(url);
    database = await new DataSource(databaseOptions(url, 2)).initialize();
    await database.query(
      `INSERT INTO vcenter (id, name, url, username, sealed_password, tls) VALUES ($1, 'Lab', '', '', '', '{}')`,
      [vcenterId],
    );
  });
  afterAll(async () => {
    await database.destroy();
    await embedded.stop();
  });

  const addRun = (id: string, status: RunStatus, cancel: 'keep' | 'roll-back' | null = null) =>
    database.query(
      `INSERT INTO run (id, kind, status, target, request, requested_by, cancel)
       VALUES ($1, 'deploy-vm', $2, 'it', '{}', 'test', $3)`,
      [id, status, cancel],
    );

  async function addHost(run: string, name: string, vmMoRef: string): Promise<string> {
    const [credential, host] = [randomUUID(), randomUUID()];
    await database.query(
      `INSERT INTO credential (id, name, kind, username, sealed_secrets, fingerprint, has_become_password)
       VALUES ($1, $2, 'ssh-key', 'root', '', '', false)`,
      [credential, credential],
    );
    await database.query(
      `INSERT INTO host (id, name, address, ssh_port, os_family, host_key, credential_id, vcenter_id,
         vm_mo_ref, vm_instance_uuid, created_by_run)
       VALUES ($1, $2, '127.77.32.1', 22, 'debian', '', $3, $4, $5, $6, $6)`,
      [host, name, credential, vcenterId, vmMoRef, run],
    );
    return host;
  }

  it('tells whose each machine is, and which hosts have none', async () => {
    const runs = Array.from({ length: 6 }, () => randomUUID());
    const [registered = '', removed = '', undone = '', kept = '', unknown = '', going = ''] = runs;
    const moRefs = await Promise.all(runs.map((run, index) => cloned(run, `orphan-${index}`)));
    await addRun(registered, 'success');
    await addRun(removed, 'success');
    await addRun(undone, 'cancelled', 'roll-back');
    await addRun(kept, 'cancelled', 'keep');
    await addRun(going, 'running');
    await addHost(registered, 'orphan-0', moRefs[0] ?? '');
    const missing = await addHost(randomUUID(), 'gone-01', 'vm-gone');

    const owners = new PostgresMachineOwners(database);
    const step = stepOf('find-orphans', 'compare-machines', { owners });
    const search = new StepBench(step, { vcenterId }, fakeTools());
    const report = await search.take();
    const orphan = (index: number, runId: string, reason: string) => ({
      ...{ moRef: moRefs[index], name: `orphan-${index}`, runId, reason },
    });
    expect(report).toMatchObject({ orphanCount: 3, missingHostCount: 1 });
    expect(report['missingHosts']).toEqual([
      { hostId: missing, name: 'gone-01', vmMoRef: 'vm-gone' },
    ]);
    expect(new Set(report['orphans'] as object[])).toEqual(
      new Set([
        orphan(1, removed, 'host-removed'),
        orphan(2, undone, 'run-undone'),
        orphan(4, unknown, 'unknown-run'),
      ]),
    );
    expect(search.lines).toHaveLength(5);
    expect(await lab.rules.calls()).not.toHaveProperty('Destroy_Task');
  });

  it('asks about thousands of machines in portions', async () => {
    const owners = new PostgresMachineOwners(database);
    const known = randomUUID();
    await addRun(known, 'failed');
    const ids = Array.from({ length: 2_500 }, () => randomUUID());
    const runs = await owners.runs([...ids, known]);
    expect(runs).toEqual([
      { runId: known, status: 'failed', isKept: false, hasHost: false, isDecommissioned: false },
    ]);
    expect(await owners.runs([])).toEqual([]);
  });

  it('knows a host also when its run is gone', async () => {
    const run = randomUUID();
    await addHost(run, 'alone-01', 'vm-alone');
    const owners = new PostgresMachineOwners(database);
    expect(await owners.runs([run])).toEqual([
      { runId: run, status: null, isKept: false, hasHost: true, isDecommissioned: false },
    ]);
    expect((await owners.hosts(vcenterId)).map(({ name }) => name)).toContain('alone-01');
    expect(await owners.hosts(randomUUID())).toEqual([]);
  });
});
