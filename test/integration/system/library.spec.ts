import {
  type DeploymentInput,
  LibraryDiff,
  LibraryVersion,
  LibraryVersionPage,
  LibraryVersionText,
  PlaybookPage,
  PlaybookView,
  RunAccepted,
  ScriptView,
} from '@diaken/contracts';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { deploy, finished, logOf, machineInput, onGuest } from '../../support/machines';
import { type Answer, problemIn, RawApi } from '../../support/raw-api';
import { sharedSystem } from '../../support/shared-system';

const GOOD = '- hosts: all\n  tasks:\n    - ping:\n';
const BETTER = '- hosts: all\n  tasks:\n    - name: Are you there?\n      ping:\n';
const BAD = '- hosts: all\n  tasks:\n    - ping:\n    - no_such_module: {}\n';

type Shared = Awaited<ReturnType<typeof sharedSystem>>;

let shared: Shared;
let api: RawApi;
beforeAll(async () => {
  shared = await sharedSystem();
  api = await RawApi.signedIn(inject('system').url);
});

const noun = (path: string, id: string) => `${path}/${id}`;

/** Waits until the newest version of a playbook has been judged; answers the playbook. */
async function judged(id: string): Promise<PlaybookView> {
  const { latest } = await shared.client.get(noun('playbooks', id), PlaybookView);
  if (latest.checkRunId) {
    expect((await finished(shared.client, latest.checkRunId)).status).toBe('success');
  }
  return shared.client.get(noun('playbooks', id), PlaybookView);
}

const store = (name: string, content: string, more: object = {}) =>
  shared.client.post('playbooks', { name, content, ...more }, PlaybookView);

const replace = (id: string, name: string, content: string, note = '') =>
  shared.client.change('PUT', noun('playbooks', id), { name, content, note }, PlaybookView);

describe('a playbook of the library', () => {
  it('has versions with author, time, note and check, and is used once it is checked', async () => {
    const about = { note: 'First', osFamily: 'debian', targetType: 'host' };
    const { id, latest, current } = await store('Versions', GOOD, about);
    expect(current).toBeNull();
    expect(latest).toMatchObject({ number: 1, author: 'admin', note: 'First', state: 'checking' });
    expect(await judged(id)).toMatchObject({
      ...{ current: 1, content: GOOD, osFamily: 'debian', targetType: 'host' },
      latest: { number: 1, state: 'ok', message: null, line: null },
    });

    await replace(id, 'Versions', BETTER, 'With a name');
    expect(await judged(id)).toMatchObject({ current: 2, latest: { number: 2, state: 'ok' } });
    const path = noun('playbooks', id);
    const versions = await shared.client.get(`${path}/versions?limit=1`, LibraryVersionPage);
    expect(versions).toMatchObject({ items: [{ number: 2, note: 'With a name' }], next: '2' });
    const older = await shared.client.get(`${path}/versions?cursor=2`, LibraryVersionPage);
    expect(older).toMatchObject({ items: [{ number: 1, note: 'First' }], next: null });
    const first = await shared.client.get(`${path}/versions/1`, LibraryVersionText);
    expect(first.content).toBe(GOOD);
  });

  it('keeps its version when it is replaced by the same', async () => {
    const { id } = await store('Unchanged', GOOD);
    const same = await replace(id, 'Unchanged, renamed', GOOD, 'Nothing new');
    expect(same).toMatchObject({ name: 'Unchanged, renamed', latest: { number: 1, note: '' } });
  });

  it('never uses a version that Ansible refuses, and says what Ansible said', async () => {
    const { id } = await store('Refused later', GOOD);
    await judged(id);
    await replace(id, 'Refused later', BAD);
    const refused = await judged(id);
    expect(refused).toMatchObject({
      current: 1,
      latest: { number: 2, state: 'refused', line: 4 },
    });
    expect(refused.latest.message).toContain("couldn't resolve module/action 'no_such_module'");
  });

  it('shows what a version changed, as a unified diff', async () => {
    const { id } = await store('Differs', GOOD);
    await replace(id, 'Differs', BETTER);
    const path = `${noun('playbooks', id)}/versions`;
    const diff = await shared.client.get(`${path}/2/diff`, LibraryDiff);
    expect(diff).toMatchObject({ from: 1, to: 2, added: 2, removed: 1 });
    expect(diff.unified).toContain('-    - ping:\n+    - name: Are you there?\n+      ping:\n');
    const back = await shared.client.get(`${path}/1/diff?from=2`, LibraryDiff);
    expect(back).toMatchObject({ from: 2, to: 1, added: 1, removed: 2 });
    const first = await shared.client.get(`${path}/1/diff`, LibraryDiff);
    expect(first).toMatchObject({ from: null, to: 1, added: 3, removed: 0 });
  });

  it('gets an older version back as a new one', async () => {
    const { id } = await store('Restored', GOOD);
    await replace(id, 'Restored', BETTER);
    const path = `${noun('playbooks', id)}/versions/1/restore`;
    const restored = await shared.client.post(path, {}, LibraryVersion);
    expect(restored).toMatchObject({ number: 3, note: 'Version 1 again', author: 'admin' });
    expect(await judged(id)).toMatchObject({ current: 3, content: GOOD });
  });

  it('is uploaded and downloaded as it is', async () => {
    const { id } = await store('Carried: by hand', GOOD);
    const path = `${noun('playbooks', id)}/content`;
    const headers = { 'Content-Type': 'text/yaml' };
    const text = `# Grüße, 世界\r\n${BETTER}`;
    const uploaded = await api.send('PUT', `${path}?note=By%20hand`, { body: text, headers });
    expect(uploaded.body).toMatchObject({ number: 2, note: 'By hand' });
    const downloaded = await api.send('GET', path);
    expect(downloaded.text).toBe(text);
    expect(downloaded.headers.get('Content-Type')).toMatch(/^text\/plain/);
    expect(downloaded.headers.get('Content-Disposition')).toContain('Carried-by-hand.yml');
    expect((await api.send('GET', `${path}?version=1`)).text).toBe(GOOD);
  });

  it.each([
    ['no playbook', '{}', 'text/plain', 400],
    ['nothing', '', 'text/plain', 400],
    ['JSON', '{"content": "x"}', 'application/json', 400],
    ['more than a text may have', `# ${'x'.repeat(600_000)}`, 'text/plain', 400],
    ['more than a body may have', `# ${'x'.repeat(1_100_000)}`, 'text/plain', 413],
  ])('is not replaced by an upload of %s', async (what, body, type, status) => {
    const { id } = await store(`Kept from ${what}`, GOOD);
    const headers = { 'Content-Type': type };
    const answer = await api.send('PUT', `playbooks/${id}/content`, { body, headers });
    expect(problemIn(answer).status).toBe(status);
    const { latest } = await shared.client.get(noun('playbooks', id), PlaybookView);
    expect(latest.number).toBe(1);
  });

  it('is checked once more when somebody asks, and when its check is relaunched', async () => {
    const { id } = await store('Checked twice', BAD);
    const { latest } = await judged(id);
    const again = `${noun('playbooks', id)}/versions/1/check`;
    const { id: second } = await shared.client.post(again, {}, RunAccepted);
    expect(second).not.toBe(latest.checkRunId);
    const { result } = await finished(shared.client, second);
    expect(result).toMatchObject({ verdict: 'refused', line: 4 });
    const third = await shared.client.post(`runs/${second}/relaunch`, {}, RunAccepted);
    expect((await finished(shared.client, third.id)).result).toMatchObject({ verdict: 'refused' });
  });

  it('is one of a list without texts', async () => {
    await store('In a list', GOOD);
    const { items } = await shared.client.get('playbooks?limit=200', PlaybookPage);
    const row = items.find(({ name }) => name === 'In a list');
    expect(row).toMatchObject({ latest: { number: 1 } });
    expect(row).not.toHaveProperty('content');
  });

  it.each(['versions/2', 'versions/2/diff', 'versions/1/diff?from=9', 'content?version=7'])(
    'has no version but its own: %s',
    async (below) => {
      const { id } = await store(`Only one, ${below}`, GOOD);
      expect((await api.send('GET', `playbooks/${id}/${below}`)).status).toBe(404);
    },
  );
});

describe('scripts, file templates and requirements', () => {
  const stored = async (path: string, body: object): Promise<Answer> => {
    const answer = await api.send('POST', path, { body });
    expect(answer.text).toContain('"number":1');
    return answer;
  };
  const verdictOn = async (path: string, body: object) => {
    const { id, latest } = ScriptView.partial({ language: true }).parse(
      (await stored(path, body)).body,
    );
    await finished(shared.client, latest.checkRunId ?? '');
    return ((await api.send('GET', `${path}/${id}`)).body as ScriptView).latest;
  };

  it('are checked, each by what reads it', async () => {
    const script = { name: 'Broken script', language: 'sh', content: 'if true; then\n' };
    expect(await verdictOn('scripts', script)).toMatchObject({ state: 'refused' });
    const fine = { name: 'Fine script', language: 'sh', content: 'uptime\n' };
    expect(await verdictOn('scripts', fine)).toMatchObject({ state: 'ok' });
    const template = { name: 'broken.j2', content: '{% if %}' };
    expect(await verdictOn('file-templates', template)).toMatchObject({
      state: 'refused',
      line: 1,
    });
  });

  it('are of one kind only: a script is no playbook, and a name may be used once in each', async () => {
    const script = { name: 'Twin', language: 'ps1', content: 'Get-Date' };
    const { id } = (await stored('scripts', script)).body as ScriptView;
    expect((await api.send('GET', `playbooks/${id}`)).status).toBe(404);
    expect(problemIn(await api.send('POST', 'scripts', { body: script })).code).toBe('name-taken');
    await store('Twin', GOOD);
  });

  it('may be requirements, which are checked when they are stored', async () => {
    const content = 'collections:\n  - name: community.general\n    version: ">=9"\n';
    const { body } = await stored('requirements', { name: 'Base', content });
    expect(body).toMatchObject({ current: 1, latest: { state: 'ok', checkRunId: null } });
    const { id } = body as { id: string };
    const wrong = { body: { name: 'Base', content: 'collections: community.general' } };
    const refused = problemIn(await api.send('PUT', `requirements/${id}`, wrong));
    expect(refused.errors).toMatchObject([{ path: 'content' }]);
    const check = await api.send('POST', `requirements/${id}/versions/1/check`);
    expect(problemIn(check).code).toBe('action-not-allowed');
  });

  it.each(['motd', '../motd.j2', 'a/b.j2', '.j2', 'mötd.j2'])(
    'may be templates with a name that a playbook can use: not %s',
    async (name) => {
      const answer = await api.send('POST', 'file-templates', { body: { name, content: 'x' } });
      expect(problemIn(answer).errors).toMatchObject([{ path: 'name' }]);
    },
  );
});

describe('a machine that is asked for with a playbook of the library', () => {
  const wish = (hostname: string, address: string, playbookIds: string[]): DeploymentInput =>
    machineInput(shared.needed, shared.lab, { hostname, network: { address }, playbookIds });

  it('waits for the check, uses the file templates, and tells which version it used', async () => {
    const template = { name: 'library-mark.j2', content: 'made by {{ inventory_hostname }}\n' };
    const { body } = await api.send('POST', 'file-templates', { body: template });
    await finished(shared.client, (body as ScriptView).latest.checkRunId ?? '');
    const content = `- hosts: all
  gather_facts: false
  tasks:
    - template: {src: library-mark.j2, dest: /etc/library-mark}
`;
    const { id } = await store('With a template', BETTER);
    await replace(id, 'With a template', content);
    // At once: its newest version is still being checked.
    const runId = await deploy(shared.client, wish('library-01', '127.77.150.1', [id]));
    const used = await api.send('DELETE', `playbooks/${id}`);
    expect(problemIn(used)).toMatchObject({ code: 'still-in-use' });
    expect(problemIn(used).detail).toContain('library-01');

    const run = await finished(shared.client, runId);
    expect(run.failure).toBeNull();
    expect(run.playbooks).toEqual([{ id, name: 'With a template', version: 2, commit: null }]);
    expect(await onGuest(shared, '127.77.150.1', 'cat /etc/library-mark')).toBe(
      'made by library-01',
    );
    expect(await logOf(shared.client, runId)).toContain(
      'Playbook 1 of 1: With a template, version 2',
    );
    expect((await api.send('DELETE', `playbooks/${id}`)).status).toBe(204);
  });

  it('is not begun when no version of the playbook may be used', async () => {
    const { id } = await store('Never right', BAD);
    const runId = await deploy(shared.client, wish('library-02', '127.77.150.2', [id]));
    const { failure } = await finished(shared.client, runId);
    expect(failure).toMatchObject({ step: 'preflight', code: 'playbook-refused' });
    expect(failure?.message).toContain('no_such_module');
  });
});
