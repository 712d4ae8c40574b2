import { describe, expect, it } from 'vitest';
import { findPlaybooks } from './find-playbooks';

const PLAY = '- hosts: all\n';

describe('the playbooks of a project', () => {
  it('are its YAML lists of plays, wherever they are', () => {
    const files = { 'b.yml': PLAY, 'deep/a.yaml': PLAY, 'all.yml': '- import_playbook: b.yml\n' };
    expect(findPlaybooks(files)).toEqual(['all.yml', 'b.yml', 'deep/a.yaml']);
  });

  it('are no tasks, variables, inventories or other texts', () => {
    const files = {
      'roles/web/tasks/main.yml': PLAY,
      'group_vars/all.yml': PLAY,
      '.github/workflows/ci.yml': PLAY,
      'tasks.yml': '- ping:\n',
      'requirements.yml': 'roles: []\n',
      'README.md': PLAY,
      'empty.yml': '',
    };
    expect(findPlaybooks(files)).toEqual([]);
  });

  it('are found by their look where they cannot be read', () => {
    const files = { 'broken.yml': '- hosts: all\n  tasks: [\n', 'alias.yml': '- hosts: *x\n' };
    expect(findPlaybooks(files)).toEqual(['alias.yml', 'broken.yml']);
  });
});
