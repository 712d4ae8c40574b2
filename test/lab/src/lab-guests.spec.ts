import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guestsAt, startLab, type Lab } from './index';
import { cloneMachine, destroy } from './testing/machines';
import { answers, execute, SshClient, until } from './testing/shell';
import { SoapSession, type Ref } from './testing/soap';

const ROOT = resolve(import.meta.dirname, '../../..');
const TEST_TIMEOUT_MS = 60_000;
const ADDRESS = '127.77.31.1';

let stateFolder: string;
let lab: Lab;
let session: SoapSession;
let ssh: SshClient;
let machine: Ref;

async function boot(name: string, address: string): Promise<Ref> {
  const clone = await cloneMachine(session, { name, address });
  await until(`${address} answers`, () => answers(address, lab.sshPort));
  return clone;
}

beforeAll(async () => {
  ssh = await SshClient.make(process.getuid?.() === 0 ? 22 : 2222);
  stateFolder = await mkdtemp(join(tmpdir(), 'lab-'));
  lab = await startLab({ root: ROOT, stateFolder, taskTimeMs: 40, addressAfterMs: 0 });
  await lab.authorize(ssh.publicKey);
  session = await SoapSession.login(lab);
  machine = await boot('web01', ADDRESS);
}, 180_000);

afterAll(async () => {
  session.close();
  await lab.stop();
  await ssh.remove();
  await rm(stateFolder, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

interface Process {
  /** Letter of ps for what it does. */
  readonly state: string;
  readonly command: string;
}

/** The processes of the guest, as the machine that it runs on sees them. */
async function processes(): Promise<readonly Process[]> {
  const { output } = await execute('ps', ['-ww', '-eo', 'pidns=,stat=,args=']);
  const all = output.split('\n').map((line) => line.trim().split(/\s+/));
  const [namespace] = all.find((words) => words.includes(`ListenAddress=${ADDRESS}`)) ?? [];
  return all
    .filter(([own]) => own === namespace)
    .map(([, state = '', ...command]) => ({ state: state.charAt(0), command: command.join(' ') }));
}

async function untilRuns(text: string): Promise<void> {
  await until(`${text} runs`, async () => {
    return (await processes()).some(({ command }) => command.includes(text));
  });
}

async function expectAllStopped(): Promise<void> {
  const all = await processes();
  expect(all.length).toBeGreaterThan(1);
  // Stopped, ended, or between vfork and exec with a child that is stopped.
  expect(all.filter(({ state }) => !'TZD'.includes(state))).toEqual([]);
}

describe(
  'a stopped guest',
  () => {
    it('is silent and goes on where it was; its neighbours notice nothing', async () => {
      const neighbour = await boot('web02', '127.77.31.2');
      const waiting = ssh.read(ADDRESS, 'until [ -e /tmp/go ]; do sleep 0.1; done; echo went on');
      await untilRuns('/tmp/go');

      await lab.guests.stop('web01');
      await expectAllStopped();
      expect(await answers(ADDRESS, lab.sshPort)).toBe(false);
      expect(await session.property(machine, 'guest.ipAddress')).toBe(ADDRESS);
      expect(await answers('127.77.31.2', lab.sshPort)).toBe(true);

      await lab.guests.continue('web01');
      await ssh.read(ADDRESS, 'touch /tmp/go');
      expect(await waiting).toBe('went on');
      await destroy(session, neighbour);
    });

    it('is stopped as a whole while it makes processes', async () => {
      const loop = 'while [ ! -e /tmp/enough ]; do /bin/true; (:); done';
      const loops = ssh.run(ADDRESS, `${loop} & ${loop} & wait`);
      await untilRuns('/tmp/enough');
      const elsewhere = guestsAt(lab.url, lab.certificatePem);
      for (let round = 1; round <= 10; round++) {
        await elsewhere.stop('web01');
        await expectAllStopped();
        await elsewhere.continue('web01');
      }
      await ssh.read(ADDRESS, 'touch /tmp/enough');
      await loops;
    });

    it('can be powered off, and answers after the next power on', async () => {
      await lab.guests.stop('web01');
      await session.task('PowerOffVM_Task', machine);
      await expect(lab.guests.continue('web01')).rejects.toThrow('with a guest that runs');
      await session.task('PowerOnVM_Task', machine);
      await until('the guest answers', () => answers(ADDRESS, lab.sshPort));
    });

    it('does not outlive its lab', async () => {
      await lab.guests.stop('web01');
      process.kill(lab.pid, 'SIGKILL');
      await until('no process is left', async () => {
        return (await execute('pgrep', ['-f', `ListenAddress=${ADDRESS}`])).code === 1;
      });
    });
  },
  TEST_TIMEOUT_MS,
);
