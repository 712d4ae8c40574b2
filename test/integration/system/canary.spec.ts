import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guestPassword } from '@diaken/lab';
import { redisOptions } from '@diaken/runtime';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineInput } from '../../support/machines';
import { databaseText } from '../../support/own-api';
import { RawApi } from '../../support/raw-api';
import { ADMIN, startSystem, type System } from '../../support/system';
import { filesWith, processesWith, searchDuring, temporaryFolders } from '../secret-search';
import { type ApiDocument, bodyFields, placesIn } from '../write-only';

const canary = (name: string) => `Canary-${name}-${randomBytes(12).toString('hex')}`;

/** One for each use, so that a find says where it came from. */
const SECRETS = {
  vcenter: canary('vcenter'),
  wrongVCenter: canary('wrong-vcenter'),
  passphrase: canary('passphrase'),
  become: canary('become'),
  guest: canary('guest'),
  wrongGuest: canary('wrong-guest'),
  winrm: canary('winrm'),
  vault: canary('vault'),
  replaced: canary('replaced'),
  variable: canary('variable'),
  signIn: canary('sign-in'),
  administrator: canary('administrator'),
};
/** What makes a field look as if it held a secret. */
const LOOKS_SECRET = /pass(word|phrase)|secret|private|token/i;
/** Fields that look so and hold none. */
const NO_SECRETS: readonly string[] = [];

interface Sent {
  readonly request: string;
  readonly body: object;
}

/** A secret through every field that takes one, in a system whose vCenter and guests are opened by them. */
describe('a secret', () => {
  let system: System;
  let admin: RawApi;
  let document: ApiDocument;
  let redis: Redis;
  let monitor: Redis;
  let keys: { locked: string; plain: string; certificate: string };
  /** Everything that must be seen nowhere. */
  let words: string[];
  const sent: Sent[] = [];
  const answers: string[] = [];
  const commands: string[] = [];

  const found = (text: string) => words.filter((word) => text.includes(word));
  const send = async (method: string, path: string, body: object) => {
    const route = path.replace(/[0-9a-f-]{36}/, '{id}');
    const kind = 'kind' in body ? ` ${String(body.kind)}` : '';
    sent.push({ request: `${method} /api/v1/${route}${kind}`, body });
    const answer = await admin.send(method, path, { body });
    answers.push(answer.text);
    return { status: answer.status, ...(answer.body as { id: string; syncRunId: string }) };
  };
  const stored = async (path: string, body: object) => {
    const answer = await send('POST', path, body);
    expect([answer.status, answers.at(-1)]).toEqual([201, expect.any(String)]);
    return answer;
  };

  beforeAll(async () => {
    system = await startSystem({ lab: { password: SECRETS.vcenter } });
    await guestPassword(join(system.folder, 'lab'), SECRETS.guest);
    keys = await makeKeys(system);
    const lines = [keys.locked, keys.plain].map((key) => key.split('\n')[10] ?? '');
    words = [...Object.values(SECRETS), ...lines];
    admin = await RawApi.signedIn(system.url);
    document = (await admin.send('GET', '/api/openapi.json')).body as ApiDocument;
    redis = new Redis(redisOptions(system.redisUrl));
    monitor = await redis.monitor();
    monitor.on('monitor', (_time, args: string[]) => void commands.push(args.join(' ')));
  });
  afterAll(async () => {
    monitor?.disconnect();
    redis?.disconnect();
    await system?.stop();
  });

  it('would be found where it stands', async () => {
    const leak = canary('leak');
    await admin.send('POST', 'environments', { body: { name: leak } });
    await redis.set('leak', leak);
    expect((await databaseText(system.databaseUrl)).includes(leak)).toBe(true);
    expect((await everyAnswer(admin, document)).join().includes(leak)).toBe(true);
    expect(filesWith([leak], [system.folder]).join()).toContain('/postgres/');
    await expect.poll(() => commands.join()).toContain(leak);
    await redis.del('leak');
  });

  it('is in no process, no file and no Redis command while runs use it', async () => {
    const runs = await useEverySecret();
    const settled = Promise.all(
      runs.map(async (id) => {
        await admin.send('GET', `runs/${id}/wait?timeout=300`);
        return (await admin.send('GET', `runs/${id}`)).body as { failure: { code: string } | null };
      }),
    );
    const folders = [join(system.folder, 'plays'), '/dev/shm'];
    const places = await searchDuring(settled, () => [
      ...processesWith(words).filter((place) => !place.startsWith(`process ${system.lab.pid}:`)),
      ...filesWith(words, [...folders, ...temporaryFolders()]),
    ]);
    expect(places.found).toEqual([]);
    expect(places.searches).toBeGreaterThan(20);
    expect((await settled).map(({ failure }) => failure?.code)).toEqual([
      ...[undefined, undefined, 'guest-login-refused', 'vcenter-login-refused'],
    ]);
    expect(found(commands.join('\n'))).toEqual([]);
    expect(commands.length).toBeGreaterThan(100);
  });

  it('was sent through every field that takes one', () => {
    const values = new Set<unknown>([...Object.values(SECRETS), keys.locked, keys.plain]);
    const covered = new Set(
      sent.flatMap(({ request, body }) =>
        placesIn(body, values).map((path) => `${request}: ${path}`),
      ),
    );
    const fields = bodyFields(document).filter(({ isWriteOnly }) => isWriteOnly);
    const named = [...new Set(fields.map(({ request, path }) => `${request}: ${path}`))];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((field) => !covered.has(field))).toEqual([]);
  });

  it('has no field that looks like one and is not marked as write-only', () => {
    const suspicious = bodyFields(document)
      .filter(
        ({ path, isWriteOnly }) => !isWriteOnly && LOOKS_SECRET.test(path.split('.').at(-1) ?? ''),
      )
      .map(({ request, path }) => `${request}: ${path}`);
    expect(suspicious.filter((field) => !NO_SECRETS.includes(field))).toEqual([]);
  });

  it('is in no answer', async () => {
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.flatMap(found)).toEqual([]);
    const read = await everyAnswer(admin, document);
    expect(read.length).toBeGreaterThan(40);
    expect(read.flatMap(found)).toEqual([]);
  });

  it('is in no database column, clear or encoded, and in no Redis value', async () => {
    const text = await databaseText(system.databaseUrl);
    expect(text.includes('canary-01')).toBe(true);
    expect([...found(text), ...encoded(words).filter((word) => text.includes(word))]).toEqual([]);
    const names = await redis.keys('*');
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const value = (await redis.dumpBuffer(name))?.toString('latin1') ?? '';
      expect([name, found(name + value)]).toEqual([name, []]);
    }
  });

  it('of the servers is not in the environment of playbooks', async () => {
    const { body } = await admin.send('GET', 'runs?target=canary-01');
    const [{ id = '' } = {}] = (body as { items: { id: string }[] }).items;
    const log = (await admin.send('GET', `runs/${id}/log?limit=5000`)).text;
    expect(log).toContain('ANSIBLE_CONFIG=');
    expect(log).not.toMatch(/DIAKEN_|DATABASE_URL|REDIS_URL|postgresql:/);
  });

  it('is in no file: logs, tables, the lab’s guests, what runs have left', async () => {
    const log = await readFile(join(system.folder, 'worker.log'), 'utf8');
    expect(log.length).toBeGreaterThan(100);
    const file = join(system.folder, 'leak');
    execFileSync('tee', [file], { input: SECRETS.become, stdio: ['pipe', 'ignore', 'inherit'] });
    expect(filesWith(words, [system.folder])).toEqual([file]);
  });

  /** Uses every secret: two runs end well with them, two fail by wrong ones. Answers the runs. */
  async function useEverySecret() {
    const { lab } = system;
    const tls = { mode: 'pin', sha256: lab.certificateSha256 };
    const vcenter = { name: 'Lab', url: lab.url, username: lab.username, tls };
    const registered = await stored('vcenters', { ...vcenter, password: SECRETS.vcenter });
    await admin.send('GET', `runs/${registered.syncRunId}/wait?timeout=120`);
    await send('PATCH', `vcenters/${registered.id}`, { password: SECRETS.vcenter });
    const wrong = { ...vcenter, name: 'Wrong', password: SECRETS.wrongVCenter };
    const { syncRunId } = await stored('vcenters', wrong);
    const [key, guest, wrongGuest] = await storeCredentials();
    const variable = { name: 'canary', type: 'secret', value: SECRETS.variable };
    const { id: variableId } = await stored('variables', variable);
    await send('PATCH', `variables/${variableId}`, { type: 'secret', value: SECRETS.variable });
    await refusedRequests({ ...vcenter, password: SECRETS.vcenter });
    await changePassword();
    const { id: playbookId } = await stored('playbooks', { name: 'Touch', content: PLAYBOOK });
    const runs: string[] = [];
    for (const [index, credentialId] of [key, guest, wrongGuest].entries()) {
      const input = machineInput({ vcenterId: registered.id, credentialId }, lab, {
        hostname: `canary-0${index + 1}`,
        network: { address: `127.77.131.${index + 1}` },
        playbookIds: [playbookId],
      });
      const answer = await send('POST', 'deployments', input);
      runs.push(answer.id);
    }
    return [...runs, syncRunId];
  }

  async function storeCredentials(): Promise<[string, string, string]> {
    const { locked, plain, certificate } = keys;
    const { passphrase, become: becomePassword, replaced } = SECRETS;
    const ssh = { kind: 'ssh-key', username: 'root', privateKey: locked, passphrase };
    const login = { kind: 'ssh-password', username: 'root', becomePassword };
    const key = await stored('credentials', { name: 'key', ...ssh, becomePassword });
    const guest = await stored('credentials', { name: 'g', ...login, password: SECRETS.guest });
    const wrong = await stored('credentials', {
      ...{ name: 'wrong', ...login, password: SECRETS.wrongGuest },
    });
    const winrm = { name: 'winrm', kind: 'winrm', username: 'Administrator' };
    await stored('credentials', { ...winrm, password: SECRETS.winrm });
    const vault = { name: 'vault', kind: 'vault-password', password: SECRETS.vault };
    const { id: vaultId } = await stored('credentials', vault);
    const tls = { kind: 'tls-file', certificate, privateKey: locked, passphrase };
    await stored('credentials', { name: 'tls', ...tls });
    const { id: other } = await stored('credentials', { name: 'other', ...ssh });
    const change = { privateKey: plain, becomePassword: replaced };
    await send('PATCH', `credentials/${other}`, change);
    await send('PATCH', `credentials/${other}`, { privateKey: locked, passphrase });
    await send('PATCH', `credentials/${vaultId}`, { password: replaced });
    return [key.id, guest.id, wrong.id];
  }

  /** Each has a secret in it, and something that is wrong. */
  async function refusedRequests(vcenter: object): Promise<void> {
    const { privateKey, passphrase } = { privateKey: keys.locked, passphrase: SECRETS.replaced };
    const ssh = { name: 'refused', kind: 'ssh-key', username: 'root' };
    const refused = [
      await send('POST', 'vcenters', { ...vcenter, port: 443 }),
      await send('POST', 'vcenters', vcenter),
      await send('POST', 'credentials', { ...ssh, privateKey, passphrase }),
      await send('POST', 'credentials', { ...ssh, privateKey: privateKey.slice(0, 300) }),
      await send('POST', 'credentials', { ...ssh, username: passphrase, privateKey }),
      await send('POST', 'credentials', { ...ssh, kind: passphrase, [passphrase]: 1 }),
    ];
    expect(refused.map(({ status }) => status).filter((status) => status < 400)).toEqual([]);
    await admin.send('POST', 'vcenters', { body: `{"password": "${passphrase}"` });
    await admin.send('GET', `runs?password=${passphrase}`);
  }

  async function changePassword(): Promise<void> {
    const { signIn, administrator } = SECRETS;
    await send('POST', 'session', { username: 'admin', password: signIn });
    await send('POST', 'session', { username: signIn, password: `${signIn}\0` });
    const wrong = { currentPassword: signIn, newPassword: administrator };
    await send('PUT', 'session/password', wrong);
    const right = { currentPassword: ADMIN.password, newPassword: administrator };
    await send('PUT', 'session/password', right);
    const again = { username: ADMIN.username, password: administrator };
    expect((await send('POST', 'session', again)).status).toBe(200);
  }
});

const PLAYBOOK = `---
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy: { content: here, dest: /etc/mark, mode: '0644' }
    - ansible.builtin.copy: { content: '{{ canary | hash }}', dest: /etc/hash, mode: '0644' }
    - ansible.builtin.command: sleep 1
    - ansible.builtin.debug: { msg: "{{ lookup('ansible.builtin.pipe', 'env') }}" }
`;

/** An RSA key that guests let in, closed and open, and a certificate of it. */
async function makeKeys({ folder, lab }: System) {
  const file = join(folder, 'canary-key');
  const run = (program: string, args: readonly string[]) => execFileSync(program, args);
  run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-C', '', '-f', file]);
  await lab.authorize(await readFile(`${file}.pub`, 'utf8'));
  const plain = await readFile(file, 'utf8');
  run('openssl', ['req', '-x509', '-key', file, '-subj', '/CN=canary', '-out', `${file}.pem`]);
  const change = ['-p', '-m', 'PEM', '-P', '', '-N', SECRETS.passphrase, '-f', file];
  run('ssh-keygen', ['-q', ...change]);
  const locked = await readFile(file, 'utf8');
  const certificate = await readFile(`${file}.pem`, 'utf8');
  execFileSync('shred', ['-u', file]);
  return { locked, plain, certificate };
}

/** What every GET of the document answers, for everything that the lists hold. */
async function everyAnswer(admin: RawApi, { paths }: ApiDocument): Promise<string[]> {
  const texts: string[] = [];
  const reads = Object.entries(paths).filter(([, operations]) => 'get' in operations);
  const routes = reads.map(([path]) => path).filter((path) => !/\/(wait|stream)$/.test(path));
  for (const route of routes.filter((path) => !path.includes('{'))) {
    const answer = await admin.send('GET', route);
    texts.push(answer.text);
    const items = (answer.body as { items?: readonly { id?: string }[] } | undefined)?.items ?? [];
    for (const { id } of items.filter((item) => item.id !== undefined)) {
      for (const below of routes.filter((path) => path.startsWith(`${route}/{id}`))) {
        texts.push((await admin.send('GET', below.replace('{id}', id ?? ''))).text);
      }
    }
  }
  return texts;
}

function encoded(words: readonly string[]): string[] {
  const codes = ['base64', 'base64url', 'hex'] as const;
  return words.flatMap((word) =>
    codes.map((code) => Buffer.from(word).toString(code).slice(0, 24)),
  );
}
