import type { MachineRequest } from '@diaken/contracts';
import { defineStep, isInterruption } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds, type WithMachine, type WithReachableAddress } from './facts';

/** Waits until VMware Tools report the address that the guest was given. */
export const waitForAddress = ({ vcenter }: ProvisioningTools) =>
  defineStep<MachineRequest & WithMachine, WithReachableAddress>({
    name: 'wait-for-address',
    title: 'Wait for the guest’s address',
    timeoutMs: minutes(15),
    retry: { attempts: 3, delayMs: seconds(2), backoff: 2 },
    weight: 2,
    run: async ({ vcenterId, machine, network }, at) => {
      at.progress(0, `Waiting until VMware Tools report ${network.address}`);
      try {
        await vcenter.waitForAddress(vcenterId, machine, network.address, at.signal);
      } catch (error) {
        throw isInterruption(error, 'timed-out') ? noAddress(network.address) : error;
      }
      at.log(`The guest reports ${network.address}.`);
      return { reachableAt: network.address };
    },
  });

function noAddress(address: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'no-guest-address',
    cause: `VMware Tools did not report ${address} within 15 minutes.`,
    remedy:
      'Open the machine’s console: does the guest start, do VMware Tools run, did the customization work? Then resume the run.',
  });
}
