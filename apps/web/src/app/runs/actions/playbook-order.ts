import { LiveAnnouncer } from '@angular/cdk/a11y';
import {
  afterNextRender,
  Component,
  computed,
  inject,
  Injector,
  input,
  model,
  viewChild,
} from '@angular/core';
import type { FormValueControl } from '@angular/forms/signals';
import { MatIconButton } from '@angular/material/button';
import { MatFormField, MatLabel } from '@angular/material/form-field';
import { MatIcon } from '@angular/material/icon';
import { MatOption, MatSelect } from '@angular/material/select';
import type { PlaybookRow } from '../../playbooks/playbooks-api';

/** Playbooks, and the order in which they run. */
@Component({
  selector: 'dk-playbook-order',
  imports: [MatFormField, MatIcon, MatIconButton, MatLabel, MatOption, MatSelect],
  templateUrl: './playbook-order.html',
  styleUrl: './playbook-order.scss',
})
export class PlaybookOrder implements FormValueControl<readonly string[]> {
  private readonly announcer = inject(LiveAnnouncer);
  private readonly injector = inject(Injector);
  private readonly adder = viewChild.required(MatSelect);

  /** Ids, first to run first. */
  readonly value = model<readonly string[]>([]);
  /** All there are; undefined until that is known. */
  readonly library = input.required<readonly PlaybookRow[] | undefined>();

  protected readonly chosen = computed(() => {
    const names = new Map(this.library()?.map(({ id, name }) => [id, name]));
    const unknown = this.library() ? 'A playbook that is not there any more' : '…';
    return this.value().map((id, index, ids) => ({
      name: names.get(id) ?? unknown,
      // One may be chosen more than once.
      key: `${id} ${ids.slice(0, index).filter((other) => other === id).length}`,
    }));
  });
  protected readonly others = computed(() =>
    (this.library() ?? []).filter(({ id }) => !this.value().includes(id)),
  );

  protected add(id: string): void {
    this.value.update((ids) => [...ids, id]);
    // It adds, and does not show what was added.
    this.adder().value = null;
  }

  protected remove(index: number): void {
    this.value.update((ids) => ids.toSpliced(index, 1));
    this.adder().focus();
  }

  protected move(index: number, by: -1 | 1, event: Event): void {
    const moved = this.value()[index];
    const to = index + by;
    if (moved === undefined || to < 0 || to >= this.value().length) {
      return;
    }
    this.value.update((ids) => ids.toSpliced(index, 1).toSpliced(to, 0, moved));
    void this.announcer.announce(`${this.chosen()[to]?.name}: ${to + 1} of ${this.value().length}`);
    // What is moved in the document loses the focus.
    const button = event.currentTarget as HTMLElement;
    afterNextRender(() => button.focus(), { injector: this.injector });
  }
}
