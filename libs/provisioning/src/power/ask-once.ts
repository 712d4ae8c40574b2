import type { StepContext } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';

/** What is noted of something that must not happen twice, and that leaves no trace in vCenter's state. */
export interface AskedOnce {
  /** It was about to be asked for, and has not been refused. */
  readonly asked: boolean;
  /** What vCenter answered: the id of a task, where there is one; null: nothing yet. */
  readonly answer: string | null;
}

/**
 * Asks for something once, whatever becomes of the worker, and answers what vCenter answered. Throws `outcome-unknown`
 * when an earlier attempt has asked and its answer is lost; whoever resumes the run has looked, and wants it asked again.
 */
export async function askOnce(what: string, at: At, ask: () => Promise<string>): Promise<string> {
  const { asked = false, answer = null } = at.notes;
  if (answer !== null) {
    return answer;
  }
  if (asked) {
    await forgetAsking(at);
    throw outcomeUnknown(what);
  }
  await at.note({ asked: true });
  try {
    const given = await ask();
    await at.note({ answer: given });
    return given;
  } catch (error) {
    await forgetAsking(at);
    const isLost = error instanceof ProvisioningFailure && error.code === 'vcenter-unreachable';
    throw isLost ? outcomeUnknown(what, error) : error;
  }
}

/** From here on it may be asked for again. */
export function forgetAsking(at: At): Promise<void> {
  return at.note({ asked: false, answer: null });
}

type At = Pick<StepContext<AskedOnce>, 'notes' | 'note'>;

function outcomeUnknown(what: string, cause?: unknown): ProvisioningFailure {
  return new ProvisioningFailure(
    {
      code: 'outcome-unknown',
      cause: `vCenter was asked for ${what}, and its answer was lost: nobody knows whether it did so.`,
      remedy:
        'Look at the machine in vCenter. If it has not happened, resume the run: it asks again.',
    },
    { cause },
  );
}
