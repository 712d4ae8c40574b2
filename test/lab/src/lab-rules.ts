import { labCall } from './lab-call';

/**
 * What happens to a call:
 * - `delay`: it is answered `ms` later
 * - `fault`: it fails with `fault`
 * - `task-delay`: the task that it starts takes `ms`
 * - `task-fault`: the task that it starts fails with `fault` (after `ms`, if given)
 * - `http`: it is answered with HTTP status `status` and no XML
 * - `reset-before`: the connection breaks and nothing is done
 * - `reset-after`: it is done, but the connection breaks before the answer
 * - `logout`: its session ends just before it
 * - `hold-before`: it waits before it is done; it is done then even if its client has gone meanwhile
 * - `hold-after`: it is done, but its answer waits
 *
 * What is held waits until its rule is released, or `ms` at the longest; other calls go on.
 */
export type LabRuleAction =
  | 'delay'
  | 'fault'
  | 'task-delay'
  | 'task-fault'
  | 'http'
  | 'reset-before'
  | 'reset-after'
  | 'logout'
  | 'hold-before'
  | 'hold-after';

/** A disturbance of the simulated vCenter. The first rule that matches a call and is due applies. */
export interface LabRule {
  readonly action: LabRuleAction;
  /** Chosen by the test, to tell what this rule holds and to release it. */
  readonly id?: string;
  /** SOAP method, e.g. `CloneVM_Task`; without it: any. */
  readonly method?: string;
  /** Value of the reference of the object that is called, e.g. `vm-42`; without it: any. */
  readonly entity?: string;
  /** Text somewhere in the call's XML, e.g. a run's id or a reference; without it: any. */
  readonly contains?: string;
  /** Matching calls to let through first. */
  readonly skip?: number;
  /** Times to apply the rule; without it: for ever. */
  readonly count?: number;
  /** Required with `delay`, `task-delay`, `hold-before` and `hold-after`. */
  readonly ms?: number;
  /** Type of the fault, e.g. `NoPermission` or `InsufficientResourcesFault`. */
  readonly fault?: string;
  readonly status?: number;
}

/** A call that a rule holds now. */
export interface HeldCall {
  /** Id of the rule; empty when it has none. */
  readonly rule: string;
  /** SOAP method. */
  readonly method: string;
  /** Value of the reference of the object that is called. */
  readonly entity: string;
}

/** Disturbs the simulated vCenter while it runs. */
export interface LabRules {
  add(...rules: readonly LabRule[]): Promise<void>;
  /** Forgets all rules and all counts; lets go of all calls. */
  clear(): Promise<void>;
  /** The calls that are held now, in the order of their arrival. */
  held(): Promise<readonly HeldCall[]>;
  /**
   * Removes the rules with this id, or else all rules that hold calls, and lets go of what they
   * hold. It does not wait until that has been done.
   */
  release(id?: string): Promise<void>;
  /** How often each SOAP method was called, disturbed or not. */
  calls(): Promise<Record<string, number>>;
}

/** The rules of a lab that runs anywhere, by its `url` and `certificatePem`. */
export function rulesAt(url: string, certificatePem: string): LabRules {
  const call = labCall(url, certificatePem);
  const book = async () => readBook(await call('GET', 'rules'));
  return {
    add: async (...rules) => {
      await call('POST', 'rules', rules);
    },
    clear: async () => {
      await call('DELETE', 'rules');
    },
    held: async () => (await book()).held,
    release: async (id) => {
      await call('POST', 'release', { rule: id });
    },
    calls: async () => (await book()).calls,
  };
}

interface RuleBook {
  readonly calls: Record<string, number>;
  readonly held: readonly HeldCall[];
}

function readBook(answer: string): RuleBook {
  return JSON.parse(answer) as RuleBook;
}
