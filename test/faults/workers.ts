import type { NodeServer } from '@diaken/embedded';
import type { System } from '../support/system';

/** Worker processes with room for one run each: whoever is killed takes nobody else's run along. */
export class Workers {
  private readonly running = new Map<number, NodeServer>();
  private readonly starting = new Set<Promise<void>>();

  constructor(
    private readonly system: Pick<System, 'startWorker'>,
    private readonly path: string,
  ) {}

  /** Starts some, and waits until they take runs. */
  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.add()));
  }

  /** Kills a worker, waits until it is dead, and has another one started in its place meanwhile. */
  async kill(pid: number): Promise<void> {
    const worker = this.running.get(pid);
    if (!worker) {
      throw new Error(`No worker of this test has the process id ${pid}`);
    }
    this.running.delete(pid);
    process.kill(pid, 'SIGKILL');
    await worker.ended;
    const start = this.add().finally(() => this.starting.delete(start));
    this.starting.add(start);
  }

  /** Waits until all that were to be started run. */
  async complete(): Promise<void> {
    await Promise.all(this.starting);
  }

  private async add(): Promise<void> {
    const worker = await this.system.startWorker({
      PATH: this.path,
      DIAKEN_WORKER_CONCURRENCY: '1',
    });
    this.running.set(worker.pid, worker);
  }
}
