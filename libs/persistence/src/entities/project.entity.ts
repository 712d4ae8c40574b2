import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A Git repository whose playbooks are in the library. */
@Entity('project')
export class ProjectEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') url: string;
  @Column('text') ref: string;
  @Column('uuid', { name: 'credential_id', nullable: true }) credentialId: string | null;
  @Column('text', { name: 'ca_pem', nullable: true }) caPem: string | null;
  @Column('text', { name: 'host_key', nullable: true }) hostKey: string | null;
  /** The commit that was synced last. */
  @Column('text', { nullable: true }) commit: string | null;
  @Column('timestamptz', { name: 'synced_at', nullable: true }) syncedAt: Date | null;
  @Column('uuid', { name: 'sync_run_id', nullable: true }) syncRunId: string | null;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}

/** The files of a commit that versions in the library refer to. */
@Entity('project_tree')
export class ProjectTreeEntity {
  @PrimaryColumn('uuid', { name: 'project_id' }) projectId: string;
  @PrimaryColumn('text') commit: string;
  /** Texts by their paths. */
  @Column('jsonb') files: Record<string, string>;
}
