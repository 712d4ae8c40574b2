import { StepFailure } from '@diaken/pipeline';
import { faultOf } from '../problems/fault-failure';
import {
  retrieve,
  type ObjectProperties,
  type Properties,
  type PropertySource,
  type Selection,
} from '../properties/retrieve';
import { moRefOf, sameMoRef, type MoRef } from '../soap/vim-value';

/** What somebody waits for. */
export interface Watch<T> {
  readonly object: MoRef;
  readonly paths: readonly string[];
  /** Looks at what was read; `undefined` goes on waiting. What it throws ends the wait. */
  readonly look: (seen: Properties) => T | undefined;
}

interface Waiter {
  readonly object: MoRef;
  readonly paths: readonly string[];
  readonly look: (seen: Properties) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Everything that anybody in this process waits for at one vCenter. One request per tick reads it all,
 * and only while somebody waits. What is transient is outlasted: the waiter's signal says when to give up.
 */
export class WatchList {
  private readonly waiters = new Set<Waiter>();
  private readonly closing = new AbortController();
  private ticking = false;

  constructor(
    private readonly connection: PropertySource,
    private readonly pollEveryMs: number,
  ) {}

  /** Waits until `look` finds what it wants. Throws what ends the wait, or the reason of the signal. */
  async until<T>({ object, paths, look }: Watch<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter: Waiter = {
      object,
      paths,
      fail: reject,
      look: (seen) => {
        const found = look(seen);
        if (found !== undefined) resolve(found);
      },
    };
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    this.waiters.add(waiter);
    this.start();
    try {
      return await promise;
    } finally {
      this.waiters.delete(waiter);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends all waits with the reason. */
  close(reason: Error): void {
    this.closing.abort(reason);
    this.failAll(reason);
  }

  private start(): void {
    if (this.ticking) return;
    this.ticking = true;
    setTimeout(() => void this.tick(), this.pollEveryMs);
  }

  private async tick(): Promise<void> {
    if (this.waiters.size > 0) await this.readAll();
    this.ticking = false;
    if (this.waiters.size > 0) this.start();
  }

  private async readAll(): Promise<void> {
    try {
      this.tell(await retrieve(this.connection, this.selections(), this.closing.signal));
    } catch (error) {
      const gone = missingObject(error);
      const concerned = gone ? this.waitersFor(gone) : [];
      for (const waiter of concerned) waiter.fail(error);
      // One that is gone spoils the answer for all: the next tick reads the rest.
      if (concerned.length > 0 || isTransient(error)) return;
      this.failAll(error);
    }
  }

  private tell(objects: readonly ObjectProperties[]): void {
    for (const { object, properties } of objects) {
      for (const waiter of this.waitersFor(object)) {
        try {
          waiter.look(properties);
        } catch (error) {
          waiter.fail(error); // what ends this wait is not the others' concern
        }
      }
    }
  }

  /** One selection for each type of object: all paths that anybody wants, every object once. */
  private selections(): readonly Selection[] {
    const byType = new Map<string, { paths: Set<string>; objects: Map<string, MoRef> }>();
    for (const { object, paths } of this.waiters) {
      const wanted = byType.get(object.type) ?? { paths: new Set(), objects: new Map() };
      byType.set(object.type, wanted);
      for (const path of paths) wanted.paths.add(path);
      wanted.objects.set(object.value, object);
    }
    return [...byType].map(([type, { paths, objects }]) => ({
      sets: [{ type, paths: [...paths] }],
      starts: [...objects.values()].map((object) => ({ object })),
    }));
  }

  private waitersFor(object: MoRef): readonly Waiter[] {
    return [...this.waiters].filter((waiter) => sameMoRef(waiter.object, object));
  }

  private failAll(error: unknown): void {
    for (const waiter of this.waiters) waiter.fail(error);
  }
}

function missingObject(error: unknown): MoRef | undefined {
  const fault = faultOf(error);
  return fault?.is('ManagedObjectNotFound') ? moRefOf(fault.detail['obj']) : undefined;
}

function isTransient(error: unknown): boolean {
  return error instanceof StepFailure && error.transient;
}
