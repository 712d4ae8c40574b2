import { guestOf, type MachineRequest } from '@diaken/contracts';
import { defineStep, isInterruption } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import {
  minutes,
  seconds,
  type WithAddress,
  type WithMachine,
  type WithReachableAddress,
} from './facts';

/** The first address that a guest has is often not the last one: a lease counts when it has stayed for so long. */
const LEASE_SETTLES_MS = seconds(10);

type Needs = MachineRequest & WithMachine & Partial<WithAddress>;

/**
 * Waits until VMware Tools report the guest's address: the one it was given, or one by DHCP, which is reserved then.
 * Where the template's readiness is less than that, waits for VMware Tools alone, or for nothing.
 */
export const waitForAddress = (tools: ProvisioningTools) =>
  defineStep<Needs, WithReachableAddress & WithAddress>({
    name: 'wait-for-address',
    title: 'Wait for the guest’s address',
    timeoutMs: minutes(15),
    retry: { attempts: 3, delayMs: seconds(2), backoff: 2 },
    weight: 2,
    applies: (request) => guestOf(request).readiness !== 'none',
    run: async (request, at) => {
      const { vcenterId, machine, hostname, address: given } = request;
      const isKnown = given !== undefined;
      at.progress(0, `Waiting until VMware Tools ${whatIsAwaited(request)}`);
      try {
        if (isKnown) {
          const reachableAt = guestOf(request).stagingAddress ?? given;
          await waitForGiven(tools, request, reachableAt, at.signal);
          at.log(`VMware Tools ${whatIsAwaited(request)}.`);
          return { reachableAt, address: given };
        }
        const { vcenter, addresses } = tools;
        const address = await vcenter.waitForAnyAddress(
          ...([vcenterId, machine, LEASE_SETTLES_MS, at.signal] as const),
        );
        await addresses.hold(at.runId, hostname, address);
        at.log(`The guest has ${address} by DHCP; it is reserved for this run.`);
        return { reachableAt: address, address };
      } catch (error) {
        throw isInterruption(error, 'timed-out') ? notReported(whatIsAwaited(request)) : error;
      }
    },
  });

function waitForGiven(
  { vcenter }: ProvisioningTools,
  request: Needs,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  const { vcenterId, machine } = request;
  return guestOf(request).readiness === 'tools'
    ? vcenter.waitForTools(vcenterId, machine, signal)
    : vcenter.waitForAddress(vcenterId, machine, address, signal);
}

function whatIsAwaited(request: Needs): string {
  const { readiness, stagingAddress } = guestOf(request);
  return readiness === 'tools'
    ? 'run'
    : `report ${stagingAddress ?? request.address ?? 'an address by DHCP'}`;
}

function notReported(awaited: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'no-guest-address',
    cause: `VMware Tools did not ${awaited} within 15 minutes.`,
    remedy:
      'Open the machine’s console: does the guest start, do VMware Tools run, did it get its address? Then resume the run.',
  });
}
