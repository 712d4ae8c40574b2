import type { BlueprintChoices, Fields } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A machine that is deployed with a name only. */
@Entity('blueprint')
export class BlueprintEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') description: string;
  /** As it was sent: what it leaves out is filled in for each machine. */
  @Column('jsonb') request: Fields;
  @Column('jsonb') choices: BlueprintChoices;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 }) updatedAt: Date;
}
