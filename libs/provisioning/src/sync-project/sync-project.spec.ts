import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeTools, finalFailure, RunBench, transientFailure } from '../testing';

const PROJECT = {
  ...{ name: 'Site', url: 'https://git.example.net/site.git', ref: 'main' },
  ...{ credentialId: null, caPem: null, hostKey: null },
};
const FILES = { 'site.yml': '- hosts: all\n', 'roles/web/tasks/main.yml': '- ping:\n' };

function bench() {
  const tools = fakeTools();
  tools.projects.add('site', PROJECT);
  tools.git.tree = { commit: 'c0ffee', files: FILES, leftOut: ['logo.png'], hostKey: null };
  return new RunBench(tools, { projectId: 'site', requestedBy: 'ada' }, 'sync-project');
}

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync');
  return () => vi.useRealTimers();
});

describe('syncing a project', () => {
  it('keeps its files and the verdict on each playbook, which is checked among its files', async () => {
    const sync = bench();
    await sync.advance();
    expect(sync.run.status).toBe('success');
    expect(sync.tools.syntax.checked).toEqual([
      { language: 'playbook', content: FILES['site.yml'], path: 'site.yml', files: FILES },
    ]);
    expect(sync.tools.projects.kept.get('site')).toMatchObject({
      tree: { commit: 'c0ffee', files: FILES },
      playbooks: [{ path: 'site.yml', verdict: { verdict: 'ok' } }],
    });
    expect(sync.result).toEqual({
      commit: 'c0ffee',
      playbooks: [{ path: 'site.yml', verdict: 'ok' }],
    });
    expect(sync.store.lines.join()).toContain('logo.png');
  });

  it('comes to the same when it is done twice', async () => {
    const sync = bench();
    await sync.dieAfter('fetch-project');
    await sync.advance();
    expect(sync.run.status).toBe('success');
    expect(sync.tools.projects.kept.get('site')?.playbooks).toHaveLength(1);
  });

  it('asks a server that is away again, and one that refuses never', async () => {
    const away = bench();
    away.tools.git.calls.failNext('fetch', transientFailure('git-unreachable'));
    await away.advance();
    expect(away.run.status).toBe('success');

    const refused = bench();
    refused.tools.git.calls.failNext('fetch', finalFailure('git-refused'));
    await refused.advance();
    expect(refused.run.failure).toMatchObject({ code: 'git-refused' });
    expect(refused.tools.git.calls.count('fetch')).toBe(1);
    expect(refused.tools.projects.kept.size).toBe(0);
  });

  it('says that a project is gone', async () => {
    const sync = new RunBench(
      fakeTools(),
      { projectId: 'site', requestedBy: 'ada' },
      'sync-project',
    );
    await sync.advance();
    expect(sync.run.failure).toMatchObject({ code: 'project-missing' });
  });
});
