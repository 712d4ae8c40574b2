import type { OsFamily, TlsPolicy } from '@diaken/contracts';
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

/** A machine that we know and can reach. */
@Entity('host')
export class HostEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') address: string;
  @Column('int', { name: 'ssh_port' }) sshPort: number;
  @Column('text', { name: 'os_family' }) osFamily: OsFamily;
  @Column('text', { name: 'host_key' }) hostKey: string;
  @Column('uuid', { name: 'credential_id' }) credentialId: string;
  @Column('uuid', { name: 'environment_id', nullable: true }) environmentId: string | null;
  @Column('uuid', { name: 'vcenter_id' }) vcenterId: string;
  @Column('text', { name: 'vm_mo_ref' }) vmMoRef: string;
  @Column('uuid', { name: 'vm_instance_uuid' }) vmInstanceUuid: string;
  @Column('uuid', { name: 'created_by_run' }) createdByRun: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}

/** Who holds a host name or an address: a run, and later the host that it made. */
@Entity('reservation')
export class ReservationEntity {
  @PrimaryColumn('text') kind: 'hostname' | 'address';
  @PrimaryColumn('text') value: string;
  @Column('uuid', { name: 'run_id', nullable: true }) runId: string | null;
  @Column('uuid', { name: 'host_id', nullable: true }) hostId: string | null;
}
