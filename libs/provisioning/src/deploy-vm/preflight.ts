import type { MachineRequest } from '@diaken/contracts';
import { defineStep } from '@diaken/pipeline';
import { checkRequest } from '../preflight/check-request';
import type { ProvisioningTools } from '../tools';
import { minutes, seconds } from './facts';
import { requireUnreported } from './staging-address';

/** Looks at everything that the deployment will need, before anything is changed. Throws the first check that failed. */
export const preflight = (tools: ProvisioningTools) =>
  defineStep<MachineRequest, object>({
    name: 'preflight',
    title: 'Check the request',
    timeoutMs: minutes(2),
    retry: { attempts: 10, delayMs: seconds(2), backoff: 1.5 },
    run: async (request, at) => {
      if (await tools.vcenter.findByRun(request.vcenterId, at.runId, at.signal)) {
        at.log('The machine of this run exists already; its name and space need no check.');
        return {};
      }
      for (const finding of await checkRequest(tools, request, at)) {
        if (finding.state === 'failed') {
          throw finding.failure;
        }
        at.log(finding.state === 'warning' ? inWords(finding) : finding.cause);
      }
      await requireUnreported(tools, request, at.signal);
      return {};
    },
  });

function inWords({ cause, remedy }: { readonly cause: string; readonly remedy: string }): string {
  return `Warning: ${cause} ${remedy}`;
}
