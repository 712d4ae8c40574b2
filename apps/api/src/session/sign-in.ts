import { Injectable } from '@nestjs/common';
import {
  type PasswordChange,
  permissionsOf,
  type SessionView,
  type SignIn as Credentials,
} from '@diaken/contracts';
import { SessionEntity, UserEntity } from '@diaken/persistence';
import { DataSource, LessThan, Not } from 'typeorm';
import type { Actor } from '../http/access';
import { Refusal } from '../http/refusal';
import { hashPassword, isPasswordOf } from './passwords';
import { hashOfToken, newToken } from './secret-token';
import { SESSION_MS } from './session-cookie';

/** Lets users in and out. */
@Injectable()
export class SignIn {
  constructor(private readonly database: DataSource) {}

  /** Opens a session. Throws a refusal that does not tell whether the user exists. */
  async execute({
    username,
    password,
  }: Credentials): Promise<{ token: string; view: SessionView }> {
    const manager = this.database.manager;
    const user = await manager.findOneBy(UserEntity, { username });
    if (!(await isPasswordOf(user?.passwordHash, password)) || !user) {
      throw new Refusal({
        code: 'wrong-credentials',
        detail: 'User name or password is wrong.',
        remedy: 'Check both, and whether Caps Lock is on.',
      });
    }
    const token = newToken('dks');
    await manager.delete(SessionEntity, { expiresAt: LessThan(new Date()) });
    await manager.insert(SessionEntity, {
      tokenHash: hashOfToken(token),
      userId: user.id,
      expiresAt: new Date(Date.now() + SESSION_MS),
      createdAt: new Date(),
    });
    const { role, mustChangePassword } = user;
    return {
      token,
      view: { username, role, permissions: [...permissionsOf(role)], mustChangePassword },
    };
  }

  async signOut(token: string): Promise<void> {
    await this.database.manager.delete(SessionEntity, { tokenHash: hashOfToken(token) });
  }

  /** Changes the caller's own password, and ends all other sessions. */
  async changePassword(
    actor: Actor,
    change: PasswordChange,
    token: string | undefined,
  ): Promise<void> {
    const manager = this.database.manager;
    const user = await manager.findOneByOrFail(UserEntity, { id: actor.userId });
    if (!(await isPasswordOf(user.passwordHash, change.currentPassword))) {
      throw new Refusal({
        code: 'wrong-credentials',
        detail: 'The current password is wrong.',
        remedy: 'Type the password that you signed in with.',
      });
    }
    const passwordHash = await hashPassword(change.newPassword);
    await manager.update(UserEntity, { id: user.id }, { passwordHash, mustChangePassword: false });
    await manager.delete(SessionEntity, {
      userId: user.id,
      ...(token !== undefined && { tokenHash: Not(hashOfToken(token)) }),
    });
  }
}
