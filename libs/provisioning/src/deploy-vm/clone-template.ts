import type { MachineRequest } from '@diaken/contracts';
import { defineStep, isInterruption, pause, type StepContext } from '@diaken/pipeline';
import type { CloneSighting, Machine } from '../ports/vcenter';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine } from './facts';

interface CloneNotes {
  /** A clone was about to be asked for, and vCenter has not refused it. */
  readonly asked: boolean;
  /** When, in ms since 1970. */
  readonly askedAt: number;
  /** vCenter's task; null while the answer that names it is missing. */
  readonly task: string | null;
  /** When the one before was asked for, whose answer was lost: should it begin yet, vCenter refuses it for its name. */
  readonly lostAt?: number;
}

/** A clone that has not begun this long after it was asked for never will: a call is given 30 s. */
const NOTHING_COMES_AFTER_MS = seconds(35);
/**
 * When a clone whose answer was lost is asked for again. That makes no second machine: vCenter keeps the name from the
 * moment a clone begins, and refuses whichever of the two begins last.
 */
const ASK_AGAIN_AFTER_MS = seconds(15);

/** Copies the template. By far the longest step in vCenter, so it adopts what a crashed attempt left behind. */
export const cloneTemplate = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest, WithMachine, CloneNotes>({
    name: 'clone-template',
    title: 'Clone the template',
    timeoutMs: minutes(60),
    retry: { attempts: 8, delayMs: seconds(3), backoff: 2 },
    weight: 8,
    run: async (request, at) => {
      const left = await adopt(vcenter, request, ASK_AGAIN_AFTER_MS, at);
      if (left) {
        at.log(`Adopted the machine ${left.moRef} that an earlier attempt had cloned.`);
        return { machine: left };
      }
      const before = at.notes;
      const { askedAt: lostAt } = before;
      const earlier = isLost(before) && lostAt !== undefined ? { lostAt } : {};
      await at.note({ asked: true, askedAt: Date.now(), task: null, ...earlier });
      try {
        await clone(vcenter, request, at);
      } catch (error) {
        throw await learnFrom(error, before, request, at);
      }
      return { machine: await cloned(vcenter, request.vcenterId, at) };
    },
    undo: async (request, at) => {
      // Looks until nothing can come any more: what shows up later would be nobody's.
      await adopt(vcenter, request, NOTHING_COMES_AFTER_MS, at);
      await outlastLost(at);
      const moRef = await vcenter.destroyOfRun(request.vcenterId, at.runId, at.signal);
      at.log(
        moRef === undefined
          ? 'vCenter has no machine of this run.'
          : `Destroyed the machine ${moRef} (${request.hostname}).`,
      );
    },
  });

type Clones = ProvisioningTools['vcenter'];
type At = StepContext<CloneNotes>;

async function clone(vcenter: Clones, request: MachineRequest, at: At): Promise<void> {
  const { hostname, placement, cpus, memoryMb, vcenterId } = request;
  const order = { runId: at.runId, name: hostname, placement, cpus, memoryMb };
  const task = await vcenter.startClone(vcenterId, order, at.signal);
  await at.note({ task });
  at.log(`vCenter clones ${placement.template.name} to ${hostname} (${task}).`);
  await follow(vcenter, { vcenterId, task }, at);
}

/** The machine of an earlier attempt, also when its task still goes on or its answer was lost. */
async function adopt(
  vcenter: Clones,
  request: MachineRequest,
  patienceMs: number,
  at: At,
): Promise<Machine | undefined> {
  if (isLost(at.notes)) {
    return awaitLost(vcenter, request, patienceMs, at);
  }
  const { vcenterId } = request;
  if (typeof at.notes.task === 'string') {
    await settleTask(vcenter, { vcenterId, task: at.notes.task }, at);
  }
  return vcenter.findByRun(vcenterId, at.runId, at.signal);
}

/** Whether a clone was asked for and nobody knows what vCenter answered. */
function isLost({ asked = false, task = null }: Partial<CloneNotes>): boolean {
  return asked && task === null;
}

/** What a clone whose answer was lost has made; looks until it is there, or has not begun for so long. */
async function awaitLost(
  vcenter: Clones,
  { vcenterId, hostname, placement }: MachineRequest,
  patienceMs: number,
  at: At,
): Promise<Machine | undefined> {
  const sought = { runId: at.runId, name: hostname, folder: placement.folder };
  const { askedAt = Date.now() } = at.notes;
  let told: CloneSighting['state'] | undefined;
  for (;;) {
    const lookedAt = Date.now();
    const seen = await vcenter.findClone(vcenterId, sought, at.signal);
    if (seen.state === 'made') {
      return seen.machine;
    }
    if (seen.state === 'absent' && lookedAt - askedAt > patienceMs) {
      return undefined;
    }
    if (seen.state !== told) {
      at.log(seen.state === 'absent' ? UNCERTAIN : `vCenter is still making ${hostname}: waiting.`);
    }
    told = seen.state;
    await pause(seconds(1), at.signal);
  }
}

/** Waits until no clone can come of which the answer was lost before another was asked for. */
async function outlastLost({ notes: { lostAt = 0 }, signal }: At): Promise<void> {
  const leftMs = lostAt + NOTHING_COMES_AFTER_MS - Date.now();
  if (leftMs > 0) {
    await pause(leftMs, signal);
  }
}

const UNCERTAIN = 'vCenter’s answer to the clone was lost: looking whether it begins.';

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

/** Notes what a failure tells of the clone that was asked for. Answers what to throw. */
async function learnFrom(
  error: unknown,
  before: Partial<CloneNotes>,
  { hostname }: MachineRequest,
  at: At,
): Promise<unknown> {
  if (isLost(before) && isNameTaken(error)) {
    // vCenter keeps the name from the moment a clone begins: the lost one began late, and is to be awaited.
    await at.note({ ...before, task: null });
    return stillCloning(hostname);
  }
  if (isLost(at.notes) && isRefusal(error)) {
    await at.note({ asked: false });
  }
  return error;
}

/** Whether a failure to start says that nothing was started. */
function isRefusal(error: unknown): boolean {
  const isAnswer = error instanceof ProvisioningFailure && error.code !== 'vcenter-unreachable';
  return isAnswer || isInterruption(error);
}

function isNameTaken(error: unknown): boolean {
  return error instanceof ProvisioningFailure && error.code === 'name-in-vcenter';
}

function stillCloning(hostname: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'name-in-vcenter',
    cause: `${hostname} exists in vCenter already: most likely the clone of an earlier attempt, still going on.`,
    remedy: 'Wait for it to end, or remove the machine of that name, and resume the run.',
    transient: true,
  });
}
