import {
  type InventoryDifference,
  type InventoryReading,
  ProvisioningFailure,
} from '@diaken/provisioning';
import type { EntityManager } from 'typeorm';
import { VCenterEntity } from '../entities/machine.entity';
import { rowsOf } from '../runs/transaction';
import { removeOthers, writeObjects } from './inventory-writes';

/** How long what has gone is remembered, for whoever asks what has changed. */
const GONE_KEPT = '7 days';

/** Writers of one inventory go one after the other, so that revisions become visible in their order. */
const BEGIN = `
  INSERT INTO inventory_state AS state (vcenter_id, revision, instance_uuid) VALUES ($1, 1, nullif($2, ''))
  ON CONFLICT (vcenter_id) DO UPDATE SET revision = state.revision + 1,
    instance_uuid = coalesce(state.instance_uuid, excluded.instance_uuid)
  RETURNING revision, instance_uuid AS "instanceUuid"`;

const CONFIRM = `
  WITH forgotten AS (
    DELETE FROM inventory_gone WHERE vcenter_id = $1 AND gone_at < now() - interval '${GONE_KEPT}'
    RETURNING revision)
  UPDATE inventory_state SET confirmed_at = now(), failure = NULL, failed_at = NULL,
    forgotten_up_to = greatest(forgotten_up_to, (SELECT max(revision) FROM forgotten))
  WHERE vcenter_id = $1`;

/** Makes what is kept of a vCenter what was read of it, within a transaction of the caller. */
export async function replaceInventory(
  manager: EntityManager,
  vcenterId: string,
  { instanceUuid, objects }: InventoryReading,
  since: number,
): Promise<InventoryDifference> {
  const revision = await begin(manager, vcenterId, instanceUuid);
  const writer = { manager, vcenterId, revision, since };
  const gone = await removeOthers(writer, objects);
  const changed = await writeObjects(writer, objects);
  await manager.query(CONFIRM, [vcenterId]);
  await manager.update(VCenterEntity, { id: vcenterId }, { syncedAt: new Date() });
  return { changed, gone };
}

/** Answers the revision that this transaction makes. */
async function begin(
  manager: EntityManager,
  vcenterId: string,
  instanceUuid: string,
): Promise<number> {
  const values = [vcenterId, instanceUuid];
  const [state] = await rowsOf<{ revision: number; instanceUuid: string | null }>(
    manager,
    BEGIN,
    values,
  );
  const known = state?.instanceUuid ?? '';
  if (known !== '' && instanceUuid !== '' && known !== instanceUuid) {
    throw replaced(known, instanceUuid);
  }
  return state?.revision ?? 1;
}

function replaced(known: string, now: string): ProvisioningFailure {
  return new ProvisioningFailure({
    code: 'vcenter-replaced',
    cause: `At this address there is another vCenter now: it calls itself ${now}, and was ${known}.`,
    remedy:
      'Its references are not those that we know. Correct the address, or register it as a vCenter of its own.',
  });
}
