import { formatIpv4, parseIpv4 } from '@diaken/contracts';
import { describe, expect, it } from 'vitest';
import { type AddressPool, freeAddresses } from './address-pool';

const pool = (more: Partial<AddressPool> = {}): AddressPool => ({
  ...{ cidr: '10.1.0.0/29', gateway: null, dns: [], ranges: [], exclusions: [] },
  ...more,
});
const freeIn = (of: AddressPool, ...taken: string[]) =>
  Array.from(freeAddresses(of, new Set(taken.map((text) => parseIpv4(text) ?? 0))), formatIpv4);

describe('a pool of addresses', () => {
  it('gives out every address that a host of the network can have', () => {
    const last = ['10.1.0.4', '10.1.0.5', '10.1.0.6'];
    expect(freeIn(pool())).toEqual(['10.1.0.1', '10.1.0.2', '10.1.0.3', ...last]);
    expect(freeIn(pool({ cidr: '10.1.0.4/31' }))).toEqual(['10.1.0.4', '10.1.0.5']);
  });

  it('passes over gateway, DNS servers, exclusions and what is taken', () => {
    const some = pool({
      gateway: '10.1.0.6',
      dns: ['10.1.0.1', '192.0.2.1'],
      exclusions: [{ first: '10.1.0.2', last: '10.1.0.3' }],
    });
    expect(freeIn(some)).toEqual(['10.1.0.4', '10.1.0.5']);
    expect(freeIn(some, '10.1.0.4')).toEqual(['10.1.0.5']);
    expect(freeIn(some, '10.1.0.4', '10.1.0.5')).toEqual([]);
  });

  it('goes through its ranges in the order in which they were named', () => {
    const ranges = [
      { first: '10.1.0.5', last: '10.1.0.6' },
      { first: '10.1.0.1', last: '10.1.0.1' },
    ];
    expect(freeIn(pool({ ranges }))).toEqual(['10.1.0.5', '10.1.0.6', '10.1.0.1']);
  });
});
