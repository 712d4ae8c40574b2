import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

/** Disk and network adapter as asked for, while the machine is off. */
export const configureHardware = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'configure-hardware',
    title: 'Configure the hardware',
    timeoutMs: minutes(10),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    run: async ({ vcenterId, machine, placement, diskGb }, at) => {
      const portGroup = placement.stagingPortGroup ?? placement.portGroup;
      const order = { portGroup, ...(diskGb !== undefined && { diskGb }) };
      await vcenter.configureHardware(vcenterId, machine, order, at.signal);
      at.log(
        `Network adapter on ${portGroup.name}${diskGb ? `, first disk at least ${diskGb} GiB` : ''}.`,
      );
      return {};
    },
  });
