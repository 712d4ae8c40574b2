import type { VariableType } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A variable for playbooks; at most one of the three says what it is of, and none: it is global. */
@Entity('variable')
export class VariableEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'environment_id', nullable: true }) environmentId: string | null;
  @Column('uuid', { name: 'group_id', nullable: true }) groupId: string | null;
  @Column('uuid', { name: 'host_id', nullable: true }) hostId: string | null;
  @Column('text') name: string;
  @Column('text') type: VariableType;
  /** JSON; null: it is a secret. */
  @Column('jsonb', { nullable: true }) value: unknown;
  @Column('text', { name: 'sealed_value', nullable: true }) sealedValue: string | null;
  @Column('text') section: string;
  @Column('text') description: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}
