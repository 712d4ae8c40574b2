import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import type { Actor } from '../http/access';
import { Accounts } from './accounts';
import { RequestStrategy } from './request-strategy';

/** Knows a script by the API token in its Authorization header. */
@Injectable()
export class TokenStrategy extends PassportStrategy(RequestStrategy, 'token') {
  constructor(private readonly accounts: Accounts) {
    super();
  }

  async validate(request: Request): Promise<Actor | false> {
    const [, token] = /^Bearer (\S{1,200})$/i.exec(request.headers.authorization ?? '') ?? [];
    return (token !== undefined && (await this.accounts.byApiToken(token))) || false;
  }
}
