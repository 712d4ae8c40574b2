import type { WorkerChange } from '@diaken/contracts';
import type { DataSource } from 'typeorm';
import { rowsOf } from '../runs/transaction';

/** A worker that has not been heard of for this long is taken for lost, seconds. */
export const LOST_AFTER_SECONDS = 15;
/** How long a lost worker is still shown, hours. */
const SHOWN_HOURS = 24;

/** What a worker is told when it says that it lives. */
export interface WorkerOrders {
  readonly concurrency: number;
  readonly draining: boolean;
}

/** The workers that there are. */
export class WorkerRegister {
  constructor(private readonly database: DataSource) {}

  /** Says that the worker lives; answers what it shall do. Its own figure counts until somebody changes it here. */
  async beat(id: string, name: string, concurrency: number): Promise<WorkerOrders> {
    const [orders] = await rowsOf<WorkerOrders>(
      this.database,
      `INSERT INTO worker (id, name, concurrency) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET seen_at = now() RETURNING concurrency, draining`,
      [id, name, concurrency],
    );
    return orders ?? { concurrency, draining: false };
  }

  /** Takes a worker that stops off the list. */
  async leave(id: string): Promise<void> {
    await this.database.query('DELETE FROM worker WHERE id = $1', [id]);
  }

  /** Tells a worker what to do; it hears of it at its next beat. False when there is none of this id. */
  async change(id: string, { concurrency, draining }: WorkerChange): Promise<boolean> {
    const changed = await rowsOf(
      this.database,
      `UPDATE worker SET concurrency = coalesce($2, concurrency), draining = coalesce($3, draining)
       WHERE id = $1 RETURNING id`,
      [id, concurrency ?? null, draining ?? null],
    );
    return changed.length > 0;
  }

  /** Forgets workers that were lost long ago. */
  async forgetLost(): Promise<void> {
    await this.database.query("DELETE FROM worker WHERE seen_at < now() - $1 * interval '1 hour'", [
      SHOWN_HOURS,
    ]);
  }
}
