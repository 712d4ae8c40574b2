import type {
  CertificateView,
  CredentialKind,
  GuestSettings,
  HardwareLimits,
  WinrmSettings,
} from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A login, a password or a certificate, its secrets sealed. */
@Entity('credential')
export class CredentialEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') kind: CredentialKind;
  @Column('text', { nullable: true }) username: string | null;
  /** JSON of the secret fields, sealed as one. */
  @Column('text', { name: 'sealed_secrets' }) sealedSecrets: string;
  @Column('text', { nullable: true }) fingerprint: string | null;
  @Column('boolean', { name: 'has_become_password' }) hasBecomePassword: boolean;
  @Column('jsonb', { nullable: true }) winrm: WinrmSettings | null;
  @Column('jsonb', { nullable: true }) certificate: CertificateView | null;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 }) updatedAt: Date;
}

/** A group of hosts by purpose: production, test. */
@Entity('environment')
export class EnvironmentEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}

/** How the guests of a template are made ready. Its name is the template's, as it was when the profile was made. */
@Entity('template_profile')
export class TemplateProfileEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'vcenter_id' }) vcenterId: string;
  @Column('text', { name: 'template_mo_ref' }) templateMoRef: string;
  @Column('text') name: string;
  @Column('jsonb') settings: GuestSettings;
  @Column('jsonb') limits: HardwareLimits;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}
