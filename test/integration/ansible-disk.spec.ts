import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlayOrder } from '@diaken/provisioning';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnsibleBench, assetsFolder, hostOf, running, until } from './ansible-bench';
import type { CallerMessage, CallerOrder } from './ansible-caller';
import { buildProgram } from './program-build';
import { SmallDisk } from './small-disk';

const bench = new AnsibleBench();
const KB = 1_024;

let program: string;
/** The disk of the runs, and nothing else. */
let disk: SmallDisk;

beforeAll(async () => {
  program = await buildProgram('ansible-caller.ts');
});
beforeEach(async () => {
  disk = await SmallDisk.make(bench.runsFolder, 4 * KB * KB);
});
afterEach(() => disk.remove());

/** A worker whose runs are on the disk. */
function worker(order: PlayOrder, diskPatienceSeconds = 30) {
  const file = join(bench.folder, 'caller.json');
  const given: CallerOrder = {
    ...{ runsFolder: bench.runsFolder, assetsFolder, credential: bench.credential },
    ...{ order, diskPatienceSeconds },
  };
  writeFileSync(file, JSON.stringify(given));
  const started = disk.spawn(process.execPath, [program, file]);
  const said: CallerMessage[] = [];
  createInterface(started.stdout).on('line', (row) => said.push(JSON.parse(row)));
  return {
    process: started,
    ended: once(started, 'close').then(() => said.at(-1) ?? {}),
    text: () => said.map(({ line }) => line ?? '').join('\n'),
  };
}

/** Waits at a task until a file is there. */
const gate = (name: string): string => `
    - name: Wait for ${name}
      ansible.builtin.shell: 'touch at-${name}; while [ ! -e ${name} ]; do sleep 0.1; done'
      args: { chdir: '{{ folder }}' }
`;
const open = (name: string): void => writeFileSync(join(bench.folder, name), '');
const arrived = (name: string): Promise<void> => until(() => bench.isThere(`at-${name}`));

const order = (tasks: string, more: Partial<PlayOrder> = {}): PlayOrder =>
  bench.order(tasks, { hosts: [hostOf('web', bench.web)], ...more });

describe('a disk that is full before a play begins', () => {
  const COUNT = `    - ansible.builtin.shell: echo x >> '{{ folder }}/count'\n`;

  it.each([0, 16, 48, 500])(
    'with %i KB left keeps it back for now only; it is played once there is room',
    async (spare) => {
      const one = order(COUNT, { extraVars: { folder: bench.folder, word: 'hushhush' } });
      disk.fill(spare * KB);
      const { failure } = await worker(one).ended;

      expect(failure).toMatchObject({ code: 'worker-disk-full', transient: true });
      expect(failure?.message).toContain(`nothing can be written to ${bench.runsFolder}.`);
      expect(readdirSync(disk.seen())).toEqual(['filling']);
      disk.free();
      const { result } = await worker(one).ended;
      expect(result?.hosts).toMatchObject([{ host: 'web', ok: 1 }]);
      expect(readFileSync(join(bench.folder, 'count'), 'utf8')).toBe('x\n');
    },
  );
});

describe('a disk that gets full while a play goes on', () => {
  /** More than what is left of the last page of a file. */
  const TALK = Array.from(
    { length: 40 },
    (_, at) =>
      `    - { name: Talk ${at}, ansible.builtin.debug: { msg: '${'much '.repeat(40)}' } }\n`,
  ).join('');

  /** More than Ansible gives back at its end, when it removes its own files. */
  const FLOOD = `
    - ansible.builtin.fail: { msg: "{{ 'much ' * 1500 }}" }
      loop: '{{ range(150) | list }}'
      ignore_errors: true
`;

  /** Until a task at which there is no room any more, and much of what was to be stored since is not. */
  async function filled(tasks: string, diskPatienceSeconds?: number) {
    const one = order(`${gate('first')}${TALK}${gate('second')}${tasks}`);
    const at = worker(one, diskPatienceSeconds);
    await arrived('first');
    disk.fill();
    open('first');
    await arrived('second');
    for (const name of ['out.log', 'events.jsonl']) {
      expect(readFileSync(disk.seen(one.key, name), 'utf8')).not.toContain('Wait for second');
    }
    return { one, ...at };
  }

  it('ends nothing and loses nothing, when there is room again', async () => {
    const { ended, text } = await filled(gate('third'));
    disk.free();
    open('second');
    await arrived('third');
    open('third');

    expect((await ended).result?.hosts).toMatchObject([{ host: 'web', ok: 43 }]);
    expect(text()).toMatch(/TASK \[Wait for first][^]*TASK \[Wait for second][^]*PLAY RECAP/);
    expect(text()).toContain(
      `could not write to ${bench.runsFolder} while the playbook ran: No space left on device.]`,
    );
    expect(text()).not.toContain('are missing here');
  });

  it('says how much output is missing, when it was too much to keep', async () => {
    const much = `    - ansible.builtin.debug: { msg: "{{ 'much' * 500000 }}" }\n`;
    const { ended, text } = await filled(`${much}${gate('third')}`);
    open('second');
    await arrived('third');
    disk.free();
    await until(() => text().includes('bytes of output are missing here'));
    open('third');

    expect((await ended).result?.hosts).toMatchObject([{ host: 'web', ok: 44 }]);
    expect(text()).toMatch(/TASK \[Wait for second][^]*\[Diaken: \d{7} bytes[^]*PLAY RECAP/);
  });

  it('may be mended until after its end', async () => {
    const { one, ended } = await filled(FLOOD);
    open('second');
    await until(() => running(`${one.key}/inventory`).length === 0);
    await sleep(1_000);
    disk.free();

    expect((await ended).result?.hosts).toMatchObject([{ host: 'web', ok: 43, ignored: 1 }]);
  });

  it('never makes a success of a play whose results are lost', async () => {
    const { one, ended } = await filled(FLOOD, 1);
    open('second');

    expect((await ended).failure).toMatchObject({
      code: 'worker-disk-full',
      transient: false,
      message: expect.stringMatching(/so what it did is not known beyond task ".+"\.$/),
    });
    expect(JSON.parse(readFileSync(disk.seen(one.key, 'exit.json'), 'utf8'))).toMatchObject({
      ...{ why: 'exited', rc: 0, eventsLost: true, refused: 'No space left on device' },
    });
  });

  it.each([
    ['while it plays', ''],
    ['while it waits for room', 'second'],
  ])('lets it be cancelled %s', async (_when, gateToOpen) => {
    const { one, process: caller, ended } = await filled(FLOOD, 300);
    if (gateToOpen !== '') {
      open(gateToOpen);
      await until(() => running(`${one.key}/inventory`).length === 0);
    }
    caller.kill('SIGUSR2');

    expect((await ended).failure).toMatchObject({ name: 'Interruption', code: 'cancelled' });
    expect(readdirSync(disk.seen())).toEqual(['filling']);
    expect(running(bench.folder)).toEqual([]);
  });
});
