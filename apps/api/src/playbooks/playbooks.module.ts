import { Module } from '@nestjs/common';
import { PlaybooksController } from './playbooks.controller';

@Module({ controllers: [PlaybooksController] })
export class PlaybooksModule {}
