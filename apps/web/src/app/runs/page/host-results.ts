import { Component, computed, input } from '@angular/core';
import { MatTableModule } from '@angular/material/table';
import type { HostResult } from '@diaken/contracts';
import { toDurationWords } from '../../time/time-words';

/** What the playbooks did on every host. */
@Component({
  selector: 'dk-host-results',
  imports: [MatTableModule],
  templateUrl: './host-results.html',
  styleUrl: './host-results.scss',
})
export class HostResults {
  readonly results = input.required<readonly HostResult[]>();

  /** Counts of tasks, each with its name as a heading. */
  protected readonly counts = ['ok', 'changed', 'failed', 'unreachable', 'skipped'] as const;
  protected readonly columns = computed(() => {
    const hasErrors = this.results().some(({ firstError }) => firstError !== null);
    return ['host', 'playbook', ...this.counts, 'duration', ...(hasErrors ? ['firstError'] : [])];
  });

  protected byHost(_index: number, result: HostResult): string {
    return `${result.step} ${result.playbook} ${result.host}`;
  }

  protected isBad(count: string, value: number): boolean {
    return value > 0 && (count === 'failed' || count === 'unreachable');
  }

  protected durationOf(result: HostResult): string {
    return toDurationWords(result.durationMs);
  }
}
