import { Module } from '@nestjs/common';
import { CancelRuns } from './cancel-runs';
import { DecideAboutRun } from './decide-about-run';
import { RunActionsController } from './run-actions.controller';
import { RunsController } from './runs.controller';
import { StartRun } from './start-run';

@Module({
  controllers: [RunsController, RunActionsController],
  providers: [CancelRuns, DecideAboutRun, StartRun],
  exports: [StartRun],
})
export class RunsModule {}
