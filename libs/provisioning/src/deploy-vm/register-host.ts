import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { type LoginFacts, minutes, type WithHost } from './facts';

/** Puts the machine into the inventory; name and address are the host's from here on. */
export const registerHost = ({ hosts }: ProvisioningTools) =>
  defineStep<LoginFacts, WithHost>({
    name: 'register-host',
    title: 'Register the host',
    timeoutMs: minutes(1),
    lastToUse: ['credentialId'],
    run: async (facts, at) => {
      const hostId = await hosts.register({
        name: facts.hostname,
        address: facts.network.address,
        sshPort: facts.sshPort,
        osFamily: facts.osFamily,
        hostKey: facts.hostKey,
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
