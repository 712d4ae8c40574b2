import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';
import { isStaged } from './staging-address';

/** Moves the machine from the port group it was configured on to its own. */
export const changeNetwork = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'change-network',
    title: 'Move to its network',
    timeoutMs: minutes(5),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    applies: (request) => request.placement.stagingPortGroup !== null && !isStaged(request), // which moves it with its address
    run: async ({ vcenterId, machine, placement }, at) => {
      await vcenter.connectNetwork(vcenterId, machine, placement.portGroup, at.signal);
      at.log(`Network adapter moved to ${placement.portGroup.name}.`);
      return {};
    },
  });
