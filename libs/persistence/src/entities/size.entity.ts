import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Hardware that requests ask for by its name. */
@Entity('size')
export class SizeEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column('int') cpus: number;
  @Column('int', { name: 'memory_mb' }) memoryMb: number;
  /** GiB of the first disk; null: as the template's. */
  @Column('int', { name: 'disk_gb', nullable: true }) diskGb: number | null;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
}
