import { inject } from '@angular/core';
import { type CanActivateFn, Router, type UrlTree } from '@angular/router';
import { map } from 'rxjs';
import { CurrentSession } from './current-session';

/** Where the user wanted to go before a page of the session came in between. */
export const RETURN_TO = 'returnTo';

/** Lets signed-in users pass; others sign in first and come back. */
export const onlySignedIn: CanActivateFn = (_route, { url }) => {
  const router = inject(Router);
  return inject(CurrentSession)
    .ask()
    .pipe(map((session) => session !== null || before(router, '/sign-in', url)));
};

/** Lets signed-in users pass who have a password of their own. */
export const onlyWithOwnPassword: CanActivateFn = (_route, { url }) => {
  const router = inject(Router);
  return inject(CurrentSession)
    .ask()
    .pipe(
      map((session) => {
        if (session === null) {
          return before(router, '/sign-in', url);
        }
        return !session.mustChangePassword || before(router, '/change-password', url);
      }),
    );
};

/** Keeps the sign-in page from who is signed in already. */
export const onlySignedOut: CanActivateFn = ({ queryParamMap }) => {
  const router = inject(Router);
  const wanted = queryParamMap.get(RETURN_TO) ?? '/';
  return inject(CurrentSession)
    .ask()
    .pipe(map((session) => session === null || router.parseUrl(wanted)));
};

function before(router: Router, page: string, url: string): UrlTree {
  return router.createUrlTree([page], { queryParams: url === '/' ? {} : { [RETURN_TO]: url } });
}
