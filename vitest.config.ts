/** How the suite runs: what is missing is installed once, then two files at a time; each starts its own servers. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    allowOnly: false,
    globalSetup: ['test/support/global-setup.ts'],
  },
});
