import { LogLine } from '@diaken/contracts';
import * as z from 'zod';

/** What a client has read of a log stream. */
export interface StreamedLog {
  readonly lines: number[];
  readonly texts: string[];
  /** Number of the last line, for the header Last-Event-ID. */
  lastId: string;
  /** The status of the event `end`; undefined while it has not come. */
  end: unknown;
}

export interface StreamOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Goes away once it has read this many lines; default: stays until the end. */
  readonly atMost?: number;
}

/** Reads a log stream as a browser does. */
export async function readStream(
  url: string,
  { headers, atMost = Number.POSITIVE_INFINITY }: StreamOptions,
): Promise<StreamedLog> {
  const leave = new AbortController();
  const response = await fetch(url, {
    headers,
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(60_000)]),
  });
  const type = response.headers.get('Content-Type');
  if (!response.body || !type?.startsWith('text/event-stream')) {
    throw new Error(`No stream: ${response.status} ${type}`);
  }
  const read: StreamedLog = { lines: [], texts: [], lastId: '', end: undefined };
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    events.forEach((event) => take(event, read));
    if (read.lines.length >= atMost) {
      leave.abort();
      break;
    }
  }
  return read;
}

function take(event: string, read: StreamedLog): void {
  const fields = new Map(
    event
      .split('\n')
      .map((line) => line.split(/: (.*)/s) as [string, string])
      .filter(([name]) => name !== ''),
  );
  const data: unknown = JSON.parse(fields.get('data') ?? 'null');
  if (fields.get('event') === 'end') {
    read.end = data;
  } else if (fields.get('event') === 'lines') {
    const lines = z.array(LogLine).parse(data);
    read.lines.push(...lines.map(({ line }) => line));
    read.texts.push(...lines.map((line) => line.text));
    read.lastId = fields.get('id') ?? '';
  }
}
