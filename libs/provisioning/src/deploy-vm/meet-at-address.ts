import { defineStep, isInterruption } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { type LoginFacts, minutes, type WithReachableAddress } from './facts';
import { proveIdentity } from './identity';
import { loginWhenReady } from './login-when-ready';
import { isStaged } from './staging-address';

/** Logs in to the machine at its final address, and proves again that it is ours. */
export const meetAtAddress = ({ vcenter, guests }: ProvisioningTools) =>
  defineStep<LoginFacts, WithReachableAddress>({
    name: 'meet-at-address',
    title: 'Log in at the final address',
    timeoutMs: minutes(10),
    weight: 2,
    applies: isStaged,
    run: async (facts, at) => {
      const { vcenterId, machine, address, sshPort, credentialId, hostKey } = facts;
      at.progress(0, `Waiting until VMware Tools report ${address}`);
      try {
        await vcenter.waitForAddress(vcenterId, machine, address, at.signal);
      } catch (error) {
        throw isInterruption(error, 'timed-out') ? notThere(address) : error;
      }
      const target = { address, port: sshPort, credentialId, hostKey };
      proveIdentity(await loginWhenReady(guests, target, at), machine, address);
      at.log(`Logged in to ${address}: it is our machine.`);
      return { reachableAt: address };
    },
  });

function notThere(address: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'no-guest-address',
    cause: `The guest was to change its address to ${address}, and VMware Tools did not report that within 10 minutes.`,
    remedy:
      'Open the machine’s console and see what its network settings say and which address it has. Then resume the run, or roll back.',
  });
}
