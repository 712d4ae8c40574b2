import { Body, Delete, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation } from '@nestjs/swagger';
import {
  DiffQuery,
  DownloadQuery,
  LibraryDiff,
  LibraryVersion,
  LibraryVersionPage,
  LibraryVersionQuery,
  LibraryVersionText,
  libraryText,
  type Page,
  RestoreRequest,
  RunAccepted,
  UploadQuery,
  VersionNumber,
} from '@diaken/contracts';
import type { Response } from 'express';
import * as z from 'zod';
import { type Actor, Caller, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { Refusal } from '../http/refusal';
import { IdempotencyKey } from '../runs/idempotency-key';
import type { Librarian } from './librarian';
import { libraryDiff } from './library-diff';
import type { LibraryNoun } from './library-noun';
import { toLibraryVersion, toLibraryVersionText } from './library-views';

const Id = z.uuid();
const Text = libraryText('The new text, as it is.');
/** Above every number of a version. */
const BEYOND = 2_147_483_647;

/** The routes that every noun of the library has: its versions, their texts, and taking it away. */
export abstract class LibraryRoutes {
  protected constructor(
    protected readonly librarian: Librarian,
    protected readonly noun: LibraryNoun,
  ) {}

  @Delete(':id')
  @ApiOperation({
    summary: 'Removes it with all its versions. Refused while runs that go on use it.',
  })
  @Requires('playbooks:write')
  @HttpCode(204)
  @Answers(204)
  remove(@Param('id', { schema: Id }) id: string): Promise<void> {
    return this.librarian.remove(this.noun, id);
  }

  @Get(':id/content')
  @ApiOperation({ summary: 'The text as a file.' })
  @Requires('playbooks:read')
  @Answers(200)
  async download(
    @Param('id', { schema: Id }) id: string,
    @Query({ schema: DownloadQuery }) { version }: DownloadQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { item, latest } = await this.librarian.find(this.noun, id);
    const wanted = await this.librarian.version(this.noun, id, version ?? latest.number);
    response.attachment(this.noun.fileName(item)).type('text/plain');
    return wanted.version.content;
  }

  @Put(':id/content')
  @ApiOperation({ summary: 'Uploads a new text: the body as it is. It becomes a version.' })
  @ApiConsumes('text/plain')
  @ApiBody({ schema: { type: 'string' } })
  @Requires('playbooks:write')
  @Answers(200, LibraryVersion)
  async upload(
    @Caller() actor: Actor,
    @Param('id', { schema: Id }) id: string,
    @Query({ schema: UploadQuery }) { note }: UploadQuery,
    @Body({ schema: Text }) content: string,
  ): Promise<LibraryVersion> {
    const changed = await this.librarian.change(this.noun, { actor, id }, { content, note });
    return toLibraryVersion(changed.latest);
  }

  @Get(':id/versions')
  @ApiOperation({ summary: 'Its versions without their texts, the newest first.' })
  @Requires('playbooks:read')
  @Answers(200, LibraryVersionPage)
  async versions(
    @Param('id', { schema: Id }) id: string,
    @Query({ schema: LibraryVersionQuery }) { cursor = BEYOND, limit }: LibraryVersionQuery,
  ): Promise<Page<LibraryVersion>> {
    await this.librarian.find(this.noun, id);
    const versions = await this.librarian.shelf(this.noun).versions(id, cursor, limit);
    const last = versions.at(-1);
    const next = versions.length === limit && last && last.number > 1 ? String(last.number) : null;
    return { items: versions.map(toLibraryVersion), next };
  }

  @Get(':id/versions/:number')
  @ApiOperation({ summary: 'A version with its text.' })
  @Requires('playbooks:read')
  @Answers(200, LibraryVersionText)
  async version(
    @Param('id', { schema: Id }) id: string,
    @Param('number', { schema: VersionNumber }) number: number,
  ): Promise<LibraryVersionText> {
    return toLibraryVersionText((await this.librarian.version(this.noun, id, number)).version);
  }

  @Get(':id/versions/:number/diff')
  @ApiOperation({ summary: 'What a version has changed.' })
  @Requires('playbooks:read')
  @Answers(200, LibraryDiff)
  async diff(
    @Param('id', { schema: Id }) id: string,
    @Param('number', { schema: VersionNumber }) number: number,
    @Query({ schema: DiffQuery }) { from = number - 1 }: DiffQuery,
  ): Promise<LibraryDiff> {
    const { item, version } = await this.librarian.version(this.noun, id, number);
    const before = from < 1 ? undefined : await this.librarian.version(this.noun, id, from);
    return libraryDiff(this.noun.fileName(item), before?.version, version);
  }

  @Post(':id/versions/:number/restore')
  @ApiOperation({ summary: 'Makes the text of an older version the newest one.' })
  @Requires('playbooks:write')
  @Answers(201, LibraryVersion)
  async restore(
    @Caller() actor: Actor,
    @Param('id', { schema: Id }) id: string,
    @Param('number', { schema: VersionNumber }) number: number,
    @Body({ schema: RestoreRequest }) { note = `Version ${number} again` }: RestoreRequest,
  ): Promise<LibraryVersion> {
    const { version } = await this.librarian.version(this.noun, id, number);
    const text = { content: version.content, note };
    return toLibraryVersion((await this.librarian.change(this.noun, { actor, id }, text)).latest);
  }

  @Post(':id/versions/:number/check')
  @ApiOperation({ summary: 'Has a version checked once more.' })
  @Requires('playbooks:write')
  @HttpCode(202)
  @Answers(202, RunAccepted)
  async check(
    @Caller() actor: Actor,
    @Param('id', { schema: Id }) id: string,
    @Param('number', { schema: VersionNumber }) number: number,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunAccepted> {
    refuseUnlessChecked(this.noun);
    const { item, version } = await this.librarian.version(this.noun, id, number);
    const origin = { idempotencyKey };
    const accepted = await this.librarian.check(actor, item.name, version, origin);
    response.location(accepted.links.self);
    return accepted;
  }
}

function refuseUnlessChecked({ called, isChecked }: LibraryNoun): void {
  if (!isChecked) {
    throw new Refusal({
      code: 'action-not-allowed',
      detail: `The text of ${called} is checked when it is stored, and never again.`,
      remedy: 'Nothing needs to be done.',
    });
  }
}
