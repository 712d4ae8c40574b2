import type { LogLine, LogPage } from '@diaken/contracts';

/** The part of a log that has been read: lines without a gap. */
export interface LogWindow {
  readonly lines: readonly LogLine[];
}

export const NO_LINES: LogWindow = { lines: [] };

/** Number of the first line read; 1 while none is. */
export function firstLineOf({ lines }: LogWindow): number {
  return lines[0]?.line ?? 1;
}

/** Number of the last line read; 0 while none is. */
export function lastLineOf({ lines }: LogWindow): number {
  return lines.at(-1)?.line ?? 0;
}

/** Adds lines that come right before or right after; what is known already is left out. */
export function extended(window: LogWindow, { items }: LogPage): LogWindow {
  const before = items.filter(({ line }) => line < firstLineOf(window));
  const after = items.filter(({ line }) => line > lastLineOf(window));
  if (window.lines.length === 0) {
    return { lines: after };
  }
  return before.length + after.length > 0
    ? { lines: [...before, ...window.lines, ...after] }
    : window;
}
