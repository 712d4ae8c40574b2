import {
  extrasOf,
  guestOf,
  type MachineRequest,
  parseCidr,
  WindowsSettings,
} from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { CustomizationOrder, StaticAddress, SysprepOrder } from '../ports/vcenter';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

/** Host name and address for the guest's first start. */
export const customizeGuest = ({ vcenter, guests }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'customize-guest',
    title: 'Give name and address to the guest',
    timeoutMs: minutes(5),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    applies: (request) =>
      ['cloud-init', 'linuxprep', 'sysprep'].includes(guestOf(request).guestInit),
    run: async (request, at) => {
      const { vcenterId, machine, hostname } = request;
      const { poweredOn } = await vcenter.state(vcenterId, machine, at.signal);
      if (poweredOn) {
        at.log('The machine runs already, so it has been customized.');
        return {};
      }
      const order = customizationOf(request);
      if (guestOf(request).guestInit === 'cloud-init') {
        const login = await guests.loginOf(request.credentialId);
        await vcenter.seedCloudInit(vcenterId, machine, { ...order, login }, at.signal);
      } else {
        await vcenter.customize(vcenterId, machine, order, at.signal);
      }
      const { ipv4 } = order;
      const address = ipv4 ? `${ipv4.address}/${ipv4.prefix}` : 'an address by DHCP';
      at.log(`The guest starts as ${hostname} with ${address}.`);
      return {};
    },
  });

function customizationOf(request: MachineRequest): CustomizationOrder {
  const { hostname, network } = request;
  const { gateway, dns, domain } = network;
  const ipv4 = staticAddress(network);
  const guest = guestOf(request);
  const extraAddresses = extrasOf(request).networks.map(staticAddress);
  return {
    hostname,
    ipv4: ipv4 && { ...ipv4, ...(gateway !== undefined && { gateway }) },
    dns,
    ...(extraAddresses.length > 0 && { extraAddresses }),
    ...(domain !== undefined && { domain }),
    ...(guest.guestInit === 'sysprep' && { sysprep: sysprepOf(request) }),
  };
}

function sysprepOf(request: MachineRequest): SysprepOrder {
  const { windows } = guestOf(request);
  return { ...(windows ?? WindowsSettings.parse({})), credentialId: request.credentialId };
}

/** null: it asks DHCP. */
function staticAddress(network: Addressing): StaticAddress | null {
  const { address, cidr = '' } = network;
  return address === undefined ? null : { address, prefix: parseCidr(cidr)?.prefix ?? 32 };
}

type Addressing = Partial<Pick<MachineRequest['network'], 'address' | 'cidr'>>;
