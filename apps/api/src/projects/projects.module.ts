import { Module } from '@nestjs/common';
import { RunsModule } from '../runs/runs.module';
import { ProjectsController } from './projects.controller';
import { StartProjectSync } from './start-project-sync';

@Module({
  imports: [RunsModule],
  controllers: [ProjectsController],
  providers: [StartProjectSync],
  exports: [StartProjectSync],
})
export class ProjectsModule {}
