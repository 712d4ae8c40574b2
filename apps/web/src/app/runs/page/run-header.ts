import { Component, computed, input } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatProgressBar } from '@angular/material/progress-bar';
import { RouterLink } from '@angular/router';
import {
  DEFAULT_PRIORITY,
  isSettled,
  MAX_PRIORITY,
  type RunStatusView,
  type RunView,
  statusesFor,
} from '@diaken/contracts';
import { Elapsed } from '../../time/elapsed';
import { Moment } from '../../time/moment';
import { KIND_WORDS } from '../run-words';
import { StatusChip } from '../status-chip';

/** What a run is about, how it stands, and since when; beside its name, what can be done. */
@Component({
  selector: 'dk-run-header',
  imports: [Elapsed, MatIcon, MatIconButton, MatProgressBar, Moment, RouterLink, StatusChip],
  templateUrl: './run-header.html',
  styleUrl: './run-header.scss',
})
export class RunHeader {
  readonly run = input.required<RunView>();
  readonly latest = input.required<RunStatusView>();

  protected readonly kind = computed(() => KIND_WORDS[this.run().kind]);
  protected readonly isLive = computed(() => !isSettled(this.latest().status));
  /** Somebody has cancelled it, and its worker has not said so yet. */
  protected readonly isToldToEnd = computed(() => {
    const { status, actions } = this.run();
    const isLeftAlone = [status, this.latest().status].every((one) =>
      statusesFor('cancel').includes(one),
    );
    return isLeftAlone && !actions.includes('cancel');
  });
  protected readonly now = computed(() => {
    const { waiting, step } = this.latest();
    if (this.isToldToEnd()) {
      return { what: 'Cancelled', words: 'its worker is about to stop it' };
    }
    if (waiting) {
      return { what: 'Waiting', words: waiting.message };
    }
    const isUndoing = this.run().steps.some(({ status }) => status === 'undoing');
    return step === null ? undefined : { what: isUndoing ? 'Undoing' : 'Now', words: step };
  });
  protected readonly attempts = computed(() => this.run().policy.retry.attempts);
  protected readonly maxPriority = MAX_PRIORITY;
  protected readonly hasOwnPriority = computed(() => this.run().priority !== DEFAULT_PRIORITY);
  protected readonly percent = computed(() => Math.floor(this.latest().progress * 100));
}
