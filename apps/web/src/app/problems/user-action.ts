import { signal } from '@angular/core';
import { firstValueFrom, type Observable } from 'rxjs';
import { type ShownProblem, toShownProblem } from './shown-problem';

/** Something that a user has asked for: whether it is being done, and why it could not be done. */
export class UserAction {
  private readonly busy = signal(false);
  private readonly trouble = signal<ShownProblem | undefined>(undefined);

  readonly isBusy = this.busy.asReadonly();
  readonly problem = this.trouble.asReadonly();

  /** Does it; undefined when that failed, or while it is being done already. */
  async take<Answer>(work: Observable<Answer>): Promise<{ answer: Answer } | undefined> {
    if (this.busy()) {
      return undefined;
    }
    this.busy.set(true);
    this.trouble.set(undefined);
    try {
      return { answer: await firstValueFrom(work) };
    } catch (error) {
      // Refusals and lost connections are for the user to see.
      this.trouble.set(toShownProblem(error));
      return undefined;
    } finally {
      this.busy.set(false);
    }
  }
}
