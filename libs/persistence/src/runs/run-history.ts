import {
  isSettled,
  type LogLine,
  type Page,
  type RunListQuery,
  type RunStatusView,
  type RunSummary,
  type RunView,
  type RunWaiting,
  type RunEvent,
} from '@diaken/contracts';
import { type DataSource, type SelectQueryBuilder } from 'typeorm';
import { RunEntity, RunStepEntity } from '../entities/run.entity';
import { HostResultEntity, RunLogChunkEntity } from '../entities/run-trace.entity';
import { cursorOf, readCursor } from '../paging';
import { eventsAfter } from './events';
import { unpackLines } from './log-chunk';
import { QueueSnapshot } from '../queue/queue-snapshot';
import { waitingOf } from '../queue/queue-state';
import { rowsOf } from './transaction';
import { IS_FREE, IS_WORKABLE } from './workable';
import { toRunStatusView, toRunSummary, toRunView } from './run-views';

/** Only what a poll shows: a run's request may be large. */
type StatusRow = Parameters<typeof toRunStatusView>[0] &
  Pick<RunEntity, 'kind' | 'limits' | 'dueAt'> & { readonly isWaiting: boolean };
const STATUS_ROW = `SELECT id, status, progress, current_step AS "currentStep", kind, limits, due_at AS "dueAt",
  failure, log_lines AS "logLines", revision, (${IS_WORKABLE} AND ${IS_FREE}) AS "isWaiting" FROM run WHERE id = $1`;

/** Reads runs for whoever shows them. */
export class RunHistory {
  private readonly queue: QueueSnapshot;

  /** @param freshForMs how late it may be told why a run waits; default: not to be noticed */
  constructor(
    private readonly database: DataSource,
    freshForMs?: number,
  ) {
    this.queue = new QueueSnapshot(database, freshForMs);
  }

  /** A page of the history, newest first. */
  async page(query: RunListQuery): Promise<Page<RunSummary>> {
    const select = this.database.manager
      .createQueryBuilder(RunEntity, 'run')
      .orderBy('run.createdAt', 'DESC')
      .addOrderBy('run.id', 'DESC')
      .take(query.limit + 1);
    filter(select, query);
    const rows = await select.getMany();
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    const next =
      rows.length > shown.length && last ? cursorOf(last.createdAt.toISOString(), last.id) : null;
    return { items: await this.summaries(shown), next };
  }

  /** The runs of a batch, in the order in which they were asked for. */
  async ofBatch(batchId: string): Promise<RunSummary[]> {
    const rows = await this.database.manager.find(RunEntity, {
      where: { batchId },
      order: { batchPlace: 'ASC' },
    });
    return this.summaries(rows);
  }

  private async summaries(runs: readonly RunEntity[]): Promise<RunSummary[]> {
    const state = runs.some(isWaiting) ? await this.queue.readState() : undefined;
    return runs.map((run) =>
      toRunSummary(run, state && isWaiting(run) ? waitingOf({ ...run, place: null }, state) : null),
    );
  }

  /** The run in full; undefined when there is none. */
  async view(id: string): Promise<RunView | undefined> {
    const manager = this.database.manager;
    const [run, steps, results] = await Promise.all([
      manager.findOneBy(RunEntity, { id }),
      manager.find(RunStepEntity, { where: { runId: id }, order: { position: 'ASC' } }),
      manager.find(HostResultEntity, { where: { runId: id }, order: { step: 'ASC', host: 'ASC' } }),
    ]);
    const waiting = run && isWaiting(run) ? await this.waiting(run) : null;
    return run ? toRunView({ run, waiting, steps, results }) : undefined;
  }

  /** The little that a poll reads: one row by its key. */
  async status(id: string): Promise<RunStatusView | undefined> {
    const [run] = await rowsOf<StatusRow>(this.database, STATUS_ROW, [id]);
    return run && toRunStatusView(run, run.isWaiting ? await this.waiting(run) : null);
  }

  /** Why a run that nobody is at waits, with its place in the queue. */
  private async waiting(run: WaitingColumns): Promise<RunWaiting> {
    const [state, place] = await Promise.all([
      this.queue.readState(),
      run.status === 'pending' ? this.queue.placeOf(run.id, run.kind) : null,
    ]);
    return waitingOf({ ...run, place }, state);
  }

  /** Events after an id, oldest first. */
  events(
    id: string,
    from: { readonly after: number; readonly limit: number },
  ): Promise<readonly RunEvent[]> {
    return eventsAfter(this.database, id, from);
  }

  /** Log lines from a line number on. */
  async log(
    id: string,
    { from, limit }: { readonly from: number; readonly limit: number },
  ): Promise<readonly LogLine[]> {
    const chunks = await this.database.manager
      .createQueryBuilder(RunLogChunkEntity, 'chunk')
      .where('chunk.runId = :id AND chunk.firstLine < CAST(:end AS bigint)', {
        id,
        end: from + limit,
      })
      .andWhere(
        `chunk.firstLine >= coalesce((SELECT max(first_line) FROM run_log_chunk
           WHERE run_id = :id AND first_line <= CAST(:from AS bigint)), 0)`,
        { from },
      )
      .orderBy('chunk.firstLine', 'ASC')
      .getMany();
    const lines = await Promise.all(
      chunks.map((chunk) => unpackLines(chunk.lines, chunk.firstLine)),
    );
    return lines.flat().filter(({ line }) => line >= from && line < from + limit);
  }
}

type WaitingColumns = Pick<RunEntity, 'id' | 'status' | 'kind' | 'limits' | 'dueAt' | 'failure'>;

function isWaiting({ status, leaseUntil }: RunEntity): boolean {
  return !isSettled(status) && (leaseUntil === null || leaseUntil < new Date());
}

function filter(select: SelectQueryBuilder<RunEntity>, query: RunListQuery): void {
  const { status, kind, target, batchId } = query;
  if (status) {
    select.andWhere('run.status = :status', { status });
  }
  if (kind) {
    select.andWhere('run.kind = :kind', { kind });
  }
  if (target) {
    select.andWhere('strpos(lower(run.target), lower(:target)) > 0', { target });
  }
  if (batchId) {
    select.andWhere('run.batchId = :batchId', { batchId });
  }
  const after = readCursor(query.cursor, 'byTime');
  if (after) {
    select.andWhere('(run.createdAt, run.id) < (:at, :id)', { at: after[0], id: after[1] });
  }
}
