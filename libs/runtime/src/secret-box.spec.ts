import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encryptionKeys, SecretBox, UnreadableSecret } from './secret-box';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

describe('a secret box', () => {
  it('opens what it sealed, and seals the same text differently each time', () => {
    const box = new SecretBox(encryptionKeys(key('a')));
    const sealed = box.seal('päss:word', 'credential:1');
    expect(box.open(sealed, 'credential:1')).toBe('päss:word');
    expect(box.seal('päss:word', 'credential:1')).not.toBe(sealed);
    expect(sealed).not.toContain('word');
  });

  it('opens with an old key and seals with the first one', () => {
    const [old, now] = [key('old'), key('now')];
    const sealed = new SecretBox(encryptionKeys(old)).seal('x', 'c');
    const rotated = new SecretBox(encryptionKeys(`${now},${old}`));
    expect(rotated.open(sealed, 'c')).toBe('x');
    expect(rotated.seal('x', 'c')).toMatch(/^v1\.now\./);
  });

  it('refuses a text that was changed, moved, or sealed with a key that is gone', () => {
    const box = new SecretBox(encryptionKeys(key('a')));
    const sealed = box.seal('x', 'credential:1');
    expect(() => box.open(sealed, 'credential:2')).toThrow(UnreadableSecret);
    expect(() => box.open(`${sealed.slice(0, -2)}AA`, 'credential:1')).toThrow(UnreadableSecret);
    expect(() => new SecretBox(encryptionKeys(key('b'))).open(sealed, 'credential:1')).toThrow(
      '"a"',
    );
  });

  it.each([
    ['', 'at least one key'],
    ['abc', 'id:base64'],
    ['a:c2hvcnQ=', 'of 5 bytes instead of 32'],
  ])('tells what is wrong with the keys %j', (text, message) => {
    expect(() => encryptionKeys(text)).toThrow(message);
  });
});
