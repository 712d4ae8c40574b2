import { guestOf, type MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import {
  minutes,
  type WithAddress,
  type WithHost,
  type WithHostKey,
  type WithMachine,
} from './facts';

/** A machine that nobody logs in to has no host key. */
type Needs = MachineRequest & WithMachine & WithAddress & Partial<WithHostKey>;

/** Puts the machine into the inventory; name and address are the host's from here on. */
export const registerHost = ({ hosts }: ProvisioningTools) =>
  defineStep<Needs, WithHost>({
    name: 'register-host',
    title: 'Register the host',
    timeoutMs: minutes(1),
    lastToUse: ['credentialId'],
    run: async (facts, at) => {
      const hostId = await hosts.register({
        name: facts.hostname,
        address: facts.address,
        sshPort: facts.sshPort,
        osFamily: guestOf(facts).osFamily,
        hostKey: facts.hostKey ?? null,
        credentialId: facts.credentialId,
        environmentId: facts.environmentId ?? null,
        groupIds: facts.groupIds ?? [],
        vcenterId: facts.vcenterId,
        vmMoRef: facts.machine.moRef,
        vmInstanceUuid: facts.machine.instanceUuid,
        createdByRun: at.runId,
      });
      at.log(`Registered as host ${hostId}.`);
      return { hostId };
    },
    undo: async ({ hostname }, at) => {
      await hosts.unregister(at.runId);
      at.log(`${hostname} is out of the inventory of hosts.`);
    },
  });
