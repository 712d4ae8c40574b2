import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { nodeConfig } from './vite.node.mts';

/** Unit tests of one Node project: `DIAKEN_PROJECT=libs/pipeline vitest run --config libs/vitest.config.mts`. */
const project = process.env['DIAKEN_PROJECT'] ?? 'libs';

export default defineConfig({
  ...nodeConfig,
  root: resolve(import.meta.dirname, '..', project),
  cacheDir: resolve(import.meta.dirname, '../node_modules/.vite/unit', project),
  test: {
    environment: 'node',
    include: ['src/**/*.spec.ts'],
    pool: 'threads',
    // Files share nothing but modules, and loading those is most of the time.
    isolate: false,
    passWithNoTests: true,
    reporters: [
      'default',
      [
        'json',
        {
          outputFile: resolve(
            import.meta.dirname,
            '../dist/test-results',
            `${project.replace('/', '-')}.json`,
          ),
        },
      ],
    ],
  },
});
