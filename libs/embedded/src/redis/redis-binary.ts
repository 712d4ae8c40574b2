import { resolve } from 'node:path';
import { EmbeddedError, systemCode } from '../embedded-error';
import { runTool } from '../run-tool';

const REMEDY =
  'Install it with `apt-get install -y --no-install-recommends redis-server`, set REDIS_SERVER ' +
  'to a redis-server or valkey-server program, or set REDIS_URL to a running server.';
const VERSION_TIMEOUT_MS = 30_000;
/** The first version with `proc-title-template`; the oldest that the product supports. */
const OLDEST = 6.2;

/** The Redis program of this machine (variable REDIS_SERVER, else `redis-server`), checked. */
export async function findRedisBinary(): Promise<string> {
  const name = process.env['REDIS_SERVER'] ?? '';
  const program = name.includes('/') ? resolve(name) : name || 'redis-server';
  const version = /(?:server v=|server version )(\d+\.\d+)/.exec(await askVersion(program))?.[1];
  if (version === undefined) {
    throw new EmbeddedError('redis-missing', `${program} is not a Redis server. ${REMEDY}`);
  }
  if (Number(version) >= OLDEST) return program;
  throw new EmbeddedError(
    'redis-missing',
    `${program} has version ${version}; ${OLDEST} or newer is needed. ${REMEDY}`,
  );
}

async function askVersion(program: string): Promise<string> {
  try {
    const { output } = await runTool([program, '--version'], { timeoutMs: VERSION_TIMEOUT_MS });
    return output;
  } catch (error) {
    const reason = systemCode(error) === 'ENOENT' ? 'was not found' : 'cannot be run';
    throw new EmbeddedError('redis-missing', `${program} ${reason}. ${REMEDY}`, error);
  }
}
