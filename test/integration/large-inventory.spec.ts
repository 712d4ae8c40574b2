import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { InventoryPage, RunPage, RunView, VCenterView } from '@diaken/contracts';
import { type Ref, SoapSession } from '@diaken/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Needed, registerLab } from '../support/machines';
import { startSystem, type System } from '../support/system';

const MACHINES = 10_000;
const MIB = 1024;
/** What the worker may need while it reads them all, MiB. */
const MOST_MEMORY_MIB = 400;

let system: System;
let needed: Needed;
let worker: Awaited<ReturnType<System['startWorker']>>;
let somebody: SoapSession;

beforeAll(async () => {
  const lab = { bulkMachines: MACHINES, guests: false, taskTimeMs: 20 };
  system = await startSystem({ workers: 0, lab });
  worker = await system.startWorker();
  needed = await registerLab(system);
  somebody = await SoapSession.login(system.lab);
});

afterAll(async () => {
  somebody?.close();
  await system?.stop();
});

const vcenter = () => system.client.get(`vcenters/${needed.vcenterId}`, VCenterView);
const inventory = (query: string) =>
  system.client.get(`vcenters/${needed.vcenterId}/inventory?${query}`, InventoryPage);

async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (const end = Date.now() + 60_000; ;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end) throw new Error(`It did not become so: ${JSON.stringify(seen)}`);
    await pause(100);
  }
}

/** The first revision is that of the run, the second of the worker that listens. */
const isWatched = ({ inventory }: VCenterView) => inventory.isWatched && inventory.revision > 1;

async function machine(name: string): Promise<Ref> {
  const { items } = await inventory(`kind=vm&name=${name}`);
  return { type: 'VirtualMachine', value: items[0]?.moRef ?? '' };
}

/** Somebody renames a machine in vCenter; answers how long it took us to know, ms. */
async function rename(from: string, to: string): Promise<number> {
  await somebody.task('Rename_Task', await machine(from), `<newName>${to}</newName>`);
  const changed = Date.now();
  await until(
    () => inventory(`kind=vm&name=${to}`),
    ({ items }) => items.length === 1,
  );
  return Date.now() - changed;
}

describe('a vCenter with ten thousand machines', () => {
  it('is read as a whole, in pages, with bounded memory', async () => {
    const { syncedAt, inventory: health } = await vcenter();
    expect(syncedAt).not.toBeNull();
    expect(health).toMatchObject({ state: 'current', lastProblem: null });
    const { items } = await system.client.get('runs?kind=sync-inventory', RunPage);
    const run = await system.client.get(`runs/${items[0]?.id}`, RunView);
    expect(run.result).toMatchObject({ machines: MACHINES + 4, templates: 3 });
    const took = Date.parse(run.endedAt ?? '') - Date.parse(run.startedAt ?? '');
    tell(`The first reading took ${took} ms`);
  });

  it('is watched from then on, and what changes there is known soon', async () => {
    await until(vcenter, isWatched);
    const { revision } = await inventory('limit=1');
    const took = await rename('bulk-04711', 'somebody-was-here');
    tell(`A change was known after ${took} ms`);
    const { items } = await inventory(`changedSince=${revision}&kind=vm`);
    expect(items.map(({ name }) => name)).toEqual(['somebody-was-here']);
    const peak = await peakMemoryMib(worker.pid);
    tell(`The worker needed ${peak} MiB at most`);
    expect(peak).toBeLessThan(MOST_MEMORY_MIB);
  });

  it('is watched by another worker when the first one is gone', async () => {
    const second = await system.startWorker();
    process.kill(worker.pid, 'SIGKILL');
    expect(await rename('bulk-00815', 'after-the-first-worker')).toBeGreaterThan(0);
    await second.stop();
  });
});

/** Figures are for people: they depend on what else the machine does. */
function tell(figure: string): void {
  process.stdout.write(`${figure}\n`);
}

async function peakMemoryMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / MIB);
}
