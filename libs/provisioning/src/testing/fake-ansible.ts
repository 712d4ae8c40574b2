import { isInterruption } from '@diaken/pipeline';
import {
  Ansible,
  type PlayHost,
  type PlayHostResult,
  type PlayListener,
  type PlayOrder,
  type PlayResult,
} from '../ports/ansible';
import { Calls, untilAborted } from './calls';
import { finalFailure } from './failures';

/** What Ansible prints of every playbook. */
const OUTPUT = ['PLAY [all]', 'TASK [configure]', 'PLAY RECAP'];
/** How much of it is printed by a play that is held. */
const LINES_BEFORE_HOLD = 2;

interface Execution {
  readonly order: PlayOrder;
  readonly released: PromiseWithResolvers<unknown>;
}

/** Plays in memory. They end at once and well, unless they are held or told to fail. */
export class FakeAnsible extends Ansible {
  readonly calls = new Calls<keyof Ansible>();
  /** Orders that began an execution. */
  readonly started: PlayOrder[] = [];
  /** Orders that attached to an execution that there was. */
  readonly attached: PlayOrder[] = [];
  private readonly executions = new Map<string, Execution>();
  private readonly failing = new Map<string, { task: string; message: string }>();
  private readonly held = new Set<string>();

  /** The playbook fails on every host until it is mended. */
  breakPlaybook(name: string, task = 'configure', message = 'It broke.'): void {
    this.failing.set(name, { task, message });
  }

  mendPlaybook(name: string): void {
    this.failing.delete(name);
  }

  /** Plays of the playbook go on until they are released. */
  hold(name: string): void {
    this.held.add(name);
  }

  /** Lets all plays come to their end. */
  release(): void {
    this.held.clear();
    for (const { released } of this.executions.values()) {
      released.resolve(undefined);
    }
  }

  /** Keys of the executions that nobody has discarded. */
  get kept(): readonly string[] {
    return [...this.executions.keys()];
  }

  /** Names of the playbooks that were begun, in order. */
  get played(): readonly string[] {
    return this.started.map(({ playbook }) => playbook.name);
  }

  override play(
    order: PlayOrder,
    listener: PlayListener,
    signal: AbortSignal,
  ): Promise<PlayResult> {
    return this.calls.answer('play', async () => {
      signal.throwIfAborted();
      const execution = this.executionOf(order);
      try {
        return await this.follow(execution, order, listener, signal);
      } catch (error) {
        if (isInterruption(error, 'cancelled', 'timed-out')) {
          this.executions.delete(order.key);
        }
        throw error;
      }
    });
  }

  override discard(key: string): Promise<void> {
    return this.calls.answer('discard', () => void this.executions.delete(key));
  }

  /** Executions in memory are never old. */
  override removeForgotten(): Promise<readonly string[]> {
    return this.calls.answer('removeForgotten', () => []);
  }

  private executionOf(order: PlayOrder): Execution {
    const running = this.executions.get(order.key);
    if (running) {
      this.attached.push(order);
      return running;
    }
    if (order.from) {
      throw finalFailure('playbook-interrupted', 'The execution is gone.');
    }
    const execution = { order, released: Promise.withResolvers<unknown>() };
    this.executions.set(order.key, execution);
    this.started.push(order);
    return execution;
  }

  private async follow(
    { order: { playbook, hosts }, released }: Execution,
    { from }: PlayOrder,
    listener: PlayListener,
    signal: AbortSignal,
  ): Promise<PlayResult> {
    const told = from?.output ?? 0;
    const holdsAt = this.held.has(playbook.name) ? LINES_BEFORE_HOLD : OUTPUT.length;
    tell(listener, told, holdsAt);
    if (holdsAt < OUTPUT.length) {
      await Promise.race([released.promise, untilAborted(signal)]);
      tell(listener, Math.max(told, holdsAt), OUTPUT.length);
    }
    return { hosts: hosts.map((host) => this.resultOn(host, playbook.name)) };
  }

  private resultOn({ name }: PlayHost, playbook: string): PlayHostResult {
    const firstError = this.failing.get(playbook) ?? null;
    return {
      host: name,
      ...{ ok: 2, changed: 1, failed: firstError ? 1 : 0, unreachable: 0 },
      ...{ skipped: 0, rescued: 0, ignored: 0, firstError, durationMs: 1_000 },
    };
  }
}

function tell(listener: PlayListener, from: number, to: number): void {
  for (const [index, line] of OUTPUT.slice(from, to).entries()) {
    const output = from + index + 1;
    listener.line(line);
    listener.progress(output / OUTPUT.length, 'configure');
    listener.position({ events: output, output });
  }
}
