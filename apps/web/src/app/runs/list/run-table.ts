import { Component, input } from '@angular/core';
import { MatProgressBar } from '@angular/material/progress-bar';
import { MatTableModule } from '@angular/material/table';
import { RouterLink } from '@angular/router';
import { isSettled, type RunSummary } from '@diaken/contracts';
import { Elapsed } from '../../time/elapsed';
import { Moment } from '../../time/moment';
import { KIND_WORDS } from '../run-words';
import { StatusChip } from '../status-chip';

/** Runs as a table; on a narrow screen every row becomes a card. */
@Component({
  selector: 'dk-run-table',
  imports: [Elapsed, MatProgressBar, MatTableModule, Moment, RouterLink, StatusChip],
  templateUrl: './run-table.html',
  styleUrl: './run-table.scss',
})
export class RunTable {
  readonly runs = input.required<readonly RunSummary[]>();

  protected readonly columns = ['status', 'target', 'now', 'requestedBy', 'started', 'duration'];

  protected byId(_index: number, run: RunSummary): string {
    return run.id;
  }

  protected isLive(run: RunSummary): boolean {
    return !isSettled(run.status);
  }

  protected kindOf(run: RunSummary): string {
    return KIND_WORDS[run.kind];
  }

  /** What the run is at, in one line. */
  protected nowOf(run: RunSummary): string {
    return run.failure?.message ?? run.waiting?.message ?? run.step ?? '';
  }
}
