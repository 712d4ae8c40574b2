import { Module } from '@nestjs/common';
import { TemplateProfilesController } from './template-profiles.controller';

@Module({ controllers: [TemplateProfilesController] })
export class TemplateProfilesModule {}
