import type { BatchSummary, BatchView, Page, PageQuery, RunStatus } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { BatchEntity } from '../entities/batch.entity';
import { cursorOf, readCursor } from '../paging';
import { RunHistory } from '../runs/run-history';
import { rowsOf } from '../runs/transaction';

/** Reads batches for whoever shows them. */
export class BatchHistory {
  constructor(
    private readonly database: DataSource,
    private readonly runs: RunHistory,
  ) {}

  /** A page of the batches, newest first. */
  async page({ cursor, limit }: PageQuery): Promise<Page<BatchSummary>> {
    const select = this.database.manager
      .createQueryBuilder(BatchEntity, 'batch')
      .orderBy('batch.createdAt', 'DESC')
      .addOrderBy('batch.id', 'DESC')
      .take(limit + 1);
    const after = readCursor(cursor, 'byTime');
    if (after) {
      select.where('(batch.createdAt, batch.id) < (:at, :id)', { at: after[0], id: after[1] });
    }
    const rows = await select.getMany();
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: await this.summaries(shown),
      next: rows.length > limit && last ? cursorOf(last.createdAt.toISOString(), last.id) : null,
    };
  }

  /** The batch with its runs; undefined when there is none. */
  async view(id: string): Promise<BatchView | undefined> {
    const batch = await this.database.manager.findOneBy(BatchEntity, { id });
    const [summary] = batch ? await this.summaries([batch]) : [];
    return summary && { ...summary, runs: await this.runs.ofBatch(id) };
  }

  private async summaries(batches: readonly BatchEntity[]): Promise<BatchSummary[]> {
    const rows = await rowsOf<{ batchId: string; status: RunStatus; count: number }>(
      this.database,
      `SELECT batch_id AS "batchId", status, count(*)::int AS count FROM run
       WHERE batch_id = ANY($1) GROUP BY batch_id, status`,
      [batches.map(({ id }) => id)],
    );
    return batches.map((batch) => {
      const own = rows.filter(({ batchId }) => batchId === batch.id);
      return toBatchSummary(batch, own);
    });
  }
}

function toBatchSummary(
  { id, name, requestedBy, createdAt }: BatchEntity,
  statuses: readonly { readonly status: RunStatus; readonly count: number }[],
): BatchSummary {
  return {
    ...{ id, name, requestedBy, createdAt: createdAt.toISOString() },
    size: statuses.reduce((sum, { count }) => sum + count, 0),
    counts: Object.fromEntries(statuses.map(({ status, count }) => [status, count])),
  };
}
