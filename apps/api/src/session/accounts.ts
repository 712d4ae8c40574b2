import { Injectable } from '@nestjs/common';
import { type Permission, permissionsOf } from '@diaken/contracts';
import { ApiTokenEntity, SessionEntity, UserEntity } from '@diaken/persistence';
import { DataSource, MoreThan } from 'typeorm';
import type { Actor } from '../http/access';
import { hashOfToken } from './secret-token';

/** Knows callers by what they carry. */
@Injectable()
export class Accounts {
  constructor(private readonly database: DataSource) {}

  /** Whose browser it is; undefined when the session has ended. */
  async bySession(token: string): Promise<Actor | undefined> {
    const user = await this.database.manager
      .createQueryBuilder(UserEntity, 'user')
      .innerJoin(SessionEntity, 'session', 'session.userId = user.id')
      .where('session.tokenHash = :hash AND session.expiresAt > now()', {
        hash: hashOfToken(token),
      })
      .getOne();
    return user ? actorOf(user, null) : undefined;
  }

  /** Whose token it is; undefined when it has expired or was revoked. */
  async byApiToken(token: string): Promise<Actor | undefined> {
    const manager = this.database.manager;
    const found = await manager.findOneBy(ApiTokenEntity, {
      tokenHash: hashOfToken(token),
      expiresAt: MoreThan(new Date()),
    });
    const user = found && (await manager.findOneBy(UserEntity, { id: found.userId }));
    return user ? actorOf(user, found.scopes) : undefined;
  }
}

function actorOf(user: UserEntity, scopes: readonly Permission[] | null): Actor {
  const { id, username, role, mustChangePassword } = user;
  const all = permissionsOf(role);
  const permissions = scopes ? all.filter((permission) => scopes.includes(permission)) : all;
  return { userId: id, username, role, permissions, mustChangePassword };
}
