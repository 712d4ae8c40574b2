import { gunzipSync } from 'node:zlib';
import type { CloudInitOrder } from '@diaken/provisioning';
import { describe, expect, it } from 'vitest';
import { guestInfo } from './seed-cloud-init';

const MACHINE = {
  moRef: 'vm-7',
  instanceUuid: '0f0e0d0c-0b0a-4900-8000-00000000000a',
  biosUuid: '564d0102-0304-0506-0708-000000000001',
};
const ORDER: CloudInitOrder = {
  hostname: 'web01',
  domain: 'example.net',
  ipv4: { address: '192.0.2.7', prefix: 23, gateway: '192.0.2.1' },
  dns: ['192.0.2.53', '192.0.2.54'],
  login: { username: 'deploy', publicKey: 'ssh-ed25519 AAAAkey', asksPassword: false },
};
const MACS = ['00:50:56:00:00:01', '00:50:56:00:00:02'];

/** What cloud-init reads of the options. */
function read(order: CloudInitOrder, macs = MACS) {
  const options = new Map(
    guestInfo(MACHINE, order, macs).map(({ key, value }) => [String(key), String(value)]),
  );
  const decoded = (key: string) => {
    expect(options.get(`${key}.encoding`)).toBe('gzip+base64');
    return gunzipSync(Buffer.from(options.get(key) ?? '', 'base64')).toString('utf8');
  };
  const [header, ...body] = decoded('guestinfo.userdata').split('\n');
  return {
    keys: [...options.keys()],
    metadata: JSON.parse(decoded('guestinfo.metadata')),
    header,
    userdata: JSON.parse(body.join('\n')),
  };
}

describe('what cloud-init is left', () => {
  it('is metadata and user data, and nothing else', () => {
    expect(read(ORDER).keys).toEqual([
      ...['guestinfo.metadata', 'guestinfo.metadata.encoding'],
      ...['guestinfo.userdata', 'guestinfo.userdata.encoding'],
    ]);
  });

  it('has an instance of its own, the name, the network by MAC, and has the user data redacted', () => {
    expect(read(ORDER).metadata).toEqual({
      'instance-id': MACHINE.instanceUuid,
      'local-hostname': 'web01.example.net',
      network: {
        version: 2,
        ethernets: {
          eth0: {
            match: { macaddress: '00:50:56:00:00:01' },
            'set-name': 'eth0',
            dhcp4: false,
            addresses: ['192.0.2.7/23'],
            routes: [{ to: '0.0.0.0/0', via: '192.0.2.1' }],
            nameservers: { addresses: ['192.0.2.53', '192.0.2.54'], search: ['example.net'] },
          },
          eth1: {
            match: { macaddress: '00:50:56:00:00:02' },
            'set-name': 'eth1',
            dhcp4: true,
          },
        },
      },
      redact: ['userdata', 'vendordata'],
    });
  });

  it('gives further adapters their addresses, without a gateway and name servers', () => {
    const extraAddresses = [{ address: '198.51.100.7', prefix: 25 }];
    expect(read({ ...ORDER, extraAddresses }).metadata.network.ethernets.eth1).toEqual({
      ...{ match: { macaddress: '00:50:56:00:00:02' }, 'set-name': 'eth1' },
      ...{ dhcp4: false, addresses: ['198.51.100.7/25'] },
    });
  });

  it('leaves out what was not asked for', () => {
    const { metadata } = read({
      ...{ hostname: 'web01', dns: [], login: ORDER.login },
      ipv4: { address: '192.0.2.7', prefix: 24 },
    });
    expect(metadata['local-hostname']).toBe('web01');
    expect(Object.keys(metadata.network.ethernets.eth0)).toEqual([
      ...['match', 'set-name', 'dhcp4', 'addresses'],
    ]);
  });

  it('lets every adapter ask DHCP where no address is given', () => {
    const { ethernets } = read({ ...ORDER, ipv4: null }).metadata.network;
    expect(ethernets.eth0).toEqual({
      ...{ match: { macaddress: MACS[0] }, 'set-name': 'eth0', dhcp4: true },
    });
  });

  it('lets the user in by the public key', () => {
    const { header, userdata } = read(ORDER);
    expect(header).toBe('#cloud-config');
    expect(userdata).toEqual({
      users: [
        'default',
        {
          ...{ name: 'deploy', lock_passwd: false, ssh_authorized_keys: ['ssh-ed25519 AAAAkey'] },
          ...{ shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL' },
        },
      ],
    });
  });

  it('does not let a user whose sudo asks for a password do without', () => {
    const login = { ...ORDER.login, asksPassword: true };
    expect(read({ ...ORDER, login }).userdata.users[1]).not.toHaveProperty('sudo');
  });

  it('lets a user in by a password that the template knows', () => {
    const login = { ...ORDER.login, publicKey: null };
    expect(read({ ...ORDER, login }).userdata).toEqual({ users: ['default'], ssh_pwauth: true });
  });

  it('lets root in where the credential is root’s', () => {
    const login = { ...ORDER.login, username: 'root' };
    expect(read({ ...ORDER, login }).userdata).toEqual({
      users: [
        'default',
        { name: 'root', lock_passwd: false, ssh_authorized_keys: ['ssh-ed25519 AAAAkey'] },
      ],
      disable_root: false,
    });
  });
});
