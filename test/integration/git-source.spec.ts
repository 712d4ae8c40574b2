import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuestCredential, LocalGitSource } from '@diaken/ansible';
import { Interruption } from '@diaken/pipeline';
import type { GitRepository } from '@diaken/provisioning';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GitRepositoryFixture, HttpsGitServer } from './git-server';
import { filesWith, processesWith, searchDuring } from './secret-search';
import { type KeyPair, type Sshd, SshdFixture } from './sshd-fixture';

const NEVER = new AbortController().signal;
const PASSWORD = `token-${Math.random().toString(36).slice(2)}`;
const LOGIN = { username: 'ada', password: PASSWORD };

const servers = new SshdFixture();
let key: KeyPair;
let sshd: Sshd;
let folder: string;
let fetchFolder: string;
let site: GitRepositoryFixture;

beforeAll(async () => {
  key = servers.keyPair();
  sshd = await servers.start([key.publicKey]);
});
afterAll(() => servers.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diaken-git-'));
  fetchFolder = join(folder, 'fetches');
  site = new GitRepositoryFixture(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const overSsh = (more: Partial<GitRepository> = {}): GitRepository => ({
  url: `ssh://${sshd.username}@${sshd.address}:${sshd.port}${site.path}`,
  ...{ ref: 'main', credentialId: 'any', caPem: null, hostKey: sshd.hostKey, ...more },
});

function fetch(repository: GitRepository, credential?: GuestCredential, signal = NEVER) {
  const own: GuestCredential = { username: 'git', privateKey: key.privateKey };
  const credentials = { open: async () => credential ?? own };
  return new LocalGitSource({ fetchFolder, credentials }).fetch(repository, signal);
}

describe('a repository over SSH', () => {
  it('gives the text files of a commit, and leaves nothing behind', async () => {
    const files = { 'site.yml': '- hosts: all\n', 'roles/web/files/Grüße.txt': 'Grüße\r\n' };
    const commit = site.commit(files);
    expect(await fetch(overSsh())).toEqual({
      ...{ commit, files, leftOut: [], hostKey: sshd.hostKey },
    });
    expect(readdirSync(fetchFolder)).toEqual([]);
  });

  it('gives the branch, the tag or the commit that is asked for', async () => {
    const first = site.commit({ 'site.yml': 'one' });
    site.git('-C', site.path, 'tag', 'v1');
    site.git('-C', site.path, 'branch', 'stage/two');
    site.commit({ 'site.yml': 'two' });
    for (const ref of ['v1', 'stage/two', first]) {
      expect(await fetch(overSsh({ ref }))).toMatchObject({ commit: first });
    }
    expect((await fetch(overSsh())).files).toEqual({ 'site.yml': 'two' });
  });

  it('leaves out links, and what is no text', async () => {
    site.commit({ 'site.yml': 'x', 'logo.png': Buffer.from([0, 1, 2]) });
    symlinkSync('/etc/passwd', join(site.path, 'passwd'));
    site.commitAll();
    const tree = await fetch(overSsh());
    expect(tree.files).toEqual({ 'site.yml': 'x' });
    expect([...tree.leftOut].sort()).toEqual(['logo.png', 'passwd']);
  });

  it('pins the host key that it sees first, and takes no other than the pinned one', async () => {
    site.commit({ 'site.yml': 'x' });
    expect((await fetch(overSsh({ hostKey: null }))).hostKey).toBe(sshd.hostKey);
    const other = servers.keyPair().publicKey.split(' ').slice(0, 2).join(' ');
    await expect(fetch(overSsh({ hostKey: other }))).rejects.toMatchObject({
      ...{ code: 'host-key-changed', transient: false },
    });
  });

  it('says what is wrong, and tries again only what may pass', async () => {
    site.commit({ 'site.yml': 'x' });
    const failing = (repository: GitRepository, credential?: GuestCredential) =>
      fetch(repository, credential).catch((error: unknown) => error);
    const url = `ssh://${sshd.username}@${sshd.address}:${sshd.port}`;
    expect(await failing(overSsh({ ref: 'nowhere' }))).toMatchObject({ code: 'git-refused' });
    expect(await failing(overSsh({ url: `${url}/no/such.git` }))).toMatchObject({
      ...{ code: 'git-refused', transient: false },
    });
    const stranger = { username: 'git', privateKey: servers.keyPair().privateKey };
    expect(await failing(overSsh(), stranger)).toMatchObject({
      ...{ code: 'git-refused', message: expect.stringContaining('does not let us in') },
    });
    expect(await failing(overSsh(), LOGIN)).toMatchObject({ code: 'git-refused' });
    const nobody = `ssh://${sshd.username}@${sshd.address}:1${site.path}`;
    expect(await failing(overSsh({ url: nobody }))).toMatchObject({
      ...{ code: 'git-unreachable', transient: true },
    });
    expect(readdirSync(fetchFolder)).toEqual([]);
  });

  it('shows its key to nobody', async () => {
    site.commit({ 'site.yml': 'x' });
    const words = key.privateKey.split('\n').slice(2, 4);
    const { found, searches } = await searchDuring(fetch(overSsh()), () => [
      ...processesWith(words),
      ...filesWith(words, [fetchFolder]),
    ]);
    expect(found).toEqual([]);
    expect(searches).toBeGreaterThan(1);
  });

  it('is left when its run is cancelled', async () => {
    site.commit({ 'site.yml': 'x' });
    const cancelling = new AbortController();
    const fetching = fetch(overSsh(), undefined, cancelling.signal);
    cancelling.abort(new Interruption('cancelled'));
    await expect(fetching).rejects.toBe(cancelling.signal.reason);
    expect(readdirSync(fetchFolder)).toEqual([]);
  });
});

describe('a repository over HTTPS', () => {
  let https: HttpsGitServer;
  beforeEach(async () => {
    https = await HttpsGitServer.start(folder, LOGIN);
  });
  afterEach(() => https.stop());

  const overHttps = (more: Partial<GitRepository> = {}): GitRepository => ({
    url: `${https.url}/site.git/.git`,
    ...{ ref: 'main', credentialId: 'any', caPem: https.caPem, hostKey: null, ...more },
  });

  it('asks for user and password, and shows the password to nobody', async () => {
    const commit = site.commit({ 'site.yml': 'x' });
    const { found } = await searchDuring(
      fetch(overHttps(), LOGIN).then((tree) =>
        expect(tree).toEqual({ commit, files: { 'site.yml': 'x' }, leftOut: [], hostKey: null }),
      ),
      () => [...processesWith([PASSWORD]), ...filesWith([PASSWORD], [fetchFolder])],
    );
    expect(found).toEqual([]);
    expect(await fetch(overHttps(), LOGIN)).toMatchObject({ commit });
  });

  it.each([
    ['without a login', { credentialId: null }, LOGIN],
    ['with another password', {}, { ...LOGIN, password: 'wrong' }],
    ['with an SSH key', {}, undefined],
    ['whose certificate nobody trusts', { caPem: null }, LOGIN],
  ])('lets nobody in %s', async (_how, more, credential) => {
    site.commit({ 'site.yml': 'x' });
    const failure = await fetch(overHttps(more), credential).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'git-refused', transient: false });
    expect(JSON.stringify(failure)).not.toContain(PASSWORD);
  });
});
