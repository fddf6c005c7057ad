/** How the suite runs: real servers are started once by the global set-up, two files at a time. */
import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const GLOBAL_SETUP = 'test/support/global-setup.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    allowOnly: false,
    globalSetup: existsSync(GLOBAL_SETUP) ? [GLOBAL_SETUP] : [],
  },
});
