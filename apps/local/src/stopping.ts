/** Things to stop, in the opposite order of their start, whatever ends the program. */
export class Stopping {
  private readonly stops: (() => Promise<void>)[] = [];
  private readonly interrupted = Promise.withResolvers<'interrupted'>();
  private isStopping = false;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => this.interrupted.resolve('interrupted'));
    }
  }

  /** Resolves at Ctrl-C and its kind. */
  get signal(): Promise<'interrupted'> {
    return this.interrupted.promise;
  }

  add(stop: () => Promise<void>): void {
    this.stops.push(stop);
  }

  /** Stops everything, also when one of the stops fails. */
  async stopAll(): Promise<void> {
    if (this.isStopping) {
      return;
    }
    this.isStopping = true;
    for (const stop of this.stops.reverse()) {
      await stop().catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
      });
    }
  }
}
