import { describe, expect, it } from 'vitest';
import { safeName } from './run-folder';

describe('safeName', () => {
  it.each(['0197-abc.run-playbooks.2', 'A_b'])('keeps %s', (key) => {
    expect(safeName(key)).toBe(key);
  });

  it.each(['../../etc', '.hidden', 'a/b', 'a b', '', '..', 'x'.repeat(300)])(
    'makes %j harmless and different from others',
    (key) => {
      const name = safeName(key);

      expect(name).toMatch(/^run-[A-Za-z0-9-]{17,80}$/);
      expect(name).not.toBe(safeName(`${key}/`));
    },
  );
});
