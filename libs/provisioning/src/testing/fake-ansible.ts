import { isInterruption } from '@diaken/pipeline';
import {
  Ansible,
  type PlayHost,
  type PlayHostResult,
  type PlayListener,
  type PlayOrder,
  type PlayPlace,
  type PlayResult,
} from '../ports/ansible';
import { Calls, untilAborted } from './calls';
import { finalFailure } from './failures';

/** What Ansible prints of every playbook. */
const OUTPUT = ['PLAY [all]', 'TASK [configure]', 'PLAY RECAP'];
/** How much of it is printed by a play that is held. */
const LINES_BEFORE_HOLD = 2;

const CUT_OFF = { task: 'configure', message: 'No route to host.' };

interface Execution {
  readonly place: PlayPlace;
  readonly order: PlayOrder;
  readonly released: PromiseWithResolvers<unknown>;
  isLost: boolean;
}

/** Plays in memory. They end at once and well, unless they are held or told to fail. */
export class FakeAnsible extends Ansible {
  readonly calls = new Calls<keyof Ansible>();
  /** Orders that began an execution. */
  readonly started: PlayOrder[] = [];
  /** Orders that attached to an execution that there was. */
  readonly attached: PlayOrder[] = [];
  /** What a play of the playbook does to its hosts when it ends well. */
  readonly effects = new Map<string, (order: PlayOrder) => void>();
  private readonly executions: Execution[] = [];
  private readonly failing = new Map<string, { task: string; message: string }>();
  private readonly unreachable = new Set<string>();
  private readonly held = new Set<string>();
  private here: PlayPlace = placeNamed('worker-1');

  /** The playbook fails on every host until it is mended. */
  breakPlaybook(name: string, task = 'configure', message = 'It broke.'): void {
    this.failing.set(name, { task, message });
  }

  mendPlaybook(name: string): void {
    this.failing.delete(name);
    this.unreachable.delete(name);
  }

  /** The playbook reaches no host until it is mended. */
  cutOff(name: string): void {
    this.unreachable.add(name);
  }

  /** A worker on another machine takes over: what was begun elsewhere goes on there, out of its sight. */
  moveTo(machine: string): void {
    this.here = placeNamed(machine);
  }

  /** The machine is started again: nothing that was begun on it goes on, and nobody knows what it did. */
  restart(): void {
    for (const execution of this.executionsHere()) {
      execution.isLost = true;
    }
  }

  /** Plays of the playbook go on until they are released. */
  hold(name: string): void {
    this.held.add(name);
  }

  /** Lets all plays come to their end. */
  release(): void {
    this.held.clear();
    for (const { released } of this.executions) {
      released.resolve(undefined);
    }
  }

  /** Keys of the executions that nobody has discarded, at all places. */
  get kept(): readonly string[] {
    return this.executions.map(({ order }) => order.key);
  }

  /** Names of the playbooks that were begun, in order. */
  get played(): readonly string[] {
    return this.started.map(({ playbook }) => playbook.name);
  }

  override place(): Promise<PlayPlace> {
    return this.calls.answer('place', () => this.here);
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
          this.forget(order.key);
        }
        throw error;
      }
    });
  }

  override discard(key: string): Promise<void> {
    return this.calls.answer('discard', () => this.forget(key));
  }

  /** Executions in memory are never old. */
  override removeForgotten(): Promise<readonly string[]> {
    return this.calls.answer('removeForgotten', () => []);
  }

  private executionOf(order: PlayOrder): Execution {
    const known = this.executionsHere().find(({ order: { key } }) => key === order.key);
    if (known?.isLost || (!known && order.from)) {
      throw finalFailure('playbook-interrupted', 'It was interrupted at task "configure".');
    }
    if (known) {
      this.attached.push(order);
      return known;
    }
    const released = Promise.withResolvers<unknown>();
    const execution = { place: this.here, order, released, isLost: false };
    this.executions.push(execution);
    this.started.push(order);
    return execution;
  }

  private executionsHere(): Execution[] {
    return this.executions.filter(({ place }) => place.id === this.here.id);
  }

  private forget(key: string): void {
    const at = this.executions.findIndex(
      ({ place, order }) => place.id === this.here.id && order.key === key,
    );
    if (at >= 0) {
      this.executions.splice(at, 1);
    }
  }

  private async follow(
    { order: begun, released }: Execution,
    { from }: PlayOrder,
    listener: PlayListener,
    signal: AbortSignal,
  ): Promise<PlayResult> {
    const { playbook, hosts } = begun;
    const told = from?.output ?? 0;
    const holdsAt = this.held.has(playbook.name) ? LINES_BEFORE_HOLD : OUTPUT.length;
    tell(listener, told, holdsAt);
    if (holdsAt < OUTPUT.length) {
      await Promise.race([released.promise, untilAborted(signal)]);
      tell(listener, Math.max(told, holdsAt), OUTPUT.length);
    }
    if (!this.failing.has(playbook.name) && !this.unreachable.has(playbook.name)) {
      this.effects.get(playbook.name)?.(begun);
    }
    return { hosts: hosts.map((host) => this.resultOn(host, playbook.name)) };
  }

  private resultOn({ name }: PlayHost, playbook: string): PlayHostResult {
    const isCutOff = this.unreachable.has(playbook);
    const failure = this.failing.get(playbook);
    const firstError = isCutOff ? CUT_OFF : (failure ?? null);
    return {
      host: name,
      ...{ ok: 2, changed: 1, failed: failure ? 1 : 0, unreachable: isCutOff ? 1 : 0 },
      ...{ skipped: 0, rescued: 0, ignored: 0, firstError, durationMs: 1_000 },
    };
  }
}

function placeNamed(name: string): PlayPlace {
  return { id: `place-${name}`, name };
}

function tell(listener: PlayListener, from: number, to: number): void {
  for (const [index, line] of OUTPUT.slice(from, to).entries()) {
    const output = from + index + 1;
    listener.line(line);
    listener.progress(output / OUTPUT.length, 'configure');
    listener.position({ events: output, output });
  }
}
