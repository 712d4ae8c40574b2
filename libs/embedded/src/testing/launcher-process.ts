import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import type { EmbeddedOptions } from '../index';

/** A running launcher and the addresses that it printed. */
export interface LauncherProcess {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Ends it as Ctrl-C does (SIGTERM) or without a chance to clean up (SIGKILL). */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Bundles the launcher program; resolves to its path. */
export async function buildLauncher(outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    root: import.meta.dirname,
    build: {
      ssr: join(import.meta.dirname, 'launcher.ts'),
      outDir,
      target: 'node24',
      rolldownOptions: { output: { entryFileNames: 'launcher.mjs' } },
    },
  });
  return join(outDir, 'launcher.mjs');
}

/** Starts the launcher program and waits until it has its servers. */
export async function startLauncher(
  program: string,
  options: EmbeddedOptions,
): Promise<LauncherProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { databaseUrl, redisUrl } = JSON.parse(String(line));
  return { databaseUrl, redisUrl, end: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
