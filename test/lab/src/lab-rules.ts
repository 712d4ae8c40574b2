import { request } from 'node:https';

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
 */
export type LabRuleAction =
  | 'delay'
  | 'fault'
  | 'task-delay'
  | 'task-fault'
  | 'http'
  | 'reset-before'
  | 'reset-after'
  | 'logout';

/** A disturbance of the simulated vCenter. The first rule that matches a call and is due applies. */
export interface LabRule {
  readonly action: LabRuleAction;
  /** SOAP method, e.g. `CloneVM_Task`; without it: any. */
  readonly method?: string;
  /** Value of the reference of the object that is called, e.g. `vm-42`; without it: any. */
  readonly entity?: string;
  /** Matching calls to let through first. */
  readonly skip?: number;
  /** Times to apply the rule; without it: for ever. */
  readonly count?: number;
  readonly ms?: number;
  /** Type of the fault, e.g. `NoPermission` or `InsufficientResourcesFault`. */
  readonly fault?: string;
  readonly status?: number;
}

/** Disturbs the simulated vCenter while it runs. */
export interface LabRules {
  add(...rules: readonly LabRule[]): Promise<void>;
  /** Forgets all rules and all counts. */
  clear(): Promise<void>;
  /** How often each SOAP method was called, disturbed or not. */
  calls(): Promise<Record<string, number>>;
}

/** The rules of the lab at this origin, over HTTP. */
export function rulesAt(origin: string, certificatePem: string): LabRules {
  const send = (method: string, body?: string) =>
    exchange(new URL('/_lab/rules', origin), certificatePem, method, body);
  return {
    add: async (...rules) => {
      await send('POST', JSON.stringify(rules));
    },
    clear: async () => {
      await send('DELETE');
    },
    calls: async () => readCalls(await send('GET')),
  };
}

function readCalls(answer: string): Record<string, number> {
  const parsed = JSON.parse(answer) as { readonly calls: Record<string, number> };
  return parsed.calls;
}

function exchange(url: URL, ca: string, method: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, ca, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (answer.statusCode === 200) {
          resolve(text);
        } else {
          reject(new Error(`The lab refused the rule: ${text.trim()}`));
        }
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
