const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A length of time in the two largest units that matter: `3 min 12 s`. */
export function toDurationWords(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < SECOND) {
    return '< 1 s';
  }
  if (ms < MINUTE) {
    return `${Math.floor(ms / SECOND)} s`;
  }
  if (ms < HOUR) {
    return twoUnits(ms, [MINUTE, 'min'], [SECOND, 's']);
  }
  return ms < DAY
    ? twoUnits(ms, [HOUR, 'h'], [MINUTE, 'min'])
    : twoUnits(ms, [DAY, 'd'], [HOUR, 'h']);
}

/**
 * How far something is from now: `5 minutes ago`, `in 2 hours`. Clocks that differ a little never
 * give a future.
 */
export function toRelativeWords(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime();
  const distance = Math.abs(ms);
  if (ms < MINUTE && ms > -10 * SECOND) {
    return 'just now';
  }
  if (distance < MINUTE) {
    return RELATIVE.format(Math.trunc(ms / SECOND), 'second');
  }
  if (distance < HOUR) {
    return RELATIVE.format(Math.trunc(ms / MINUTE), 'minute');
  }
  return distance < DAY
    ? RELATIVE.format(Math.trunc(ms / HOUR), 'hour')
    : RELATIVE.format(Math.trunc(ms / DAY), 'day');
}

/** Local time of day; with the date when that was not today, and the year when not this year. */
export function toLocalWords(at: Date, now: Date, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const written = (date: Date, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, ...zone }).format(date);
  const isSame = (options: Intl.DateTimeFormatOptions) =>
    written(at, options) === written(now, options);
  const time = written(at, { timeStyle: 'short' });
  if (isSame({ dateStyle: 'short' })) {
    return time;
  }
  const year = isSame({ year: 'numeric' }) ? {} : ({ year: 'numeric' } as const);
  return `${written(at, { day: 'numeric', month: 'short', ...year })}, ${time}`;
}

/** Milliseconds between two ISO dates; to now while there is no end, undefined without a start. */
export function elapsedMs(
  startedAt: string | null,
  endedAt: string | null,
  now: Date,
): number | undefined {
  if (startedAt === null) {
    return undefined;
  }
  const end = endedAt === null ? now.getTime() : Date.parse(endedAt);
  return end - Date.parse(startedAt);
}

type Unit = readonly [ms: number, name: string];

function twoUnits(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName} ${rest} ${smallName}`;
}
