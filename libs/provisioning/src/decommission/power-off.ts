import type { DecommissionRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { PowerState } from '../ports/found-machine';
import type { ProvisioningTools } from '../tools';
import type { WithFoundMachine } from './find-machine';

interface PowerNotes {
  readonly before: PowerState;
}

/** Switches the machine off, hard; undone, it is as it was found. */
export const powerOff = ({ vcenter }: ProvisioningTools) =>
  defineStep<DecommissionRequest & WithFoundMachine, object, PowerNotes>({
    name: 'power-off',
    title: 'Power off',
    timeoutMs: 5 * 60_000,
    retry: { attempts: 5, delayMs: 2_000, backoff: 2 },
    applies: ({ foundMachine }) => foundMachine !== null,
    run: async (request, at) => {
      const found = await vcenter.findRegistered(request.vcenterId, request, at.signal);
      if (found?.power === 'on') {
        const { before = found.power } = at.notes;
        await at.note({ before });
        await vcenter.powerOff(request.vcenterId, found.machine, at.signal);
      }
      return {};
    },
    undo: async (request, at) => {
      const found = await vcenter.findRegistered(request.vcenterId, request, at.signal);
      if (found && at.notes.before === 'on') {
        await vcenter.powerOn(request.vcenterId, found.machine, at.signal);
        at.log(`${found.name} is on again.`);
      }
    },
  });
