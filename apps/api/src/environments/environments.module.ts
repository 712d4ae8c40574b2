import { Module } from '@nestjs/common';
import { EnvironmentsController } from './environments.controller';

@Module({ controllers: [EnvironmentsController] })
export class EnvironmentsModule {}
