/** What holds for every sequence of fixes, however wild. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GpsFilter } from '../../../src/geo/gps/filter.ts';
import type { Fix } from '../../../src/geo/gps/fix.ts';
import { RECENT_MAX } from '../../../src/geo/gps/state.ts';

const START = Date.UTC(2026, 10, 21, 9);
const wildNumber = fc.oneof(fc.double(), fc.constantFrom(0, -0, 90, -90, 180, -180, Number.NaN));
const near = (centre: number, spread: number) => fc.double({ min: centre - spread, max: centre + spread, noNaN: true });
const optional = fc.option(fc.oneof(fc.double({ min: -1, max: 400, noNaN: true }), wildNumber), { nil: null });

const step = fc.record({
  waitMs: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 7_200_000 }) },
  ),
  lagMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -2_000, max: 2_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: -10_000_000, max: 800_000_000 }) },
    { weight: 1, arbitrary: fc.double() },
  ),
  lat: fc.oneof({ weight: 8, arbitrary: near(-26.25, 0.001) }, { weight: 1, arbitrary: near(0, 90) }, { weight: 1, arbitrary: wildNumber }),
  lng: fc.oneof({ weight: 8, arbitrary: near(27.85, 0.001) }, { weight: 1, arbitrary: near(0, 180) }, { weight: 1, arbitrary: wildNumber }),
  accuracyM: fc.oneof(fc.double({ min: 3, max: 120, noNaN: true }), optional),
  speedMps: fc.option(fc.double({ min: 0, max: 60, noNaN: true }), { nil: null }),
  headingDeg: fc.option(fc.double({ min: 0, max: 359.9, noNaN: true }), { nil: null }),
  device: fc.integer({ min: 0, max: 6 }),
});

it('every fix gets a verdict; positions are places, never ahead of the server and never older than the one before; a fence is published; memory is bounded', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const filter = new GpsFilter();
      let nowMs = START;
      let lastMs = 0;
      for (const { waitMs, lagMs, device, ...rest } of steps) {
        nowMs += waitMs;
        const fix: Fix = { ...rest, atMs: nowMs - lagMs };
        const verdict = filter.accept(fix, { deviceId: `d${device}`, sessionSinceMs: START + device }, nowMs);
        if (verdict.kind === 'accepted' || verdict.kind === 'history') {
          const { position } = verdict;
          expect(Math.abs(position.lat)).toBeLessThanOrEqual(90);
          expect(Math.abs(position.lng)).toBeLessThanOrEqual(180);
          expect(position.atMs).toBeLessThanOrEqual(nowMs);
          expect(position.accuracyM).toBeGreaterThan(0);
          expect(position.speedMps).toBeGreaterThanOrEqual(0);
        }
        if (verdict.kind !== 'accepted') continue;
        expect(verdict.position.atMs).toBeGreaterThanOrEqual(lastMs);
        expect(nowMs - verdict.position.atMs).toBeLessThanOrEqual(60_000);
        expect(verdict.publish || !verdict.fence).toBe(true);
        lastMs = verdict.position.atMs;
      }
      expect(filter.state.devices.length).toBeLessThanOrEqual(4);
      expect(filter.state.recent.length).toBeLessThanOrEqual(RECENT_MAX);
    }),
    { numRuns: 300 },
  );
});
