import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encryptionKeys, SecretBox, UnreadableSecret } from './secret-box';

/** `before`, sealed for `credential:1` with the key `a`: 32 bytes of 7. */
const SEALED_BEFORE = 'v1.a.AQEBAQEBAQEBAQEB._OJz4uQ_3r-ALWl2_22tvA.FITv2OLa';

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
    expect(rotated.seal('x', 'c')).toMatch(/^v2\.now\./);
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

  it('wraps the key of a secret anew, and leaves the secret as it is sealed', () => {
    const [old, now] = [key('old'), key('now')];
    const sealed = new SecretBox(encryptionKeys(old)).seal('x', 'c');
    const rewrapped = new SecretBox(encryptionKeys(`${now},${old}`)).rewrap(sealed, 'c');
    expect(rewrapped.split('.').slice(5)).toEqual(sealed.split('.').slice(5));
    expect(new SecretBox(encryptionKeys(now)).open(rewrapped, 'c')).toBe('x');
    expect(() => new SecretBox(encryptionKeys(now)).rewrap(sealed, 'c')).toThrow('"old"');
    const moved = () => new SecretBox(encryptionKeys(old)).rewrap(sealed, 'd');
    expect(moved).toThrow(UnreadableSecret);
  });

  it('opens what was sealed before secrets had keys of their own, and seals it anew', () => {
    const box = new SecretBox([{ id: 'a', key: Buffer.alloc(32, 7) }]);
    expect(box.open(SEALED_BEFORE, 'credential:1')).toBe('before');
    expect(box.rewrap(SEALED_BEFORE, 'credential:1')).toMatch(/^v2\.a\./);
  });

  it.each(['', 'v2.a.b', 'v3.a.b.c.d', 'v1.a.b.c.d.e'])('does not open %j', (text) => {
    const box = new SecretBox(encryptionKeys(key('a')));
    expect(() => box.open(text, 'c')).toThrow(UnreadableSecret);
  });

  it.each([
    ['', 'at least one key'],
    ['abc', 'id:base64'],
    ['a:c2hvcnQ=', 'of 5 bytes instead of 32'],
  ])('tells what is wrong with the keys %j', (text, message) => {
    expect(() => encryptionKeys(text)).toThrow(message);
  });
});
