import { isInterruption, pause, type StepContext } from '@diaken/pipeline';
import type { GuestIdentity, GuestTarget } from '../ports/guest-shell';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { seconds } from './facts';

/** Tries until the guest lets us in. When the time is over, says what stood in the way last. */
export async function loginWhenReady(
  guests: ProvisioningTools['guests'],
  target: GuestTarget,
  at: Pick<StepContext<object>, 'signal' | 'log' | 'progress'>,
): Promise<GuestIdentity> {
  let obstacle: ProvisioningFailure | undefined;
  try {
    for (;;) {
      const answer = await tryLogin(guests, target, at.signal);
      if (!(answer instanceof ProvisioningFailure)) {
        return answer;
      }
      if (obstacle?.message !== answer.message) {
        at.log(answer.message);
        at.progress(0, answer.message);
      }
      obstacle = answer;
      await pause(seconds(2), at.signal);
    }
  } catch (error) {
    throw obstacle && isInterruption(error, 'timed-out') ? stillInTheWay(obstacle, error) : error;
  }
}

/** Who is there, or what stands in the way for now. Throws what no waiting can cure. */
async function tryLogin(
  guests: ProvisioningTools['guests'],
  target: GuestTarget,
  signal: AbortSignal,
): Promise<GuestIdentity | ProvisioningFailure> {
  try {
    return await guests.identify(target, signal);
  } catch (error) {
    if (error instanceof ProvisioningFailure && error.transient) {
      return error;
    }
    throw error;
  }
}

function stillInTheWay(
  { code, message, remedy }: ProvisioningFailure,
  cause: unknown,
): ProvisioningFailure {
  return new ProvisioningFailure(
    { code, cause: `After 10 minutes: ${message}`, remedy },
    { cause },
  );
}
