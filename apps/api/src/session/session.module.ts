import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { Accounts } from './accounts';
import { FirstAdministrator } from './first-administrator';
import { SessionController } from './session.controller';
import { SessionStrategy } from './session.strategy';
import { SignIn } from './sign-in';
import { TokenStrategy } from './token.strategy';

@Module({
  imports: [PassportModule],
  controllers: [SessionController],
  providers: [Accounts, FirstAdministrator, SessionStrategy, SignIn, TokenStrategy],
})
export class SessionModule {}
