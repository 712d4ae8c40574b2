import { describe, expect, it } from 'vitest';
import { addressesOn } from './guest-addresses';

const MAC = '00:50:56:aa:bb:cc';

describe('the addresses that a guest reports', () => {
  it('are those of the adapters asked for, in any case of the MAC', () => {
    const net = [
      { macAddress: MAC.toUpperCase(), deviceConfigId: 4000, ipAddress: ['192.0.2.1', 'fe80::1'] },
      { macAddress: '02:42:00:00:00:01', deviceConfigId: 4001, ipAddress: ['172.17.0.1'] },
    ];
    expect(addressesOn([MAC], net)).toEqual(['192.0.2.1']);
  });

  it('are not those of bridges, nor link-local ones', () => {
    const net = [
      { macAddress: MAC, deviceConfigId: -1, ipAddress: ['192.168.122.1'] },
      { macAddress: MAC, deviceConfigId: 4000, ipAddress: ['169.254.1.2', '127.77.0.9'] },
    ];
    expect(addressesOn([MAC], net)).toEqual(['127.77.0.9']);
  });

  it('are each there once', () => {
    const ipConfig = { ipAddress: [{ ipAddress: '192.0.2.1', prefixLength: 24 }] };
    const net = [{ macAddress: MAC, deviceConfigId: 4000, ipAddress: ['192.0.2.1'], ipConfig }];
    expect(addressesOn([MAC], net)).toEqual(['192.0.2.1']);
  });

  it('are none before VMware Tools report', () => {
    expect(addressesOn([MAC], undefined)).toEqual([]);
  });
});
