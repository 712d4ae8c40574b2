import { describe, expect, it } from 'vitest';
import type { GuestCredential } from './credential-directory';
import { winrmPassword, winrmVariables } from './winrm-play';

const settings = {
  ...({ transport: 'kerberos', scheme: 'http' } as const),
  ...{ port: 5985, validateCertificate: true },
};
const winrm = (password: string) => ({ username: 'Administrator', password, winrm: settings });
const on = (name: string, credential: GuestCredential) => ({
  host: { name, address: '10.0.0.1', port: 22, hostKey: '', credentialId: name },
  credential,
});

describe('a play over WinRM', () => {
  it('has the one password of its hosts', () => {
    expect(winrmPassword([on('a', winrm('p')), on('b', winrm('p'))])).toBe('p');
    expect(winrmPassword([on('a', { username: 'root', password: 'p' })])).toBeUndefined();
    expect(winrmPassword([])).toBeUndefined();
  });

  it('validates certificates unless the credential says otherwise', () => {
    expect(winrmVariables(winrm('p'))).toMatchObject({
      ansible_winrm_transport: 'kerberos',
      ansible_winrm_server_cert_validation: 'validate',
    });
  });

  it.each<[string, GuestCredential, string]>([
    ['another password', winrm('q'), 'a and b have different WinRM passwords'],
    ['SSH', { username: 'root', password: 'p' }, 'a is reached over WinRM, and b over SSH'],
  ])('does not begin with a host of %s', (_, credential, cause) => {
    const hosts = [on('a', winrm('p')), on('b', credential)];
    expect(() => winrmPassword(hosts)).toThrow(cause);
    expect(() => winrmPassword(hosts)).not.toThrow('different WinRM passwords: p');
  });
});
