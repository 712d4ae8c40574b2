import { describe, expect, it } from 'vitest';
import { serialize } from '../soap/serialize';
import { customizationSpec } from './customize-guest';

const IPV4 = { address: '192.0.2.7', prefix: 24 };
const ORDER = { hostname: 'web01', ipv4: IPV4, dns: [] };
const first = { $type: 'VirtualVmxnet3', key: 4000, macAddress: '00:50:56:AA:BB:CC' };
const second = { $type: 'VirtualE1000', key: 4001, macAddress: '00:50:56:aa:bb:cd' };

describe('a customization', () => {
  it('gives the first adapter the address and lets the others ask DHCP', () => {
    const spec = customizationSpec({ ...ORDER, ipv4: { ...IPV4, gateway: '192.0.2.1' } }, [
      first,
      second,
    ]);
    expect(spec['nicSettingMap']).toEqual([
      {
        macAddress: '00:50:56:aa:bb:cc',
        adapter: {
          ip: { $type: 'CustomizationFixedIp', ipAddress: '192.0.2.7' },
          subnetMask: '255.255.255.0',
          gateway: ['192.0.2.1'],
          dnsServerList: [],
        },
      },
      {
        macAddress: '00:50:56:aa:bb:cd',
        adapter: { ip: { $type: 'CustomizationDhcpIpGenerator' } },
      },
    ]);
  });

  it('lets all adapters ask DHCP where no address is given', () => {
    const spec = customizationSpec({ ...ORDER, ipv4: null }, [first, second]);
    const byDhcp = { ip: { $type: 'CustomizationDhcpIpGenerator' } };
    expect(spec['nicSettingMap']).toMatchObject([{ adapter: byDhcp }, { adapter: byDhcp }]);
  });

  it('gives further adapters addresses of their own, without a gateway', () => {
    const extraAddresses = [{ address: '198.51.100.7', prefix: 25 }];
    const [, other] = customizationSpec({ ...ORDER, extraAddresses }, [first, second])[
      'nicSettingMap'
    ] as object[];
    expect(other).toEqual({
      macAddress: '00:50:56:aa:bb:cd',
      adapter: {
        ip: { $type: 'CustomizationFixedIp', ipAddress: '198.51.100.7' },
        subnetMask: '255.255.255.128',
      },
    });
  });

  it('is what vCenter can read, with a domain when none is given', () => {
    const xml = serialize('spec', 'CustomizationSpec', customizationSpec(ORDER, [first]));
    expect(xml).toContain('<domain>localdomain</domain>');
    expect(xml).not.toContain('<gateway>');
  });
});
