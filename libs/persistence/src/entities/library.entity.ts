import type { CheckState, LibraryKind } from '@diaken/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something that users wrote: a playbook, a script, a template. Its texts are its versions. */
@Entity('library_item')
export class LibraryItemEntity {
  @PrimaryColumn('uuid') id: string;
  @Column('text') kind: LibraryKind;
  @Column('text') name: string;
  @Column('text') description: string;
  /** What only its kind has, such as the language of a script. */
  @Column('jsonb') details: Record<string, unknown>;
  /** Number of the version in use; null: none may be used yet. */
  @Column('int', { nullable: true }) current: number | null;
  /** Number of the newest version. */
  @Column('int') latest: number;
  /** The Git project that it comes from, and where it is there. */
  @Column('uuid', { name: 'project_id', nullable: true }) projectId: string | null;
  @Column('text', { nullable: true }) path: string | null;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}

/** A text of an item; never rewritten. */
@Entity('library_version')
export class LibraryVersionEntity {
  @PrimaryColumn('uuid', { name: 'item_id' }) itemId: string;
  @PrimaryColumn('int') number: number;
  @Column('text') content: string;
  @Column('text') author: string;
  @Column('text') note: string;
  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 }) createdAt: Date;
  @Column('text') state: CheckState;
  /** What the check said, where it complained. */
  @Column('text', { nullable: true }) message: string | null;
  @Column('int', { nullable: true }) line: number | null;
  /** The commit of its project. */
  @Column('text', { nullable: true }) commit: string | null;
  @Column('uuid', { name: 'check_run_id', nullable: true }) checkRunId: string | null;
}
