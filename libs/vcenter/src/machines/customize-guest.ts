import { netmaskOf } from '@diaken/contracts';
import type { CustomizationOrder, Machine, StaticAddress } from '@diaken/provisioning';
import type { ConnectedVCenter } from '../connected-vcenter';
import { isFault } from '../problems/fault-failure';
import { textOf, type VimObject } from '../soap/vim-value';
import { runTask } from '../tasks/run-task';
import { adaptersOf, DEVICES, macOf } from './devices';
import { machineRef, readMachine } from './find-machine';

const PENDING = 'config.tools.pendingCustomization';

/** Gives a machine that is off its host name and address for its next start; nothing when it waits for that. */
export async function customizeGuest(
  vcenter: ConnectedVCenter,
  machine: Machine,
  order: CustomizationOrder,
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
export function customizationSpec(
  order: CustomizationOrder,
  adapters: readonly VimObject[],
): VimObject {
  const domain = order.domain ?? 'localdomain';
  return {
    options: { $type: 'CustomizationLinuxOptions' },
    identity: {
      $type: 'CustomizationLinuxPrep',
      hostName: { $type: 'CustomizationFixedName', name: order.hostname },
      domain,
    },
    globalIPSettings: { dnsSuffixList: [domain], dnsServerList: [...order.dns] },
    nicSettingMap: adapters.map((adapter, index) => ({
      ...(macOf(adapter) === '' ? {} : { macAddress: macOf(adapter) }),
      adapter: index === 0 ? firstAddress(order) : address(order.extraAddresses?.[index - 1]),
    })),
  };
}

function firstAddress({ ipv4, dns }: CustomizationOrder): VimObject {
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
