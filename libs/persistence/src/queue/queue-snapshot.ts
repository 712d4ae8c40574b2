import type { RunKind } from '@diaken/contracts';
import { SharedReading } from '@diaken/runtime';
import type { DataSource } from 'typeorm';
import { type QueueState, readQueueState } from './queue-state';
import { type Places, readPlaces } from './waiting-runs';

/** How late it may be told why a run waits, ms: hundreds of runs are polled, and all of them wait for the same. */
const FRESH_FOR_MS = 500;

/** What decides why runs wait and when it is their turn, read once for all who poll. */
export class QueueSnapshot {
  private readonly state: SharedReading<QueueState>;
  private readonly places = new Map<RunKind, SharedReading<Places>>();

  constructor(
    private readonly database: DataSource,
    private readonly freshForMs = FRESH_FOR_MS,
  ) {
    this.state = new SharedReading(() => readQueueState(database), freshForMs);
  }

  readState(): Promise<QueueState> {
    return this.state.get();
  }

  /** The place of a pending run among those that compete with it for the same workers. */
  async placeOf(runId: string, kind: RunKind): Promise<number> {
    const places =
      this.places.get(kind) ??
      new SharedReading(() => readPlaces(this.database, kind), this.freshForMs);
    this.places.set(kind, places);
    return (await places.get())(runId);
  }
}
