import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Post,
  Put,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { PasswordChange, ROUTES, SessionView, SignIn as Credentials } from '@diaken/contracts';
import type { Configuration } from '@diaken/runtime';
import type { Request, Response } from 'express';
import { CONFIGURATION } from '../configuration';
import { type Actor, Caller, Public, Requires } from '../http/access';
import { Answers } from '../http/answers';
import { cookieOptions, SESSION_COOKIE, sessionTokenOf } from './session-cookie';
import { SignIn } from './sign-in';

/** Sign-in attempts that one address may make in a minute. */
const ATTEMPTS_A_MINUTE = { default: { limit: 30, ttl: 60_000 } };

@ApiTags('session')
@Controller(ROUTES.session)
export class SessionController {
  constructor(
    private readonly signIn: SignIn,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Signs in; the session is a cookie.' })
  @Public()
  @UseGuards(ThrottlerGuard)
  @Throttle(ATTEMPTS_A_MINUTE)
  @HttpCode(200)
  @Answers(200, SessionView)
  async open(
    @Body({ schema: Credentials }) credentials: Credentials,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionView> {
    const { token, view } = await this.signIn.execute(credentials);
    response.cookie(SESSION_COOKIE, token, cookieOptions(this.configuration.DIAKEN_COOKIE_SECURE));
    return view;
  }

  @Get()
  @ApiOperation({ summary: 'Who is signed in.' })
  @Requires('signed-in')
  @Answers(200, SessionView)
  read(@Caller() { username, role, permissions, mustChangePassword }: Actor): SessionView {
    return { username, role, permissions: [...permissions], mustChangePassword };
  }

  @Delete()
  @ApiOperation({ summary: 'Signs out.' })
  @Requires('signed-in')
  @HttpCode(204)
  @Answers(204)
  async close(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const token = sessionTokenOf(request);
    if (token !== undefined) {
      await this.signIn.signOut(token);
    }
    response.clearCookie(SESSION_COOKIE, { path: '/' });
  }

  @Put('password')
  @ApiOperation({ summary: "Changes the caller's own password." })
  @Requires('signed-in')
  @HttpCode(204)
  @Answers(204)
  async changePassword(
    @Caller() actor: Actor,
    @Req() request: Request,
    @Body({ schema: PasswordChange }) change: PasswordChange,
  ): Promise<void> {
    await this.signIn.changePassword(actor, change, sessionTokenOf(request));
  }
}
