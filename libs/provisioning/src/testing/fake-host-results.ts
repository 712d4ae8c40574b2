import type { HostResult } from '@diaken/contracts';
import { HostResults } from '../ports/host-results';
import { Calls } from './calls';

/** Results in memory. */
export class FakeHostResults extends HostResults {
  readonly calls = new Calls<keyof HostResults>();
  private readonly kept = new Map<string, HostResult & { readonly run: string }>();

  /** The results of a run, one for each step, playbook and host. */
  of(run: string): readonly HostResult[] {
    const all = [...this.kept.values()].filter((result) => result.run === run);
    return all.map(({ run: _run, ...result }) => result);
  }

  override stored(runId: string): Promise<readonly HostResult[]> {
    return this.calls.answer('stored', () => this.of(runId));
  }

  override store(runId: string, results: readonly HostResult[]): Promise<void> {
    return this.calls.answer('store', () => {
      for (const result of results) {
        const key = [runId, result.step, result.playbook, result.host].join('/');
        this.kept.set(key, { ...result, run: runId });
      }
    });
  }
}
