import { netmaskOf } from '@diaken/contracts';
import type { Machine, StaticAddress } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { textOf, type VimObject } from '../soap/vim-value';
import { runTask } from '../tasks/run-task';
import { adaptersOf, DEVICES, macOf } from './devices';
import { machineRef, readMachine } from './find-machine';
import { type OpenedOrder, sysprepParts } from './sysprep-identity';

const PENDING = 'config.tools.pendingCustomization';

/** Gives a machine that is off its host name and address for its next start; nothing when it waits for that. */
export async function customizeGuest(
  vcenter: ConnectedVCenter,
  machine: Machine,
  order: OpenedOrder,
  signal: AbortSignal,
): Promise<void> {
  const paths = [DEVICES, PENDING, 'runtime.powerState'];
  const seen = await readMachine(vcenter, machine, paths, signal);
  if (textOf(seen[PENDING]) !== '' && seen['runtime.powerState'] === 'poweredOff') return;
  const spec = customizationSpec(order, adaptersOf(seen[DEVICES]));
  const on = machineRef(machine);
  try {
    await runTask(vcenter, { method: 'CustomizeVM_Task', on, parameters: { spec } }, signal);
  } catch (error) {
    // Our own call whose answer was lost, or that of a worker that died, was quicker.
    if (!isFault(error, 'CustomizationPending')) throw error;
  }
}

/** vCenter insists on settings for every adapter: those without a static address ask DHCP. */
export function customizationSpec(order: OpenedOrder, adapters: readonly VimObject[]): VimObject {
  const { hostname, sysprep } = order;
  return {
    ...(sysprep ? sysprepParts(hostname, sysprep) : linuxParts(order)),
    globalIPSettings: globalSettings(order),
    nicSettingMap: adapters.map((adapter, index) => ({
      ...(macOf(adapter) === '' ? {} : { macAddress: macOf(adapter) }),
      adapter: index === 0 ? firstAddress(order) : address(order.extraAddresses?.[index - 1]),
    })),
  };
}

function linuxParts({ hostname, domain = NO_DOMAIN }: OpenedOrder): VimObject {
  return {
    options: { $type: 'CustomizationLinuxOptions' },
    identity: {
      $type: 'CustomizationLinuxPrep',
      hostName: { $type: 'CustomizationFixedName', name: hostname },
      domain,
    },
  };
}

/** Windows has name servers for each adapter only, and needs no domain. */
function globalSettings({ sysprep, domain, dns }: OpenedOrder): VimObject {
  if (sysprep) return domain === undefined ? {} : { dnsSuffixList: [domain] };
  return { dnsSuffixList: [domain ?? NO_DOMAIN], dnsServerList: [...dns] };
}

/** Linux customization insists on one. */
const NO_DOMAIN = 'localdomain';

function firstAddress({ ipv4, dns }: OpenedOrder): VimObject {
  return { ...address(ipv4), ...(ipv4 && { dnsServerList: [...dns] }) };
}

function address(fixed: StaticAddress | null | undefined): VimObject {
  if (!fixed) return { ip: { $type: 'CustomizationDhcpIpGenerator' } };
  return {
    ip: { $type: 'CustomizationFixedIp', ipAddress: fixed.address },
    subnetMask: netmaskOf(fixed.prefix),
    ...(fixed.gateway !== undefined && { gateway: [fixed.gateway] }),
  };
}
