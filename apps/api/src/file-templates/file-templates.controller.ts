import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  FileTemplateInput,
  FileTemplatePage,
  FileTemplateView,
  type Page,
  PageQuery,
  ROUTES,
} from '@diaken/contracts';
import type { ItemFacts, ShelvedItem } from '@diaken/persistence';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { Librarian } from '../library/librarian';
import { type LibraryNoun } from '../library/library-noun';
import { LibraryRoutes } from '../library/library-routes';
import { toLibraryRow } from '../library/library-views';

const NOUN: LibraryNoun = {
  kind: 'file-template',
  called: 'file template',
  isChecked: true,
  fileName: ({ name }) => name,
};

@ApiTags('file-templates')
@Controller(ROUTES.fileTemplates)
export class FileTemplatesController extends LibraryRoutes {
  constructor(librarian: Librarian) {
    super(librarian, NOUN);
  }

  @Post()
  @ApiOperation({
    summary: 'Stores a file template; a worker checks its syntax before it is used.',
  })
  @Requires('playbooks:write')
  @Answers(201, FileTemplateView)
  async create(
    @Caller() actor: Actor,
    @Body({ schema: FileTemplateInput }) input: FileTemplateInput,
  ): Promise<FileTemplateView> {
    return toFileTemplateView(await this.librarian.add(NOUN, actor, factsOf(input), input));
  }

  @Get()
  @ApiOperation({ summary: 'The file templates, without their content.' })
  @Requires('playbooks:read')
  @Answers(200, FileTemplatePage)
  async list(
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Omit<FileTemplateView, 'content'>>> {
    const page = await this.librarian.shelf(NOUN).page(query);
    return { ...page, items: page.items.map(toLibraryRow) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A file template with the newest content.' })
  @Requires('playbooks:read')
  @Answers(200, FileTemplateView)
  async read(@Param('id', { schema: z.uuid() }) id: string): Promise<FileTemplateView> {
    return toFileTemplateView(await this.librarian.find(NOUN, id));
  }

  @Put(':id')
  @ApiOperation({
    summary:
      'Replaces it. Another content is a new version; what plays already keeps the one it began with.',
  })
  @Requires('playbooks:write')
  @Answers(200, FileTemplateView)
  async replace(
    @Caller() actor: Actor,
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: FileTemplateInput }) input: FileTemplateInput,
  ): Promise<FileTemplateView> {
    const which = { actor, id };
    return toFileTemplateView(await this.librarian.change(NOUN, which, input, factsOf(input)));
  }
}

function factsOf({ name, description }: FileTemplateInput): ItemFacts {
  return { name, description, details: {} };
}

function toFileTemplateView(shelved: ShelvedItem): FileTemplateView {
  return { ...toLibraryRow(shelved), content: shelved.latest.content };
}
