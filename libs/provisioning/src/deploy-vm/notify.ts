import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import type { ProvisioningTools } from '../tools';
import { minutes, type WithAddress } from './facts';

/** Tells whoever asked. */
export const notify = ({ notifier }: ProvisioningTools) =>
  defineStep<MachineRequest & WithAddress, object>({
    name: 'notify',
    title: 'Tell the requester',
    timeoutMs: minutes(1),
    onFailure: 'ignore',
    run: async ({ hostname, address, requestedBy }, at) => {
      await notifier.machineReady({ runId: at.runId, hostname, address, requestedBy });
      return {};
    },
  });
