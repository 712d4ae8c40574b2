import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  conflictsIn,
  GuestSettings,
  type Page,
  ROUTES,
  TemplateProfileChange,
  TemplateProfileInput,
  TemplateProfilePage,
  TemplateProfileQuery,
  TemplateProfileView,
} from '@diaken/contracts';
import { pageByName, TemplateProfileEntity } from '@diaken/persistence';
import { DataSource } from 'typeorm';
import * as z from 'zod';
import { Requires } from '../http/access';
import { Answers } from '../http/answers';
import { withFreeName } from '../http/conflicts';
import { invalid, notFound } from '../http/refusal';
import { findTemplate } from './find-template';

const ProfileId = z.uuid();

@ApiTags('template-profiles')
@Controller(ROUTES.templateProfiles)
export class TemplateProfilesController {
  constructor(private readonly database: DataSource) {}

  @Post()
  @ApiOperation({
    summary: 'Says how the guests of a template are made ready. One profile for each template.',
  })
  @Requires('template-profiles:write')
  @Answers(201, TemplateProfileView)
  async create(
    @Body({ schema: TemplateProfileInput }) input: TemplateProfileInput,
  ): Promise<TemplateProfileView> {
    const { manager } = this.database;
    const settings = settingsOf(input);
    const { moRef, name } = await findTemplate(manager, input);
    const entity = manager.create(TemplateProfileEntity, {
      ...{ id: randomUUID(), vcenterId: input.vcenterId, templateMoRef: moRef, name, settings },
      limits: input.limits,
      createdAt: new Date(),
    });
    const saving = manager.insert(TemplateProfileEntity, entity);
    await withFreeName('profile of a template', name, saving);
    return toTemplateProfileView(entity);
  }

  @Get()
  @ApiOperation({ summary: 'The profiles of templates.' })
  @Requires('template-profiles:read')
  @Answers(200, TemplateProfilePage)
  async list(
    @Query({ schema: TemplateProfileQuery }) query: TemplateProfileQuery,
  ): Promise<Page<TemplateProfileView>> {
    const { vcenterId } = query;
    const profiles = this.database.getRepository(TemplateProfileEntity);
    const page = await pageByName(profiles, query, (select) => {
      if (vcenterId !== undefined) {
        select.andWhere('row.vcenterId = :vcenterId', { vcenterId });
      }
    });
    return { ...page, items: page.items.map(toTemplateProfileView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'The profile of a template.' })
  @Requires('template-profiles:read')
  @Answers(200, TemplateProfileView)
  async read(@Param('id', { schema: ProfileId }) id: string): Promise<TemplateProfileView> {
    return toTemplateProfileView(await this.find(id));
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Changes what the body names. Deployments that have been asked for stay as they are.',
  })
  @Requires('template-profiles:write')
  @Answers(200, TemplateProfileView)
  async change(
    @Param('id', { schema: ProfileId }) id: string,
    @Body({ schema: TemplateProfileChange }) change: TemplateProfileChange,
  ): Promise<TemplateProfileView> {
    const entity = await this.find(id);
    const settings = settingsOf({ ...entity.settings, ...change });
    const { limits = entity.limits } = change;
    await this.database.manager.update(TemplateProfileEntity, { id }, { settings, limits });
    return toTemplateProfileView({ ...entity, settings, limits });
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Forgets the profile: the template is treated as one that never had any.',
  })
  @Requires('template-profiles:write')
  @HttpCode(204)
  @Answers(204)
  async remove(@Param('id', { schema: ProfileId }) id: string): Promise<void> {
    const { affected } = await this.database.manager.delete(TemplateProfileEntity, { id });
    if (!affected) {
      throw notFound('template profile', id);
    }
  }

  private async find(id: string): Promise<TemplateProfileEntity> {
    const profile = await this.database.manager.findOneBy(TemplateProfileEntity, { id });
    if (!profile) {
      throw notFound('template profile', id);
    }
    return profile;
  }
}

/** The settings alone. Throws a refusal when they do not go together. */
function settingsOf(input: object): GuestSettings {
  const settings = GuestSettings.parse(input);
  const conflicts = conflictsIn(settings);
  if (conflicts.length > 0) {
    throw invalid(conflicts);
  }
  return settings;
}

function toTemplateProfileView({
  id,
  vcenterId,
  templateMoRef,
  name,
  settings,
  limits,
  createdAt,
}: TemplateProfileEntity): TemplateProfileView {
  return {
    ...{ id, vcenterId, template: { moRef: templateMoRef, name } },
    ...settings,
    limits,
    createdAt: createdAt.toISOString(),
  };
}
