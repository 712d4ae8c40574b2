import { computed, inject, Injectable, signal } from '@angular/core';
import type { PasswordChange, Permission, SessionView, SignIn } from '@diaken/contracts';
import { defer, type Observable, of, retry, switchMap, tap, throwError, timer } from 'rxjs';
import { RETRY_MS } from '../polling/poll';
import { isPassing, type ShownProblem, toShownProblem } from '../problems/shown-problem';
import { SessionApi } from './session-api';

/** Who is signed in, for every page to see. */
@Injectable({ providedIn: 'root' })
export class CurrentSession {
  private readonly api = inject(SessionApi);

  /** Undefined until the API has been asked. */
  private readonly known = signal<SessionView | null | undefined>(undefined);
  private readonly trouble = signal<ShownProblem | undefined>(undefined);

  /** The user; null while nobody is signed in. */
  readonly view = computed(() => this.known() ?? null);
  /** Why the API cannot be asked who is signed in, while that is so. */
  readonly unreachable = this.trouble.asReadonly();

  /** Whether the user may do this. The API decides; pages only hide what it would refuse. */
  may(permission: Permission): boolean {
    return this.view()?.permissions.includes(permission) ?? false;
  }

  /** Who is signed in; asks the API the first time, and waits while it cannot be reached. */
  ask(): Observable<SessionView | null> {
    return defer(() => {
      const known = this.known();
      return known === undefined ? this.load() : of(known);
    });
  }

  signIn(credentials: SignIn): Observable<SessionView> {
    return this.api.signIn(credentials).pipe(tap((view) => this.known.set(view)));
  }

  signOut(): Observable<void> {
    return this.api.signOut().pipe(tap(() => this.forget()));
  }

  changePassword(change: PasswordChange): Observable<SessionView | null> {
    return this.api.changePassword(change).pipe(switchMap(() => this.load()));
  }

  /** The API no longer knows us. */
  forget(): void {
    this.known.set(null);
  }

  /** The API wants another password before anything else. */
  requirePasswordChange(): void {
    this.known.update((view) => view && { ...view, mustChangePassword: true });
  }

  private load(): Observable<SessionView | null> {
    return this.api.current().pipe(
      retry({ delay: (error: unknown) => this.waitOut(error) }),
      tap((view) => {
        this.trouble.set(undefined);
        this.known.set(view);
      }),
    );
  }

  private waitOut(error: unknown): Observable<unknown> {
    if (!isPassing(error)) {
      return throwError(() => error);
    }
    this.trouble.set(toShownProblem(error));
    return timer(RETRY_MS);
  }
}
