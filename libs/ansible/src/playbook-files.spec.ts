import { describe, expect, it } from 'vitest';
import { filesOf } from './playbook-files';

const text = (more: object = {}) =>
  filesOf({ kind: 'text', name: 'Web: all', content: '- hosts: all', ...more });

describe('the files of a playbook', () => {
  it('are itself, under a name that is harmless, and what lies around it', () => {
    expect(text({ files: { 'templates/motd.j2': 'Hello' } })).toEqual({
      path: 'playbook/Web-all.yml',
      files: { 'playbook/Web-all.yml': '- hosts: all', 'playbook/templates/motd.j2': 'Hello' },
    });
  });

  it('have the places that they have in their project', () => {
    expect(text({ path: 'plays/web.yml', files: { 'plays/web.yml': 'old', 'x.cfg': '' } })).toEqual(
      {
        path: 'playbook/plays/web.yml',
        files: { 'playbook/plays/web.yml': '- hosts: all', 'playbook/x.cfg': '' },
      },
    );
  });

  it.each(['../x', '/etc/x', 'a/../../x', 'a//x', '', './x'])(
    'never lie elsewhere: "%s"',
    (path) => {
      expect(() => text({ files: { [path]: '' } })).toThrow('is not the path');
      expect(() => text({ path })).toThrow('is not the path');
    },
  );
});
