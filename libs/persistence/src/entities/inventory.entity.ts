import type { InventoryKind, SyncProblem } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An object of a vCenter, as last read. */
@Entity('inventory_object')
export class InventoryObjectEntity {
  @PrimaryColumn('uuid', { name: 'vcenter_id' }) vcenterId: string;
  @PrimaryColumn('text', { name: 'mo_type' }) moType: string;
  @PrimaryColumn('text', { name: 'mo_ref' }) moRef: string;
  @Column('text') kind: InventoryKind;
  @Column('text') name: string;
  @Column('text') path: string;
  @Column('text', { nullable: true }) datacenter: string | null;
  @Column('text', { nullable: true }) parent: string | null;
  @Column('jsonb') details: Record<string, unknown>;
  /** The revision of the inventory in which it last changed. */
  @Column('int') revision: number;
}

/** An object that the vCenter does not have any more, for whoever asks what has changed. */
@Entity('inventory_gone')
export class InventoryGoneEntity {
  @PrimaryColumn('uuid', { name: 'vcenter_id' }) vcenterId: string;
  @PrimaryColumn('text', { name: 'mo_type' }) moType: string;
  @PrimaryColumn('text', { name: 'mo_ref' }) moRef: string;
  @Column('text') kind: InventoryKind;
  @Column('text') name: string;
  @Column('text') path: string;
  @Column('int') revision: number;
  @Column('timestamptz', { name: 'gone_at' }) goneAt: Date;
}

/** How far we know a vCenter, and which worker watches it. */
@Entity('inventory_state')
export class InventoryStateEntity {
  @PrimaryColumn('uuid', { name: 'vcenter_id' }) vcenterId: string;
  /** What the vCenter calls itself: all references are its own. */
  @Column('text', { name: 'instance_uuid', nullable: true }) instanceUuid: string | null;
  /** Grows with every transaction that changes the inventory. */
  @Column('int') revision: number;
  /** What went in this revision or before is not remembered any more. */
  @Column('int', { name: 'forgotten_up_to' }) forgottenUpTo: number;
  /** When the vCenter last answered, whether or not anything had changed. */
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt: Date | null;
  /** Why it did not answer last; null once it has. */
  @Column('jsonb', { nullable: true }) failure: SyncProblem | null;
  @Column('timestamptz', { name: 'failed_at', nullable: true }) failedAt: Date | null;
  @Column('text', { nullable: true }) watcher: string | null;
  @Column('timestamptz', { name: 'watched_until', nullable: true }) watchedUntil: Date | null;
}
