import type { DecommissionRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';

/** Archives the host; its name and its addresses are free in the same moment. */
export const removeHost = ({ hosts }: ProvisioningTools) =>
  defineStep<DecommissionRequest, object>({
    name: 'remove-host',
    title: 'Remove the host, its name and its addresses',
    timeoutMs: 60_000,
    run: async ({ hostId, hostname, requestedBy }, at) => {
      await hosts.archive(hostId, requestedBy);
      at.log(`${hostname} is archived; its name and its addresses are free.`);
      return {};
    },
    undo: async (request) => {
      if (!(await hosts.has(request.hostId))) {
        throw tooLate(request);
      }
    },
  });

function tooLate({ hostname }: DecommissionRequest): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'action-not-allowed',
    cause: `The host ${hostname} had been archived already; that cannot be undone.`,
    remedy: 'Resume the run: there is nothing left to do, and it ends.',
  });
}
