import type { RunFailure, RunKind, RunPolicy, RunStatus, StepStatus } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A run: the row that history lists, and the lease of the worker that has it. */
@Entity('run')
export class RunEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') kind: RunKind;
  @Column('text') status: RunStatus;
  @Column('text') target: string;
  @Column('jsonb') request: Record<string, unknown>;
  @Column('text', { name: 'requested_by' }) requestedBy: string;
  @Column('text', { name: 'idempotency_key', nullable: true }) idempotencyKey: string | null;
  @Column('text', { name: 'request_hash', nullable: true }) requestHash: string | null;
  @Column('jsonb', { nullable: true }) failure: RunFailure | null;
  @Column('text', { nullable: true }) cancel: 'roll-back' | 'keep' | null;
  /** Who cancelled it, or had it rolled back. */
  @Column('text', { name: 'decided_by', nullable: true }) decidedBy: string | null;
  @Column('smallint') priority: number;
  @Column('jsonb') policy: Partial<RunPolicy>;
  /** What it competes for, such as `vcenter:<id>`. */
  @Column('text', { array: true }) limits: string[];
  /** Attempts at the run as a whole that have failed since it was started or resumed. */
  @Column('int') attempt: number;
  /** Workers that were lost at it since a step last ended. */
  @Column('int') losses: number;
  /** When a failed run is rolled back by itself. */
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt: Date | null;
  @Column('uuid', { name: 'relaunch_of', nullable: true }) relaunchOf: string | null;
  @Column('uuid', { name: 'batch_id', nullable: true }) batchId: string | null;
  /** Its place in the batch, from 1 on. */
  @Column('int', { name: 'batch_place', nullable: true }) batchPlace: number | null;
  @Column('real') progress: number;
  @Column('text', { name: 'current_step', nullable: true }) currentStep: string | null;
  @Column('int') revision: number;
  @Column('int', { name: 'log_lines' }) logLines: number;
  @Column('text', { name: 'lease_owner', nullable: true }) leaseOwner: string | null;
  @Column('int', { name: 'lease_token' }) leaseToken: number;
  @Column('timestamptz', { name: 'lease_until', nullable: true }) leaseUntil: Date | null;
  @Column('timestamptz', { name: 'due_at' }) dueAt: Date;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt: Date | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
}

/** A step of a run. */
@Entity('run_step')
export class RunStepEntity {
  @PrimaryColumn('uuid', { name: 'run_id' }) runId: string;
  @PrimaryColumn('text') name: string;
  /** Its place in the pipeline, from 1 on. */
  @Column('int') position: number;
  @Column('text') title: string;
  @Column('real') weight: number;
  @Column('text') status: StepStatus;
  @Column('int') attempts: number;
  @Column('real') progress: number;
  @Column('text', { nullable: true }) message: string | null;
  @Column('jsonb') notes: Record<string, unknown>;
  @Column('jsonb') gives: Record<string, unknown>;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt: Date | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
}
