import { Module } from '@nestjs/common';
import { RunsController } from './runs.controller';
import { StartRun } from './start-run';

@Module({ controllers: [RunsController], providers: [StartRun], exports: [StartRun] })
export class RunsModule {}
