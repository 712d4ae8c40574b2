import { randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Page,
  PageQuery,
  ProjectInput,
  ProjectPage,
  ProjectView,
  ROUTES,
  RunAccepted,
} from '@diaken/contracts';
import {
  CredentialEntity,
  LibraryItemEntity,
  pageByName,
  ProjectEntity,
  runsThatPlay,
} from '@diaken/persistence';
import type { Response } from 'express';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { notFound } from '../http/refusal';
import { usedByRuns } from '../library/librarian';
import { IdempotencyKey } from '../runs/idempotency-key';
import { refuseWrongCredential } from './refuse-wrong-credential';
import { StartProjectSync } from './start-project-sync';

const Id = z.uuid();

@ApiTags('projects')
@Controller(ROUTES.projects)
export class ProjectsController {
  constructor(
    private readonly database: DataSource,
    private readonly startSync: StartProjectSync,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Registers a Git repository and has it synced.' })
  @Requires('projects:write')
  @Answers(201, ProjectView)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: ProjectInput }) input: ProjectInput,
  ): Promise<ProjectView> {
    await this.check(input);
    const now = new Date();
    const { manager } = this.database;
    const project = manager.create(ProjectEntity, {
      ...{ id: randomUUID(), ...input, commit: null, syncedAt: null, syncRunId: null },
      ...{ createdAt: now, updatedAt: now },
    });
    await withFreeName('project', input.name, manager.insert(ProjectEntity, project));
    const { id } = await this.startSync.execute(actor, project);
    return toProjectView({ ...project, syncRunId: id });
  }

  @Get()
  @ApiOperation({ summary: 'The projects.' })
  @Requires('projects:read')
  @Answers(200, ProjectPage)
  async list(@Query({ schema: PageQuery }) query: PageQuery): Promise<Page<ProjectView>> {
    const page = await pageByName(this.database.getRepository(ProjectEntity), query);
    return { ...page, items: page.items.map(toProjectView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A project.' })
  @Requires('projects:read')
  @Answers(200, ProjectView)
  async read(@Param('id', { schema: Id }) id: string): Promise<ProjectView> {
    return toProjectView(await this.find(id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replaces what it says; the next sync heeds it.' })
  @Requires('projects:write')
  @Answers(200, ProjectView)
  async replace(
    @Param('id', { schema: Id }) id: string,
    @Body({ schema: ProjectInput }) input: ProjectInput,
  ): Promise<ProjectView> {
    await this.check(input);
    const { manager } = this.database;
    const update = manager.update(ProjectEntity, { id }, { ...input, updatedAt: new Date() });
    await withFreeName('project', input.name, update);
    return toProjectView(await this.find(id));
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Removes it with its playbooks. Refused while runs that go on use one.',
  })
  @Requires('projects:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: Id }) id: string): Promise<void> {
    const { name } = await this.find(id);
    const { manager } = this.database;
    const playbooks = await manager.findBy(LibraryItemEntity, { projectId: id });
    const ids = playbooks.map((playbook) => playbook.id);
    const runs = await runsThatPlay(this.database, ids);
    if (runs.length > 0) {
      throw usedByRuns(`The project ${name}`, runs);
    }
    await manager.delete(ProjectEntity, { id });
  }

  @Post(':id/sync')
  @ApiOperation({ summary: 'Has its playbooks fetched anew.' })
  @Requires('projects:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async sync(
    @Caller() actor: Actor,
    @Param('id', { schema: Id }) id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    const accepted = await this.startSync.execute(actor, await this.find(id), { idempotencyKey });
    response.location(accepted.links.self);
    return accepted;
  }

  private async find(id: string): Promise<ProjectEntity> {
    const project = await this.database.manager.findOneBy(ProjectEntity, { id });
    if (!project) {
      throw notFound('project', id);
    }
    return project;
  }

  private async check({ url, credentialId }: ProjectInput): Promise<void> {
    const credential =
      credentialId === null
        ? undefined
        : await this.database.manager.findOneBy(CredentialEntity, { id: credentialId });
    refuseWrongCredential(url, credentialId, credential);
  }
}

function toProjectView(project: ProjectEntity): ProjectView {
  const { id, name, url, ref, credentialId, caPem, hostKey, commit } = project;
  const { syncedAt, syncRunId, createdAt } = project;
  return {
    ...{ id, name, url, ref, credentialId, caPem, hostKey, commit, syncRunId },
    syncedAt: syncedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
