import type { CookieOptions, Request } from 'express';

export const SESSION_COOKIE = 'diaken_session';

/** How long a sign-in lasts, ms. */
export const SESSION_MS = 12 * 60 * 60 * 1_000;

/** The session's token, from the cookie. */
export function sessionTokenOf(request: Request): string | undefined {
  const [, token] =
    /(?:^|;\s*)diaken_session=([\w-]{1,200})/.exec(request.headers.cookie ?? '') ?? [];
  return token;
}

/** Never readable by scripts, never sent from another site. */
export function cookieOptions(secure: boolean): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure, path: '/', maxAge: SESSION_MS };
}
