import { Module } from '@nestjs/common';
import { NetworkProfilesController } from './network-profiles.controller';

@Module({ controllers: [NetworkProfilesController] })
export class NetworkProfilesModule {}
