import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type EmbeddedServices, startEmbedded } from '@diaken/embedded';

/** The repository: every command is run from there. */
export const ROOT = process.cwd();

/** What the servers need on one machine, made where it is missing. */
export interface LocalEnvironment {
  readonly dataFolder: string;
  /** Environment of the servers. */
  readonly variables: NodeJS.ProcessEnv;
  /** Ends the embedded servers that nobody else uses. */
  stop(): Promise<void>;
}

/** Starts PostgreSQL and Redis unless the environment names others, and makes an encryption key once. */
export async function localEnvironment(): Promise<LocalEnvironment> {
  const dataFolder = resolve(process.env['DIAKEN_DATA_FOLDER'] ?? '.data');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const { DATABASE_URL, REDIS_URL, DIAKEN_ENCRYPTION_KEYS } = process.env;
  const need = { postgres: !DATABASE_URL, redis: !REDIS_URL };
  const embedded: EmbeddedServices | undefined =
    need.postgres || need.redis ? await startEmbedded({ root: ROOT, dataFolder, need }) : undefined;
  const key = join(dataFolder, 'encryption-key');
  return {
    dataFolder,
    variables: {
      ...process.env,
      DIAKEN_DATA_FOLDER: dataFolder,
      DATABASE_URL: DATABASE_URL || embedded?.databaseUrl,
      REDIS_URL: REDIS_URL || embedded?.redisUrl,
      DIAKEN_ENCRYPTION_KEYS:
        DIAKEN_ENCRYPTION_KEYS ||
        `local:${await secretFile(key, () => randomBytes(32).toString('base64'))}`,
    },
    stop: async () => embedded?.stop(),
  };
}

/** Reads a secret from a file that only its owner may read; makes it when there is none. */
export async function secretFile(path: string, make: () => string): Promise<string> {
  try {
    await writeFile(path, `${make()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error;
    }
  }
  return (await readFile(path, 'utf8')).trim();
}
