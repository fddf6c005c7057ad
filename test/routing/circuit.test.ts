/** The circuit before a service. Only the clocks are virtual: sockets and timers are real. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeOsrm, reply, say } from './fake-services.ts';
import { AT_MS, CBD, type Harness, routingFor, started, WESTLANDS } from './harness.ts';

const OPEN_MS = 10_000;
const DAY_MS = 86_400_000;
const circuit = { failures: 2, openMs: OPEN_MS };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: AT_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

async function sourceNow({ routing }: Harness): Promise<string> {
  return (await routing.table([WESTLANDS], [CBD], 'car', AT_MS)).legs[0]![0]!.source;
}

test('after failures in a row a service is left alone, tried once after a while, and used again when it is well', async () => {
  const fake = await started(fakeOsrm());
  const harness = routingFor({ kind: 'osrm', url: fake.url }, { circuit });
  fake.behave(say(503, 'busy'));
  expect(await sourceNow(harness)).toBe('model');
  expect(harness.circuit()).toEqual([]);
  expect(await sourceNow(harness)).toBe('model');
  expect(harness.circuit()).toEqual(['open']);

  fake.behave(reply);
  expect(await sourceNow(harness)).toBe('model');
  expect(fake.seen).toHaveLength(2);
  expect(harness.fallbacks()).toEqual(['server_error x 1', 'server_error x 1', 'circuit_open x 1']);

  vi.advanceTimersByTime(OPEN_MS);
  expect(await sourceNow(harness)).toBe('osrm');
  expect(harness.circuit()).toEqual(['open', 'half_open', 'closed']);
  expect(await sourceNow(harness)).toBe('osrm');
});

test('the circuit stays open as long as it should, whatever the clock is set to meanwhile', async () => {
  const fake = await started(fakeOsrm());
  const harness = routingFor({ kind: 'osrm', url: fake.url }, { circuit });
  fake.behave(say(503, 'busy'));
  await sourceNow(harness);
  await sourceNow(harness);
  fake.behave(reply);
  vi.setSystemTime(AT_MS + DAY_MS);
  expect(await sourceNow(harness)).toBe('model');
  vi.setSystemTime(AT_MS - DAY_MS);
  vi.advanceTimersByTime(OPEN_MS);
  expect(await sourceNow(harness)).toBe('osrm');
});

test('a try that fails opens the circuit for the same while again', async () => {
  const fake = await started(fakeOsrm());
  const harness = routingFor({ kind: 'osrm', url: fake.url }, { circuit });
  fake.behave(say(200, '<html>'));
  await sourceNow(harness);
  await sourceNow(harness);
  vi.advanceTimersByTime(OPEN_MS);
  await sourceNow(harness);
  expect(harness.circuit()).toEqual(['open', 'half_open', 'open']);
  vi.advanceTimersByTime(OPEN_MS - 1);
  await sourceNow(harness);
  expect(fake.seen).toHaveLength(3);
});

test('failures with a success between them open nothing', async () => {
  const fake = await started(fakeOsrm());
  const harness = routingFor({ kind: 'osrm', url: fake.url }, { circuit });
  for (let i = 0; i < 3; i++) {
    fake.behave(say(500, ''));
    expect(await sourceNow(harness)).toBe('model');
    fake.behave(reply);
    expect(await sourceNow(harness)).toBe('osrm');
  }
  expect(harness.circuit()).toEqual([]);
});

test('each call tells its outcome and how long it took', async () => {
  const fake = await started(fakeOsrm());
  const harness = routingFor({ kind: 'osrm', url: fake.url });
  await sourceNow(harness);
  await harness.routing.route([WESTLANDS, CBD], 'car', AT_MS);
  expect(harness.events).toEqual([
    { type: 'call', source: 'osrm', operation: 'table', outcome: 'ok', latencyMs: expect.any(Number) },
    { type: 'call', source: 'osrm', operation: 'route', outcome: 'ok', latencyMs: expect.any(Number) },
  ]);
});
