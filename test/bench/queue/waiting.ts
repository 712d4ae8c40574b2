import { type Spread, spreadOf, timesOf } from '../measure/spread';
import type { QueueBench } from './queue-bench';

/** How long it takes to tell why a run waits, by where in the queue it is. */
export interface WaitingFigures {
  readonly front: Spread;
  readonly middle: Spread;
  readonly end: Spread;
  /** `GET /queue`. */
  readonly overview: Spread;
  /** Places told of runs at the front, in the middle and at the end. */
  readonly places: readonly (number | null | undefined)[];
}

/** Asks for the status of runs that wait, one after the other, as polls do. */
export async function measureWaiting(
  { database, history, overview }: QueueBench,
  reads: number,
): Promise<WaitingFigures> {
  const rows: readonly { id: string }[] = await database.query(
    "SELECT id FROM run WHERE status = 'pending' ORDER BY priority DESC, due_at, id",
  );
  const ids = rows.map(({ id }) => id);
  const half = Math.floor((ids.length - reads) / 2);
  const [front, middle, end] = [
    ids.slice(0, reads),
    ids.slice(half, half + reads),
    ids.slice(-reads),
  ];
  const read = async (some: readonly string[]) =>
    spreadOf(await timesOf(some.length, async (index) => history.status(some[index] ?? '')));
  const placeOf = async ([id = '']: readonly string[]) =>
    (await history.status(id))?.waiting?.place;
  return {
    ...{ front: await read(front), middle: await read(middle), end: await read(end) },
    overview: spreadOf(await timesOf(reads, () => overview.read())),
    places: [await placeOf(front), await placeOf(middle), await placeOf(end)],
  };
}
