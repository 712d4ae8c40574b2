import { Injectable } from '@nestjs/common';
import { type Permission, permissionsOf } from '@diaken/contracts';
import { SessionEntity, UserEntity } from '@diaken/persistence';
import { DataSource } from 'typeorm';
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
    const [found]: (Owner & { scopes: Permission[] | null })[] = await this.database.query(
      `SELECT owner.id, owner.username, owner.role, owner.must_change_password AS "mustChangePassword",
         token.scopes
       FROM api_token token JOIN app_user owner ON owner.id = token.user_id
       WHERE token.token_hash = $1 AND token.expires_at > now()`,
      [hashOfToken(token)],
    );
    return found && actorOf(found, found.scopes);
  }
}

type Owner = Pick<UserEntity, 'id' | 'username' | 'role' | 'mustChangePassword'>;

function actorOf(user: Owner, scopes: readonly Permission[] | null): Actor {
  const { id, username, role, mustChangePassword } = user;
  const all = permissionsOf(role);
  const permissions = scopes ? all.filter((permission) => scopes.includes(permission)) : all;
  return { userId: id, username, role, permissions, mustChangePassword };
}
