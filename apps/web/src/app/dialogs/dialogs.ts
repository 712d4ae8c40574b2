import { inject, Injectable, type Type } from '@angular/core';
import { MatDialog, type MatDialogConfig } from '@angular/material/dialog';
import { defer, type Observable, switchMap } from 'rxjs';

/** How a dialog ended: with an answer, or with nothing when the user thought better of it. */
export type Closed<Answer> = { readonly answer: Answer } | undefined;

/** Opens dialogs. Their code is loaded when it is first needed. */
@Injectable({ providedIn: 'root' })
export class Dialogs {
  private readonly dialog = inject(MatDialog);

  /** Opens one for each subscriber, and says how it ended. */
  open<Answer>(
    load: () => Promise<Type<unknown>>,
    config: MatDialogConfig<unknown>,
  ): Observable<Closed<Answer>> {
    return defer(load).pipe(
      switchMap((component) =>
        this.dialog.open<unknown, unknown, Closed<Answer>>(component, config).afterClosed(),
      ),
    );
  }
}
