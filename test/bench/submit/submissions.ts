import { randomUUID } from 'node:crypto';
import { machineInput, type Needed } from '../../support/machines';
import type { PlannedRequest } from '../load/load-plan.ts';

/** Requests for machines; no two ask for the same name or address, whatever the numbers. */
export function submissions(
  needed: Needed,
  { from, count }: { readonly from: number; readonly count: number },
): readonly PlannedRequest[] {
  return Array.from({ length: count }, (_, index) => submission(needed, from + index));
}

function submission(needed: Needed, number: number): PlannedRequest {
  const input = machineInput(
    needed,
    { sshPort: 22 },
    {
      hostname: `bench-${String(number).padStart(6, '0')}`,
      network: {
        cidr: '10.0.0.0/8',
        address: `10.64.${number >> 8}.${number & 0xff}`,
        gateway: '10.0.0.1',
        dns: ['10.0.0.2'],
      },
    },
  );
  return {
    method: 'POST',
    path: '/api/v1/deployments',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify(input),
  };
}
