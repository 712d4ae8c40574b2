import type { HostResult, RunEventType } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** Something that happened to a run. */
@Entity('run_event')
export class RunEventEntity {
  @PrimaryGeneratedColumn('increment', { type: 'bigint' }) id: string;
  @Column('uuid', { name: 'run_id' }) runId: string;
  @Column('text') type: RunEventType;
  @Column('timestamptz') at: Date;
  @Column('jsonb') body: Record<string, unknown>;
}

/** Some lines of a run's log, compressed; never rewritten. */
@Entity('run_log_chunk')
export class RunLogChunkEntity {
  @PrimaryColumn('uuid', { name: 'run_id' }) runId: string;
  /** Number of its first line; the run's first line is 1. */
  @PrimaryColumn('int', { name: 'first_line' }) firstLine: number;
  @Column('int', { name: 'line_count' }) lineCount: number;
  @Column('bytea') lines: Buffer;
}

/** What a playbook of a run did on one host. */
@Entity('host_result')
export class HostResultEntity {
  @PrimaryColumn('uuid', { name: 'run_id' }) runId: string;
  @PrimaryColumn('text') step: string;
  @PrimaryColumn('text') playbook: string;
  @PrimaryColumn('text') host: string;
  @Column('jsonb') result: HostResult;
}
