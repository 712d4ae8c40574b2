import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import { inject, Injectable } from '@angular/core';
import {
  API_PREFIX,
  type PasswordChange,
  ROUTES,
  SessionView,
  type SignIn,
} from '@diaken/contracts';
import { catchError, map, type Observable, of, throwError } from 'rxjs';
import { readAnswer } from '../problems/read-answer';

const SESSION = `${API_PREFIX}/${ROUTES.session}`;

/** The session as the API offers it; the cookie itself is out of reach of scripts. */
@Injectable({ providedIn: 'root' })
export class SessionApi {
  private readonly http = inject(HttpClient);

  /** Who is signed in; null when nobody is. */
  current(): Observable<SessionView | null> {
    return this.http.get<unknown>(SESSION).pipe(readAnswer(SessionView), catchError(nobodyOrThrow));
  }

  signIn(credentials: SignIn): Observable<SessionView> {
    return this.http.post<unknown>(SESSION, credentials).pipe(readAnswer(SessionView));
  }

  /** Ends the session; also when it had ended by itself. */
  signOut(): Observable<void> {
    return this.http.delete(SESSION).pipe(
      map(() => undefined),
      catchError((error: unknown) => (isNotSignedIn(error) ? of(undefined) : rethrow(error))),
    );
  }

  changePassword(change: PasswordChange): Observable<void> {
    return this.http.put(`${SESSION}/password`, change).pipe(map(() => undefined));
  }
}

function nobodyOrThrow(error: unknown): Observable<null> {
  return isNotSignedIn(error) ? of(null) : rethrow(error);
}

function isNotSignedIn(error: unknown): boolean {
  return error instanceof HttpErrorResponse && error.status === 401;
}

function rethrow(error: unknown): Observable<never> {
  return throwError(() => error);
}
