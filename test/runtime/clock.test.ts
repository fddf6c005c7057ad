/** The system clock: delays that Node's own timers cannot hold, and a time that nobody sets. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a timer of sixty days runs after sixty days, not sooner', () => {
  let ran = 0;
  systemClock.after(60 * DAY_MS, () => ran++);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(ran).toBe(0);
  vi.advanceTimersByTime(1);
  expect(ran).toBe(1);
});

it('a timer of sixty days can be cancelled in each of its steps', () => {
  let ran = 0;
  const early = systemClock.after(60 * DAY_MS, () => ran++);
  const late = systemClock.after(60 * DAY_MS, () => ran++);
  early();
  vi.advanceTimersByTime(30 * DAY_MS);
  late();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(ran).toBe(0);
});

it('the monotonic time goes on where it was when the clock is set', () => {
  const startMs = systemClock.monotonicMs();
  vi.setSystemTime(0);
  vi.advanceTimersByTime(1_000);
  expect(systemClock.nowMs()).toBe(1_000);
  expect(systemClock.monotonicMs() - startMs).toBeCloseTo(1_000);
});
