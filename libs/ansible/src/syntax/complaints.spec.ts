import { describe, expect, it } from 'vitest';
import { ansibleComplaint, printedComplaint, shellComplaint } from './complaints';

const FOLDER = '/var/lib/diaken/checks/check-x';

describe('what Ansible complains about', () => {
  it('is told with its line, and without where the text was checked', () => {
    const said = `ERROR! couldn't resolve module/action 'no_such'. This often indicates a misspelling.

The error appears to be in '${FOLDER}/text.yml': line 4, column 7, but may
be elsewhere in the file depending on the exact syntax problem.
`;
    expect(ansibleComplaint(said, FOLDER)).toEqual({
      verdict: 'refused',
      message: "couldn't resolve module/action 'no_such'. This often indicates a misspelling.",
      line: 4,
    });
  });

  it('is understood as newer versions say it, in colour', () => {
    const said = `\u001B[0;31m[ERROR]: 'tsks' is not a valid attribute for a Play\nOrigin: ${FOLDER}/text.yml:2:3\u001B[0m\n`;
    expect(ansibleComplaint(said, FOLDER)).toEqual({
      verdict: 'refused',
      message: "'tsks' is not a valid attribute for a Play",
      line: 2,
    });
  });

  it.each([
    "The field 'hosts' has an invalid value, which includes an undefined variable. 'target' is undefined",
    'An unhandled exception occurred: a syntax check carries nothing out (subprocess.Popen)',
  ])('does not count against a playbook when only a run can know better: %s', (message) => {
    const { verdict } = ansibleComplaint(`ERROR! ${message}\n`, FOLDER);
    expect(verdict).toBe('unchecked');
  });

  it('is cut to a length that a page can show', () => {
    const { message } = ansibleComplaint(`ERROR! ${'x'.repeat(9_000)}`, FOLDER);
    expect(message).toHaveLength(2_002);
  });
});

describe('what a shell complains about', () => {
  it.each([
    [`${FOLDER}/text.yml: 3: Syntax error: "fi" unexpected`, 'Syntax error: "fi" unexpected'],
    [`${FOLDER}/text.yml: line 3: syntax error near 'fi'`, "syntax error near 'fi'"],
  ])('is told with its line: %s', (said, message) => {
    expect(shellComplaint(`${said}\n`)).toEqual({ verdict: 'refused', message, line: 3 });
  });
});

describe('what our checkers print', () => {
  it('is a complaint, or nothing', () => {
    expect(printedComplaint('\n').verdict).toBe('ok');
    expect(printedComplaint('{"message": "Missing }.", "line": 2}')).toEqual({
      verdict: 'refused',
      message: 'Missing }.',
      line: 2,
    });
  });
});
