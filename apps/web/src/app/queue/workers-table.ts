import { Component, computed, inject, input, output } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatSlideToggle, type MatSlideToggleChange } from '@angular/material/slide-toggle';
import { MatTableModule } from '@angular/material/table';
import { RouterLink } from '@angular/router';
import { WorkerChange, type WorkerView } from '@diaken/contracts';
import { Dialogs } from '../dialogs/dialogs';
import type { NumberChange } from '../dialogs/number-dialog';
import { LookChip } from '../looks/look-chip';
import { ProblemBox } from '../problems/problem-box';
import { UserAction } from '../problems/user-action';
import { CurrentSession } from '../session/current-session';
import { Moment } from '../time/moment';
import { QueueApi } from './queue-api';
import { WORKER_LOOKS } from './worker-looks';

const { minValue: FEWEST, maxValue: MOST } = WorkerChange.shape.concurrency.unwrap();

/** The workers, what they are at, and how much they take. */
@Component({
  selector: 'dk-workers-table',
  imports: [
    LookChip,
    MatIcon,
    MatIconButton,
    MatSlideToggle,
    MatTableModule,
    Moment,
    ProblemBox,
    RouterLink,
  ],
  templateUrl: './workers-table.html',
  styleUrl: './queue-tables.scss',
})
export class WorkersTable {
  private readonly api = inject(QueueApi);
  private readonly dialogs = inject(Dialogs);
  private readonly session = inject(CurrentSession);

  readonly workers = input.required<readonly WorkerView[]>();
  readonly acted = output();

  protected readonly looks = WORKER_LOOKS;
  protected readonly maySteer = computed(() => this.session.may('queue:write'));
  protected readonly columns = computed(() => [
    ...['name', 'state', 'runs', 'concurrency'],
    ...(this.maySteer() ? ['drain'] : []),
  ]);
  protected readonly action = new UserAction();

  protected byId(_index: number, worker: WorkerView): string {
    return worker.id;
  }

  protected lookOf(worker: WorkerView) {
    return WORKER_LOOKS[worker.state];
  }

  protected async drain({ id }: WorkerView, { checked, source }: MatSlideToggleChange) {
    if (!(await this.action.take(this.api.changeWorker(id, { draining: checked })))) {
      source.checked = !checked;
    }
    this.acted.emit();
  }

  protected async edit({ id, name, concurrency }: WorkerView): Promise<void> {
    const data: NumberChange = {
      heading: `Deployments that ${name} takes at once`,
      explanation:
        'Counts from the next run on, until the worker is started again. Runs that it has go on.',
      label: 'Deployments at once',
      value: concurrency,
      min: FEWEST ?? 1,
      max: MOST ?? Infinity,
      work: (value) => this.api.changeWorker(id, { concurrency: value }),
    };
    const load = async () => (await import('../dialogs/number-dialog')).NumberDialog;
    await this.action.take(this.dialogs.open(load, { data }));
    this.acted.emit();
  }
}
