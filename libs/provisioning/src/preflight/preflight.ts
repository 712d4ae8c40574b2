import type { PreflightReport, PreflightRequest } from '@diaken/contracts';
import { defineStep, pipeline } from '@diaken/pipeline';
import { ProvisioningFailure } from '../problems/provisioning-failure';
import type { ProvisioningTools } from '../tools';
import { checkRequest } from './check-request';
import { failed, type Finding, ok, toPreflightCheck } from './finding';

/** Tells of a request whether it could be met now: makes all checks, and neither reserves nor changes anything. */
const makeChecks = (tools: ProvisioningTools) =>
  defineStep<PreflightRequest, PreflightReport>({
    name: 'check-request',
    title: 'Check the request',
    timeoutMs: 2 * 60_000,
    run: async (request, at) => {
      const findings = [referencesFinding(request), ...(await checkRequest(tools, request, at))];
      const checks = findings.map(toPreflightCheck);
      for (const { check, state, cause, remedy } of checks) {
        at.log([`${check}: ${state}.`, cause, remedy].join(' ').trim());
      }
      const passed = checks.every(({ state }) => state === 'ok' || state === 'warning');
      return { passed, checks };
    },
  });

/** Checks a request for a machine, and makes none. */
export const preflightOnly = (tools: ProvisioningTools) =>
  pipeline<PreflightRequest>('preflight').step(makeChecks(tools)).build();

function referencesFinding({ refusal }: PreflightRequest): Finding {
  return refusal
    ? failed('references', new ProvisioningFailure(refusal))
    : ok('references', 'Everything that the request names is known.');
}
