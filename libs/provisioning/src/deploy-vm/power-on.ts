import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';
import { requireSilence } from './staging-address';

/** Starts the machine, once nobody else has the address that it boots on. */
export const powerOn = (tools: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, object>({
    name: 'power-on',
    title: 'Power on',
    timeoutMs: minutes(5),
    retry: { attempts: 5, delayMs: seconds(2), backoff: 2 },
    run: async (request, at) => {
      await requireSilence(tools, request, at.signal);
      await tools.vcenter.powerOn(request.vcenterId, request.machine, at.signal);
      return {};
    },
  });
