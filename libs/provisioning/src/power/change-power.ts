import type { PowerAction, PowerRequest } from '@diaken/contracts';
import { defineStep, type StepContext } from '@diaken/pipeline';
import { hostWithoutMachine } from '../host-machine/host-machine';
import type { FoundMachine, PowerState } from '../ports/found-machine';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { askOnce, type AskedOnce, forgetAsking } from './ask-once';

/** How the machine was found, and how it was left. */
export interface PowerChange {
  readonly before: PowerState;
  readonly after: PowerState;
}

interface PowerNotes extends AskedOnce {
  readonly before: PowerState;
  /** When the guest was asked to shut down, in ms since 1970; null: it is to be asked again. */
  readonly shutdownAskedAt: number | null;
}

type At = StepContext<PowerNotes>;
type Work = { readonly request: PowerRequest; readonly found: FoundMachine; readonly at: At };

/** Does what was asked to the power of the machine that is registered for the host, and to no other. */
export const changePower = ({ vcenter }: ProvisioningTools) =>
  defineStep<PowerRequest, PowerChange, PowerNotes>({
    name: 'change-power',
    title: 'Change the power of the machine',
    // An hour is the longest that a guest may be given to shut down.
    timeoutMs: 65 * 60_000,
    retry: { attempts: 5, delayMs: 2_000, backoff: 2 },
    run: async (request, at) => {
      const found = await vcenter.findRegistered(request.vcenterId, request, at.signal);
      if (!found) {
        throw hostWithoutMachine(request);
      }
      const { before = found.power } = at.notes;
      at.checkpoint({ before });
      const after = await ACTIONS[request.action](vcenter, { request, found, at });
      at.log(`${found.name} (${found.machine.moRef}) was ${before} and is ${after} now.`);
      return { before, after };
    },
  });

type Power = ProvisioningTools['vcenter'];

/** What each action does, and how it leaves the machine. */
const ACTIONS: Record<PowerAction, (vcenter: Power, work: Work) => Promise<PowerState>> = {
  on: async (vcenter, { request, found, at }) => {
    await vcenter.powerOn(request.vcenterId, found.machine, at.signal);
    return 'on';
  },
  off: async (vcenter, { request, found, at }) => {
    await vcenter.powerOff(request.vcenterId, found.machine, at.signal);
    return 'off';
  },
  suspend: async (vcenter, { request, found, at }) => {
    await vcenter.suspend(request.vcenterId, found.machine, at.signal);
    return 'suspended';
  },
  shutdown: shutDown,
  reset,
  'reboot-guest': async (vcenter, { request, found, at }) => {
    await askOnce(`rebooting ${found.name}`, at, async () => {
      await vcenter.askGuest(request.vcenterId, found.machine, 'reboot', at.signal);
      return 'guest';
    });
    at.log('The guest has been asked to reboot, and does so in its own time.');
    return 'on';
  },
};

async function reset(vcenter: Power, { request, found, at }: Work): Promise<PowerState> {
  const { vcenterId } = request;
  const task = await askOnce(`resetting ${found.name}`, at, () =>
    vcenter.startReset(vcenterId, found.machine, at.signal),
  );
  try {
    await vcenter.followTask(vcenterId, task, { signal: at.signal });
  } catch (error) {
    if (error instanceof ProvisioningFailure && !error.transient) {
      await forgetAsking(at); // it has not been reset
    }
    throw error;
  }
  return 'on';
}

async function shutDown(vcenter: Power, { request, found, at }: Work): Promise<PowerState> {
  const { vcenterId, timeoutSeconds } = request;
  if (found.power === 'off') {
    return 'off';
  }
  if (!at.notes.shutdownAskedAt) {
    await vcenter.askGuest(vcenterId, found.machine, 'shutdown', at.signal);
    await at.note({ shutdownAskedAt: Date.now() });
    at.log('The guest has been asked to shut down.');
  }
  const askedAt = at.notes.shutdownAskedAt ?? Date.now();
  const leftMs = Math.max(0, askedAt + timeoutSeconds * 1_000 - Date.now());
  const tooLate = AbortSignal.timeout(leftMs);
  try {
    const signal = AbortSignal.any([at.signal, tooLate]);
    await vcenter.waitUntilOff(vcenterId, found.machine, signal);
  } catch (error) {
    if (at.signal.aborted || !tooLate.aborted) {
      throw error;
    }
    await at.note({ shutdownAskedAt: null });
    throw stillOn(found, timeoutSeconds);
  }
  return 'off';
}

function stillOn({ name }: FoundMachine, timeoutSeconds: number): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'timed-out',
    cause: `The guest of ${name} is not off ${timeoutSeconds} s after it was asked to shut down.`,
    remedy: 'See its console in vCenter. The action "off" switches it off without asking it.',
  });
}
