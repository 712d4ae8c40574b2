import { Logger } from '@nestjs/common';
import { type Watch, WatchLost } from '@diaken/persistence';
import { InventoryFeed, type InventoryNews, ProvisioningFailure } from '@diaken/provisioning';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WatchInventories } from './watch-inventories';

const NOTHING: InventoryNews = { what: 'changes', changed: [], gone: [] };
const ACCESS = 'first';

/** Tells what the test says, until nobody listens. */
class FakeFeed extends InventoryFeed {
  listened = 0;
  listening = 0;
  failNext: Error[] = [];

  override async *listen(_vcenterId: string, signal: AbortSignal): AsyncGenerator<InventoryNews> {
    this.listened += 1;
    this.listening += 1;
    try {
      const failure = this.failNext.shift();
      if (failure) throw failure;
      yield NOTHING;
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    } finally {
      this.listening -= 1;
    }
  }
}

/** Gives the watches that the test says. */
class FakeWatches {
  given: Watch[] = [{ vcenterId: 'one', access: ACCESS }];
  kept = 0;
  released = 0;
  problems: string[] = [];
  keepFails: Error[] = [];
  claim = async () => this.given;
  release = async () => void (this.released += 1);
  noteProblem = async (_id: string, { code }: { code: string }) => void this.problems.push(code);
  keep = async () => {
    const failure = this.keepFails.shift();
    if (failure) throw failure;
    this.kept += 1;
    return 0;
  };
}

let feed: FakeFeed;
let watches: FakeWatches;
let watching: WatchInventories;

beforeAll(() => Logger.overrideLogger(false));

beforeEach(() => {
  vi.useFakeTimers();
  feed = new FakeFeed();
  watches = new FakeWatches();
  watching = new WatchInventories(watches as never, feed);
});

afterEach(async () => {
  await watching.beforeApplicationShutdown();
  vi.useRealTimers();
});

const begin = async () => {
  watching.onApplicationBootstrap();
  await vi.advanceTimersByTimeAsync(0);
};
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);
const failure = (transient: boolean) =>
  new ProvisioningFailure({
    ...{ code: 'vcenter-unreachable', cause: 'Away.', remedy: 'Wait.', transient },
  });

describe('watching inventories', () => {
  it('listens to each vCenter once, however often the watch is renewed', async () => {
    await begin();
    await pass(60);
    expect(feed).toMatchObject({ listened: 1, listening: 1 });
    expect(watches.kept).toBe(1);
  });

  it('ends when another worker has the watch, and begins when there is one', async () => {
    await begin();
    watches.given = [];
    await pass(5);
    expect(feed.listening).toBe(0);
    watches.given = [{ vcenterId: 'one', access: ACCESS }];
    await pass(5);
    expect(feed).toMatchObject({ listened: 2, listening: 1 });
  });

  it('begins anew when the access changes', async () => {
    await begin();
    watches.given = [{ vcenterId: 'one', access: 'second' }];
    await pass(10);
    expect(feed).toMatchObject({ listened: 2, listening: 1 });
  });

  it('listens again a moment after the vCenter could not be reached, and says why it could not', async () => {
    feed.failNext = [failure(true)];
    await begin();
    expect(watches.problems).toEqual(['vcenter-unreachable']);
    expect(feed.listening).toBe(0);
    await pass(10);
    expect(feed).toMatchObject({ listened: 2, listening: 1 });
  });

  it('gives a vCenter that refuses us minutes: accounts are locked', async () => {
    feed.failNext = [failure(false)];
    await begin();
    await pass(4 * 60);
    expect(feed.listened).toBe(1);
    await pass(2 * 60);
    expect(feed.listened).toBe(2);
  });

  it('writes nothing more once it has lost its watch', async () => {
    watches.keepFails = [new WatchLost('lost')];
    watches.given = [{ vcenterId: 'one', access: ACCESS }];
    await begin();
    watches.given = [];
    await pass(60);
    expect(feed).toMatchObject({ listened: 1, listening: 0 });
    expect(watches.problems).toEqual([]);
  });

  it('lets go of everything when the worker stops', async () => {
    await begin();
    await watching.beforeApplicationShutdown();
    expect(feed.listening).toBe(0);
    expect(watches.released).toBe(1);
    await pass(60);
    expect(feed.listened).toBe(1);
  });
});
