import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { type Actor, DEMAND, type Demand } from './access';
import { Refusal } from './refusal';

/** Routes that somebody who has to change the password may still use. */
const OPEN_BEFORE_PASSWORD_CHANGE: readonly Demand[] = ['nothing', 'signed-in'];

/** Lets in whom the route allows: nobody, unless it says so. */
@Injectable()
export class AccessGuard extends AuthGuard(['token', 'session']) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const demand = this.reflector.getAllAndOverride<Demand | undefined>(DEMAND, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (demand === 'nothing') {
      return true;
    }
    await super.canActivate(context);
    const { user } = context.switchToHttp().getRequest<Request & { user: Actor }>();
    if (user.mustChangePassword && !OPEN_BEFORE_PASSWORD_CHANGE.includes(demand ?? 'nothing')) {
      throw new Refusal({
        code: 'password-change-required',
        detail: 'The one-time password has to be changed first.',
        remedy: 'Sign in to the web page and choose a password, or PUT /api/v1/session/password.',
      });
    }
    if (demand !== 'signed-in' && !(demand && user.permissions.includes(demand))) {
      throw new Refusal({
        code: 'not-allowed',
        detail: `This needs the permission ${demand}, which ${user.username} does not have here.`,
        remedy: 'Ask an administrator, or use a token with that scope.',
      });
    }
    return true;
  }

  override handleRequest<TUser>(error: unknown, user: TUser | false): TUser {
    if (error) {
      throw error;
    }
    if (!user) {
      throw new Refusal({
        code: 'not-signed-in',
        detail: 'This request carries no valid session and no valid token.',
        remedy: 'Sign in, or send Authorization: Bearer with an API token that has not expired.',
      });
    }
    return user;
  }
}
