import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

/** Starts the machine. */
export const powerOn = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'power-on',
    title: 'Power on',
    timeoutMs: minutes(5),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    run: async ({ vcenterId, machine }, at) => {
      await vcenter.powerOn(vcenterId, machine, at.signal);
      return {};
    },
  });
