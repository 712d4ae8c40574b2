import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Hosts of one environment that belong together. */
@Entity('host_group')
export class GroupEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'environment_id' }) environmentId: string;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}

/** That a host is in a group. Both are of the same environment. */
@Entity('host_group_member')
export class GroupMemberEntity {
  @PrimaryColumn('uuid', { name: 'host_id' }) hostId: string;
  @PrimaryColumn('uuid', { name: 'group_id' }) groupId: string;
  @Column('uuid', { name: 'environment_id' }) environmentId: string;
}
