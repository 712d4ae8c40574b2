import type { Permission, Role } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who may sign in. */
@Entity('app_user')
export class UserEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') username: string;
  @Column('text', { name: 'password_hash' }) passwordHash: string;
  @Column('text') role: Role;
  @Column('boolean', { name: 'must_change_password' }) mustChangePassword: boolean;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}

/** A browser that is signed in; its cookie is stored as a hash. */
@Entity('user_session')
export class SessionEntity {
  @PrimaryColumn('text', { name: 'token_hash' }) tokenHash: string;
  @Column('uuid', { name: 'user_id' }) userId: string;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}

/** A token for scripts; stored as a hash. */
@Entity('api_token')
export class ApiTokenEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'user_id' }) userId: string;
  @Column('text') name: string;
  @Column('text', { name: 'token_hash' }) tokenHash: string;
  @Column('jsonb', { nullable: true }) scopes: Permission[] | null;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}
