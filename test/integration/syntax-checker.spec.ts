import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalSyntaxChecker } from '@diaken/ansible';
import { Interruption } from '@diaken/pipeline';
import type { TextToCheck } from '@diaken/provisioning';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../support/system';

const assetsFolder = join(ROOT, 'libs/ansible');
const NEVER = new AbortController().signal;
const FINE = { verdict: 'ok', message: null, line: null };

let folder: string;
let checksFolder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syntax-'));
  checksFolder = join(folder, 'checks');
});
afterEach(() => rmSync(folder, { recursive: true }));

const check = (language: TextToCheck['language'], content: string, signal = NEVER) =>
  new LocalSyntaxChecker({ checksFolder, assetsFolder }).check({ language, content }, signal);

describe('a playbook', () => {
  it('is fine when Ansible says so, and leaves nothing behind', async () => {
    expect(await check('playbook', '- hosts: all\n  tasks:\n    - ping:\n')).toEqual(FINE);
    expect(readdirSync(checksFolder)).toEqual([]);
  });

  it('is refused with the message and the line of Ansible', async () => {
    const content = '- hosts: all\n  tasks:\n    - ping:\n    - no_such_module: {}\n';
    const { verdict, message, line } = await check('playbook', content);
    expect([verdict, line]).toEqual(['refused', 4]);
    expect(message).toContain("couldn't resolve module/action 'no_such_module'");
    expect(message).not.toContain(folder);
  });

  it.each(['no_such_role', '../../etc'])(
    'is refused for a role that is not there: %s',
    async (role) => {
      const { verdict } = await check('playbook', `- hosts: all\n  roles: [${role}]\n`);
      expect(verdict).toBe('refused');
    },
  );

  it('may leave it to the run who its hosts are', async () => {
    const found = await check('playbook', '- hosts: "{{ target }}"\n  tasks: []\n');
    expect(found.verdict).toBe('unchecked');
    expect(found.message).toContain("'target' is undefined");
  });

  // Ansible evaluates these while it checks.
  it.each([
    ['its hosts', (expression: string) => `- hosts: "${expression}"\n`],
    ['a playbook that it imports', (expression: string) => `- import_playbook: "${expression}"\n`],
    [
      'tasks that it imports',
      (expression: string) => `- hosts: all\n  tasks:\n    - import_tasks: "${expression}"\n`,
    ],
    [
      'its variables',
      (expression: string) => `- hosts: "{{ who }}"\n  vars:\n    who: "${expression}"\n`,
    ],
  ])('does nothing in %s while it is checked', async (_where, playbook) => {
    const trace = join(folder, 'trace');
    const attacks = [
      `{{ lookup('pipe', 'touch ${trace}; echo all') }}`,
      `{{ lookup('template', '/proc/1/environ') }}`,
      `{{ lookup('url', 'http://127.0.0.1:1/') }}`,
      `{{ lookup('file', '${join(ROOT, 'package.json')}') }}`,
    ];
    const found = await Promise.all(attacks.map((attack) => check('playbook', playbook(attack))));
    expect(existsSync(trace)).toBe(false);
    expect(found[0]).toMatchObject({
      verdict: 'unchecked',
      message: expect.stringContaining('a syntax check carries nothing out (subprocess.Popen)'),
    });
    expect(found.map(({ verdict }) => verdict)).not.toContain('ok');
    expect(JSON.stringify(found)).not.toContain('"diaken\\"');
  });

  it('cannot read what the worker keeps beside the check', async () => {
    const secret = join(folder, 'secret.yml');
    writeFileSync(secret, 'who: all\n');
    const content = `- hosts: "{{ who }}"\n  vars_files: ["${secret}"]\n  tasks: []\n`;
    expect((await check('playbook', content)).verdict).not.toBe('ok');
  });

  it('is not waited for when its run is cancelled', async () => {
    const cancelling = new AbortController();
    const content = '- hosts: "{{ range(10 ** 9) | map(\'string\') | join }}"\n';
    const checking = check('playbook', content, cancelling.signal);
    while (!existsSync(checksFolder)) {
      await pause(10);
    }
    cancelling.abort(new Interruption('cancelled'));
    await expect(checking).rejects.toBe(cancelling.signal.reason);
    expect(readdirSync(checksFolder)).toEqual([]);
  });
});

describe('a script', () => {
  it.each([
    ['sh', 'if true; then\n  echo\nfi\n'],
    ['bash', '#!/bin/bash\na=(1 2)\n[[ ${a[0]} == 1 ]]\n'],
  ])('is fine when its shell can read it: %s', async (_shell, content) => {
    expect(await check('sh', content)).toEqual(FINE);
  });

  it('is refused with the line of the shell, and not run', async () => {
    const trace = join(folder, 'trace');
    const found = await check('sh', `touch ${trace}\nif true; then\n  echo\n`);
    expect(found).toMatchObject({ verdict: 'refused', line: expect.any(Number) });
    expect(found.message).toMatch(/Syntax error|syntax error/);
    expect(existsSync(trace)).toBe(false);
  });

  it('is not judged when it is for something else', async () => {
    const found = await check('sh', '#!/usr/bin/env python3\nif True:\n');
    expect(found).toEqual({
      verdict: 'unchecked',
      message: 'Scripts for python3 are not checked.',
      line: null,
    });
  });

  it('is not judged where there is no PowerShell', async () => {
    const checker = new LocalSyntaxChecker({ checksFolder, assetsFolder, pwsh: 'no-such-pwsh' });
    const found = await checker.check({ language: 'ps1', content: 'if ($x {' }, NEVER);
    expect(found.verdict).toBe('unchecked');
    expect(found.message).toContain('no PowerShell');
  });

  it('is judged by what PowerShell reports', async () => {
    const pwsh = join(folder, 'pwsh');
    // Reports the file that it was told to read, as ParseFile would report an error in it.
    writeFileSync(
      pwsh,
      `#!/bin/sh\ngrep -q 'if (\\$x {' "$DIAKEN_TEXT" && echo '{"message":"Missing ).","line":1}'\nexit 0\n`,
    );
    chmodSync(pwsh, 0o755);
    const checker = new LocalSyntaxChecker({ checksFolder, assetsFolder, pwsh });
    const judge = (content: string) => checker.check({ language: 'ps1', content }, NEVER);
    expect(await judge('if ($x {')).toEqual({
      verdict: 'refused',
      message: 'Missing ).',
      line: 1,
    });
    expect(await judge('Get-Date')).toEqual(FINE);
  });
});

describe('a file template', () => {
  it('is fine when Jinja can read it', async () => {
    expect(await check('jinja2', '{% if x %}{{ x | ansible_filter }}{% endif %}\n')).toEqual(FINE);
  });

  it('is refused with the line of Jinja', async () => {
    expect(await check('jinja2', 'one\ntwo {{ three\n')).toMatchObject({
      verdict: 'refused',
      line: expect.any(Number),
    });
  });

  it('may have delimiters of its own', async () => {
    const content = "#jinja2: variable_start_string:'[%', variable_end_string:'%]'\n{{ [% x %]\n";
    expect(await check('jinja2', content)).toEqual(FINE);
    expect((await check('jinja2', '#jinja2: nonsense\nx\n')).verdict).toBe('refused');
  });
});
