import type { RunEvent, RunEventType } from '@diaken/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { MoreThan } from 'typeorm';
import { RunEventEntity } from '../entities/run-trace.entity';

/** Appends an event in the transaction that makes the change it tells of. */
export async function appendEvent(
  manager: EntityManager,
  runId: string,
  type: RunEventType,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  await manager.query('INSERT INTO run_event (run_id, type, body) VALUES ($1, $2, $3)', [
    runId,
    type,
    body,
  ]);
}

/** Events of a run after an id, oldest first. */
export async function eventsAfter(
  database: DataSource,
  runId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly RunEvent[]> {
  const events = await database.manager.find(RunEventEntity, {
    where: { runId, id: MoreThan(String(after)) },
    order: { id: 'ASC' },
    take: limit,
  });
  return events.map(({ id, type, at, body }) => ({
    id: Number(id),
    type,
    at: at.toISOString(),
    body,
  }));
}
