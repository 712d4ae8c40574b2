import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, describe, expect, it } from 'vitest';
import { openKey } from './open-ssh-key';

const { parseKey } = ssh2.utils;
const passphrase = 'open sesame';

describe('openKey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diaken-key-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  // By ssh-keygen: the generator of ssh2 makes a broken Ed25519 key now and then.
  function newKey(type: string, bits: number) {
    const file = join(folder, `${type}-${Math.random()}`);
    const options = ['-q', '-t', type, '-b', `${bits}`, '-a', '1', '-N', passphrase, '-C', ''];
    execFileSync('ssh-keygen', [...options, '-f', file]);
    const [kind, blob] = readFileSync(`${file}.pub`, 'utf8').split(/\s/);
    return { private: readFileSync(file, 'utf8'), public: `${kind} ${blob}` };
  }

  it.each([
    ['ed25519', 256],
    ['ecdsa', 256],
    ['ecdsa', 521],
    ['rsa', 2048],
  ])('takes the passphrase off a key: %s %i', (type, bits) => {
    const pair = newKey(type, bits);
    const opened = openKey({ username: 'root', privateKey: pair.private, passphrase });

    expect(opened.publicKey).toBe(pair.public);
    const again = parseKey(opened.privateKey);
    if (again instanceof Error) {
      throw again;
    }
    const data = Buffer.from('signed');
    expect(again.verify(data, again.sign(data))).toBe(true);
    expect(`${again.type} ${again.getPublicSSH().toString('base64')}`).toBe(opened.publicKey);
  });

  it.each(['wrong', undefined])('says that %s is not the passphrase, and shows nothing', (word) => {
    const { private: privateKey } = newKey('ed25519', 256);
    const credential = { username: 'root', privateKey, ...(word && { passphrase: word }) };

    expect(() => openKey(credential)).toThrow(
      expect.objectContaining({
        code: 'secret-unreadable',
        message: expect.not.stringContaining(privateKey.slice(40, 80)),
      }),
    );
  });
});
