import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fingerprintOf, UnusableKey } from './private-key';

describe('the fingerprint of a private key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diaken-key-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function key(type: string, passphrase = '', more: readonly string[] = []) {
    const file = join(folder, `${type}-${Math.random()}`);
    const options = ['-q', '-t', type, '-N', passphrase, '-C', '', ...more, '-f', file];
    execFileSync('ssh-keygen', options);
    const [, printed] = execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' }).split(
      ' ',
    );
    return { text: readFileSync(file, 'utf8'), printed };
  }

  it.each(['ed25519', 'ecdsa', 'rsa'])('is the one that ssh-keygen prints: %s', (type) => {
    const { text, printed } = key(type);
    expect(fingerprintOf(text)).toBe(printed);
  });

  it.each([
    ['ed25519', []],
    ['rsa', ['-m', 'PEM']],
  ])('needs the passphrase, and the right one: %s %j', (type, more) => {
    const { text, printed } = key(type, 'open sesame', more);
    expect(fingerprintOf(text, 'open sesame')).toBe(printed);
    expect(problemOf(text)).toMatchObject({
      field: 'passphrase',
      message: expect.stringContaining('is needed'),
    });
    expect(problemOf(text, 'other')).toMatchObject({
      field: 'passphrase',
      message: 'does not open the private key',
    });
  });

  it.each([
    ['garbage', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'],
    ['a key without its end', key('ed25519').text.slice(0, 200)],
  ])('is not made of %s', (_what, text) => {
    expect(problemOf(text)).toMatchObject({
      field: 'privateKey',
      message: 'cannot be read as a private key; send the whole file, with its BEGIN and END lines',
    });
  });

  it('says how to rewrite a key of another form', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    expect(problemOf(privateKey).message).toContain('ssh-keygen -p -f');
    const putty = 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n';
    expect(problemOf(putty).message).toContain('Export OpenSSH key');
  });

  function problemOf(text: string, passphrase?: string): UnusableKey {
    try {
      fingerprintOf(text, passphrase);
    } catch (error) {
      if (error instanceof UnusableKey) {
        return error;
      }
      throw error;
    }
    throw new Error('The key was taken.');
  }
});
