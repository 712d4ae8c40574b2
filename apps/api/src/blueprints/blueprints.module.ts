import { Module } from '@nestjs/common';
import { DeploymentsModule } from '../deployments/deployments.module';
import { BlueprintsController } from './blueprints.controller';

@Module({ imports: [DeploymentsModule], controllers: [BlueprintsController] })
export class BlueprintsModule {}
