import { resolve } from 'node:path';
import * as z from 'zod';
import { encryptionKeys } from './secret-box';

const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Every environment variable that the servers read. */
export const Configuration = z
  .object({
    DATABASE_URL: z.url({
      protocol: /^postgres(ql)?$/,
      error: 'must be postgresql://user:password@host:port/database',
    }),
    REDIS_URL: z
      .url({ protocol: /^rediss?$/, error: 'must be redis://:password@host:port' })
      .refine((text) => /^\/?\d*$/.test(URL.parse(text)?.pathname ?? ''), {
        error: 'must end with the number of a database, if anything: redis://host:port/0',
      }),
    DIAKEN_ENCRYPTION_KEYS: z.string().transform((text, context) => {
      try {
        return encryptionKeys(text);
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: error instanceof Error ? error.message : 'is wrong',
        });
        return z.NEVER;
      }
    }),
    DIAKEN_API_HOST: z.string().default('127.0.0.1'),
    DIAKEN_API_PORT: port.default(3000),
    DIAKEN_WEB_FOLDER: z.string().default('dist/apps/web/browser'),
    DIAKEN_DATA_FOLDER: z
      .string()
      .default('.data')
      .transform((folder) => resolve(folder)),
    DIAKEN_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(10),
    DIAKEN_WORKER_HEALTH_PORT: port.default(3001),
    DIAKEN_WORKER_GRACE_SECONDS: z.coerce.number().min(0).max(3600).default(30),
    DIAKEN_ADMIN_PASSWORD_FILE: z.string().optional(),
    DIAKEN_LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info'),
    DIAKEN_COOKIE_SECURE: flag.default(false),
    DIAKEN_VCENTER_POLL_MS: z.coerce.number().int().min(50).max(60_000).default(1_000),
  })
  .readonly();
export type Configuration = z.infer<typeof Configuration>;

/** Reads the environment. Throws one error that lists every variable that is missing or wrong, without its value. */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const read = Configuration.safeParse(environment);
  if (read.success) {
    return read.data;
  }
  const problems = read.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
  throw new Error(
    `The configuration is wrong:\n${problems.join('\n')}\nSee docker/README.md for all variables.`,
  );
}
