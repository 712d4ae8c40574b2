import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  SetMetadata,
} from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { Permission, Role } from '@diaken/contracts';
import type { Request } from 'express';

/** Who makes a request. */
export interface Actor {
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  readonly mustChangePassword: boolean;
}

/** What a route asks of its caller; `signed-in` is open to everybody who has an account. */
export type Demand = Permission | 'signed-in' | 'nothing';

export const DEMAND = 'diaken:demand';

/** Every route says what it asks for. One that does not keeps the API from starting. */
export const Requires = (demand: Permission | 'signed-in') => SetMetadata(DEMAND, demand);

/** For the few routes that answer anybody. */
export const Public = () =>
  applyDecorators(SetMetadata(DEMAND, 'nothing' satisfies Demand), ApiSecurity({}));

/** The caller, in a controller. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Actor => {
  const { user } = context.switchToHttp().getRequest<Request & { user?: Actor }>();
  if (!user) {
    throw new Error('A route that asks for nothing has no caller');
  }
  return user;
});
