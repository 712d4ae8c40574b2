import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A user and a private key for guests, its secrets sealed. */
@Entity('credential')
export class CredentialEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') kind: 'ssh-key';
  @Column('text') username: string;
  /** JSON of the secret fields, sealed as one. */
  @Column('text', { name: 'sealed_secrets' }) sealedSecrets: string;
  @Column('text') fingerprint: string;
  @Column('boolean', { name: 'has_become_password' }) hasBecomePassword: boolean;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}

/** A playbook that a user wrote. */
@Entity('playbook')
export class PlaybookEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column('text') content: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}

/** A group of hosts by purpose: production, test. */
@Entity('environment')
export class EnvironmentEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}
