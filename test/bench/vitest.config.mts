import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { nodeConfig } from '../../libs/vite.node.mts';

const root = import.meta.dirname;
const MINUTES = 60_000;

/** Measures the built programs. A bound that is not met fails a test, and so the command. */
export default defineConfig({
  ...nodeConfig,
  root,
  cacheDir: resolve(root, '../../node_modules/.vite/bench'),
  test: {
    include: ['**/*.spec.ts'],
    fileParallelism: false, // each has the machine for itself
    pool: 'forks',
    reporters: ['default'],
    disableConsoleIntercept: true,
    testTimeout: 5 * MINUTES,
    hookTimeout: 5 * MINUTES,
    teardownTimeout: MINUTES,
  },
});
