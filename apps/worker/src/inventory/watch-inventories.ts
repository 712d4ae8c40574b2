import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InventoryWatches, type Watch, WatchLost } from '@diaken/persistence';
import { pause, StepFailure } from '@diaken/pipeline';
import { InventoryFeed } from '@diaken/provisioning';

/** How often a worker renews its watches and looks for vCenters that nobody watches, ms. */
const BEAT_EVERY_MS = 3_000;
/** How long a worker waits before it listens again to a vCenter that it could not hear, ms. */
const AGAIN_MS = 5_000;
/** The same where only an operator can help; single sign-on locks an account after some refusals. */
const AGAIN_WHEN_REFUSED_MS = 5 * 60_000;

interface Listening {
  readonly access: string;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

/** Keeps what we know of each vCenter up to date: of all workers one listens to it, until it stops or dies. */
@Injectable()
export class WatchInventories implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(WatchInventories.name);
  private readonly listening = new Map<string, Listening>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;

  constructor(
    private readonly watches: InventoryWatches,
    private readonly feed: InventoryFeed,
  ) {}

  onApplicationBootstrap(): void {
    void this.beat();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    const all = [...this.listening.values()];
    for (const { stopping } of all) stopping.abort();
    await Promise.all(all.map(({ ended }) => ended));
    await this.watches.release().catch(() => undefined); // the lease ends by itself
  }

  private async beat(): Promise<void> {
    try {
      this.listenTo(await this.watches.claim());
    } catch (error) {
      this.logger.warn({ err: error }, 'The watched vCenters are not known; the next look follows');
    }
    if (!this.isStopped) {
      this.timer = setTimeout(() => void this.beat(), BEAT_EVERY_MS);
    }
  }

  private listenTo(watches: readonly Watch[]): void {
    const wanted = new Map(watches.map((watch) => [watch.vcenterId, watch]));
    for (const [vcenterId, { access, stopping }] of this.listening) {
      if (wanted.get(vcenterId)?.access !== access) stopping.abort();
    }
    for (const watch of watches) {
      if (!this.isStopped && !this.listening.has(watch.vcenterId)) this.start(watch);
    }
  }

  private start({ vcenterId, access }: Watch): void {
    const stopping = new AbortController();
    const ended = this.listen(vcenterId, stopping.signal).finally(() =>
      this.listening.delete(vcenterId),
    );
    this.listening.set(vcenterId, { access, stopping, ended });
  }

  /** Listens again and again until it is told to stop. Never throws. */
  private async listen(vcenterId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const news of this.feed.listen(vcenterId, signal)) {
          await this.watches.keep(vcenterId, news);
        }
      } catch (error) {
        if (signal.aborted || error instanceof WatchLost) return;
        await this.bear(vcenterId, error, signal);
      }
    }
  }

  private async bear(vcenterId: string, error: unknown, signal: AbortSignal): Promise<void> {
    this.logger.warn({ err: error, vcenterId }, 'A vCenter cannot be listened to');
    const isExpected = error instanceof StepFailure;
    if (isExpected) {
      const { code, message, remedy } = error;
      await this.watches
        .noteProblem(vcenterId, { code, message, remedy })
        .catch((err: unknown) => this.logger.warn({ err, vcenterId }, 'Its problem is not noted'));
    }
    const againMs = isExpected && !error.transient ? AGAIN_WHEN_REFUSED_MS : AGAIN_MS;
    await pause(againMs, signal).catch(() => undefined); // whoever calls looks at the signal
  }
}
