import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { openKey } from './open-ssh-key';

const { generateKeyPairSync, parseKey } = ssh2.utils;
const passphrase = 'open sesame';
const protect = { passphrase, cipher: 'aes256-ctr', rounds: 4 };

describe('openKey', () => {
  it.each([
    ['ed25519', generateKeyPairSync('ed25519', protect)],
    ['ecdsa 256', generateKeyPairSync('ecdsa', { bits: 256, ...protect })],
    ['ecdsa 521', generateKeyPairSync('ecdsa', { bits: 521, ...protect })],
    ['rsa', generateKeyPairSync('rsa', { bits: 2048, ...protect })],
  ])('takes the passphrase off a key: %s', (_, pair) => {
    const opened = openKey({ username: 'root', privateKey: pair.private, passphrase });

    expect(opened.publicKey).toBe(pair.public.trim());
    const again = parseKey(opened.privateKey);
    if (again instanceof Error) {
      throw again;
    }
    const data = Buffer.from('signed');
    expect(again.verify(data, again.sign(data))).toBe(true);
    expect(`${again.type} ${again.getPublicSSH().toString('base64')}`).toBe(opened.publicKey);
  });

  it.each(['wrong', undefined])('says that %s is not the passphrase, and shows nothing', (word) => {
    const { private: privateKey } = generateKeyPairSync('ed25519', protect);
    const credential = { username: 'root', privateKey, ...(word && { passphrase: word }) };

    expect(() => openKey(credential)).toThrow(
      expect.objectContaining({
        code: 'secret-unreadable',
        message: expect.not.stringContaining(privateKey.slice(40, 80)),
      }),
    );
  });
});
