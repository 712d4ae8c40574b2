import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';

/** Files with a hash in their name never change. */
const HASHED = /-[A-Z0-9]{8}\.\w+$/;

/** Serves the SPA: its files, and its page for every address that is neither a file nor the API's. */
export function serveWeb(app: NestExpressApplication, folder: string): void {
  const root = resolve(folder);
  const page = resolve(root, 'index.html');
  if (!existsSync(page)) {
    return;
  }
  app.useStaticAssets(root, {
    index: false,
    setHeaders: (response: Response, path: string) => {
      const cached = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
      response.setHeader('Cache-Control', cached);
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isPage = request.method === 'GET' && !request.path.startsWith('/api');
    if (!isPage) {
      next();
      return;
    }
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(page);
  });
}
