/** How the suite runs: what is missing is installed once, then two files at a time; each starts its own servers. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Bounds for what hangs, not for what is slow: a busy machine takes many times what it takes alone.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    allowOnly: false,
    globalSetup: ['test/support/global-setup.ts'],
  },
});
