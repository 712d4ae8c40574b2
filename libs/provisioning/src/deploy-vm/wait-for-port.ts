import { guestOf, type MachineRequest, portOf } from '@diaken/contracts';
import { defineStep, isInterruption, pause } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithReachableAddress } from './facts';

/** Waits until the guest listens on the port that its template's profile names. */
export const waitForPort = ({ guests }: ProvisioningTools) =>
  defineStep<MachineRequest & WithReachableAddress, object>({
    name: 'wait-for-port',
    title: 'Wait until the guest listens',
    timeoutMs: minutes(15),
    applies: (request) => portOf(guestOf(request).readiness) !== undefined,
    run: async (request, at) => {
      const { reachableAt } = request;
      const port = portOf(guestOf(request).readiness) ?? 0;
      at.progress(0, `Waiting until ${reachableAt} listens on port ${port}`);
      try {
        while (!(await guests.isListening(reachableAt, port, at.signal))) {
          await pause(seconds(2), at.signal);
        }
      } catch (error) {
        throw isInterruption(error, 'timed-out') ? silent(reachableAt, port) : error;
      }
      at.log(`${reachableAt} listens on port ${port}.`);
      return {};
    },
  });

function silent(address: string, port: number): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'guest-unreachable',
    cause: `${address} did not take connections on port ${port} within 15 minutes.`,
    remedy:
      'See on the machine’s console whether its service runs, and whether a firewall lets the worker in. Then resume the run.',
  });
}
