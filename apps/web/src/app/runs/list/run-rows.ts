import { isSettled, type Page, type RunSummary } from '@diaken/contracts';

/** The runs shown, newest first, and the cursor of those that follow. */
export type RunRows = Page<RunSummary>;

export const NO_ROWS: RunRows = { items: [], next: null };

/** Puts the newest runs in the place of what was known of them; older rows stay below. */
export function refreshed(rows: RunRows, newest: RunRows): RunRows {
  const oldest = newest.items.at(-1);
  if (newest.next === null || oldest === undefined) {
    return newest;
  }
  const fresh = new Set(newest.items.map(({ id }) => id));
  const older = rows.items.filter((row) => !fresh.has(row.id) && row.createdAt <= oldest.createdAt);
  return older.length > 0
    ? { items: [...newest.items, ...older], next: rows.next }
    : { items: newest.items, next: newest.next };
}

/** Adds the page that follows. */
export function extended(rows: RunRows, page: RunRows): RunRows {
  const shown = new Set(rows.items.map(({ id }) => id));
  const added = page.items.filter(({ id }) => !shown.has(id));
  return { items: [...rows.items, ...added], next: page.next };
}

/** Whether any run shown is still going on. */
export function hasLiveRun(rows: RunRows): boolean {
  return rows.items.some(({ status }) => !isSettled(status));
}
