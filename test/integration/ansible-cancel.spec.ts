import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Interruption } from '@diaken/pipeline';
import type { PlayOrder } from '@diaken/provisioning';
import { describe, expect, it } from 'vitest';
import { AnsibleBench, ear, hostOf, running, SLEEP, sleepers, until } from './ansible-bench';
import { processesWith } from './secret-search';

const bench = new AnsibleBench();

/**
 * How long a playbook may take to be gone, ms. On a machine that has nothing else to do most need less than one second,
 * and what heeds no signal two more; a busy one needs longer, as it did to begin the playbook.
 */
const SOON = 4_000;

const SLEEPY = `sleep ${SLEEP}`;
const WAIT = `    - { name: Wait, ansible.builtin.command: ${SLEEPY} }\n`;

/** Clears the environment of what it starts, as sudo does. There may be no sudo where this runs. */
const FAKE_SUDO = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    -u | -p) shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
exec env -i PATH="$PATH" "$@"
`;

/** Tasks that something is left of when only Ansible is ended, and how many sleep on each host. */
const TASKS: readonly (readonly [name: string, tasks: string, sleeping: number])[] = [
  ['a command', WAIT, 1],
  [
    'a shell with children in the background',
    `    - ansible.builtin.shell: '${SLEEPY} & (${SLEEPY} &); ${SLEEPY}'\n`,
    3,
  ],
  [
    'what an earlier task left in the background',
    `    - ansible.builtin.shell: 'nohup setsid ${SLEEPY} > /dev/null 2>&1 &'\n${WAIT}`,
    2,
  ],
  [
    'what ends for no polite signal',
    `    - ansible.builtin.shell: "trap '' TERM INT HUP; ${SLEEPY}; ${SLEEPY}"\n`,
    1,
  ],
  [
    'a command as another user',
    `    - ansible.builtin.shell: '(${SLEEPY} &); ${SLEEPY}'
      become: true
      become_exe: '{{ folder }}/sudo'\n`,
    2,
  ],
  [
    'an asynchronous job',
    `    - ansible.builtin.shell: '(${SLEEPY} &); ${SLEEPY}'
      async: 600
      poll: 5\n`,
    2,
  ],
  [
    'an asynchronous job that nobody waits for, as another user',
    `    - ansible.builtin.shell: '(${SLEEPY} &); ${SLEEPY}'
      become: true
      become_exe: '{{ folder }}/sudo'
      async: 600
      poll: 0\n${WAIT}`,
    3,
  ],
];

/** Things of all kinds at once, six on each host. */
const EVERYTHING = `
    - ansible.builtin.shell: 'nohup setsid ${SLEEPY} > /dev/null 2>&1 &'
    - ansible.builtin.shell: '(${SLEEPY} &); ${SLEEPY}'
      become: true
      become_exe: '{{ folder }}/sudo'
      async: 600
      poll: 0
    - ansible.builtin.shell: '${SLEEPY} & (${SLEEPY} &); ${SLEEPY}'
      become: true
      become_exe: '{{ folder }}/sudo'
`;

const kill = (pid: number): void => void process.kill(pid, 'SIGKILL');

/** Begins a play and waits until all it has to start sleeps. */
async function begun(tasks: string, sleeping: number, stop: AbortController) {
  writeFileSync(join(bench.folder, 'sudo'), FAKE_SUDO, { mode: 0o755 });
  const hosts = [hostOf('web', bench.web), hostOf('db', bench.db)];
  // Asynchronous jobs begin on a terminal, but the sshd of an ordinary user has none to give.
  const terminal = userInfo().uid === 0 ? {} : { ansible_ssh_use_tty: false };
  const slow = bench.order(tasks, { hosts, extraVars: { folder: bench.folder, ...terminal } });
  const since = Date.now();
  const playing = bench.play(slow, ear(), stop.signal);
  const heard = playing.then(
    () => 'success',
    (error: unknown) => error,
  );
  await until(() => sleepers().length >= sleeping * hosts.length, 50_000);
  const within = SOON + 2 * (Date.now() - since);
  return { slow, heard, sockets: bench.runFile(slow).sockets, within };
}

/** What is left anywhere of a play: on the controller, and on the guests, where sshd tells everybody its connection. */
function left({ key }: PlayOrder, sockets: string): string[] {
  const guests = [bench.web, bench.db].map(({ address, port }) => `${address} ${port}`);
  return [
    ...processesWith([`sleep\0${SLEEP}`, join(bench.runsFolder, key), sockets, ...guests]),
    ...(existsSync(sockets) ? [sockets] : []),
    ...readdirSync(bench.runsFolder),
  ];
}

describe('nothing is left of', () => {
  it.each(TASKS)('%s, when it is cancelled', async (_name, tasks, sleeping) => {
    const stop = new AbortController();
    const { slow, heard, sockets, within } = await begun(tasks, sleeping, stop);
    const since = Date.now();
    stop.abort(new Interruption('cancelled'));

    expect(await heard).toMatchObject({ name: 'Interruption', code: 'cancelled' });
    expect(Date.now() - since).toBeLessThan(within);
    expect(left(slow, sockets)).toEqual([]);
  });

  it.each([
    ['whose worker died', () => undefined],
    ['whose worker and supervisor died', kill],
  ])('a play %s, when it is discarded', async (_name, happens) => {
    const stop = new AbortController();
    const { slow, heard, sockets, within } = await begun(EVERYTHING, 6, stop);
    stop.abort(new Interruption('lease-lost'));
    expect(await heard).toMatchObject({ name: 'Interruption', code: 'lease-lost' });
    happens(bench.runFile(slow).supervisor);
    const since = Date.now();
    await bench.local().discard(slow.key);

    expect(Date.now() - since).toBeLessThan(within);
    await until(() => left(slow, sockets).length === 0, 1_000); // its parent may have to be told yet
  });

  it.each([
    ['whose supervisor died', 'supervise.py'],
    ['whose Ansible died', '/ansible-playbook'],
  ])('a play %s, when its worker says that it was interrupted', async (_name, program) => {
    const { slow, heard, sockets } = await begun(EVERYTHING, 6, new AbortController());
    running(program)
      .filter((pid) => running(slow.key).includes(pid))
      .forEach(kill);

    expect(await heard).toMatchObject({ code: 'playbook-interrupted' });
    expect(sleepers()).toEqual([]);
    await bench.local().discard(slow.key);
    await until(() => left(slow, sockets).length === 0, 1_000);
  });
});
