import { gzipSync } from 'node:zlib';
import type { CloudInitOrder, Machine } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import type { VimObject } from '../soap/vim-value';
import { runTask } from '../tasks/run-task';
import { adaptersOf, DEVICES, macOf } from './devices';
import { machineRef, readMachine } from './find-machine';

/**
 * Leaves in the extra configuration of a machine that is off what cloud-init's datasource VMware reads at its first
 * start: https://docs.cloud-init.io/en/latest/reference/datasources/vmware.html.
 */
export async function seedCloudInit(
  vcenter: ConnectedVCenter,
  machine: Machine,
  order: CloudInitOrder,
  signal: AbortSignal,
): Promise<void> {
  const { [DEVICES]: devices } = await readMachine(vcenter, machine, [DEVICES], signal);
  const macs = adaptersOf(devices).map(macOf);
  const parameters = { spec: { extraConfig: guestInfo(machine, order, macs) } };
  const on = machineRef(machine);
  await runTask(vcenter, { method: 'ReconfigVM_Task', on, parameters }, signal);
}

/** The options of the extra configuration. They hold no secret: whoever may read the machine may read them. */
export function guestInfo(
  machine: Machine,
  order: CloudInitOrder,
  macs: readonly string[],
): readonly VimObject[] {
  const userData = `#cloud-config\n${JSON.stringify(userDataOf(order))}\n`;
  return [
    ...encoded('guestinfo.metadata', JSON.stringify(metadataOf(machine, order, macs))),
    ...encoded('guestinfo.userdata', userData),
  ];
}

function encoded(key: string, text: string): readonly VimObject[] {
  return [
    { key, value: gzipSync(text).toString('base64') },
    { key: `${key}.encoding`, value: 'gzip+base64' },
  ];
}

/** JSON is YAML, too. */
function metadataOf(
  { instanceUuid }: Machine,
  order: CloudInitOrder,
  macs: readonly string[],
): object {
  const { hostname, domain } = order;
  const adapters = macs.map((mac, index) => [`eth${index}`, adapterOf(mac, index, order)]);
  return {
    // New for every machine, or cloud-init takes it for the one that the template was made of.
    'instance-id': instanceUuid,
    'local-hostname': domain === undefined ? hostname : `${hostname}.${domain}`,
    network: { version: 2, ethernets: Object.fromEntries(adapters) },
    redact: ['userdata', 'vendordata'],
  };
}

/** An adapter without an address asks DHCP; name servers are the first one's. Every renderer knows a name that is set, not all a match. */
function adapterOf(
  macaddress: string,
  index: number,
  { ipv4, extraAddresses, dns, domain }: CloudInitOrder,
): object {
  const name = { match: { macaddress }, 'set-name': `eth${index}` };
  const fixed = index === 0 ? ipv4 : extraAddresses?.[index - 1];
  if (!fixed) {
    return { ...name, dhcp4: true };
  }
  const { address, prefix, gateway } = fixed;
  const nameservers = {
    ...(dns.length > 0 && { addresses: [...dns] }),
    ...(domain !== undefined && { search: [domain] }),
  };
  return {
    ...name,
    dhcp4: false,
    addresses: [`${address}/${prefix}`],
    // As older cloud-init knows it; neither `gateway4`, which netplan has given up, nor `default`.
    ...(gateway !== undefined && { routes: [{ to: '0.0.0.0/0', via: gateway }] }),
    ...(index === 0 && Object.keys(nameservers).length > 0 && { nameservers }),
  };
}

/** Lets the credential's user in by its public key. One with a password, for SSH or sudo, the template must know. */
function userDataOf({ login: { username, publicKey, asksPassword } }: CloudInitOrder): object {
  if (publicKey === null) {
    return { users: ['default'], ssh_pwauth: true };
  }
  const user = {
    name: username,
    ...{ lock_passwd: false, ssh_authorized_keys: [publicKey] },
    ...(username !== 'root' && { shell: '/bin/bash' }),
    ...(username !== 'root' && !asksPassword && { sudo: 'ALL=(ALL) NOPASSWD:ALL' }),
  };
  return { users: ['default', user], ...(username === 'root' && { disable_root: false }) };
}
