import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Page,
  PageQuery,
  PLAYBOOK_FAMILIES,
  PLAYBOOK_TARGETS,
  PlaybookInput,
  PlaybookPage,
  PlaybookView,
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
import { refuseUnlessPlays } from './refuse-unless-plays';

const Details = z.object({
  osFamily: z.enum(PLAYBOOK_FAMILIES),
  targetType: z.enum(PLAYBOOK_TARGETS),
});

const NOUN: LibraryNoun = {
  kind: 'playbook',
  called: 'playbook',
  refuseContent: refuseUnlessPlays,
  isChecked: true,
  fileName: ({ name }) => safeFileName(name, 'yml'),
};

@ApiTags('playbooks')
@Controller(ROUTES.playbooks)
export class PlaybooksController extends LibraryRoutes {
  constructor(librarian: Librarian) {
    super(librarian, NOUN);
  }

  @Post()
  @ApiOperation({ summary: 'Stores a playbook; a worker checks its syntax before it is used.' })
  @Requires('playbooks:write')
  @Answers(201, PlaybookView)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: PlaybookInput }) input: PlaybookInput,
  ): Promise<PlaybookView> {
    return toPlaybookView(await this.librarian.add(NOUN, actor, factsOf(input), input));
  }

  @Get()
  @ApiOperation({ summary: 'The playbooks, without their content.' })
  @Requires('playbooks:read')
  @Answers(200, PlaybookPage)
  async list(
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Omit<PlaybookView, 'content'>>> {
    const page = await this.librarian.shelf(NOUN).page(query);
    return { ...page, items: page.items.map(toPlaybookRow) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A playbook with the newest content.' })
  @Requires('playbooks:read')
  @Answers(200, PlaybookView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<PlaybookView> {
    return toPlaybookView(await this.librarian.find(NOUN, id));
  }

  @Put(':id')
  @ApiOperation({
    summary:
      'Replaces it. Another content is a new version; what plays already keeps the one it began with.',
  })
  @Requires('playbooks:write')
  @Answers(200, PlaybookView)
  async replace(
    @Caller() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: PlaybookInput }) input: PlaybookInput,
  ): Promise<PlaybookView> {
    const which = { actor, id };
    return toPlaybookView(await this.librarian.change(NOUN, which, input, factsOf(input)));
  }
}

function factsOf({ name, description, osFamily, targetType }: PlaybookInput): ItemFacts {
  return { name, description, details: { osFamily, targetType } };
}

function toPlaybookRow(shelved: ShelvedItem): Omit<PlaybookView, 'content'> {
  return { ...toLibraryRow(shelved), ...Details.parse(shelved.item.details) };
}

function toPlaybookView(shelved: ShelvedItem): PlaybookView {
  return { ...toPlaybookRow(shelved), content: shelved.latest.content };
}
