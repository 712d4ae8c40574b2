import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import type { Actor } from '../http/access';
import { Accounts } from './accounts';
import { RequestStrategy } from './request-strategy';
import { sessionTokenOf } from './session-cookie';

/** Knows a browser by its cookie. */
@Injectable()
export class SessionStrategy extends PassportStrategy(RequestStrategy, 'session') {
  constructor(private readonly accounts: Accounts) {
    super();
  }

  async validate(request: Request): Promise<Actor | false> {
    const token = sessionTokenOf(request);
    return (token !== undefined && (await this.accounts.bySession(token))) || false;
  }
}
