import { Component, computed, input } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import { isSettled, type RunStatusView, type RunSummary } from '@diaken/contracts';
import { Elapsed } from '../../time/elapsed';
import { Moment } from '../../time/moment';
import { KIND_WORDS } from '../run-words';
import { StatusChip } from '../status-chip';

/** What a run is about, how it stands, and since when. */
@Component({
  selector: 'dk-run-header',
  imports: [Elapsed, MatIcon, MatIconButton, MatProgressBar, Moment, RouterLink, StatusChip],
  templateUrl: './run-header.html',
  styleUrl: './run-header.scss',
})
export class RunHeader {
  readonly run = input.required<RunSummary>();
  readonly latest = input.required<RunStatusView>();

  protected readonly kind = computed(() => KIND_WORDS[this.run().kind]);
  protected readonly isLive = computed(() => !isSettled(this.latest().status));
  protected readonly percent = computed(() => Math.floor(this.latest().progress * 100));
}
