import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LocalAnsible, type SshCredential } from '@diaken/ansible';
import { Interruption } from '@diaken/pipeline';
import type { PlayOrder, PlayPosition } from '@diaken/provisioning';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AnsibleBench,
  assetsFolder,
  ear,
  hostOf,
  running,
  SLEEP,
  sleepers,
  until,
} from './ansible-bench';
import type { CallerOrder } from './ansible-caller';
import { buildProgram } from './program-build';
import { filesWith, processesWith, searchDuring, temporaryFolders } from './secret-search';

const never = new AbortController().signal;
const bench = new AnsibleBench();

const WAIT = `    - { name: Wait, ansible.builtin.command: sleep ${SLEEP} }\n`;

const CREATE = (name: string): string => `
    - name: Make ${name}
      ansible.builtin.copy: { dest: '{{ folder }}/${name}-{{ inventory_hostname }}', content: x }
`;

describe('LocalAnsible', () => {
  it('counts what two hosts did, and tells lines, progress and positions', async () => {
    const heard = ear();
    const result = await bench.play(
      bench.order(`${CREATE('first')}
    - name: Look
      ansible.builtin.command: 'true'
      changed_when: false
    - name: Only on web
      ansible.builtin.command: 'true'
      when: inventory_hostname == 'web'
`),
      heard,
    );

    const counts = { failed: 0, unreachable: 0, rescued: 0, ignored: 0, firstError: null };
    expect(result.hosts).toEqual([
      { host: 'web', ok: 3, changed: 2, skipped: 0, ...counts, durationMs: expect.any(Number) },
      { host: 'db', ok: 2, changed: 1, skipped: 1, ...counts, durationMs: expect.any(Number) },
    ]);
    expect(result.hosts[0]?.durationMs).toBeGreaterThan(100);
    expect(heard.text()).toContain('TASK [Make first]');
    expect(heard.text()).toContain('\u001b[');
    expect(heard.progress).toEqual([
      [0, 'Make first'],
      [expect.closeTo(1 / 3), 'Look'],
      [expect.closeTo(2 / 3), 'Only on web'],
      [1, 'Only on web'],
    ]);
    expect(existsSync(join(bench.folder, 'first-web'))).toBe(true);
  });

  it('tells of a failed host why, and of one that cannot be reached', async () => {
    const gone = { ...hostOf('gone', bench.web), port: 9 };
    const result = await bench.play(
      bench.order(
        `
    - name: Cured
      block:
        - { name: Fails first, ansible.builtin.command: 'false' }
      rescue:
        - { name: Cure, ansible.builtin.command: 'true' }
    - { name: Ignored, ansible.builtin.command: 'false', ignore_errors: true }
    - name: Break
      ansible.builtin.shell: echo to output; echo to error >&2; exit 3
      when: inventory_hostname == 'db'
    - { name: After, ansible.builtin.command: 'true' }
`,
        { hosts: [hostOf('web', bench.web), hostOf('db', bench.db), gone] },
      ),
    );

    const [onWeb, onDb, onGone] = result.hosts;
    expect(onWeb).toMatchObject({
      ok: 3,
      changed: 3,
      failed: 0,
      skipped: 1,
      rescued: 1,
      ignored: 1,
      firstError: null,
    });
    expect(onDb).toMatchObject({ ok: 2, failed: 1, rescued: 1, ignored: 1, unreachable: 0 });
    expect(onDb?.firstError).toEqual({
      task: 'Break',
      message: 'non-zero return code\nto error',
    });
    expect(onGone).toMatchObject({ ok: 0, failed: 0, unreachable: 1 });
    expect(onGone?.firstError).toEqual({
      task: 'Fails first',
      message: expect.stringContaining('Connection refused'),
    });
  });

  it('names the item of a loop that failed, and nothing of what is marked no_log', async () => {
    const result = await bench.play(
      bench.order(`
    - name: Loop
      ansible.builtin.command: test {{ item }} = fine
      loop: [fine, broken, fine]
      when: inventory_hostname == 'web'
    - name: Secret
      ansible.builtin.command: ls /no/such/hushhush
      no_log: true
      when: inventory_hostname == 'db'
`),
    );

    expect(result.hosts.map(({ firstError }) => firstError)).toEqual([
      { task: 'Loop', message: 'broken: non-zero return code' },
      { task: 'Secret', message: 'Not shown: the task is marked no_log.' },
    ]);
  });

  it('refuses a playbook that Ansible cannot read, and runs it once it is corrected', async () => {
    const broken = bench.order('    - ansible.builtin.command: {');
    await expect(bench.play(broken)).rejects.toMatchObject({
      code: 'playbook-not-started',
      transient: false,
      message: expect.stringContaining('Ansible refused the playbook; nothing was done. We were'),
    });

    const corrected = { ...bench.order('    - ansible.builtin.ping:\n'), key: broken.key };
    const result = await bench.play(corrected);

    expect(result.hosts.map(({ ok }) => ok)).toEqual([1, 1]);
  });

  it.each([
    ['module', `    - no.such.module: {}\n`, "couldn't resolve module/action 'no.such.module'"],
    [
      'role',
      `    - ansible.builtin.import_role: { name: nobody }\n`,
      "role 'nobody' was not found",
    ],
    ['hosts', '', 'undefined'],
  ])('refuses a playbook with a missing %s', async (what, tasks, reason) => {
    const wrong = bench.order(tasks);
    const content = `- hosts: '{{ nowhere }}'\n  tasks: []\n`;
    const playbook = { kind: 'text', name: 'x', content } as const;

    await expect(
      bench.play(what === 'hosts' ? { ...wrong, playbook } : wrong),
    ).rejects.toMatchObject({
      code: 'playbook-not-started',
      message: expect.stringContaining(reason),
    });
  });

  it('says that Ansible gave up half-way', async () => {
    const half = bench.order(`${CREATE('half')}
- hosts: '{{ nowhere }}'
  tasks: []
`);

    await expect(bench.play(half)).rejects.toMatchObject({
      code: 'playbook-failed',
      message: expect.stringMatching(/^Ansible gave up at task "Make half"\. .*nowhere/s),
    });
    expect(existsSync(join(bench.folder, 'half-web'))).toBe(true);
  });

  it('says that no host matched', async () => {
    const content = '- hosts: nobody\n  tasks:\n    - ansible.builtin.ping:\n';
    const playbook = { kind: 'text', name: 'x', content } as const;

    await expect(bench.play(bench.order('', { playbook }))).rejects.toMatchObject({
      code: 'playbook-no-hosts',
    });
    await expect(bench.play(bench.order('', { hosts: [] }))).rejects.toMatchObject({
      code: 'playbook-no-hosts',
    });
  });

  it('refuses a host whose key is not the pinned one', async () => {
    const impostor = { ...hostOf('web', bench.web), hostKey: bench.guests.keyPair().publicKey };
    const result = await bench.play(bench.order(CREATE('no'), { hosts: [impostor] }));

    expect(result.hosts[0]).toMatchObject({ unreachable: 1, changed: 0 });
    expect(result.hosts[0]?.firstError?.message).toMatch(/host key verification failed/i);
    expect(existsSync(join(bench.folder, 'no-web'))).toBe(false);
  });

  it('logs in with keys that have a passphrase, each host with its own', async () => {
    const locked = bench.guests.keyPair({ type: 'ecdsa', passphrase: 'open sesame' });
    const server = await bench.guests.start([locked.publicKey]);
    const opened: Record<string, SshCredential> = {
      any: bench.credential,
      locked: { ...bench.credential, privateKey: locked.privateKey, passphrase: 'open sesame' },
    };
    const ansible = new LocalAnsible({
      runsFolder: bench.runsFolder,
      assetsFolder,
      credentials: { open: async (id) => opened[id] ?? bench.credential },
    });
    const hosts = [hostOf('web', bench.web), { ...hostOf('app', server), credentialId: 'locked' }];

    const result = await ansible.play(
      bench.order('    - ansible.builtin.ping:\n', { hosts }),
      ear().listener,
      never,
    );

    expect(result.hosts.map(({ ok }) => ok)).toEqual([1, 1]);
  });

  it('runs a key once, however often and however many ask', async () => {
    const count = bench.order(`
    - ansible.builtin.shell: echo x >> '{{ folder }}/count-{{ inventory_hostname }}'
`);
    const ansible = bench.local();
    const both = await Promise.all([
      ansible.play(count, ear().listener, never),
      bench.local().play(count, ear().listener, never),
    ]);
    const again = await bench.local().play(count, ear().listener, never);

    expect(both[0]).toEqual(again);
    expect(both[1]).toEqual(again);
    expect(readFileSync(join(bench.folder, 'count-web'), 'utf8')).toBe('x\n');
    await ansible.discard(count.key);
    expect(readdirSync(bench.runsFolder)).toEqual([]);
  });

  it('stops in time what takes too long', async () => {
    const slow = bench.order(WAIT, {
      timeoutSeconds: 4,
    });

    await expect(bench.play(slow)).rejects.toMatchObject({
      code: 'timed-out',
      message: 'The playbook took longer than it may; it was stopped at task "Wait".',
    });
    expect(sleepers()).toEqual([]);
  });

  it.each(['cancelled', 'timed-out'] as const)('ends hosts too when it is %s', async (code) => {
    const stop = new AbortController();
    const slow = bench.order(WAIT);
    const playing = bench.play(slow, ear(), stop.signal);
    const heard = expect(playing).rejects.toMatchObject({ name: 'Interruption', code });
    await until(() => sleepers().length >= 2);
    const { sockets } = bench.runFile(slow);
    const began = Date.now();
    stop.abort(new Interruption(code));

    await heard;
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(sleepers()).toEqual([]);
    expect(readdirSync(bench.runsFolder)).toEqual([]);
    expect(existsSync(sockets)).toBe(false);
  });

  it('goes on without its worker, and ends when it is discarded', async () => {
    const stop = new AbortController();
    const slow = bench.order(WAIT);
    const playing = bench.play(slow, ear(), stop.signal);
    const heard = expect(playing).rejects.toMatchObject({ code: 'worker-stopping' });
    await until(() => sleepers().length >= 2);
    stop.abort(new Interruption('worker-stopping'));
    await heard;

    expect(sleepers().length).toBeGreaterThanOrEqual(2);
    await bench.local().discard(slow.key);
    expect(sleepers()).toEqual([]);
    expect(readdirSync(bench.runsFolder)).toEqual([]);
  });

  it('reports a run whose supervisor was killed as interrupted, and never runs it again', async () => {
    const slow = bench.order(`
    - { name: Sleep long, ansible.builtin.shell: "echo x >> {{ folder }}/count; sleep ${SLEEP}" }
`);
    const playing = bench.play(slow);
    const heard = expect(playing).rejects.toMatchObject({
      code: 'playbook-interrupted',
      message: expect.stringContaining('at task "Sleep long"'),
    });
    await until(() => sleepers().length >= 2);
    const { supervisor, sockets } = bench.runFile(slow);
    process.kill(supervisor, 'SIGKILL');

    await heard;
    await expect(bench.play(slow)).rejects.toMatchObject({ code: 'playbook-interrupted' });
    expect(readFileSync(join(bench.folder, 'count'), 'utf8')).toBe('x\nx\n');
    await until(() => running(sockets).length === 0);
    expect(sleepers()).toEqual([]);
    await expect(bench.local().removeForgotten(60_000)).resolves.toEqual([]);
    await expect(bench.local().removeForgotten(-1)).resolves.toEqual([slow.key]);
    expect(existsSync(sockets)).toBe(false);
  });

  it('names its place, and keeps the name when it cleans up', async () => {
    const place = await bench.local().place();
    await expect(bench.local().removeForgotten(-1)).resolves.toEqual([]);

    expect(place).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: hostname() });
    expect(await bench.local().place()).toEqual(place);
  });

  it('keeps its sockets elsewhere when the path to the runs is long', async () => {
    const long = new LocalAnsible({
      runsFolder: join(bench.folder, 'x'.repeat(100)),
      assetsFolder,
      credentials: { open: async () => bench.credential },
    });
    const result = await long.play(bench.order(CREATE('long')), ear().listener, never);

    expect(result.hosts.map(({ changed }) => changed)).toEqual([1, 1]);
  });

  it('does not run again what was started where it cannot see', async () => {
    const from = { events: 120, output: 0 };

    await expect(bench.play(bench.order(CREATE('no'), { from }))).rejects.toMatchObject({
      code: 'playbook-interrupted',
    });
    expect(existsSync(join(bench.folder, 'no-web'))).toBe(false);
  });
});

describe('a worker that is killed', () => {
  let program: string;

  beforeAll(async () => {
    program = await buildProgram('ansible-caller.ts');
  });

  it('loses no line and runs nothing twice', async () => {
    const slow = bench.order(
      Array.from(
        { length: 6 },
        (_, at) => `
    - name: Task ${at} ñandú
      ansible.builtin.shell: echo ${at} >> '{{ folder }}/count-{{ inventory_hostname }}'; sleep 0.5
`,
      ).join(''),
    );
    const first = await killedAfter(slow, 'TASK [Task 2');
    const heard = ear();
    const result = await bench.play({ ...slow, from: first.position }, heard);

    expect(result.hosts.map(({ ok, changed }) => [ok, changed])).toEqual([
      [6, 6],
      [6, 6],
    ]);
    for (const name of ['web', 'db']) {
      const counted = readFileSync(join(bench.folder, `count-${name}`), 'utf8');
      expect(counted).toBe('0\n1\n2\n3\n4\n5\n');
    }
    const whole = readFileSync(join(bench.runsFolder, slow.key, 'out.log'), 'utf8');
    expect([...first.lines, ...heard.lines].join('\n')).toBe(whole.replace(/\n$/, ''));
    expect(heard.progress.every(([fraction]) => fraction > 0.3)).toBe(true);
    const numbers = heard.positions.map(({ output }) => output);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  /** Plays in a process of its own, which is killed at a line; what it had told until the last stored position. */
  async function killedAfter(what: PlayOrder, text: string) {
    const file = join(bench.folder, 'caller.json');
    const given: CallerOrder = {
      runsFolder: bench.runsFolder,
      assetsFolder,
      credential: bench.credential,
      order: what,
    };
    writeFileSync(file, JSON.stringify(given));
    const child = spawn(process.execPath, [program, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stored = { lines: [] as string[], position: { events: 0, output: 0 } };
    let unstored: string[] = [];
    let isSeen = false;
    for await (const row of createInterface(child.stdout)) {
      const message = JSON.parse(row) as { line?: string; position?: PlayPosition };
      if (message.line !== undefined) {
        unstored.push(message.line);
        isSeen ||= message.line.includes(text);
      } else if (message.position) {
        stored.lines.push(...unstored);
        unstored = [];
        stored.position = message.position;
      }
      if (isSeen && message.position) {
        child.kill('SIGKILL');
        break;
      }
    }
    await once(child, 'exit');
    return stored;
  }
});

describe('secrets', () => {
  const canary = {
    variable: 'canaryVariable91',
    become: 'canaryBecome92',
    database: 'canaryDatabase93',
  };

  it('would be found where they stand', async () => {
    writeFileSync(join(bench.folder, 'leak'), canary.variable);
    const child = spawn('sleep', ['60'], { env: { PASSWORD: canary.become } });

    expect(places(Object.values(canary))).toEqual([
      `process ${child.pid}: sleep 60 `,
      join(bench.folder, 'leak'),
    ]);
    child.kill();
  });

  it('are seen neither in processes nor in files, here or on the guest', async () => {
    const sudo = join(bench.folder, 'sudo');
    writeFileSync(sudo, FAKE_SUDO, { mode: 0o755 });
    const prompted = join(bench.folder, 'prompted');
    const secret = bench.order(
      `
    - name: Use the variable
      ansible.builtin.shell: { cmd: 'grep -q canary && sleep 2', stdin: '{{ password }}' }
      no_log: true
    - name: Become
      ansible.builtin.shell: echo became > {{ folder }}/became; sleep 2
      become: true
      become_user: nobody
      become_exe: ${sudo} ${prompted}
`,
      {
        extraVars: { folder: bench.folder, password: canary.variable },
        hosts: [hostOf('web', bench.web)],
      },
    );
    process.env['DATABASE_URL'] = canary.database;
    const heard = ear();
    const playing = bench
      .local({ becomePassword: canary.become })
      .play(secret, heard.listener, never);
    const body = bench.key.privateKey.split('\n')[3] ?? '';
    const { found, searches } = await searchDuring(playing, () =>
      places([...Object.values(canary), body]),
    );
    const result = await playing;

    expect(result.hosts[0]).toMatchObject({ ok: 2, failed: 0 });
    expect(readFileSync(prompted, 'utf8')).toBe('right\n');
    expect(found).toEqual([]);
    expect(searches).toBeGreaterThan(10);
    expect(heard.text()).not.toContain('canary');
    expect(statSync(bench.runsFolder).mode & 0o777).toBe(0o700);
    expect(statSync(join(bench.runsFolder, secret.key)).mode & 0o777).toBe(0o700);
  });

  it('are refused when hosts have different become passwords', async () => {
    const ansible = new LocalAnsible({
      runsFolder: bench.runsFolder,
      assetsFolder,
      credentials: { open: async (id) => ({ ...bench.credential, becomePassword: id }) },
    });
    const hosts = [hostOf('web', bench.web), { ...hostOf('db', bench.db), credentialId: 'other' }];

    await expect(
      ansible.play(bench.order(CREATE('no'), { hosts }), ear().listener, never),
    ).rejects.toMatchObject({
      code: 'playbook-not-started',
      message: 'web and db have different become passwords; a playbook runs with one.',
    });
  });

  /** Where one of the words stands, in processes and in all folders that a run or a module writes to. */
  function places(words: readonly string[]): string[] {
    const home = join(process.env['HOME'] ?? '/root', '.ansible');
    const folders = [bench.folder, home, '/dev/shm', ...temporaryFolders()];
    return [...processesWith(words), ...filesWith(words, folders)];
  }
});

/** Asks as sudo does, and notes whether it heard the password. There may be no sudo where this runs. */
const FAKE_SUDO = `#!/bin/sh
NOTE=$1; shift
while [ $# -gt 0 ]; do
  case $1 in
    -p) printf '%s' "$2" >&2; shift ;;
    -u) shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
IFS= read -r WORD
[ "$WORD" = canary""Become92 ] && echo right > "$NOTE"
exec "$@"
`;
