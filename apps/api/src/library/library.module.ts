import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { ROUTES } from '@diaken/contracts';
import express from 'express';
import { FileTemplatesController } from '../file-templates/file-templates.controller';
import { PlaybooksController } from '../playbooks/playbooks.controller';
import { RequirementsController } from '../requirements/requirements.controller';
import { RunsModule } from '../runs/runs.module';
import { ScriptsController } from '../scripts/scripts.controller';
import { Librarian } from './librarian';

const NOUNS = [ROUTES.playbooks, ROUTES.scripts, ROUTES.fileTemplates, ROUTES.requirements];

/** Media types that texts are uploaded as. */
const TEXTS = ['text/*', 'application/yaml', 'application/x-yaml', 'application/octet-stream'];

/** What users write: playbooks, scripts, file templates, requirements, with their versions. */
@Module({
  imports: [RunsModule],
  controllers: [
    ...[PlaybooksController, ScriptsController],
    ...[FileTemplatesController, RequirementsController],
  ],
  providers: [Librarian],
  exports: [Librarian],
})
export class LibraryModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(express.text({ type: TEXTS, limit: '1mb', defaultCharset: 'utf-8' }))
      .forRoutes(
        ...NOUNS.map((path) => ({ path: `${path}/:id/content`, method: RequestMethod.PUT })),
      );
  }
}
