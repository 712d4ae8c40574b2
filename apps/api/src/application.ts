import { RequestMethod } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { API_PREFIX } from '@diaken/contracts';
import type { Configuration } from '@diaken/runtime';
import helmet from 'helmet';
import { Logger } from 'nestjs-pino';
import { ApiModule } from './api.module';
import { describeApi } from './http/open-api';
import { refuseUnknownPath, refuseWrongPath } from './http/path-checks';
import { identify } from './http/request-log';
import { serveWeb } from './web/serve-web';

/** The largest body that any request may have. */
const BODY_LIMIT = '1mb';

/** Puts the application together; it does not listen yet. */
export async function createApplication(
  configuration: Configuration,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.with(configuration), {
    bufferLogs: true,
    bodyParser: false,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.set('etag', false);
  app.disable('x-powered-by');
  app.use(identify);
  app.use(refuseWrongPath);
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: true,
        directives: {
          'style-src': ["'self'", "'unsafe-inline'"],
          // Plain HTTP on the loopback address must keep working.
          'upgrade-insecure-requests': configuration.DIAKEN_COOKIE_SECURE ? [] : null,
        },
      },
      strictTransportSecurity: configuration.DIAKEN_COOKIE_SECURE,
    }),
  );
  app.useBodyParser('json', { limit: BODY_LIMIT, strict: true });
  app.useBodyParser('text', { limit: BODY_LIMIT, type: 'text/csv' });
  app.setGlobalPrefix(API_PREFIX, { exclude: [{ path: 'api/docs', method: RequestMethod.GET }] });
  describeApi(app);
  serveWeb(app, configuration.DIAKEN_WEB_FOLDER);
  app.use(refuseUnknownPath);
  app.enableShutdownHooks();
  return app;
}
