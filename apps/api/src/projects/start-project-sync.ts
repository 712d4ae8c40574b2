import { Injectable } from '@nestjs/common';
import type { RunAccepted } from '@diaken/contracts';
import { ProjectEntity } from '@diaken/persistence';
import { planFor } from '@diaken/provisioning';
import { DataSource } from 'typeorm';
import type { Actor } from '../http/access';
import { type Asking, StartRun } from '../runs/start-run';

const PLAN = planFor('sync-project');

/** Asks a worker to bring the playbooks of a project into the library. */
@Injectable()
export class StartProjectSync {
  constructor(
    private readonly database: DataSource,
    private readonly startRun: StartRun,
  ) {}

  async execute(
    { username }: Actor,
    { id, name }: Pick<ProjectEntity, 'id' | 'name'>,
    origin: Pick<Asking, 'idempotencyKey' | 'relaunchOf'> = {},
  ): Promise<RunAccepted> {
    const request = { projectId: id };
    const accepted = await this.startRun.execute({
      kind: 'sync-project',
      target: name,
      request: { ...request, requestedBy: username },
      asked: request,
      requestedBy: username,
      plan: PLAN,
      ...origin,
    });
    const { manager } = this.database;
    await manager.update(ProjectEntity, { id }, { syncRunId: accepted.id });
    return accepted;
  }
}
