import type { HostArchive, HostContact, OsFamily, TlsPolicy } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A vCenter, its password sealed. */
@Entity('vcenter')
export class VCenterEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') url: string;
  @Column('text') username: string;
  @Column('text', { name: 'sealed_password' }) sealedPassword: string;
  @Column('jsonb') tls: TlsPolicy;
  @Column('timestamptz', { name: 'synced_at', nullable: true }) syncedAt: Date | null;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}

/** A machine that we know. One that is archived keeps its history, and holds nothing that others may want. */
@Entity('host')
export class HostEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') address: string;
  @Column('int', { name: 'ssh_port' }) sshPort: number;
  @Column('text', { name: 'os_family' }) osFamily: OsFamily;
  @Column('text') description: string;
  @Column('text', { name: 'host_key', nullable: true }) hostKey: string | null;
  @Column('uuid', { name: 'credential_id', nullable: true }) credentialId: string | null;
  @Column('uuid', { name: 'environment_id', nullable: true }) environmentId: string | null;
  @Column('uuid', { name: 'vcenter_id', nullable: true }) vcenterId: string | null;
  @Column('text', { name: 'vm_mo_ref', nullable: true }) vmMoRef: string | null;
  @Column('uuid', { name: 'vm_instance_uuid', nullable: true }) vmInstanceUuid: string | null;
  /** The run that registered it; null: somebody entered it. */
  @Column('uuid', { name: 'created_by_run', nullable: true }) createdByRun: string | null;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  /** When somebody last tried to log in, and since when that works; with what stood in the way if it does not. */
  @Column('timestamptz', { name: 'checked_at', nullable: true }) checkedAt: Date | null;
  @Column('uuid', { name: 'checked_by_run', nullable: true }) checkedByRun: string | null;
  @Column('timestamptz', { name: 'reachable_since', nullable: true }) reachableSince: Date | null;
  @Column('jsonb', { name: 'check_failure', nullable: true }) checkFailure: HostContact['failure'];
  @Column('timestamptz', { name: 'archived_at', nullable: true }) archivedAt: Date | null;
  @Column('text', { name: 'archived_by', nullable: true }) archivedBy: string | null;
  /** Names of what it belonged to; that may have gone since. */
  @Column('jsonb', { name: 'archived_as', nullable: true }) archivedAs: ArchivedAs | null;
}

/** What an archived host belonged to. */
export type ArchivedAs = Omit<HostArchive, 'at' | 'by'>;

/** Who holds a host name or an address: a run, and later the host that it made. */
@Entity('reservation')
export class ReservationEntity {
  @PrimaryColumn('text') kind: 'hostname' | 'address';
  @PrimaryColumn('text') value: string;
  @Column('uuid', { name: 'run_id', nullable: true }) runId: string | null;
  @Column('uuid', { name: 'host_id', nullable: true }) hostId: string | null;
}
