import { Injectable } from '@nestjs/common';
import type { RunAccepted, RunView } from '@diaken/contracts';
import { ProjectEntity } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import type { Actor } from '../http/access';
import { notFound } from '../http/refusal';
import { Librarian } from '../library/librarian';
import { StartProjectSync } from '../projects/start-project-sync';
import type { Asking } from '../runs/start-run';

const OfVersion = z.object({ itemId: z.uuid(), number: z.int() });
const OfProject = z.object({ projectId: z.uuid() });

/** Asks again for what has to do with the library: the check of a version, the sync of a project. */
@Injectable()
export class RelaunchLibraryRun {
  constructor(
    private readonly librarian: Librarian,
    private readonly startProjectSync: StartProjectSync,
    private readonly database: DataSource,
  ) {}

  check(
    actor: Actor,
    { target, request }: RunView,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    return this.librarian.check(actor, target, OfVersion.parse(request), origin);
  }

  /** Throws a refusal when the project is not there any more. */
  async sync(
    actor: Actor,
    { request }: RunView,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'>,
  ): Promise<RunAccepted> {
    const { projectId } = OfProject.parse(request);
    const project = await this.database.manager.findOneBy(ProjectEntity, { id: projectId });
    if (!project) {
      throw notFound('project', projectId);
    }
    return this.startProjectSync.execute(actor, project, origin);
  }
}
