import type { PlayHostResult } from '@diaken/provisioning';
import { describeFailure } from './failure-text';
import type { HostEvent, HostStats, ItemEvent, PlayEvent } from './play-events';

type FirstError = NonNullable<PlayHostResult['firstError']>;

const NOTHING: HostStats = {
  ok: 0,
  changed: 0,
  failures: 0,
  unreachable: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
};

/** What a play's events add up to. */
export class PlayRecord {
  private readonly errors = new Map<string, FirstError[]>();
  private readonly durations = new Map<string, number>();
  /** Last failed item per task and host, for the host's own failure follows it. */
  private readonly items = new Map<string, ItemEvent>();
  private stats: Readonly<Record<string, HostStats>> | undefined;
  private opened = false;
  private matched = false;
  private reached = false;
  private lastTask: string | null = null;

  /** Whether Ansible loaded our callback. */
  get hasBegun(): boolean {
    return this.opened;
  }

  /** Whether some play found a host. */
  get hasHosts(): boolean {
    return this.matched || Object.keys(this.stats ?? {}).length > 0;
  }

  /** Whether a task was run on some host. */
  get hasRun(): boolean {
    return this.reached;
  }

  /** Whether Ansible came to its end and counted. */
  get isComplete(): boolean {
    return this.stats !== undefined;
  }

  /** Name of the task that began last; null before the first. */
  get task(): string | null {
    return this.lastTask;
  }

  add(event: PlayEvent): void {
    switch (event.e) {
      case 'run':
        this.opened = true;
        break;
      case 'play':
        this.matched ||= event.hosts.length > 0;
        break;
      case 'task':
        this.lastTask = event.name;
        break;
      case 'item':
        this.items.set(`${event.task} ${event.host}`, event);
        break;
      case 'host':
        this.addHost(event);
        break;
      case 'stats':
        this.stats = event.hosts;
        break;
    }
  }

  /** Results of these hosts, zeros where the play did not touch one, and of others that it reached. */
  results(hosts: readonly string[]): PlayHostResult[] {
    const stats = this.stats ?? {};
    const names = [...new Set([...hosts, ...Object.keys(stats)])];
    return names.map((host) => this.result(host, stats[host] ?? NOTHING));
  }

  private result(host: string, { failures, ...counts }: HostStats): PlayHostResult {
    const hasFailed = failures + counts.unreachable > 0;
    return {
      host,
      ...counts,
      failed: failures,
      firstError: hasFailed ? this.firstError(host, counts.rescued) : null,
      durationMs: this.durations.get(host) ?? 0,
    };
  }

  /** Failures that a rescue section cured came before those that count. */
  private firstError(host: string, rescued: number): FirstError | null {
    const errors = this.errors.get(host) ?? [];
    return errors[rescued] ?? errors.at(-1) ?? null;
  }

  private addHost(event: HostEvent): void {
    const { host } = event;
    this.reached = true;
    this.durations.set(host, (this.durations.get(host) ?? 0) + event.ms);
    if (event.status === 'failed' || event.status === 'unreachable') {
      const item = this.items.get(`${event.task} ${host}`);
      const error = { task: event.name, message: describeFailure(event, item) };
      this.errors.set(host, [...(this.errors.get(host) ?? []), error]);
    }
  }
}
