import passport from 'passport';
import type { Request } from 'express';

type Done = (error: unknown, user?: unknown) => void;

/** A passport strategy that knows the caller from the request alone; without credentials it just passes. */
export class RequestStrategy extends passport.Strategy {
  constructor(private readonly verify: (request: Request, done: Done) => void) {
    super();
  }

  override authenticate(request: Request): void {
    this.verify(request, (error, user) => {
      if (error) {
        this.error(error);
      } else if (user) {
        this.success(user);
      } else {
        this.fail(401);
      }
    });
  }
}
