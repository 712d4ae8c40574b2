import type { MachineRequest } from '@diaken/contracts';
import { defineStep, pause, type StepContext } from '@diaken/pipeline';
import type { Machine } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

interface CloneNotes {
  /** vCenter's task; null while the answer that names it is missing. */
  readonly task: string | null;
  /** The clone was about to be asked for: an answer may have been lost. */
  readonly asked: boolean;
}

/** How long a clone whose answer was lost may take to show up. */
const LOST_ANSWER_CHECKS = 5;

/** Copies the template. By far the longest step in vCenter, so it adopts what a crashed attempt left behind. */
export const cloneTemplate = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest, WithMachine, CloneNotes>({
    name: 'clone-template',
    title: 'Clone the template',
    timeoutMs: minutes(60),
    retry: { attempts: 8, delayMs: seconds(3), backoff: 2 },
    weight: 8,
    run: async (request, at) => {
      const left = await adopt(vcenter, request, at);
      if (left) {
        at.log(`Adopted the machine ${left.moRef} that an earlier attempt had cloned.`);
        return { machine: left };
      }
      const { hostname, placement, cpus, memoryMb, vcenterId } = request;
      const order = { runId: at.runId, name: hostname, placement, cpus, memoryMb };
      const askedBefore = at.notes.asked === true;
      await at.note({ asked: true, task: null });
      try {
        const task = await vcenter.startClone(vcenterId, order, at.signal);
        await at.note({ task });
        at.log(`vCenter clones ${placement.template.name} to ${hostname} (${task}).`);
        await follow(vcenter, { vcenterId, task }, at);
      } catch (error) {
        throw askedBefore && isNameTaken(error) ? stillCloning(hostname) : error;
      }
      return { machine: await cloned(vcenter, vcenterId, at) };
    },
    undo: async (request, at) => {
      // Looks as patiently as another attempt would: what shows up later would be nobody's.
      await adopt(vcenter, request, at);
      await vcenter.destroyOfRun(request.vcenterId, at.runId, at.signal);
    },
  });

type Clones = ProvisioningTools['vcenter'];
type At = StepContext<CloneNotes>;

/** The machine of an earlier attempt, also when its task still goes on or its answer was lost. */
async function adopt(
  vcenter: Clones,
  { vcenterId }: MachineRequest,
  at: At,
): Promise<Machine | undefined> {
  const { task = null, asked } = at.notes;
  if (task !== null) {
    await settleTask(vcenter, { vcenterId, task }, at);
  }
  const checks = asked && task === null ? LOST_ANSWER_CHECKS : 1;
  for (let check = 1; check <= checks; check++) {
    const machine = await vcenter.findByRun(vcenterId, at.runId, at.signal);
    if (machine) {
      return machine;
    }
    if (check < checks) {
      await pause(seconds(1), at.signal);
    }
  }
  return undefined;
}

interface CloneTask {
  readonly vcenterId: string;
  readonly task: string;
}

/** Waits for the task of an earlier attempt. How it ended does not matter: what is there, counts. */
async function settleTask(vcenter: Clones, task: CloneTask, at: At): Promise<void> {
  try {
    await follow(vcenter, task, at);
  } catch (error) {
    // While vCenter is away, nobody knows whether it has ended.
    if (!(error instanceof ProvisioningFailure) || error.code === 'vcenter-unreachable') {
      throw error;
    }
    at.log(`The clone of the earlier attempt ended: ${error.message}`);
  }
}

function follow(vcenter: Clones, { vcenterId, task }: CloneTask, at: At): Promise<void> {
  const { signal } = at;
  return vcenter.followTask(vcenterId, task, { signal, onProgress: (done) => at.progress(done) });
}

async function cloned(vcenter: Clones, vcenterId: string, at: At): Promise<Machine> {
  const machine = await vcenter.findByRun(vcenterId, at.runId, at.signal);
  if (!machine) {
    throw new ProvisioningFailure({
      code: 'machine-missing',
      cause: 'vCenter ended the clone without a fault, but has no machine of this run.',
      remedy: 'Resume the run. If it happens again, look at the task in vCenter.',
      transient: true,
    });
  }
  return machine;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof ProvisioningFailure && error.code === 'name-in-vcenter';
}

/** vCenter keeps the name from the moment a clone begins, so the clone whose answer was lost has it. */
function stillCloning(hostname: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'name-in-vcenter',
    cause: `${hostname} exists in vCenter already: most likely the clone of an earlier attempt, still going on.`,
    remedy: 'Wait for it to end, or remove the machine of that name, and resume the run.',
    transient: true,
  });
}
