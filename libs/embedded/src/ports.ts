import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { EmbeddedError } from './embedded-error';

/** All servers listen here and nowhere else. */
export const LOOPBACK = '127.0.0.1';

/** Below the kernel's range for outgoing connections, which could take a remembered port. */
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;
const ATTEMPTS = 100;

/** Says whether nobody listens on this port of the loopback address. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}

/** A port where nobody listens now. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isPortFree(port)) return port;
  }
  throw new EmbeddedError(
    'port-taken',
    `No free port was found between ${FIRST_PORT} and ${LAST_PORT} on ${LOOPBACK}.`,
  );
}
