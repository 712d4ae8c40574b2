import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { nodeConfig } from '../libs/vite.node.mts';

const root = import.meta.dirname;
/** Name of the report, so that two runs at once write one each. */
const report = process.env['DIAKEN_TEST_REPORT'] ?? 'system';
const MINUTES = 60_000;
const shared = { ...nodeConfig, root, cacheDir: resolve(root, '../node_modules/.vite/system') };
const limits = { testTimeout: 3 * MINUTES, hookTimeout: 5 * MINUTES, teardownTimeout: MINUTES };

/** Tests against real parts. Build first: they run the programs in dist. */
export default defineConfig({
  ...shared,
  test: {
    ...limits,
    reporters: [
      'default',
      ['json', { outputFile: resolve(root, `../dist/test-results/${report}.json`) }],
    ],
    fileParallelism: false,
    pool: 'forks',
    projects: [
      {
        ...shared,
        test: {
          ...limits,
          name: 'parts',
          include: ['integration/*.spec.ts', 'lab/src/**/*.spec.ts', 'boundaries/*.spec.ts'],
        },
      },
      {
        ...shared,
        test: {
          ...limits,
          name: 'system',
          include: ['integration/system/*.spec.ts', 'e2e/*.spec.ts'],
          globalSetup: [resolve(root, 'support/global-setup.ts')],
        },
      },
      {
        ...shared,
        test: {
          ...limits,
          name: 'faults',
          include: ['faults/*.spec.ts'],
        },
      },
    ],
  },
});
