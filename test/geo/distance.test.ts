/** Distances and bearings agree with published values anywhere on the globe. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceM } from '../../src/geo/distance.ts';

const position = fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lng: fc.double({ min: -180, max: 180, noNaN: true }) });

describe('distance on the globe', () => {
  // One degree of a great circle is 6,371,008.8 m x pi / 180 = 111,195.08 m; the cities are published figures.
  it.each([
    ['the same place', { lat: -26.2485, lng: 27.854 }, { lat: -26.2485, lng: 27.854 }, 0, 0],
    ['one degree north', { lat: 0, lng: 0 }, { lat: 1, lng: 0 }, 111_195, 1],
    ['one degree east on the equator', { lat: 0, lng: 0 }, { lat: 0, lng: 1 }, 111_195, 1],
    ['one degree east at 60 degrees, half as far', { lat: 60, lng: 0 }, { lat: 60, lng: 1 }, 55_597, 10],
    ['across the date line', { lat: 0, lng: 179.5 }, { lat: 0, lng: -179.5 }, 111_195, 1],
    ['pole to pole', { lat: 90, lng: 0 }, { lat: -90, lng: 77 }, 20_015_115, 1],
    ['Johannesburg to Cape Town', { lat: -26.2041, lng: 28.0473 }, { lat: -33.9249, lng: 18.4241 }, 1_262_000, 5_000],
  ])('%s', (_name, a, b, expectedM, toleranceM) => {
    expect(Math.abs(distanceM(a, b) - expectedM)).toBeLessThanOrEqual(toleranceM);
  });

  it('is the same both ways, never negative, never beyond half the globe', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const metres = distanceM(a, b);
        expect(metres).toBeGreaterThanOrEqual(0);
        expect(metres).toBeLessThanOrEqual(20_015_116);
        expect(Math.abs(metres - distanceM(b, a))).toBeLessThan(0.01);
      }),
      { numRuns: 200 },
    );
  });
});
