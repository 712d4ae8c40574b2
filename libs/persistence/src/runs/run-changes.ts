import { EventEmitter } from 'node:events';
import { Client } from 'pg';
import { RUN_CHANGED_CHANNEL } from './transaction';

/** How long to wait before connecting again when PostgreSQL is away. */
const RECONNECT_AFTER_MS = 1_000;

/** Hears which runs have changed, from every process that writes to PostgreSQL. */
export class RunChanges {
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private client: Client | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(private readonly url: string) {}

  /** Starts to listen; goes on by itself when the connection breaks. */
  async open(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      keepAlive: true,
      application_name: 'diaken-listen',
    });
    client.on('notification', ({ payload }) => payload && this.emitter.emit(payload));
    client.on('error', () => this.reopen(client));
    client.on('end', () => this.reopen(client));
    this.client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${RUN_CHANGED_CHANNEL}`);
    } catch {
      // Whoever waits also looks by itself from time to time, so a missed notification costs only time.
      this.reopen(client);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.client?.end();
  }

  /** Calls back at each change of the run, until the signal is aborted. */
  watch(runId: string, signal: AbortSignal, onChange: () => void): void {
    this.emitter.on(runId, onChange);
    signal.addEventListener('abort', () => this.emitter.off(runId, onChange), { once: true });
  }

  /** Resolves at the next change of the run, or when the time is over, or when the signal is aborted. */
  next(runId: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.emitter.off(runId, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.emitter.on(runId, done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) {
        done();
      }
    });
  }

  private reopen(broken: Client): void {
    if (this.closed || this.client !== broken) {
      return;
    }
    this.client = undefined;
    broken.removeAllListeners();
    broken.on('error', () => undefined);
    void broken.end().catch(() => undefined);
    this.timer = setTimeout(() => void this.open(), RECONNECT_AFTER_MS);
  }
}
