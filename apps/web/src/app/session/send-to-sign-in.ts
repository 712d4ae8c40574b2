import { HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { Router } from '@angular/router';
import { catchError, NEVER, throwError } from 'rxjs';
import { toShownProblem } from '../problems/shown-problem';
import { CurrentSession } from './current-session';
import { RETURN_TO } from './session-guards';

/**
 * Sends a user whose session has ended to the sign-in page, and from there back to where they were.
 * The caller hears nothing more: its page is about to go.
 */
export const sendToSignIn: HttpInterceptorFn = (request, next) => {
  const session = inject(CurrentSession);
  const router = inject(Router);
  return next(request).pipe(
    catchError((error: unknown) => {
      const page = session.view() && pageFor(error);
      if (!page || request.method === 'DELETE') {
        return throwError(() => error);
      }
      if (page === '/sign-in') {
        session.forget();
      } else {
        session.requirePasswordChange();
      }
      void router.navigate([page], { queryParams: { [RETURN_TO]: router.url } });
      return NEVER;
    }),
  );
};

function pageFor(error: unknown): '/sign-in' | '/change-password' | undefined {
  if (!(error instanceof HttpErrorResponse)) {
    return undefined;
  }
  const { code } = toShownProblem(error);
  if (code === 'password-change-required') {
    return '/change-password';
  }
  // A wrong password is told where it was typed.
  return error.status === 401 && code !== 'wrong-credentials' ? '/sign-in' : undefined;
}
