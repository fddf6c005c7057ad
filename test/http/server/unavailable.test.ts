/** What a caller hears while storage is away. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.ts';
import { json } from '../../../src/transport/http/message.ts';
import { HttpApp } from '../../../src/transport/http/server/app.ts';

const running: HttpApp[] = [];
afterEach(() => {
  for (const app of running.splice(0)) app.abandon();
});

function start(defects: unknown[], setUp: (app: HttpApp) => void): string {
  const app = new HttpApp({
    maxInFlight: 10,
    bodyMaxBytes: 1024,
    bodyTimeoutMs: 1000,
    requestTimeoutMs: 1000,
    nowMs: Date.now,
    monotonicMs: systemClock.monotonicMs,
    onDefect: (error) => defects.push(error),
    isOutage: (error) => error instanceof Error && error.message === 'away',
  });
  running.push(app);
  setUp(app);
  return `http://127.0.0.1:${app.listen('127.0.0.1', 0)}`;
}

test('storage that is away is 503 with a code and Retry-After on any route, and no defect; anything else thrown is one', async () => {
  const defects: unknown[] = [];
  const base = start(defects, (app) =>
    app
      .route('GET', '/away', () => Promise.reject(new Error('away')))
      .route('GET', '/broken', () => Promise.reject(new TypeError('broken'))),
  );
  const away = await fetch(`${base}/away`);
  expect([away.status, away.headers.get('retry-after'), ((await away.json()) as { code: string }).code]).toEqual([
    503,
    '1',
    'runtime.unavailable',
  ]);
  expect(defects).toEqual([]);
  expect((await fetch(`${base}/broken`)).status).toBe(500);
  expect(defects).toHaveLength(1);
});

test('every 429 and 503 carries Retry-After, whoever made the reply; a time that was given stays', async () => {
  const base = start([], (app) =>
    app
      .route('GET', '/a', () => json(503, { ready: false }))
      .route('GET', '/b', () => json(429, {}))
      .route('GET', '/c', () => ({ status: 503, headers: { 'retry-after': '7' } }))
      .route('GET', '/d', () => json(200, {})),
  );
  const told = async (path: string) => (await fetch(base + path)).headers.get('retry-after');
  expect([await told('/a'), await told('/b'), await told('/c'), await told('/d')]).toEqual(['1', '1', '7', null]);
});
