import type { HostResult } from '@diaken/contracts';

/** Keeps what playbooks did on each host. */
export abstract class HostResults {
  /** Stores the results of one playbook of a run; storing them again replaces them. */
  abstract store(runId: string, results: readonly HostResult[]): Promise<void>;

  /** All that is stored of a run so far. */
  abstract stored(runId: string): Promise<readonly HostResult[]>;
}
