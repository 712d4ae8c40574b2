import type { MachineRequest } from '@diaken/contracts';
import { RunLedger, vcenterLimit } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import type { DataSource } from 'typeorm';

const PLAN = planFor('deploy-vm');

/** Records a run for each machine, as the API does; answers their ids. */
export async function ask(
  database: DataSource,
  machines: readonly MachineRequest[],
): Promise<readonly string[]> {
  const ledger = new RunLedger(database);
  const ids: string[] = [];
  for (const request of machines) {
    const { hostname, network, requestedBy, priority, retry, onFailure, vcenterId } = request;
    const recorded = await ledger.record({
      ...{ kind: 'deploy-vm', target: hostname, request: { ...request }, requestedBy, priority },
      ...{ plan: PLAN, policy: { retry, onFailure }, limits: [vcenterLimit(vcenterId)] },
      reserve: { hostname, address: network.address ?? null },
    });
    if (recorded.outcome !== 'created') {
      throw new Error(`The run was not recorded: ${recorded.outcome}`);
    }
    ids.push(recorded.run.id);
  }
  return ids;
}
