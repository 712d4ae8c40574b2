import { demo } from './demo/demo';
import { develop } from './develop';
import { serve } from './serve';

const USAGE = `usage: main.js demo [--once] | dev | api | worker | migrate | rotate-keys`;

const COMMANDS: Record<string, (args: readonly string[]) => Promise<number>> = {
  demo: (args) => demo({ once: args.includes('--once') }),
  dev: () => develop(),
  api: () => serve('api'),
  worker: () => serve('worker'),
  migrate: () => serve('api', ['migrate']),
  'rotate-keys': () => serve('worker', ['rotate-keys']),
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
try {
  if (!command) {
    throw new Error(USAGE);
  }
  process.exitCode = await command(args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
