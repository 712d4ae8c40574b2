import { builtinModules } from 'node:module';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { UserConfig } from 'vite';

const root = resolve(import.meta.dirname, '..');

/** The path aliases of tsconfig.base.json, so that they stand in one place only. */
function aliases(): { find: RegExp; replacement: string }[] {
  const { compilerOptions } = JSON.parse(readFileSync(resolve(root, 'tsconfig.base.json'), 'utf8'));
  return Object.entries<string[]>(compilerOptions.paths).map(([name, [file = '']]) => ({
    find: new RegExp(`^${name}$`),
    replacement: resolve(root, file),
  }));
}

/** What builds and tests of everything that runs on Node share. */
export const nodeConfig = {
  resolve: { alias: aliases() },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
} satisfies UserConfig;

/** Builds `apps/<name>/src/main.ts` into one file with its dependencies left outside. */
export function nodeApp(name: string): UserConfig {
  return {
    ...nodeConfig,
    root: resolve(root, 'apps', name),
    cacheDir: resolve(root, 'node_modules/.vite', name),
    build: {
      ssr: true,
      target: 'node24',
      outDir: resolve(root, 'dist/apps', name),
      emptyOutDir: true,
      sourcemap: true,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: resolve(root, 'apps', name, 'src/main.ts'),
        output: { format: 'es', entryFileNames: 'main.js' },
        external: [...builtinModules],
      },
    },
  };
}
