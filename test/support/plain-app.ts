/** The real HTTP layer with ordinary limits, for tests that put their own routes on it. */
import { systemClock } from '../../src/runtime/clock.ts';
import { type AppOptions, HttpApp } from '../../src/transport/http/server/app.ts';

interface PlainApp {
  readonly app: HttpApp;
  /** Errors that no handler expected; a test that ends with any has found a bug. */
  readonly defects: unknown[];
}

export function plainApp(options: Partial<AppOptions> = {}): PlainApp {
  const defects: unknown[] = [];
  const app = new HttpApp({
    maxInFlight: 100,
    bodyMaxBytes: 1_048_576,
    bodyTimeoutMs: 5_000,
    requestTimeoutMs: 15_000,
    nowMs: () => Date.now(),
    monotonicMs: systemClock.monotonicMs,
    onDefect: (error) => defects.push(error),
    ...options,
  });
  return { app, defects };
}
