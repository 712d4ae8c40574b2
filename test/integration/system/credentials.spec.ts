import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialUsage, CredentialView, HostPage } from '@diaken/contracts';
import { guestPassword } from '@diaken/lab';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy, finished, logOf, machineInput, storePlaybook } from '../../support/machines';
import { withDatabase } from '../../support/own-api';
import { problemIn, RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';
import { processesWith, searchDuring } from '../secret-search';

const password = `Pässword-${randomBytes(6).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'diaken-credentials-'));
const keys = { plain: keyPair(''), other: keyPair(''), locked: keyPair('open sesame') };
const certificate = selfSigned();
afterAll(() => rmSync(folder, { recursive: true }));

const KINDS = {
  key: { kind: 'ssh-key', username: 'root', privateKey: keys.plain.text, becomePassword: 'sudo' },
  password: { kind: 'ssh-password', username: 'root', password },
  winrm: { kind: 'winrm', username: 'EXAMPLE\\svc', password, winrm: { transport: 'kerberos' } },
  vault: { kind: 'vault-password', password },
  authority: { kind: 'tls-file', certificate: certificate.text },
  client: { kind: 'tls-file', certificate: certificate.text, privateKey: certificate.key },
};

describe('a credential', () => {
  let admin: RawApi;
  beforeAll(async () => {
    admin = await RawApi.signedIn(inject('system').url);
  });

  const store = async (name: string, body: object) => {
    const answer = await admin.send('POST', 'credentials', { body: { name, ...body } });
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
    return CredentialView.parse(answer.body);
  };
  const refused = async (method: 'POST' | 'PATCH', path: string, body: object) =>
    problemIn(await admin.send(method, path, { body })).errors;

  it('of each kind is kept, and shown without its secrets', async () => {
    const nothing = { username: null, fingerprint: null, winrm: null, certificate: null };
    const seen = { ...nothing, hasBecomePassword: false };
    const subject = 'CN=kinds.example.net';
    const facts = { subject, issuer: subject, expiresAt: expect.any(String) };
    const fingerprint = expect.stringMatching(/^SHA256:([0-9A-F]{2}:){31}/);
    const winrm = { transport: 'kerberos', scheme: 'https', port: 5986, validateCertificate: true };
    const shown = {
      key: { username: 'root', fingerprint: keys.plain.fingerprint, hasBecomePassword: true },
      password: { username: 'root' },
      winrm: { username: 'EXAMPLE\\svc', winrm },
      vault: {},
      authority: { fingerprint, certificate: { ...facts, hasPrivateKey: false } },
      client: { fingerprint, certificate: { ...facts, hasPrivateKey: true } },
    };
    for (const [name, input] of Object.entries(KINDS)) {
      const { id } = await store(`kind ${name}`, input);
      const answer = await admin.send('GET', `credentials/${id}`);
      expect(answer.body).toEqual({
        ...seen,
        ...shown[name as keyof typeof shown],
        ...{ id, name: `kind ${name}`, kind: input.kind },
        ...{ createdAt: expect.any(String), updatedAt: expect.any(String) },
      });
      expect(answer.text).not.toContain(password);
      expect((await admin.send('DELETE', `credentials/${id}`)).status).toBe(204);
    }
  });

  it.each([
    [
      'a key whose passphrase is missing',
      { ...KINDS.key, privateKey: keys.locked.text },
      'passphrase',
    ],
    [
      'a wrong passphrase',
      { ...KINDS.key, privateKey: keys.locked.text, passphrase: 'x' },
      'passphrase',
    ],
    ['half a key', { ...KINDS.key, privateKey: keys.plain.text.slice(0, 300) }, 'privateKey'],
    ['a key that is none', { ...KINDS.key, privateKey: 'ssh-ed25519 AAAA' }, 'privateKey'],
    ['a certificate that is none', { ...KINDS.authority, certificate: 'x' }, 'certificate'],
    ['another certificate’s key', { ...KINDS.client, privateKey: anyKey() }, 'privateKey'],
    ['a field of another kind', { ...KINDS.vault, becomePassword: 'x' }, 'becomePassword'],
    ['no such transport', { ...KINDS.winrm, winrm: { transport: 'x' } }, 'winrm.transport'],
    ['no such kind', { ...KINDS.vault, kind: 'x' }, 'kind'],
  ])('with %s is refused', async (_what, body, path) => {
    const errors = await refused('POST', 'credentials', { name: 'refused', ...body });
    expect(errors).toMatchObject([{ path }]);
    expect(JSON.stringify(errors)).not.toContain(password);
  });

  it('is renamed, and keeps its secrets', async () => {
    const { id } = await store('before', KINDS.winrm);
    const change = { name: 'after', winrm: { transport: 'basic', port: 1 } };
    const changed = await admin.send('PATCH', `credentials/${id}`, { body: change });
    expect(changed.body).toMatchObject({
      ...{ name: 'after', username: 'EXAMPLE\\svc' },
      winrm: { transport: 'basic', port: 1, scheme: 'https' },
    });
    const path = `credentials/${id}`;
    expect(await refused('PATCH', path, { becomePassword: 'x' })).toMatchObject([
      { path: 'password', message: expect.stringContaining('must be sent again') },
    ]);
    expect(await refused('PATCH', path, { certificate: certificate.text })).toHaveLength(1);
    await admin.send('DELETE', path);
  });

  it('has all its secrets replaced at once', async () => {
    const { id, fingerprint } = await store('replaced', KINDS.key);
    const path = `credentials/${id}`;
    const broken = { privateKey: keys.locked.text, passphrase: 'x' };
    expect(await refused('PATCH', path, broken)).toMatchObject([{ path: 'passphrase' }]);
    expect((await admin.send('GET', path)).body).toMatchObject({ fingerprint });
    const change = { privateKey: keys.other.text };
    expect((await admin.send('PATCH', path, { body: change })).body).toMatchObject({
      ...{ name: 'replaced', username: 'root' },
      ...{ fingerprint: keys.other.fingerprint, hasBecomePassword: false },
    });
    expect(await refused('PATCH', path, { username: 'not a user' })).toMatchObject([
      { path: 'username' },
    ]);
    await admin.send('DELETE', path);
  });

  it('stays while a blueprint names it', async () => {
    const { id } = await store('of a blueprint', KINDS.password);
    const insert = `INSERT INTO blueprint (id, name, description, request, choices)
      VALUES (gen_random_uuid(), $1, '', $2, '{}') RETURNING id`;
    const blueprint = await withDatabase(inject('system').databaseUrl, async (database) => {
      const { rows } = await database.query(insert, [`with ${id}`, { credentialId: id }]);
      return rows[0].id as string;
    });
    const usage = await admin.send('GET', `credentials/${id}/usage`);
    expect(usage.body).toMatchObject({ items: [{ type: 'blueprint', id: blueprint }] });
    expect((await admin.send('DELETE', `credentials/${id}`)).status).toBe(409);
    await withDatabase(inject('system').databaseUrl, (database) =>
      database.query('DELETE FROM blueprint WHERE id = $1', [blueprint]),
    );
    expect((await admin.send('DELETE', `credentials/${id}`)).status).toBe(204);
  });

  it('that nobody can log in with is refused for a machine', async () => {
    const { needed, lab } = inject('system');
    const { id } = await store('no login', KINDS.vault);
    const network = { address: '127.77.130.9' };
    const input = machineInput({ ...needed, credentialId: id }, lab, {
      hostname: 'no-01',
      network,
    });
    const problem = problemIn(await admin.send('POST', 'deployments', { body: input }));
    expect(problem).toMatchObject({
      status: 422,
      errors: [{ path: 'credentialId', message: expect.stringContaining('vault-password') }],
    });
    await admin.send('DELETE', `credentials/${id}`);
  });
});

describe('an SSH password', () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  beforeAll(async () => {
    system = await sharedSystem();
    await guestPassword(join(system.folder, 'lab'), password);
  });

  const store = (name: string, secret: string) =>
    system.client.post(
      'credentials',
      { name, kind: 'ssh-password', username: 'root', password: secret },
      CredentialView,
    );

  it('logs in and plays, is seen in no process, and stays while it is used', async () => {
    const { client, needed, lab } = system;
    const { id: credentialId } = await store('Root password', password);
    const playbookId = await storePlaybook(client, 'With a password', PLAYBOOK);
    const input = machineInput({ ...needed, credentialId }, lab, {
      hostname: 'password-01',
      network: { address: '127.77.130.1' },
      playbookIds: [playbookId],
    });
    const runId = await deploy(client, input);
    expect(await usage(credentialId)).toMatchObject([{ type: 'run', id: runId }]);
    await refuseRemoval(credentialId, 'the run password-01');

    const running = finished(client, runId);
    const { found, searches } = await searchDuring(running, () => processesWith([password]));
    const run = await running;
    expect(run.failure).toBeNull();
    expect(found).toEqual([]);
    expect(searches).toBeGreaterThan(10);
    expect((await logOf(client, runId)).join('\n')).not.toContain(password);

    const { items } = await client.get('hosts?name=password-01', HostPage);
    expect(await usage(credentialId)).toMatchObject([{ type: 'host', id: items[0]?.id }]);
    await refuseRemoval(credentialId, 'the host password-01');
    await client.remove(`hosts/${items[0]?.id}`);
    expect(await usage(credentialId)).toEqual([]);
    await client.remove(`credentials/${credentialId}`);
  });

  it('that is wrong is tried once: the user is not to be locked out', async () => {
    const { client, needed, lab } = system;
    const { id: credentialId } = await store('Wrong password', 'wrong');
    const network = { address: '127.77.130.2' };
    const input = machineInput({ ...needed, credentialId }, lab, {
      hostname: 'password-02',
      network,
    });
    const run = await finished(client, await deploy(client, input));
    expect(run.failure).toMatchObject({
      code: 'guest-login-refused',
      message: expect.stringContaining('refuses the password of user "root"'),
    });
    expect(run.steps.find(({ name }) => name === 'wait-for-login')?.attempts).toBe(1);
  });

  const usage = async (id: string) =>
    (await system.client.get(`credentials/${id}/usage`, CredentialUsage)).items;

  async function refuseRemoval(id: string, by: string) {
    const admin = await RawApi.signedIn(system.url);
    const problem = problemIn(await admin.send('DELETE', `credentials/${id}`));
    expect(problem).toMatchObject({
      ...{ status: 409, code: 'still-in-use', detail: expect.stringContaining(by) },
      usedBy: [expect.objectContaining({ link: expect.stringContaining('/api/v1/') })],
    });
  }
});

/** With a copied file, which goes over a connection of its own, and a new connection half-way. */
const PLAYBOOK = `---
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy: { content: here, dest: /etc/mark, mode: '0644' }
    - ansible.builtin.meta: reset_connection
    - ansible.builtin.command: test -s /etc/mark
`;

function keyPair(passphrase: string) {
  const file = join(folder, randomBytes(4).toString('hex'));
  const options = ['-q', '-t', 'ed25519', '-N', passphrase, '-C', '', '-f', file];
  execFileSync('ssh-keygen', options);
  const printed = execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' });
  return { text: readFileSync(file, 'utf8'), fingerprint: printed.split(' ')[1] };
}

function anyKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function selfSigned() {
  const [key, file] = [join(folder, 'tls.key'), join(folder, 'tls.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const options = ['-x509', ...kind, '-keyout', key, '-out', file, '-days', '30'];
  execFileSync('openssl', ['req', ...options, '-subj', '/CN=kinds.example.net'], {
    stdio: 'ignore',
  });
  return { text: readFileSync(file, 'utf8'), key: readFileSync(key, 'utf8') };
}
