import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Page,
  PageQuery,
  RequirementsInput,
  RequirementsPage,
  RequirementsView,
  ROUTES,
} from '@diaken/contracts';
import type { ItemFacts, ShelvedItem } from '@diaken/persistence';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { Librarian } from '../library/librarian';
import { type LibraryNoun, safeFileName } from '../library/library-noun';
import { LibraryRoutes } from '../library/library-routes';
import { toLibraryRow } from '../library/library-views';
import { refuseUnlessRequirements } from './refuse-unless-requirements';

const NOUN: LibraryNoun = {
  kind: 'requirements',
  called: 'requirements',
  refuseContent: refuseUnlessRequirements,
  isChecked: false,
  fileName: ({ name }) => safeFileName(name, 'yml'),
};

@ApiTags('requirements')
@Controller(ROUTES.requirements)
export class RequirementsController extends LibraryRoutes {
  constructor(librarian: Librarian) {
    super(librarian, NOUN);
  }

  @Post()
  @ApiOperation({ summary: 'Stores requirements.' })
  @Requires('playbooks:write')
  @Answers(201, RequirementsView)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: RequirementsInput }) input: RequirementsInput,
  ): Promise<RequirementsView> {
    return toRequirementsView(await this.librarian.add(NOUN, actor, factsOf(input), input));
  }

  @Get()
  @ApiOperation({ summary: 'The requirements, without their content.' })
  @Requires('playbooks:read')
  @Answers(200, RequirementsPage)
  async list(
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Omit<RequirementsView, 'content'>>> {
    const page = await this.librarian.shelf(NOUN).page(query);
    return { ...page, items: page.items.map(toLibraryRow) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Requirements with the newest content.' })
  @Requires('playbooks:read')
  @Answers(200, RequirementsView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<RequirementsView> {
    return toRequirementsView(await this.librarian.find(NOUN, id));
  }

  @Put(':id')
  @ApiOperation({
    summary:
      'Replaces it. Another content is a new version; what plays already keeps the one it began with.',
  })
  @Requires('playbooks:write')
  @Answers(200, RequirementsView)
  async replace(
    @Caller() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: RequirementsInput }) input: RequirementsInput,
  ): Promise<RequirementsView> {
    const which = { actor, id };
    return toRequirementsView(await this.librarian.change(NOUN, which, input, factsOf(input)));
  }
}

function factsOf({ name, description }: RequirementsInput): ItemFacts {
  return { name, description, details: {} };
}

function toRequirementsView(shelved: ShelvedItem): RequirementsView {
  return { ...toLibraryRow(shelved), content: shelved.latest.content };
}
