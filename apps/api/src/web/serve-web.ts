import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';

/** Files with a hash in their name never change. */
const HASHED = /-[A-Z0-9]{8}\.\w+$/;

/** Serves the SPA: its files, and its page for every address that is neither a file nor the API's. */
export function serveWeb(app: NestExpressApplication, folder: string): void {
  const root = resolve(folder);
  const page = resolve(root, 'index.html');
  if (!existsSync(page)) {
    return;
  }
  const files = express.static(root, {
    index: false,
    setHeaders: (response: Response, path: string) => {
      const cached = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
      response.setHeader('Cache-Control', cached);
    },
  });
  const sendPage = (request: Request, response: Response, next: NextFunction) => {
    if (request.method !== 'GET') {
      next();
      return;
    }
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(page);
  };
  app.use((request: Request, response: Response, next: NextFunction) => {
    // A request of the API must not wait until the disk has said that no file is called like it.
    if (request.path.startsWith('/api')) {
      next();
      return;
    }
    files(request, response, () => sendPage(request, response, next));
  });
}
