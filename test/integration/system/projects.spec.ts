import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CredentialView,
  PlaybookPage,
  type PlaybookView,
  ProjectView,
  RunAccepted,
} from '@diaken/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy, finished, logOf, machineInput, onGuest } from '../../support/machines';
import { problemIn, RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';
import { GitRepositoryFixture } from '../git-server';
import { type KeyPair, type Sshd, SshdFixture } from '../sshd-fixture';

const SITE = '- hosts: all\n  gather_facts: false\n  roles: [mark]\n';
const role = (text: string) => ({
  'site.yml': SITE,
  'roles/mark/tasks/main.yml': '- template: {src: mark.j2, dest: /etc/project-mark}\n',
  'roles/mark/templates/mark.j2': `${text} on {{ inventory_hostname }}\n`,
});

type Shared = Awaited<ReturnType<typeof sharedSystem>>;

const servers = new SshdFixture();
let shared: Shared;
let api: RawApi;
let key: KeyPair;
let sshd: Sshd;
let folder: string;
let site: GitRepositoryFixture;
let credentialId: string;
let project: ProjectView;

beforeAll(async () => {
  shared = await sharedSystem();
  api = await RawApi.signedIn(inject('system').url);
  key = servers.keyPair();
  sshd = await servers.start([key.publicKey]);
  folder = mkdtempSync(join(tmpdir(), 'diaken-projects-'));
  site = new GitRepositoryFixture(folder);
  const login = { name: 'Git', kind: 'ssh-key', username: 'git', privateKey: key.privateKey };
  credentialId = (await shared.client.post('credentials', login, CredentialView)).id;
});
afterAll(async () => {
  await servers.stop();
  rmSync(folder, { recursive: true });
});

const input = () => ({
  ...{ name: 'Site', credentialId },
  url: `ssh://${sshd.username}@${sshd.address}:${sshd.port}${site.path}`,
});
const synced = async () => {
  const { id } = await shared.client.post(`projects/${project.id}/sync`, {}, RunAccepted);
  return finished(shared.client, id);
};
const playbooks = async () => {
  const { items } = await shared.client.get('playbooks?limit=200', PlaybookPage);
  return items.filter((one) => one.project?.id === project.id);
};

describe('a Git project', () => {
  it('brings its playbooks into the library, and pins the host key that it saw first', async () => {
    const commit = site.commit({ ...role('one'), 'broken.yml': '- hosts: all\n  roles: [gone]\n' });
    project = await shared.client.post('projects', input(), ProjectView);
    const run = await finished(shared.client, project.syncRunId ?? '');
    expect(run).toMatchObject({ kind: 'sync-project', target: 'Site', failure: null });
    project = await shared.client.get(`projects/${project.id}`, ProjectView);
    expect(project).toMatchObject({ commit, hostKey: sshd.hostKey, ref: 'main' });

    expect(await playbooks()).toMatchObject([
      {
        ...{ name: 'Site: broken.yml', current: null },
        latest: { number: 1, state: 'refused', commit },
      },
      {
        ...{ name: 'Site: site.yml', current: 1, project: { path: 'site.yml' } },
        latest: { number: 1, state: 'ok', commit, author: 'admin' },
      },
    ]);
  });

  it('is played with all its files, and the run tells the commit', async () => {
    const [, playbook] = await playbooks();
    const id = playbook?.id ?? '';
    const network = { address: '127.77.151.1' };
    const wish = { hostname: 'project-01', network, playbookIds: [id] };
    const runId = await deploy(shared.client, machineInput(shared.needed, shared.lab, wish));
    const removal = await api.send('DELETE', `projects/${project.id}`);
    expect(problemIn(removal)).toMatchObject({ code: 'still-in-use' });
    const run = await finished(shared.client, runId);
    expect(run.failure).toBeNull();
    const { commit } = project;
    expect(run.playbooks).toEqual([{ id, name: 'Site: site.yml', version: 1, commit }]);
    expect(await onGuest(shared, '127.77.151.1', 'cat /etc/project-mark')).toBe(
      'one on project-01',
    );
    expect((await logOf(shared.client, runId)).join('\n')).toContain(`version 1, commit ${commit}`);
  });

  it('has a new version with each commit, and none without; what is gone goes', async () => {
    await synced();
    expect((await playbooks()).map(({ latest }) => latest.number)).toEqual([1, 1]);
    const commit = site.commit(role('two'));
    expect((await synced()).result).toMatchObject({ commit });
    expect(await playbooks()).toMatchObject([
      { name: 'Site: site.yml', current: 2, latest: { number: 2, commit } },
    ]);
  });

  it('is changed in its repository only', async () => {
    const [playbook] = await playbooks();
    const path = `playbooks/${playbook?.id}`;
    const body = { name: 'Mine', content: SITE } satisfies Partial<PlaybookView>;
    for (const [method, below] of [
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/versions/1/restore'],
    ] as const) {
      const answer = await api.send(method, `${path}${below}`, {
        ...(method !== 'DELETE' && { body: below === '' ? body : {} }),
      });
      expect(problemIn(answer)).toMatchObject({ code: 'action-not-allowed', status: 409 });
    }
    const check = await shared.client.post(`${path}/versions/2/check`, {}, RunAccepted);
    expect((await finished(shared.client, check.id)).result).toMatchObject({ verdict: 'ok' });
  });

  it('keeps what it has when a sync fails, and says why', async () => {
    const change = { ...input(), ref: 'nowhere' };
    await shared.client.change('PUT', `projects/${project.id}`, change, ProjectView);
    const { failure, status } = await synced();
    expect(status).toBe('failed');
    expect(failure).toMatchObject({ step: 'fetch-project', code: 'git-refused' });
    expect(await playbooks()).toHaveLength(1);
  });

  it.each([
    ['a password in its address', { url: 'https://ada:secret@git.example.net/x.git' }, 'url'],
    ['a file as its address', { url: 'file:///etc' }, 'url'],
    ['an option as its ref', { ref: '--upload-pack=touch' }, 'ref'],
    ['a credential of another kind', { url: 'https://git.example.net/x.git' }, 'credentialId'],
    ['a credential that is not there', { credentialId: crypto.randomUUID() }, 'credentialId'],
    ['no credential for SSH', { credentialId: null }, 'credentialId'],
  ])('is not taken with %s', async (_what, change, field) => {
    const body = { ...input(), name: 'Wrong', ...change };
    const answer = await api.send('POST', 'projects', { body });
    expect(problemIn(answer).errors).toMatchObject([{ path: field }]);
  });

  it('needs its credential as long as it is there', async () => {
    const answer = await api.send('DELETE', `credentials/${credentialId}`);
    expect(problemIn(answer)).toMatchObject({
      code: 'still-in-use',
      usedBy: [{ type: 'project', id: project.id, name: 'Site' }],
    });
  });

  it('goes with its playbooks', async () => {
    expect((await api.send('DELETE', `projects/${project.id}`)).status).toBe(204);
    expect(await playbooks()).toEqual([]);
  });
});
