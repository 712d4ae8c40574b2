import { describe, expect, it } from 'vitest';
import { VCenterInput } from './vcenter';

const input = { name: 'dc1', url: 'https://vc.example.net/sdk', username: 'u', password: 'p' };

describe('a vCenter', () => {
  it('is checked by the system’s authorities when nobody says otherwise', () => {
    expect(VCenterInput.parse(input).tls).toEqual({ mode: 'system' });
  });

  it.each([
    'https://user:secret@vc.example.net/sdk',
    'https://user@vc.example.net',
    'ftp://vc',
    'vc',
  ])('refuses the address %s', (url) => {
    expect(VCenterInput.safeParse({ ...input, url }).success).toBe(false);
  });

  it('takes a fingerprint with colons and capitals, as tools print it', () => {
    const sha256 = Array.from({ length: 32 }, () => 'AB').join(':');
    const { tls } = VCenterInput.parse({ ...input, tls: { mode: 'pin', sha256 } });
    expect(tls).toEqual({ mode: 'pin', sha256: 'ab'.repeat(32) });
  });
});
