import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { InventoryKind, InventoryObject, ObjectRef, Placement } from '@diaken/contracts';
import { type Lab, type LabRule, startLab } from '@diaken/lab';
import { Interruption } from '@diaken/pipeline';
import type { CustomizationOrder, Machine } from '@diaken/provisioning';
import { type VCenterAccess, VCenterDirectory, VsphereVCenter } from '@diaken/vcenter';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ID = 'lab';
const POLL_MS = 100;
const GIB = 2 ** 30;

let lab: Lab;
let stateFolder: string;
let access: VCenterAccess;
let vcenter: VsphereVCenter;
let inventory: readonly InventoryObject[];
let placement: Placement;
let made: string[] = [];
const opened: VsphereVCenter[] = [];

/** Knows the lab alone, as the test has it. */
class LabDirectory extends VCenterDirectory {
  constructor(public current: VCenterAccess) {
    super();
  }

  override async find(): Promise<VCenterAccess> {
    return this.current;
  }
}

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'vcenter-'));
  lab = await startLab({ root: ROOT, stateFolder, taskTimeMs: 200, guests: false });
  access = {
    id: ID,
    name: 'Lab',
    url: lab.url,
    username: lab.username,
    password: lab.password,
    tls: { mode: 'pin', sha256: lab.certificateSha256 },
    revision: '1',
  };
  vcenter = connect();
  inventory = (await vcenter.readInventory(ID, signal())).objects;
  placement = choosePlacement();
}, 180_000);

beforeEach(() => lab.rules.clear());

afterEach(async () => {
  await lab.rules.clear();
  await Promise.all(made.map((runId) => vcenter.destroyOfRun(ID, runId, signal())));
  made = [];
});

afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await lab.stop();
  await rm(stateFolder, { recursive: true, force: true });
});

function connect(change: Partial<VCenterAccess> = {}, callTimeoutMs = 10_000): VsphereVCenter {
  const directory = new LabDirectory({ ...access, ...change });
  const connected = new VsphereVCenter(directory, { callTimeoutMs, pollEveryMs: POLL_MS });
  opened.push(connected);
  return connected;
}

function signal(timeoutMs = 30_000): AbortSignal {
  return AbortSignal.timeout(timeoutMs);
}

function ref(kind: InventoryKind, path: RegExp): ObjectRef {
  const found = inventory.find((each) => each.kind === kind && path.test(each.path));
  if (!found) throw new Error(`The lab has no ${kind} ${path.source}`);
  return { moRef: found.moRef, name: found.name };
}

function choosePlacement(): Placement {
  return {
    template: ref('template', /\/debian-12$/),
    datacenter: ref('datacenter', /DC0$/),
    cluster: ref('cluster', /C0$/),
    resourcePool: ref('resource-pool', /C0\/Resources$/),
    datastore: ref('datastore', /LocalDS_0$/),
    folder: ref('folder', /^\/DC0\/vm$/),
    portGroup: ref('network', /DVPG0$/),
    stagingPortGroup: ref('network', /VM Network$/),
  };
}

function newRun(): string {
  const runId = randomUUID();
  made.push(runId);
  return runId;
}

function startClone(runId: string, change: Partial<Placement> = {}, by = vcenter): Promise<string> {
  const name = `vm-${runId.slice(0, 8)}`;
  const order = { runId, name, placement: { ...placement, ...change }, cpus: 3, memoryMb: 1536 };
  return by.startClone(ID, order, signal());
}

async function clone(runId: string, by = vcenter): Promise<Machine> {
  const task = await startClone(runId, {}, by);
  await by.followTask(ID, task, { signal: signal() });
  return found(await by.findByRun(ID, runId, signal()));
}

function found(machine: Machine | undefined): Machine {
  if (!machine) throw new Error('The run has no machine');
  return machine;
}

function customization(address: string): CustomizationOrder {
  return {
    hostname: 'web01',
    ipv4: { address, prefix: 16, gateway: '127.77.0.1' },
    dns: ['192.0.2.53'],
  };
}

/** Applies rules from now on. */
function disturb(...rules: LabRule[]): Promise<void> {
  return lab.rules.add(...rules);
}

/** An abort signal, and the reason that it will have. */
function interruption(code: 'cancelled' | 'worker-stopping' | 'timed-out', afterMs: number) {
  const controller = new AbortController();
  const reason = new Interruption(code);
  setTimeout(() => controller.abort(reason), afterMs);
  return { reason, signal: controller.signal };
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await what());) {
    if (Date.now() > end) throw new Error('It did not happen within 10 s');
    await new Promise((next) => setTimeout(next, 50));
  }
}

describe('a placement', () => {
  const asked = { name: 'free-name', address: '127.77.99.99' };

  it('is measured', async () => {
    const report = await vcenter.inspect(ID, placement, asked, signal());
    expect(report).toEqual({
      problems: {},
      templateBytes: 16 * GIB,
      datastoreFreeBytes: expect.any(Number),
      nameTaken: false,
      addressHolder: null,
    });
    expect(report.datastoreFreeBytes).toBeGreaterThan(0);
  });

  it.each(['datacenter', 'cluster', 'resourcePool', 'datastore', 'folder', 'portGroup'] as const)(
    'tells that its %s is missing',
    async (part) => {
      const gone = { ...placement, [part]: { moRef: 'nothing-1', name: 'Gone' } };
      const { problems } = await vcenter.inspect(ID, gone, asked, signal());
      expect(Object.keys(problems)).toEqual([part]);
      expect(problems[part]).toMatchObject({
        code: 'placement-missing',
        message: expect.stringContaining('Gone (nothing-1)'),
      });
    },
  );

  it('tells that its template is missing, or none', async () => {
    const gone = { ...placement, template: { moRef: 'vm-0', name: 'gone' } };
    const missing = await vcenter.inspect(ID, gone, asked, signal());
    expect(missing.problems).toMatchObject({ template: { code: 'template-missing' } });
    const { moRef } = await clone(newRun());
    const none = { ...placement, template: { moRef, name: 'a machine' } };
    const { problems } = await vcenter.inspect(ID, none, asked, signal());
    const message = expect.stringContaining('not a template');
    expect(problems.template).toMatchObject({ code: 'template-missing', message });
  });
});

describe('a deployment', () => {
  it('goes from template to address, to another network and away', async () => {
    const runId = newRun();
    const fractions: number[] = [];
    const task = await startClone(runId);
    await vcenter.followTask(ID, task, {
      signal: signal(),
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(fractions).toEqual(fractions.toSorted());
    const machine = found(await vcenter.findByRun(ID, runId, signal()));
    expect(machine.instanceUuid).toBe(runId);

    const staging = placement.stagingPortGroup ?? placement.portGroup;
    const hardware = { diskGb: 20, portGroups: [staging] };
    await vcenter.configureHardware(ID, machine, hardware, signal());
    await vcenter.customize(ID, machine, customization('127.77.20.1'), signal());
    await vcenter.powerOn(ID, machine, signal());
    await vcenter.waitForAddress(ID, machine, '127.77.20.1', signal());
    const before = await vcenter.state(ID, machine, signal());
    expect(before).toEqual({
      name: `vm-${runId.slice(0, 8)}`,
      poweredOn: true,
      toolsRunning: true,
      hostName: 'web01',
      cpus: 3,
      memoryMb: 1536,
      firstDisk: { bytes: 20 * 2 ** 30, datastore: placement.datastore.moRef },
      extraDisks: [],
      adapters: [
        {
          mac: expect.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
          portGroup: staging.moRef,
          addresses: ['127.77.20.1'],
        },
      ],
    });

    const asked = { name: before.name, address: '127.77.20.1' };
    expect(await vcenter.inspect(ID, placement, asked, signal())).toMatchObject({
      nameTaken: true,
      addressHolder: before.name,
    });

    await vcenter.connectNetwork(ID, machine, placement.portGroup, signal());
    const after = await vcenter.state(ID, machine, signal());
    expect(after.adapters[0]?.portGroup).toBe(placement.portGroup.moRef);

    expect(await vcenter.destroyOfRun(ID, runId, signal())).toBe(machine.moRef);
    expect(await vcenter.findByRun(ID, runId, signal())).toBeUndefined();
    await expect(vcenter.state(ID, machine, signal())).rejects.toMatchObject({
      code: 'machine-missing',
    });
  });

  it('does every step once, however often it is asked', async () => {
    const runId = newRun();
    const machine = await clone(runId);
    const hardware = { diskGb: 20, portGroups: [placement.portGroup] };
    for (let times = 0; times < 2; times += 1) {
      await vcenter.configureHardware(ID, machine, hardware, signal());
      await vcenter.configureHardware(ID, machine, { ...hardware, diskGb: 1 }, signal());
    }
    await vcenter.customize(ID, machine, customization('127.77.20.2'), signal());
    await vcenter.customize(ID, machine, customization('127.77.20.2'), signal());
    await vcenter.powerOn(ID, machine, signal());
    await vcenter.powerOn(ID, machine, signal());
    await vcenter.connectNetwork(ID, machine, placement.portGroup, signal());
    await vcenter.powerOff(ID, machine, signal());
    await vcenter.powerOff(ID, machine, signal());
    await vcenter.destroyOfRun(ID, runId, signal());
    await vcenter.destroyOfRun(ID, runId, signal());
    expect(await lab.rules.calls()).toMatchObject({
      ReconfigVM_Task: 1,
      CustomizeVM_Task: 1,
      PowerOnVM_Task: 1,
      PowerOffVM_Task: 1,
      Destroy_Task: 1,
    });
  });

  it('takes a power state that somebody else was quicker to bring about', async () => {
    const machine = await clone(newRun());
    const both = [1, 2].map(() => vcenter.powerOn(ID, machine, signal()));
    await expect(Promise.all(both)).resolves.toBeDefined();
  });

  it('names the part of the placement that is gone', async () => {
    const datastore = { moRef: 'datastore-gone', name: 'Old' };
    const attempt = async () => {
      const task = await startClone(randomUUID(), { datastore });
      await vcenter.followTask(ID, task, { signal: signal() });
    };
    await expect(attempt()).rejects.toMatchObject({
      message: expect.stringContaining('datastore-gone'),
    });
  });

  it('says that the name is taken', async () => {
    const runId = newRun();
    await clone(runId);
    const order = { runId: randomUUID(), name: `vm-${runId.slice(0, 8)}`, placement };
    const attempt = async () => {
      const task = await vcenter.startClone(ID, { ...order, cpus: 1, memoryMb: 512 }, signal());
      await vcenter.followTask(ID, task, { signal: signal() });
    };
    await expect(attempt()).rejects.toMatchObject({ code: 'name-in-vcenter', transient: false });
  });

  it('stops waiting for an address when the machine is switched off or removed', async () => {
    const runId = newRun();
    const machine = await clone(runId);
    await vcenter.powerOn(ID, machine, signal());
    const waits = vcenter.waitForAddress(ID, machine, '127.77.20.3', signal());
    setTimeout(() => void vcenter.powerOff(ID, machine, signal()), 100);
    await expect(waits).rejects.toMatchObject({ code: 'no-guest-address' });
    await vcenter.destroyOfRun(ID, runId, signal());
    await expect(
      vcenter.waitForAddress(ID, machine, '127.77.20.3', signal()),
    ).rejects.toMatchObject({ code: 'machine-missing' });
  });

  it('never touches a machine that the run did not make', async () => {
    const runId = newRun();
    const machine = await clone(runId);
    await unmark(machine);
    const refusal = { code: 'not-our-machine', transient: false };
    await expect(vcenter.destroyOfRun(ID, runId, signal())).rejects.toMatchObject(refusal);
    await expect(vcenter.findByRun(ID, runId, signal())).rejects.toMatchObject(refusal);
    expect(await lab.rules.calls()).not.toHaveProperty('Destroy_Task');
    expect((await vcenter.state(ID, machine, signal())).name).toBe(`vm-${runId.slice(0, 8)}`);
    made = [];
  });

  it('follows twenty clones with one request per tick', async () => {
    const runs = Array.from({ length: 20 }, newRun);
    const started = Date.now();
    const machines = await Promise.all(runs.map((runId) => clone(runId)));
    const ticks = Math.ceil((Date.now() - started) / POLL_MS) + 1;
    expect(new Set(machines.map(({ moRef }) => moRef)).size).toBe(20);
    const { RetrievePropertiesEx = 0, CloneVM_Task } = await lab.rules.calls();
    expect(CloneVM_Task).toBe(20);
    // Each clone reads its template once and its machine once; all the rest is the common look.
    expect(RetrievePropertiesEx - 40).toBeLessThanOrEqual(ticks);
  });
});

describe('a session', () => {
  it('is opened once for all who ask at the same time', async () => {
    const fresh = connect();
    await Promise.all(Array.from({ length: 5 }, () => fresh.readInventory(ID, signal())));
    expect(await lab.rules.calls()).toMatchObject({ Login: 1 });
  });

  it('is opened again when it is gone in the middle of the work', async () => {
    await disturb(
      { action: 'logout', method: 'CloneVM_Task', count: 1 },
      { action: 'logout', method: 'RetrievePropertiesEx', skip: 3, count: 1 },
      { action: 'logout', method: 'FindByUuid', count: 1 },
    );
    const runId = newRun();
    expect((await clone(runId)).instanceUuid).toBe(runId);
    expect(await lab.rules.calls()).toMatchObject({ Login: 3 });
  });

  it('is opened again when vCenter answers with a fault or with missing properties', async () => {
    await disturb({ action: 'logout', method: 'FindByUuid', count: 1 });
    expect(await vcenter.findByRun(ID, randomUUID(), signal())).toBeUndefined();
    const { objects } = await vcenter.readInventory(ID, signal());
    await disturb({ action: 'logout', method: 'RetrievePropertiesEx', count: 1 });
    expect((await vcenter.readInventory(ID, signal())).objects).toHaveLength(objects.length);
    expect(await lab.rules.calls()).toMatchObject({ Login: 2 });
  });

  it('is replaced when the access changes', async () => {
    const directory = new LabDirectory(access);
    const changing = new VsphereVCenter(directory);
    opened.push(changing);
    await changing.findByRun(ID, randomUUID(), signal());
    directory.current = { ...access, revision: '2' };
    await changing.findByRun(ID, randomUUID(), signal());
    await until(async () => (await lab.rules.calls())['Logout'] === 1);
    expect(await lab.rules.calls()).toMatchObject({ Login: 2, Logout: 1 });
  });

  it('refuses a wrong password without telling it', async () => {
    const refused = connect({ password: 'not-the-password' }).readInventory(ID, signal());
    const error = await refused.catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'vcenter-login-refused', transient: false });
    expect(JSON.stringify(error) + String(error)).not.toContain('not-the-password');
  });
});

describe('a certificate', () => {
  it.each([
    ['its own authority', () => ({ mode: 'ca', caPem: lab.certificatePem }) as const],
    ['nobody', () => ({ mode: 'insecure' }) as const],
  ])('is accepted when it is checked by %s', async (_, tls) => {
    const found = await connect({ tls: tls() }).findByRun(ID, randomUUID(), signal());
    expect(found).toBeUndefined();
  });

  it.each([
    ['a wrong pin', { mode: 'pin', sha256: 'ab'.repeat(32) } as const],
    ['the system’s authorities', { mode: 'system' } as const],
  ])('is refused by %s before anything is sent', async (_, tls) => {
    const refused = connect({ tls }).readInventory(ID, signal());
    const shown = (lab.certificateSha256.match(/../g) ?? []).join(':').toUpperCase();
    await expect(refused).rejects.toMatchObject({
      code: 'vcenter-certificate-refused',
      transient: false,
      message: expect.stringContaining(shown),
    });
    expect(await lab.rules.calls()).toEqual({});
  });
});

describe('trouble', () => {
  it('finds the clone of which the answer was lost', async () => {
    await disturb({ action: 'reset-after', method: 'CloneVM_Task', count: 1 });
    const runId = newRun();
    await expect(startClone(runId)).rejects.toMatchObject({
      code: 'vcenter-unreachable',
      transient: true,
    });
    await until(async () => (await vcenter.findByRun(ID, runId, signal())) !== undefined);
    expect(await lab.rules.calls()).toMatchObject({ CloneVM_Task: 1 });
  });

  it.each([
    [{ action: 'reset-before' }, 'broken off'],
    [{ action: 'http', status: 503 }, 'HTTP status 503'],
  ] as const)('calls %o transient', async (rule, words) => {
    await disturb({ ...rule, method: 'CloneVM_Task', count: 1 });
    await expect(startClone(newRun())).rejects.toMatchObject({
      code: 'vcenter-unreachable',
      transient: true,
      message: expect.stringContaining(words),
    });
  });

  it('gives up a call that takes too long', async () => {
    const hasty = connect({}, 300);
    await hasty.findByRun(ID, randomUUID(), signal());
    await disturb({ action: 'delay', method: 'FindByUuid', ms: 1_500, count: 1 });
    await expect(hasty.findByRun(ID, randomUUID(), signal())).rejects.toMatchObject({
      code: 'vcenter-unreachable',
      transient: true,
      message: expect.stringContaining('within 0.3 s'),
    });
  });

  it('says where there is nobody', async () => {
    const nobody = connect({ url: 'https://127.0.0.1:1/sdk' });
    await expect(nobody.readInventory(ID, signal())).rejects.toMatchObject({
      code: 'vcenter-unreachable',
      transient: true,
      message: expect.stringContaining('vCenter Lab (https://127.0.0.1:1/sdk)'),
    });
  });

  it('outlasts a vCenter that cannot be reached while a task runs', async () => {
    await disturb({
      action: 'http',
      status: 503,
      method: 'RetrievePropertiesEx',
      skip: 2,
      count: 5,
    });
    const runId = newRun();
    expect((await clone(runId)).instanceUuid).toBe(runId);
  });

  it.each([
    ['InsufficientResourcesFault', 'vcenter-fault', false],
    ['NoDiskSpace', 'not-enough-space', false],
    ['TaskInProgress', 'vcenter-fault', true],
    ['NoPermission', 'vcenter-permission-denied', false],
  ])('explains the fault %s of a task', async (fault, code, transient) => {
    await disturb({ action: 'task-fault', method: 'CloneVM_Task', fault, ms: 50, count: 1 });
    await expect(clone(newRun())).rejects.toMatchObject({
      code,
      transient,
      message: expect.stringContaining('vCenter Lab'),
      remedy: expect.stringMatching(/\.$/),
    });
  });

  it.each(['cancelled', 'timed-out'] as const)(
    'cancels the task when the run is %s',
    async (code) => {
      await disturb({ action: 'task-delay', method: 'CloneVM_Task', ms: 5_000, count: 1 });
      const runId = newRun();
      const task = await startClone(runId);
      const { reason, signal: interrupted } = interruption(code, 150);
      const following = vcenter.followTask(ID, task, { signal: interrupted });
      await expect(following).rejects.toBe(reason);
      expect(await lab.rules.calls()).toMatchObject({ CancelTask: 1 });
      await expect(vcenter.followTask(ID, task, { signal: signal() })).rejects.toMatchObject({
        message: expect.stringContaining('cancelled'),
      });
      expect(await vcenter.findByRun(ID, runId, signal())).toBeUndefined();
    },
  );

  it('learns what a call started that was interrupted, and cancels it', async () => {
    await disturb({ action: 'delay', method: 'CloneVM_Task', ms: 300, count: 1 });
    const runId = newRun();
    const { reason, signal: interrupted } = interruption('cancelled', 100);
    const order = { runId, name: 'interrupted', placement, cpus: 1, memoryMb: 512 };
    const task = await vcenter.startClone(ID, order, interrupted);
    const following = vcenter.followTask(ID, task, { signal: interrupted });
    await expect(following).rejects.toBe(reason);
    await new Promise((next) => setTimeout(next, 400));
    expect(await vcenter.findByRun(ID, runId, signal())).toBeUndefined();
  });

  it('leaves the task alone when only the worker stops', async () => {
    const runId = newRun();
    const task = await startClone(runId);
    const { reason, signal: interrupted } = interruption('worker-stopping', 20);
    await expect(vcenter.followTask(ID, task, { signal: interrupted })).rejects.toBe(reason);
    await vcenter.followTask(ID, task, { signal: signal() });
    expect(await lab.rules.calls()).not.toHaveProperty('CancelTask');
    expect(await vcenter.findByRun(ID, runId, signal())).toBeDefined();
  });

  it('calls a task that vCenter has forgotten transient, and follows the others on', async () => {
    const runId = newRun();
    const task = await startClone(runId);
    const [forgotten, other] = await Promise.allSettled([
      vcenter.followTask(ID, 'task-forgotten', { signal: signal() }),
      vcenter.followTask(ID, task, { signal: signal() }),
    ]);
    expect(forgotten).toMatchObject({ status: 'rejected', reason: { transient: true } });
    expect(other.status).toBe('fulfilled');
  });

  it('stops a slow call at once when the run is interrupted', async () => {
    await disturb({ action: 'delay', method: 'FindByUuid', ms: 3_000, count: 1 });
    const { reason, signal: interrupted } = interruption('cancelled', 50);
    const started = Date.now();
    await expect(vcenter.findByRun(ID, randomUUID(), interrupted)).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_000);
  });
});

/** Gives a machine another mark, as somebody with a vSphere client would. */
async function unmark({ moRef }: Machine): Promise<void> {
  const entry = '<key>guestinfo.diaken.run</key><value xsi:type="xsd:string">other</value>';
  const cookie = await sendSoap(
    `<Login xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this><userName>${lab.username}</userName><password>${lab.password}</password></Login>`,
  );
  await sendSoap(
    `<ReconfigVM_Task xmlns="urn:vim25"><_this type="VirtualMachine">${moRef}</_this><spec><extraConfig>${entry}</extraConfig></spec></ReconfigVM_Task>`,
    cookie,
  );
  await new Promise((next) => setTimeout(next, 500)); // the task takes 200 ms
  await lab.rules.clear();
}

/** Sends a message of its own and answers the cookies. */
function sendSoap(body: string, cookie: string[] = []): Promise<string[]> {
  const headers = { 'content-type': 'text/xml', cookie };
  const message = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><e:Body>${body}</e:Body></e:Envelope>`;
  return new Promise((answer, reject) => {
    request(lab.url, { method: 'POST', ca: lab.certificatePem, headers }, (response) => {
      response.resume().once('end', () => answer(response.headers['set-cookie'] ?? []));
    })
      .once('error', reject)
      .end(message);
  });
}
