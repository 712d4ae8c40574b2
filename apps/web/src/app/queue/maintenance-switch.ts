import { Component, computed, inject, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import type { Maintenance } from '@diaken/contracts';
import { Dialogs } from '../dialogs/dialogs';
import { ProblemBox } from '../problems/problem-box';
import { UserAction } from '../problems/user-action';
import { CurrentSession } from '../session/current-session';
import { Moment } from '../time/moment';
import { QueueApi } from './queue-api';

/** Says whether new work is started, and lets those who may switch that. */
@Component({
  selector: 'dk-maintenance-switch',
  imports: [MatButton, MatIcon, Moment, ProblemBox],
  host: { '[class.on]': 'maintenance().on' },
  templateUrl: './maintenance-switch.html',
  styleUrl: './maintenance-switch.scss',
})
export class MaintenanceSwitch {
  private readonly api = inject(QueueApi);
  private readonly dialogs = inject(Dialogs);
  private readonly session = inject(CurrentSession);

  readonly maintenance = input.required<Maintenance>();
  readonly acted = output();

  protected readonly maySwitch = computed(() => this.session.may('queue:write'));
  protected readonly action = new UserAction();

  protected async start(): Promise<void> {
    const load = async () => (await import('./maintenance-dialog')).MaintenanceDialog;
    await this.action.take(this.dialogs.open(load, {}));
    this.acted.emit();
  }

  /** At once: nothing is lost by it. */
  protected async end(): Promise<void> {
    await this.action.take(this.api.maintain({ on: false }));
    this.acted.emit();
  }
}
