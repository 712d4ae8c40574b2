import { Component, computed, inject, input, output } from '@angular/core';
import { MatIconButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { MatTableModule } from '@angular/material/table';
import { LimitChange, type LimitView } from '@diaken/contracts';
import { Dialogs } from '../dialogs/dialogs';
import type { NumberChange } from '../dialogs/number-dialog';
import { ProblemBox } from '../problems/problem-box';
import { UserAction } from '../problems/user-action';
import { CurrentSession } from '../session/current-session';
import { QueueApi } from './queue-api';

const { minValue: FEWEST, maxValue: MOST } = LimitChange.shape.limit;

/** What only so many runs may use at once. */
@Component({
  selector: 'dk-limits-table',
  imports: [MatIcon, MatIconButton, MatTableModule, ProblemBox],
  templateUrl: './limits-table.html',
  styleUrl: './queue-tables.scss',
})
export class LimitsTable {
  private readonly api = inject(QueueApi);
  private readonly dialogs = inject(Dialogs);
  private readonly session = inject(CurrentSession);

  readonly limits = input.required<readonly LimitView[]>();
  readonly acted = output();

  protected readonly columns = ['label', 'active'];
  protected readonly maySteer = computed(() => this.session.may('queue:write'));
  protected readonly action = new UserAction();

  protected byName(_index: number, limit: LimitView): string {
    return limit.name;
  }

  protected async edit({ name, label, limit }: LimitView): Promise<void> {
    const data: NumberChange = {
      heading: `Runs at once at ${label}`,
      explanation:
        'Counts from the next run on; runs that are at work go on. 0: no new work there.',
      label: 'Runs at once',
      value: limit,
      min: FEWEST ?? 0,
      max: MOST ?? Infinity,
      work: (value) => this.api.setLimit(name, { limit: value }),
    };
    const load = async () => (await import('../dialogs/number-dialog')).NumberDialog;
    await this.action.take(this.dialogs.open(load, { data }));
    this.acted.emit();
  }
}
