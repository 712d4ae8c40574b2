import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { GuestTarget } from '../ports/guest-shell';
import type { ProvisioningTools } from '../tools';
import {
  minutes,
  needsLogin,
  type WithHostKey,
  type WithMachine,
  type WithReachableAddress,
} from './facts';
import { proveIdentity } from './identity';
import { loginWhenReady } from './login-when-ready';

type Needs = MachineRequest & WithMachine & WithReachableAddress;

/** Logs in, and proves that whoever answers is the machine that this run made: then its host key is pinned. */
export const waitForLogin = ({ guests }: ProvisioningTools) =>
  defineStep<Needs, WithHostKey, WithHostKey>({
    name: 'wait-for-login',
    title: 'Log in to the guest',
    timeoutMs: minutes(10),
    weight: 2,
    applies: needsLogin,
    run: async ({ machine, reachableAt, sshPort, credentialId }, at) => {
      const target: GuestTarget = { address: reachableAt, port: sshPort, credentialId };
      const identity = await loginWhenReady(guests, target, at);
      proveIdentity(identity, machine, reachableAt);
      at.log(
        `Logged in to ${reachableAt}: it is our machine. Pinned ${identity.hostKey.split(' ')[0]}.`,
      );
      return { hostKey: identity.hostKey };
    },
  });
