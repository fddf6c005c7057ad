/** Asks that nobody answers end in time, whatever others wait for. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Asks } from '../../src/runtime/thread/asks.ts';

/** When an ask that was opened second is ended by a look each millisecond or so. */
function endedAfterMs(othersTimeoutMs: number, timeoutMs: number): number {
  const asks = new Asks();
  let hasEnded = false;
  asks.open(() => undefined, 0, 0, othersTimeoutMs);
  asks.open(() => (hasEnded = true), 0, 0, timeoutMs);
  const lookMs = Math.max(1, timeoutMs / 64);
  for (let nowMs = 0; ; nowMs += lookMs) {
    asks.expire(nowMs);
    if (hasEnded) return nowMs;
  }
}

it('an ask ends an eighth of its time-out late at most, and never early, however long the one before it may wait', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 2 ** 34, noNaN: true }), fc.integer({ min: 1, max: 600_000 }), (others, timeoutMs) => {
      const endedMs = endedAfterMs(others, timeoutMs);
      expect(endedMs).toBeGreaterThanOrEqual(timeoutMs);
      expect(endedMs).toBeLessThanOrEqual(timeoutMs * (1 + 1 / 8) + Math.max(1, timeoutMs / 64));
    }),
    {
      examples: [
        [16_000, 9_000],
        [2 ** 32 + 5, 5],
        [Number.POSITIVE_INFINITY, 10_000],
      ] as [number, number][],
    },
  );
});
