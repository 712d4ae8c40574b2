import { describe, expect, it } from 'vitest';
import { CredentialChange, CredentialInput } from './credential';

const KEY = { name: 'k', kind: 'ssh-key', username: 'root' };
const WINRM = { name: 'w', kind: 'winrm', username: 'Administrator', password: 'p' };

describe('a credential', () => {
  it('loses the line ends and blanks that editors leave in its key', () => {
    const privateKey =
      '\r\n  -----BEGIN OPENSSH PRIVATE KEY-----  \r\nAAAA \t\r\n-----END OPENSSH PRIVATE KEY-----\r\n\r\n';
    expect(CredentialInput.parse({ ...KEY, privateKey })).toMatchObject({
      privateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
    });
  });

  it.each(['ssh-ed25519 AAAA', 'x', ''])('is no private key: %j', (privateKey) => {
    expect(CredentialInput.safeParse({ ...KEY, privateKey }).success).toBe(false);
  });

  it('speaks WinRM as most machines do when nobody says otherwise', () => {
    const winrm = (settings?: object) =>
      CredentialInput.parse({ ...WINRM, ...(settings && { winrm: settings }) });
    const usual = { transport: 'ntlm', scheme: 'https', port: 5986, validateCertificate: true };
    expect(winrm()).toMatchObject({ winrm: usual });
    expect(winrm({ scheme: 'http' })).toMatchObject({ winrm: { port: 5985 } });
    expect(winrm({ scheme: 'http', port: 80 })).toMatchObject({ winrm: { port: 80 } });
  });

  it.each(['Administrator', 'EXAMPLE\\svc', 'svc@EXAMPLE.NET'])('takes the user %s', (username) => {
    expect(CredentialInput.safeParse({ ...WINRM, username }).success).toBe(true);
  });

  it('takes only the fields of its kind', () => {
    expect(CredentialInput.safeParse({ ...WINRM, becomePassword: 'x' }).success).toBe(false);
    const vault = { name: 'v', kind: 'vault-password', password: 'p' };
    expect(CredentialInput.safeParse(vault).success).toBe(true);
    expect(CredentialInput.safeParse({ ...vault, username: 'root' }).success).toBe(false);
  });

  it('cannot change its kind', () => {
    expect(CredentialChange.safeParse({ name: 'other' }).success).toBe(true);
    expect(CredentialChange.safeParse({ kind: 'winrm' }).success).toBe(false);
  });
});
