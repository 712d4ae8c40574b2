import { describe, expect, it } from 'vitest';
import { serialize } from '../soap/serialize';
import { customizationSpec } from './customize-guest';
import { GuestPasswords, openOrder } from './sysprep-identity';

class Passwords extends GuestPasswords {
  override async open(id: string) {
    return { username: `user of ${id}`, password: `pa<ss> & "${id}"` };
  }
}

const sysprep = {
  ...{ credentialId: 'local', timeZone: 110, owner: 'Alice', organization: 'Example' },
  ...{ autoLogons: 0, workgroup: 'LAB' },
};
const ipv4 = { address: '192.0.2.7', prefix: 24, gateway: '192.0.2.1' };
const order = { hostname: 'web01', ipv4, dns: ['192.0.2.2'], domain: 'example.net' };
const adapters = [
  { $type: 'VirtualVmxnet3', key: 4000, macAddress: '00:50:56:AA:BB:CC' },
  { $type: 'VirtualVmxnet3', key: 4001, macAddress: '00:50:56:AA:BB:CD' },
];
const specOf = async (more: object = {}) => {
  const opened = await openOrder({ ...order, sysprep: { ...sysprep, ...more } }, new Passwords());
  return customizationSpec(opened, adapters);
};

describe('the customization of a Windows guest', () => {
  it('is exactly this', async () => {
    expect(await specOf()).toEqual({
      options: {
        $type: 'CustomizationWinOptions',
        changeSID: true,
        deleteAccounts: false,
        reboot: 'reboot',
      },
      identity: {
        $type: 'CustomizationSysprep',
        guiUnattended: {
          password: { value: 'pa<ss> & "local"', plainText: true },
          timeZone: 110,
          autoLogon: false,
          autoLogonCount: 0,
        },
        userData: {
          fullName: 'Alice',
          orgName: 'Example',
          productId: '',
          computerName: { $type: 'CustomizationFixedName', name: 'web01' },
        },
        identification: { joinWorkgroup: 'LAB' },
      },
      globalIPSettings: { dnsSuffixList: ['example.net'] },
      nicSettingMap: [
        {
          macAddress: '00:50:56:aa:bb:cc',
          adapter: {
            ip: { $type: 'CustomizationFixedIp', ipAddress: '192.0.2.7' },
            subnetMask: '255.255.255.0',
            gateway: ['192.0.2.1'],
            dnsServerList: ['192.0.2.2'],
          },
        },
        {
          macAddress: '00:50:56:aa:bb:cd',
          adapter: { ip: { $type: 'CustomizationDhcpIpGenerator' } },
        },
      ],
    });
  });

  it('is what vCenter can read, in its order', async () => {
    const xml = serialize('spec', 'CustomizationSpec', await specOf());
    const elements = ['options', 'guiUnattended', 'password', 'timeZone', 'autoLogon>', 'fullName'];
    const places = [...elements, 'computerName', 'identification', 'nicSettingMap'].map((name) =>
      xml.indexOf(`<${name}`),
    );
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places[0]).toBeGreaterThan(0);
    expect(xml).toContain('<value>pa&lt;ss&gt; &amp; &quot;local&quot;</value>');
  });

  it('joins a domain with the user who may', async () => {
    const domain = { name: 'corp.example.net', credentialId: 'joiner' };
    expect(await specOf({ domain })).toMatchObject({
      identity: {
        identification: {
          joinDomain: 'corp.example.net',
          domainAdmin: 'user of joiner',
          domainAdminPassword: { value: 'pa<ss> & "joiner"', plainText: true },
        },
      },
    });
  });

  it('logs the Administrator in as often as asked for', async () => {
    expect(await specOf({ autoLogons: 2 })).toMatchObject({
      identity: { guiUnattended: { autoLogon: true, autoLogonCount: 2 } },
    });
  });

  it('is not made without its passwords, and never turns into that of a Linux guest', async () => {
    await expect(openOrder({ ...order, sysprep }, undefined)).rejects.toThrow('passwords');
  });
});
