import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Page,
  PageQuery,
  ROUTES,
  SCRIPT_LANGUAGES,
  ScriptInput,
  ScriptPage,
  ScriptView,
} from '@diaken/contracts';
import type { ItemFacts, ShelvedItem } from '@diaken/persistence';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { Librarian } from '../library/librarian';
import { type LibraryNoun, safeFileName } from '../library/library-noun';
import { LibraryRoutes } from '../library/library-routes';
import { toLibraryRow } from '../library/library-views';

const Details = z.object({ language: z.enum(SCRIPT_LANGUAGES) });

const NOUN: LibraryNoun = {
  kind: 'script',
  called: 'script',
  isChecked: true,
  fileName: ({ name, details }) => safeFileName(name, Details.parse(details).language),
};

@ApiTags('scripts')
@Controller(ROUTES.scripts)
export class ScriptsController extends LibraryRoutes {
  constructor(librarian: Librarian) {
    super(librarian, NOUN);
  }

  @Post()
  @ApiOperation({ summary: 'Stores a script; a worker checks its syntax before it is used.' })
  @Requires('playbooks:write')
  @Answers(201, ScriptView)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: ScriptInput }) input: ScriptInput,
  ): Promise<ScriptView> {
    return toScriptView(await this.librarian.add(NOUN, actor, factsOf(input), input));
  }

  @Get()
  @ApiOperation({ summary: 'The scripts, without their content.' })
  @Requires('playbooks:read')
  @Answers(200, ScriptPage)
  async list(
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Omit<ScriptView, 'content'>>> {
    const page = await this.librarian.shelf(NOUN).page(query);
    return { ...page, items: page.items.map(toScriptRow) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A script with the newest content.' })
  @Requires('playbooks:read')
  @Answers(200, ScriptView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<ScriptView> {
    return toScriptView(await this.librarian.find(NOUN, id));
  }

  @Put(':id')
  @ApiOperation({
    summary:
      'Replaces it. Another content is a new version; what plays already keeps the one it began with.',
  })
  @Requires('playbooks:write')
  @Answers(200, ScriptView)
  async replace(
    @Caller() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: ScriptInput }) input: ScriptInput,
  ): Promise<ScriptView> {
    const which = { actor, id };
    return toScriptView(await this.librarian.change(NOUN, which, input, factsOf(input)));
  }
}

function factsOf({ name, description, language }: ScriptInput): ItemFacts {
  return { name, description, details: { language } };
}

function toScriptRow(shelved: ShelvedItem): Omit<ScriptView, 'content'> {
  return { ...toLibraryRow(shelved), ...Details.parse(shelved.item.details) };
}

function toScriptView(shelved: ShelvedItem): ScriptView {
  return { ...toScriptRow(shelved), content: shelved.latest.content };
}
