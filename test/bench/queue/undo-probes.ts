import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';

/** Between two of them, ms. */
const EVERY_MS = 250;
/** How long the last of them may take, ms. */
const LONGEST_MS = 15_000;

/** Runs that are to be undone while a worker is busy with something else: it is to take them nevertheless. */
export class UndoProbes {
  /** When each was asked for, by the clock of PostgreSQL, ms since 1970. */
  private readonly asked = new Map<string, number>();
  private going: Promise<void> = Promise.resolve();
  private isStopped = false;

  /** @param ids runs that wait and have never been begun, so that undoing them does nothing outside */
  constructor(
    private readonly database: DataSource,
    private readonly ids: readonly string[],
  ) {}

  start(): void {
    this.going = this.askAll();
  }

  /** Asks for no more; answers how long it took until each was undone, ms. */
  async stop(): Promise<readonly number[]> {
    this.isStopped = true;
    await this.going;
    const until = performance.now() + LONGEST_MS;
    let times = await this.times();
    while (times.length < this.asked.size && performance.now() < until) {
      await pause(EVERY_MS);
      times = await this.times();
    }
    if (times.length < this.asked.size) {
      throw new Error(`${this.asked.size - times.length} runs were not undone`);
    }
    return times;
  }

  private async askAll(): Promise<void> {
    for (const id of this.ids) {
      if (this.isStopped) {
        return;
      }
      const [rows]: [readonly { at: string }[]] = await this.database.query(
        `UPDATE run SET status = 'rolling_back', due_at = now() WHERE id = $1 AND status = 'pending'
         RETURNING extract(epoch FROM clock_timestamp()) * 1000 AS at`,
        [id],
      );
      this.asked.set(id, Number(rows[0]?.at));
      await pause(EVERY_MS);
    }
  }

  private async times(): Promise<readonly number[]> {
    const rows: readonly { id: string; at: string }[] = await this.database.query(
      `SELECT id, extract(epoch FROM ended_at) * 1000 AS at FROM run
       WHERE id = ANY($1) AND status = 'rolled_back'`,
      [[...this.asked.keys()]],
    );
    return rows.map(({ id, at }) => Number(at) - (this.asked.get(id) ?? Number.NaN));
  }
}
