import type { LoggerOptions } from 'pino';

/** What never reaches a log, wherever it stands. */
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
  ...['password', 'privateKey', 'passphrase', 'becomePassword', 'token', 'secret'].flatMap(
    (name) => [name, `*.${name}`],
  ),
];

/** How both servers log: JSON lines on stdout, UTC, secrets cut out. */
export function loggerOptions(level: string, name: string): LoggerOptions {
  return {
    level,
    name,
    base: { name, pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
  };
}
