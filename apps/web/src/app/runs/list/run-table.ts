import { Component, computed, input, model } from '@angular/core';
import { MatCheckbox } from '@angular/material/checkbox';
import { MatProgressBar } from '@angular/material/progress-bar';
import { MatTableModule } from '@angular/material/table';
import { RouterLink } from '@angular/router';
import { DEFAULT_PRIORITY, isSettled, type RunSummary } from '@diaken/contracts';
import { Elapsed } from '../../time/elapsed';
import { Moment } from '../../time/moment';
import { KIND_WORDS } from '../run-words';
import { StatusChip } from '../status-chip';

/** Runs as a table; on a narrow screen every row becomes a card. */
@Component({
  selector: 'dk-run-table',
  imports: [Elapsed, MatCheckbox, MatProgressBar, MatTableModule, Moment, RouterLink, StatusChip],
  templateUrl: './run-table.html',
  styleUrl: './run-table.scss',
})
export class RunTable {
  readonly runs = input.required<readonly RunSummary[]>();

  /** Whether there is something to select runs for. */
  readonly isSelectable = input(false);
  /** Ids of the runs that are selected. */
  readonly selected = model<ReadonlySet<string>>(new Set());

  protected readonly columns = computed(() => [
    ...(this.isSelectable() ? ['select'] : []),
    ...['status', 'target', 'now', 'requestedBy', 'started', 'duration'],
  ]);
  protected readonly shownSelected = computed(
    () => this.runs().filter(({ id }) => this.selected().has(id)).length,
  );

  protected byId(_index: number, run: RunSummary): string {
    return run.id;
  }

  protected isLive(run: RunSummary): boolean {
    return !isSettled(run.status);
  }

  protected kindOf(run: RunSummary): string {
    const priority = run.priority === DEFAULT_PRIORITY ? '' : ` · priority ${run.priority}`;
    return KIND_WORDS[run.kind] + priority;
  }

  protected selectAll(isWanted: boolean): void {
    this.selected.set(new Set(isWanted ? this.runs().map(({ id }) => id) : []));
  }

  protected select({ id }: RunSummary, isWanted: boolean): void {
    this.selected.update((ids) => {
      const others = [...ids].filter((other) => other !== id);
      return new Set(isWanted ? [...others, id] : others);
    });
  }

  /** What the run is at, in one line. A run that is tried again waits, and has failed before. */
  protected nowOf(run: RunSummary): string {
    return run.waiting?.message ?? run.failure?.message ?? run.step ?? '';
  }
}
