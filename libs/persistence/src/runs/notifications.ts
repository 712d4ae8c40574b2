import { EventEmitter } from 'node:events';
import { Client } from 'pg';

/** How long to wait before connecting again when PostgreSQL is away. */
const RECONNECT_AFTER_MS = 1_000;

/** Hears what any process tells on a channel of PostgreSQL; the payload is the id of a run. */
export abstract class Notifications {
  /** Emits the id of a run as an event of that name, and as `any`. */
  protected readonly emitter = new EventEmitter().setMaxListeners(0);
  private client: Client | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly channel: string,
  ) {}

  /** Starts to listen; goes on by itself when the connection breaks. */
  async open(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      keepAlive: true,
      application_name: 'diaken-listen',
    });
    client.on('notification', ({ payload }) => {
      if (payload) {
        this.emitter.emit(payload);
        this.emitter.emit('any', payload);
      }
    });
    client.on('error', () => this.reopen(client));
    client.on('end', () => this.reopen(client));
    this.client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${this.channel}`);
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
