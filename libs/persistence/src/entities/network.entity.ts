import type { AddressRange, NetworkInVCenter } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A network, and the addresses that are given out in it. */
@Entity('network_profile')
export class NetworkProfileEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') description: string;
  /** What it is called in each vCenter: name or MoRef, found anew for each machine. */
  @Column('jsonb', { name: 'port_groups' }) portGroups: NetworkInVCenter[];
  @Column('int', { nullable: true }) vlan: number | null;
  @Column('text') cidr: string;
  @Column('text', { nullable: true }) gateway: string | null;
  @Column('text', { array: true }) dns: string[];
  @Column('text', { nullable: true }) domain: string | null;
  /** Empty: every address of the network. */
  @Column('jsonb') ranges: AddressRange[];
  @Column('jsonb') exclusions: AddressRange[];
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}
