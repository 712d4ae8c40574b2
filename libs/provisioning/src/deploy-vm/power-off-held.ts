import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes } from './facts';

/** Switches the machine of a failed run off, where its failure policy says so. The machine is kept. */
export const powerOffHeld = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest, object>({
    name: 'power-off-held',
    title: 'Power off after the failure',
    timeoutMs: minutes(2),
    applies: ({ onFailure }) => onFailure.machine === 'power-off',
    run: async ({ vcenterId }, at) => {
      const machine = await vcenter.findByRun(vcenterId, at.runId, at.signal);
      if (machine) {
        await vcenter.powerOff(vcenterId, machine, at.signal);
        at.log(`${machine.moRef} is powered off and kept, as the failure policy says.`);
      }
      return {};
    },
  });
