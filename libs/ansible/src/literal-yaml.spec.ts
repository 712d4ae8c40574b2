import { describe, expect, it } from 'vitest';
import { literalYaml } from './literal-yaml';

describe('writing values for Ansible', () => {
  it('leaves what cannot be a template as JSON has it', () => {
    const value = { port: 80, on: true, none: null, list: ['a "b"', 1.5], deep: { x: 'y\n' } };
    expect(JSON.parse(literalYaml(value))).toEqual(value);
  });

  it.each(['{{ 1 + 1 }}', '{% if x %}', '{# note #}', 'a{{'])('marks %j as no template', (text) => {
    expect(literalYaml([text])).toBe(`[!unsafe ${JSON.stringify(text)}]`);
  });

  it('escapes what YAML would refuse, fold or cut in two', () => {
    expect(literalYaml('ä\u007f\u2028😀\u0007')).toBe(
      '"\\U000000e4\\U0000007f\\U00002028\\U0001f600\\u0007"',
    );
  });
});
