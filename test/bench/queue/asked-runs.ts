import { vcenterLimit, type NewRun } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { guestNetwork, machineRequest } from '@diaken/provisioning/testing';

/** Two vCenters, and what is limited at each. */
export const ORDINARY = vcenterLimit('0f0e0d0c-0b0a-4900-8000-0000000000aa');
export const UNURGENT = vcenterLimit('0f0e0d0c-0b0a-4900-8000-0000000000bb');

const PRIORITIES = 10;
const PLAN = planFor('deploy-vm');

/**
 * Runs as the API records them. Priorities 0 to 9 take turns in an order that says nothing of age; those of
 * priority 0, a tenth that goes last, are for another vCenter than the rest.
 */
export function askedRuns(from: number, count: number): readonly NewRun[] {
  return Array.from({ length: count }, (_, index) => askedRun(from + index));
}

function askedRun(number: number): NewRun {
  const priority = (number * 7) % PRIORITIES;
  const hostname = `queue-${String(number).padStart(6, '0')}`;
  const address = `10.65.${number >> 8}.${number & 0xff}`;
  const network = guestNetwork({ cidr: '10.0.0.0/8', gateway: '10.0.0.1', address });
  const request = machineRequest({ hostname, network, priority });
  const { retry, onFailure, requestedBy } = request;
  return {
    ...{ kind: 'deploy-vm', target: hostname, request: { ...request }, requestedBy, plan: PLAN },
    ...{ priority, policy: { retry, onFailure }, reserve: { hostname, address } },
    limits: [priority === 0 ? UNURGENT : ORDINARY],
  };
}
