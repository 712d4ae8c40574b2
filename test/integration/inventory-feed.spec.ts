import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { InventoryObject } from '@diaken/contracts';
import { type Lab, type Ref, SoapSession, startLab } from '@diaken/lab';
import type { InventoryNews } from '@diaken/provisioning';
import {
  type VCenterAccess,
  VCenterDirectory,
  VsphereInventoryFeed,
  VsphereVCenter,
} from '@diaken/vcenter';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ID = 'lab';
/** More than a page. */
const BULK = 600;

let lab: Lab;
let stateFolder: string;
let access: VCenterAccess;
let somebody: SoapSession;

class LabDirectory extends VCenterDirectory {
  override async find(): Promise<VCenterAccess> {
    return access;
  }
}

beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'feed-'));
  const options = { taskTimeMs: 20, guests: false, bulkMachines: BULK };
  lab = await startLab({ root: ROOT, stateFolder, ...options });
  const tls = { mode: 'pin', sha256: lab.certificateSha256 } as const;
  const { url, username, password } = lab;
  access = { id: ID, name: 'Lab', url, username, password, tls, revision: '1' };
  somebody = await SoapSession.login(lab);
}, 180_000);

afterAll(async () => {
  somebody?.close();
  await lab?.stop();
  await rm(stateFolder, { recursive: true, force: true });
});

let stopping: AbortController;
let feed: AsyncIterator<InventoryNews>;
let all: readonly InventoryObject[];

beforeEach(async () => {
  await lab.rules.clear();
  stopping = new AbortController();
  const source = new VsphereInventoryFeed(new LabDirectory()).listen(ID, stopping.signal);
  feed = source[Symbol.asyncIterator]();
  const first = await next();
  all = first.what === 'all' ? first.reading.objects : [];
});

afterEach(async () => {
  stopping.abort();
  await feed.return?.();
});

async function next(): Promise<InventoryNews> {
  const { value, done } = await feed.next();
  if (done) throw new Error('The feed has ended');
  return value;
}

/** What is told until something of it is as wanted. */
async function heard(wanted: (object: InventoryObject) => boolean): Promise<InventoryObject> {
  for (;;) {
    const news = await next();
    const objects = news.what === 'all' ? news.reading.objects : news.changed;
    const found = objects.find(wanted);
    if (found) return found;
  }
}

async function heardGone(moRef: string): Promise<void> {
  for (;;) {
    const news = await next();
    if (news.what === 'changes' && news.gone.some((key) => key.moRef === moRef)) return;
  }
}

const named = (name: string): InventoryObject => {
  const found = all.find((object) => object.name === name);
  if (!found) throw new Error(`There is no ${name}`);
  return found;
};
const refOf = ({ moType, moRef }: InventoryObject): Ref => ({ type: moType, value: moRef });
const rename = (object: InventoryObject, name: string) =>
  somebody.task('Rename_Task', refOf(object), `<newName>${name}</newName>`);

describe('a vCenter that is listened to', () => {
  it('tells all that a reading finds, in pages', async () => {
    const vcenter = new VsphereVCenter(new LabDirectory());
    const { objects } = await vcenter.readInventory(ID, AbortSignal.timeout(30_000));
    await vcenter.close();
    const byRef = (one: InventoryObject, other: InventoryObject) =>
      one.moRef.localeCompare(other.moRef);
    expect(all.toSorted(byRef)).toEqual(objects.toSorted(byRef));
    expect(all.filter(({ kind }) => kind === 'vm')).toHaveLength(BULK + 4);
    const calls = await lab.rules.calls();
    expect(calls['WaitForUpdatesEx']).toBeGreaterThanOrEqual(3);
    expect(calls['ContinueRetrievePropertiesEx']).toBeGreaterThanOrEqual(2);
  });

  it('tells only what has changed', async () => {
    const machine = named('bulk-00100');
    const changed = heard(({ moRef }) => moRef === machine.moRef);
    await rename(machine, 'renamed-100');
    expect(await changed).toEqual({
      ...machine,
      ...{ name: 'renamed-100', path: machine.path.replace('bulk-00100', 'renamed-100') },
    });
    await rename(machine, 'bulk-00100');
  });

  it('tells of a machine that is switched off and on', async () => {
    const machine = named('DC0_C0_RP0_VM0');
    const isIt = (power: string) => (object: InventoryObject) =>
      object.moRef === machine.moRef && object.details['power'] === power;
    await somebody.task('PowerOffVM_Task', refOf(machine));
    expect((await heard(isIt('off'))).details['macs']).toEqual(machine.details['macs']);
    await somebody.task('PowerOnVM_Task', refOf(machine));
    await heard(isIt('on'));
  });

  it('tells of machines that come and go', async () => {
    const template = named('debian-12');
    const pool = all.find(({ path }) => path.endsWith('DC0_C0/Resources'));
    const folder = all.find(({ kind, details }) => kind === 'folder' && details['root'] === true);
    const reference = (name: string, object: InventoryObject | undefined) =>
      `<${name} type="${object?.moType}">${object?.moRef}</${name}>`;
    await somebody.task(
      'CloneVM_Task',
      refOf(template),
      `${reference('folder', folder)}<name>fresh</name><spec><location>${reference('pool', pool)}` +
        '</location><powerOn>false</powerOn><template>false</template></spec>',
    );
    const fresh = await heard(({ name }) => name === 'fresh');
    expect(fresh).toMatchObject({ kind: 'vm', details: { power: 'off', cpus: 2 } });
    await somebody.task('Destroy_Task', refOf(fresh));
    await heardGone(fresh.moRef);
  });

  it('tells of all that a folder holds when that is renamed', async () => {
    const folder = named('bulk-07');
    await rename(folder, 'moved-07');
    const inside = await heard(({ path }) => path.includes('/moved-07/bulk-'));
    expect(inside.parent).toBe(folder.moRef);
    await rename(folder, 'bulk-07');
  });

  it('whose session ends, is left as unreachable, to be listened to anew', async () => {
    await lab.rules.add({ action: 'logout', method: 'WaitForUpdatesEx', count: 1 });
    const end = async () => {
      for (;;) await next();
    };
    await expect(end()).rejects.toMatchObject({ code: 'vcenter-unreachable', transient: true });
  });

  it('is left at once when nobody wants to know', async () => {
    const waiting = next();
    stopping.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect((await lab.rules.calls())['Logout']).toBeGreaterThanOrEqual(1);
  });
});
