import { describe, expect, it } from 'vitest';
import { contains, isUsableIn, netmaskOf, parseCidr, parseIpv4 } from './ipv4';

describe('IPv4', () => {
  it.each(['1.2.3', '1.2.3.256', '01.2.3.4', 'a.b.c.d', '1.2.3.4.5', ''])('refuses %j', (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });

  it.each(['10.0.0.1/24', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/24/1'])(
    'does not take %j for a network',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  it('knows what lies in a network', () => {
    const network = parseCidr('10.1.2.0/23') ?? { base: 0, prefix: 32 };
    const at = (text: string) => parseIpv4(text) ?? 0;
    expect(contains(network, at('10.1.3.255'))).toBe(true);
    expect(contains(network, at('10.1.4.0'))).toBe(false);
    expect(isUsableIn(network, at('10.1.2.0'))).toBe(false);
    expect(isUsableIn(network, at('10.1.3.255'))).toBe(false);
    expect(isUsableIn(network, at('10.1.3.254'))).toBe(true);
  });

  it('gives both addresses of a /31 to hosts', () => {
    const network = parseCidr('10.0.0.2/31') ?? { base: 0, prefix: 32 };
    expect(isUsableIn(network, network.base)).toBe(true);
    expect(isUsableIn(network, network.base + 1)).toBe(true);
  });

  it.each([
    [8, '255.0.0.0'],
    [23, '255.255.254.0'],
    [32, '255.255.255.255'],
  ])('writes /%i as %s', (prefix, mask) => {
    expect(netmaskOf(prefix)).toBe(mask);
  });
});
