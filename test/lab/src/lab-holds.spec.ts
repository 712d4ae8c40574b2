import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rulesAt, startLab, type HeldCall, type Lab, type LabRule } from './index';
import { cloneMachine, cloneParameters, type CloneWish } from './testing/machines';
import { until } from './testing/shell';
import { SoapSession, type Ref } from './testing/soap';

const ROOT = resolve(import.meta.dirname, '../../..');
const TEST_TIMEOUT_MS = 60_000;
/** Longer than any test: what is held is let go by the test, or the test fails. */
const FOR_EVER_MS = 600_000;

let stateFolder: string;
let lab: Lab;
/** Its calls are held. */
let held: SoapSession;
/** Goes on meanwhile. */
let other: SoapSession;

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'lab-'));
  lab = await startLab({ root: ROOT, stateFolder, taskTimeMs: 40, guests: false });
  held = await SoapSession.login(lab);
  other = await SoapSession.login(lab);
}, 180_000);

afterEach(() => lab.rules.clear());

afterAll(async () => {
  held.close();
  other.close();
  await lab.stop();
  await rm(stateFolder, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

function hold(rule: Partial<LabRule>): Promise<void> {
  return lab.rules.add({ action: 'hold-before', ms: FOR_EVER_MS, ...rule });
}

/** Waits until this many calls are held. */
function untilHeld(count = 1): Promise<readonly HeldCall[]> {
  return until(`${count} calls are held`, async () => {
    const calls = await lab.rules.held();
    return calls.length === count && calls;
  });
}

function wishFor(name: string): CloneWish & { readonly instanceUuid: string } {
  return { name, address: '192.0.2.31', powerOn: false, instanceUuid: randomUUID() };
}

/** A machine to work on, which the other session has made. */
function machineFor(name: string): Promise<Ref> {
  return cloneMachine(other, wishFor(name));
}

function annotate(session: SoapSession, machine: Ref, text: string): Promise<unknown> {
  return session.task('ReconfigVM_Task', machine, `<spec><annotation>${text}</annotation></spec>`);
}

/** Reads and changes with the other session. */
async function expectOthersGoOn(): Promise<void> {
  const template = await other.find('/DC0/vm/rocky-9');
  const text = randomUUID();
  await annotate(other, template, text);
  expect(await other.property(template, 'config.annotation')).toBe(text);
}

/** A call to hold, and how to see that it has been done. */
interface Trial {
  readonly target: Ref;
  readonly call: () => Promise<unknown>;
  readonly contains?: string;
  /** Not for calls that only read. */
  readonly isDone?: () => Promise<boolean>;
}

/** A machine, and a call of this method with it. */
async function trialOn(
  method: string,
  parameters: string,
  isDone: (machine: Ref) => Promise<boolean>,
): Promise<Trial> {
  const target = await machineFor(`${method}-${randomUUID()}`);
  return {
    target,
    contains: target.value,
    call: () => held.startTask(method, target, parameters),
    isDone: () => isDone(target),
  };
}

async function cloneTrial(): Promise<Trial> {
  const wish = wishFor(randomUUID());
  const target = await other.find('/DC0/vm/debian-12');
  const parameters = await cloneParameters(other, wish);
  return {
    target,
    contains: wish.instanceUuid,
    call: () => held.startTask('CloneVM_Task', target, parameters),
    isDone: async () => (await other.findByInstanceUuid(wish.instanceUuid)) !== undefined,
  };
}

async function cancelTrial(): Promise<Trial> {
  const machine = await machineFor(randomUUID());
  await lab.rules.add({ action: 'task-delay', entity: machine.value, ms: FOR_EVER_MS });
  const target = await other.startTask('PowerOnVM_Task', machine);
  return {
    target,
    call: () => held.call('CancelTask', target),
    isDone: async () => (await other.property(target, 'info')).includes('RequestCanceled'),
  };
}

const CUSTOMIZATION =
  '<spec><identity xsi:type="CustomizationLinuxPrep"><hostName xsi:type="CustomizationFixedName">' +
  '<name>held</name></hostName><domain>lab.test</domain></identity><globalIPSettings/>' +
  '<nicSettingMap><adapter><ip xsi:type="CustomizationFixedIp"><ipAddress>192.0.2.32</ipAddress>' +
  '</ip><subnetMask>255.255.255.0</subnetMask></adapter></nicSettingMap></spec>';

/** A machine that waits for its first customization. */
async function customizationTrial(): Promise<Trial> {
  const pending = 'config.tools.pendingCustomization';
  const trial = await trialOn('CustomizeVM_Task', CUSTOMIZATION, async (machine) => {
    return (await other.property(machine, pending)) !== '';
  });
  await other.task('PowerOnVM_Task', trial.target); // applies the customization of its clone
  await other.task('PowerOffVM_Task', trial.target);
  return trial;
}

const TRIALS: Readonly<Record<string, () => Promise<Trial>>> = {
  RetrievePropertiesEx: async () => {
    const target = { type: 'PropertyCollector', value: 'propertyCollector' };
    const machine = await machineFor(randomUUID());
    const call = () => held.property(machine, 'name');
    return { target, call, contains: machine.value };
  },
  FindByUuid: async () => {
    const target = { type: 'SearchIndex', value: 'SearchIndex' };
    const uuid = randomUUID();
    return { target, call: () => held.findByInstanceUuid(uuid), contains: uuid };
  },
  CloneVM_Task: cloneTrial,
  ReconfigVM_Task: () =>
    trialOn('ReconfigVM_Task', '<spec><annotation>held</annotation></spec>', async (machine) => {
      return (await other.property(machine, 'config.annotation')) === 'held';
    }),
  CustomizeVM_Task: customizationTrial,
  PowerOnVM_Task: () =>
    trialOn('PowerOnVM_Task', '', async (machine) => {
      return (await other.property(machine, 'runtime.powerState')) === 'poweredOn';
    }),
  Destroy_Task: () =>
    trialOn('Destroy_Task', '', async (machine) => {
      return other.property(machine, 'name').then(
        () => false,
        () => true, // there is no such object any more
      );
    }),
  CancelTask: cancelTrial,
};

const METHODS = Object.entries(TRIALS);

/** Notices when a call is answered. */
function watch(promise: Promise<unknown>): { readonly answered: boolean } {
  const state = { answered: false };
  const settle = () => {
    state.answered = true;
  };
  promise.then(settle, settle);
  return state;
}

describe(
  'a held call',
  () => {
    it.each(METHODS)(
      '%s waits before it is done, and nobody else does',
      async (method, prepare) => {
        const { target, call, contains = '', isDone } = await prepare();
        await hold({ id: 'before', method, contains });
        const answer = call();
        const state = watch(answer);
        expect(await untilHeld()).toEqual([{ rule: 'before', method, entity: target.value }]);

        await expectOthersGoOn();
        expect(await isDone?.()).not.toBe(true);
        expect(state.answered).toBe(false);

        await lab.rules.release('before');
        await answer;
        expect(await lab.rules.held()).toEqual([]);
        if (isDone) {
          await until(`${method} is done`, isDone);
        }
      },
    );

    it.each(METHODS)('%s is done while its answer waits', async (method, prepare) => {
      const { target, call, contains = '', isDone } = await prepare();
      await hold({ id: 'after', action: 'hold-after', method, contains });
      const answer = call();
      const state = watch(answer);
      expect(await untilHeld()).toEqual([{ rule: 'after', method, entity: target.value }]);

      await expectOthersGoOn();
      if (isDone) {
        await until(`${method} is done`, isDone);
      }
      expect(state.answered).toBe(false);

      await lab.rules.release('after');
      await answer;
    });

    it('is done although its client has gone', async () => {
      const killed = await SoapSession.login(lab);
      const wish = wishFor('of-the-dead');
      const parameters = await cloneParameters(other, wish);
      const template = await other.find('/DC0/vm/debian-12');
      await hold({ method: 'CloneVM_Task' });
      const answer = killed.startTask('CloneVM_Task', template, parameters);
      await untilHeld();
      killed.close();
      await expect(answer).rejects.toThrow(/hang up|ECONNRESET/);

      await expectOthersGoOn();
      expect(await lab.rules.held()).toHaveLength(1);
      expect(await other.findByInstanceUuid(wish.instanceUuid)).toBeUndefined();
      await lab.rules.release();
      await until('the clone is there', () => other.findByInstanceUuid(wish.instanceUuid));
    });

    it('is let go when its time is over', async () => {
      await hold({ method: 'FindByUuid', ms: 100 });
      await held.findByInstanceUuid(randomUUID());
      expect(await lab.rules.held()).toEqual([]);
    });
  },
  TEST_TIMEOUT_MS,
);

describe(
  'a rule that holds calls',
  () => {
    it('is for calls that contain a text', async () => {
      const [wanted, unwanted] = [randomUUID(), randomUUID()];
      await hold({ method: 'FindByUuid', contains: wanted });
      await held.findByInstanceUuid(unwanted);
      const answer = held.findByInstanceUuid(wanted);
      await untilHeld();
      await lab.rules.release();
      await answer;
    });

    it('holds no more once it is released, and the others hold on', async () => {
      const [first, second] = [randomUUID(), randomUUID()];
      await hold({ id: 'first', contains: first });
      await hold({ id: 'second', contains: second, action: 'hold-after' });
      const released = held.findByInstanceUuid(first);
      await untilHeld(1);
      const kept = held.findByInstanceUuid(second);
      expect((await untilHeld(2)).map(({ rule }) => rule)).toEqual(['first', 'second']);

      await lab.rules.release('first');
      await released;
      await held.findByInstanceUuid(first);
      expect((await lab.rules.held()).map(({ rule }) => rule)).toEqual(['second']);
      await lab.rules.clear();
      await kept;
      expect(await lab.rules.held()).toEqual([]);
    });

    it('is released in another process, which leaves rules of other kinds', async () => {
      const elsewhere = rulesAt(lab.url, lab.certificatePem);
      await hold({ method: 'FindByUuid' });
      await elsewhere.add({ action: 'fault', method: 'FindByInventoryPath', fault: 'NotFound' });
      const answer = held.findByInstanceUuid(randomUUID());
      await until('the call is held', async () => (await elsewhere.held()).length === 1);
      await elsewhere.release();
      await answer;
      await expect(held.find('/DC0/vm')).rejects.toThrow('NotFound');
    });

    it.each(['hold-before', 'hold-after'] as const)('of %s says for how long', async (action) => {
      await expect(lab.rules.add({ action })).rejects.toThrow(`${action} needs ms`);
    });
  },
  TEST_TIMEOUT_MS,
);
