import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CredentialView, RunView, VCenterCreated } from '@diaken/contracts';
import { type NodeServer, startNodeServer } from '@diaken/embedded';
import { SEALED_COLUMNS, sealCredential } from '@diaken/persistence';
import { encryptionKeys, SecretBox } from '@diaken/runtime';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ApiProcess, createDatabase, startApi, withDatabase } from '../../support/own-api';
import { RawApi } from '../../support/raw-api';
import { freePort, ROOT } from '../../support/system';

const [one, two, three] = Array.from({ length: 3 }, () => randomBytes(32).toString('base64'));
const OLD = `old:${one}`;
const NEW = `new:${two}`;
/** More than a rotation reads at once. */
const MANY = 1_200;
const WORKER = join(ROOT, 'dist/apps/worker/main.js');

describe('encryption keys', () => {
  const { redisUrl } = inject('system');
  let databaseUrl: string;
  let folder: string;
  let password = '';
  let vcenter: VCenterCreated;
  let credential: CredentialView;

  const start = (keys: string) =>
    startApi({ databaseUrl, redisUrl }, { DIAKEN_ENCRYPTION_KEYS: keys });
  const admin = (api: ApiProcess) => RawApi.signedIn(api.url, { username: 'admin', password });
  const whyNoStart = (keys: string) =>
    start(keys).then(
      (api) => api.stop().then(() => 'It has started.'),
      (error: unknown) => String(error),
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(inject('system').folder, 'keys-'));
    databaseUrl = await createDatabase(inject('system'), 'keys');
    const api = await start(OLD);
    const [, once = ''] = /one-time password: (\S+)/.exec(api.stderr()) ?? [];
    password = once;
    const changed = { currentPassword: once, newPassword: 'a password for tests' };
    await (await admin(api)).send('PUT', 'session/password', { body: changed });
    password = changed.newPassword;
    const { url, username, password: secret, certificateSha256: sha256 } = inject('system').lab;
    const tls = { mode: 'pin', sha256 };
    const lab = { name: 'Lab', url, username, password: secret, tls };
    const send = async (path: string, body: object) =>
      (await (await admin(api)).send('POST', path, { body })).body;
    vcenter = VCenterCreated.parse(await send('vcenters', lab));
    const vault = { name: 'vault', kind: 'vault-password', password: 'first' };
    credential = CredentialView.parse(await send('credentials', vault));
    await api.stop();
    await storeMany(databaseUrl, new SecretBox(encryptionKeys(OLD)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['', 'DIAKEN_ENCRYPTION_KEYS needs at least one key'],
    ['old:c2hvcnQ=', 'has a key "old" of 5 bytes instead of 32'],
    [`${one}`, 'needs keys written as id:base64'],
  ])('that are missing or too short end the start: %#', async (keys, message) => {
    const why = await whyNoStart(keys);
    expect(why).toContain(message);
    expect(why).toContain('openssl rand -base64 32');
    expect(why).not.toContain(String(one));
  });

  it('that are not those that the secrets were sealed with end the start', async () => {
    const why = await whyNoStart(`old:${three}`);
    expect(why).toMatch(/The key "old" .* is not the one that \d+ stored secrets/);
    expect(why).toContain('Put the right key back');
    expect(why).not.toContain(String(three));
    const worker = await startWorker(`old:${three}`).catch(String);
    expect(worker).toContain('is not the one');
  });

  it('that are missing for some secrets are told at the start, and by each run that needs them', async () => {
    const api = await start(NEW);
    expect(api.stdout()).toContain('Stored secrets are sealed with a key that is not configured');
    expect(api.stdout()).toContain('"keyId":"old"');
    const worker = await startWorker(NEW);
    try {
      const run = await settled(api, vcenter.syncRunId);
      expect(run.failure).toMatchObject({
        code: 'secret-unreadable',
        message: expect.stringContaining('Sealed with the key "old"'),
        remedy: expect.stringContaining('Put the missing key back'),
      });
    } finally {
      await worker.stop();
      await api.stop();
    }
  });

  it('are rotated while servers run, by two at once, and nothing is left under the old one', async () => {
    const both = `${NEW},${OLD}`;
    const api = await start(both);
    const client = await admin(api);
    const path = `credentials/${credential.id}`;
    const writes = Array.from({ length: 10 }, (_, index) =>
      client.send('PATCH', path, { body: { password: `later ${index}` } }),
    );
    const [first, second] = await Promise.all([rotate(both), rotate(both)]);
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 200));
    // Without the vault password, which may have been written before the rotation saw it.
    expect(first + second).toBeGreaterThanOrEqual(MANY + 1);
    expect(first + second).toBeLessThanOrEqual(MANY + 2);
    expect(await rotate(both)).toBe(0);
    await api.stop();
  });

  it('that are old are not needed any more after that', async () => {
    const api = await start(NEW);
    expect(api.stdout()).not.toContain('not configured');
    const worker = await startWorker(NEW);
    try {
      const client = await admin(api);
      const { body } = await client.send('POST', `vcenters/${vcenter.id}/sync`);
      const run = await settled(api, (body as { id: string }).id);
      expect(run.failure).toBeNull();
    } finally {
      await worker.stop();
      await api.stop();
    }
  });

  it('seal every column that is called sealed', async () => {
    const columns = await withDatabase(databaseUrl, (database) =>
      database.query(
        `SELECT table_name AS table, column_name AS column FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name LIKE 'sealed%' ORDER BY 1, 2`,
      ),
    );
    const named = [...SEALED_COLUMNS].sort((a, b) => a.table.localeCompare(b.table));
    expect(named).toEqual(columns.rows);
  });

  function startWorker(keys: string): Promise<NodeServer> {
    return freePort().then((port) =>
      startNodeServer({
        name: 'worker',
        program: WORKER,
        variables: { ...environment(keys), DIAKEN_WORKER_HEALTH_PORT: String(port) },
        readyUrl: `http://127.0.0.1:${port}/health/ready`,
        logFile: join(folder, 'worker.log'),
      }),
    );
  }

  async function rotate(keys: string): Promise<number> {
    const options = { env: environment(keys) };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [WORKER, 'rotate-keys'],
      options,
    );
    const [, count] = /^Secrets put under the key "new": (\d+)\n$/.exec(stdout) ?? [];
    return Number(count);
  }

  function environment(keys: string) {
    return {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      REDIS_URL: new URL('/9', redisUrl).href,
      DIAKEN_DATA_FOLDER: folder,
      DIAKEN_ENCRYPTION_KEYS: keys,
    };
  }

  async function settled(api: ApiProcess, id: string): Promise<RunView> {
    const client = await admin(api);
    await client.send('GET', `runs/${id}/wait?timeout=50`);
    return RunView.parse((await client.send('GET', `runs/${id}`)).body);
  }
});

async function storeMany(databaseUrl: string, box: SecretBox): Promise<void> {
  const ids = Array.from({ length: MANY }, () => randomUUID());
  const sealed = ids.map((id) => sealCredential(box, id, { password: id }));
  await withDatabase(databaseUrl, (database) =>
    database.query(
      `INSERT INTO credential (id, name, kind, sealed_secrets, has_become_password)
       SELECT id, id, 'vault-password', sealed, false FROM unnest($1::uuid[], $2::text[]) AS new (id, sealed)`,
      [ids, sealed],
    ),
  );
}
