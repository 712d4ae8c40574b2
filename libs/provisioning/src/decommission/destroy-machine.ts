import type { DecommissionRequest } from '@diaken/contracts';
import { defineStep, pause, type StepContext } from '@diaken/pipeline';
import type { FoundMachine } from '../ports/found-machine';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import type { WithFoundMachine } from './find-machine';

interface DestroyNotes {
  /** When vCenter was about to be asked, in ms since 1970. */
  readonly askedAt: number;
  /** vCenter's task; null while the answer that names it is missing. */
  readonly task: string | null;
}

type At = StepContext<DestroyNotes>;

/** What has not begun this long after it was asked for never will: a call is given 30 s. */
const NOTHING_COMES_AFTER_MS = 35_000;

/** Destroys the machine with its disks and snapshots. From here on there is no way back. */
export const destroyMachine = ({ vcenter }: ProvisioningTools) =>
  defineStep<DecommissionRequest & WithFoundMachine, object, DestroyNotes>({
    name: 'destroy-machine',
    title: 'Destroy the machine',
    timeoutMs: 30 * 60_000,
    retry: { attempts: 8, delayMs: 3_000, backoff: 2 },
    weight: 4,
    applies: ({ machine, foundMachine }) => machine === 'destroy' && foundMachine !== null,
    run: async (request, at) => {
      await settle(vcenter, request, at);
      const found = await vcenter.findRegistered(request.vcenterId, request, at.signal);
      if (found) {
        await destroy(vcenter, request, found, at);
      }
      at.log('The machine is destroyed, with its disks and snapshots.');
      return {};
    },
    undone: 'though-kept',
    undo: async (request, at) => {
      if (at.notes.askedAt === undefined) {
        return;
      }
      await settle(vcenter, request, at);
      if (!(await stillThere(vcenter, request, at))) {
        throw tooLate(request);
      }
      at.log('The machine has not been destroyed.');
    },
  });

type Machines = ProvisioningTools['vcenter'];

async function destroy(
  vcenter: Machines,
  { vcenterId }: DecommissionRequest,
  { machine, name, power }: FoundMachine,
  at: At,
): Promise<void> {
  if (power === 'on') {
    await vcenter.powerOff(vcenterId, machine, at.signal); // somebody has switched it on meanwhile
  }
  await at.note({ askedAt: Date.now(), task: null });
  const task = await vcenter.startDestroy(vcenterId, machine, at.signal);
  if (task === undefined) {
    return;
  }
  await at.note({ task });
  at.log(`vCenter destroys ${name} (${task}).`);
  const onProgress = (done: number) => at.progress(done);
  await vcenter.followTask(vcenterId, task, { signal: at.signal, onProgress });
}

/** Waits for the task of an earlier attempt. How it ended does not matter: what is there, counts. */
async function settle(
  vcenter: Machines,
  { vcenterId }: DecommissionRequest,
  { notes: { task = null }, signal }: At,
): Promise<void> {
  if (task === null) {
    return;
  }
  try {
    await vcenter.followTask(vcenterId, task, { signal });
  } catch (error) {
    // While vCenter is away, nobody knows whether it has ended.
    if (!(error instanceof ProvisioningFailure) || error.code === 'vcenter-unreachable') {
      throw error;
    }
  }
}

/** Whether the machine is there and stays; looks until a call whose answer was lost cannot begin any more. */
async function stillThere(
  vcenter: Machines,
  request: DecommissionRequest,
  { notes, signal }: At,
): Promise<boolean> {
  const { askedAt = 0, task = null } = notes;
  const certainAt = task === null ? askedAt + NOTHING_COMES_AFTER_MS : 0;
  for (;;) {
    const lookedAt = Date.now();
    if (!(await vcenter.findRegistered(request.vcenterId, request, signal))) {
      return false;
    }
    if (lookedAt >= certainAt) {
      return true;
    }
    await pause(1_000, signal);
  }
}

function tooLate({ hostname }: DecommissionRequest): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'machine-destroyed',
    cause: `The machine of ${hostname} had been destroyed already; nothing brings it back.`,
    remedy: 'Resume the run: it removes the host, and frees its name and addresses.',
  });
}
