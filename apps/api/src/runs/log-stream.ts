import { once } from 'node:events';
import { isSettled } from '@diaken/contracts';
import type { RunChanges, RunHistory } from '@diaken/persistence';
import type { Response } from 'express';
import { closed } from './request-end';

/** Lines that one event carries at most. */
const LINES_AT_ONCE = 500;
/** A comment is sent this often, so that proxies do not close a silent stream, ms. */
const HEARTBEAT_MS = 15_000;
/** Longest time without looking whether the log has grown, ms. */
const LOOK_EVERY_MS = 2_000;

interface LogSource {
  readonly history: RunHistory;
  readonly changes: RunChanges;
}

/** Sends the log from a line on, as it grows, until the run has settled or the client has gone. */
export async function streamLog(
  { history, changes }: LogSource,
  id: string,
  from: number,
  response: Response,
): Promise<void> {
  const gone = closed(response);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    let next = from;
    while (!gone.aborted) {
      const changed = changes.next(id, LOOK_EVERY_MS, gone);
      const status = await history.status(id);
      const lines = await history.log(id, { from: next, limit: LINES_AT_ONCE });
      const last = lines.at(-1)?.line;
      if (last !== undefined) {
        next = last + 1;
        await send(response, gone, { id: last, event: 'lines', data: lines });
      } else if (!status || isSettled(status.status)) {
        await send(response, gone, { event: 'end', data: status ?? {} });
        return;
      } else {
        await changed;
      }
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

async function send(
  response: Response,
  gone: AbortSignal,
  { id, event, data }: { id?: number; event: string; data: unknown },
): Promise<void> {
  const head = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\n`;
  const fits = response.write(`${head}data: ${JSON.stringify(data)}\n\n`);
  if (!fits && !gone.aborted) {
    // A slow reader makes us wait, not buffer.
    await Promise.race([once(response, 'drain'), once(gone, 'abort')]);
  }
}
