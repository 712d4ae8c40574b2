import { type MachineRequest, netmaskOf, parseCidr } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { CustomizationOrder } from '../ports/vcenter';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

/** Host name and address for the guest's first start. */
export const customizeGuest = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'customize-guest',
    title: 'Give name and address to the guest',
    timeoutMs: minutes(5),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    run: async (request, at) => {
      const { vcenterId, machine, hostname, network } = request;
      const { poweredOn } = await vcenter.state(vcenterId, machine, at.signal);
      if (poweredOn) {
        at.log('The machine runs already, so it has been customized.');
        return {};
      }
      await vcenter.customize(vcenterId, machine, customizationOf(request), at.signal);
      at.log(`The guest starts as ${hostname} with ${network.address} (${network.cidr}).`);
      return {};
    },
  });

function customizationOf({ hostname, network }: MachineRequest): CustomizationOrder {
  const { address, cidr, gateway, dns, domain } = network;
  return {
    hostname,
    address,
    netmask: netmaskOf(parseCidr(cidr)?.prefix ?? 32),
    dns,
    ...(domain !== undefined && { domain }),
    ...(gateway !== undefined && { gateway }),
  };
}
