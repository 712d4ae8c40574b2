import { basename, join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../..');

/** Builds a file of this folder into a program that Node can run on its own. Returns the program's path. */
export async function buildProgram(file: string): Promise<string> {
  const outDir = join(root, 'node_modules/.vite', basename(file, '.ts'));
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'error',
    resolve: { tsconfigPaths: true },
    build: {
      ssr: true,
      target: 'node24',
      outDir,
      emptyOutDir: true,
      rolldownOptions: {
        input: join(import.meta.dirname, file),
        output: { entryFileNames: 'main.js' },
      },
    },
  });
  return join(outDir, 'main.js');
}
