/** Route lines read as their providers wrote them, and stay true to their tolerance when they are thinned. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatLng } from '../../src/geo/distance.ts';
import { distanceToPolylineM, nearestOnPolyline, simplifyPolyline } from '../../src/geo/polyline.ts';

const METRE = 1 / 111_195.08;
const at = (east: number, north: number): LatLng => ({ lat: north * METRE, lng: 37 + east * METRE });
const metres = fc.integer({ min: -20_000, max: 20_000 });
const place = fc.tuple(metres, metres).map(([east, north]) => at(east, north));
const lineOf = (minLength: number) => fc.array(place, { minLength, maxLength: 40 });
/** Planes that touch the globe at different points differ by this much, relatively. */
const PLANE = 1.001;

describe('a line with fewer vertices', () => {
  it('keeps its ends and its order, and nothing that was left out is farther away than the tolerance', () => {
    fc.assert(
      fc.property(lineOf(2), fc.integer({ min: 1, max: 5_000 }), (line, toleranceM) => {
        const simple = simplifyPolyline(line, toleranceM, line.length) ?? [];
        expect([simple[0], simple.at(-1)]).toEqual([line[0], line.at(-1)]);
        let found = 0;
        for (const vertex of line) if (vertex === simple[found]) found++;
        expect(found).toBe(simple.length);
        for (const vertex of line) expect(distanceToPolylineM(vertex, simple)).toBeLessThanOrEqual(toleranceM * PLANE);
      }),
    );
  });

  it('is none when too many bends would have to stay, and what stays is never more than allowed', () => {
    const zigzag = Array.from({ length: 101 }, (_, i) => at(i * 100, i % 2 === 0 ? 0 : 200));
    expect(simplifyPolyline(zigzag, 10, 100)).toBeNull();
    expect(simplifyPolyline(zigzag, 10, 101)).toHaveLength(101);
    expect(simplifyPolyline(zigzag, 250, 2)).toEqual([zigzag[0], zigzag[100]]);
  });

  it('is the same line when there is nothing to leave out', () => {
    for (const line of [[], [at(0, 0)], [at(0, 0), at(0, 0)]]) expect(simplifyPolyline(line, 10, 500)).toEqual(line);
    expect(simplifyPolyline([at(0, 0), at(1, 1)], 10, 1)).toBeNull();
  });
});

it('how far a line is does not depend on whether somebody asks where along it', () => {
  fc.assert(
    fc.property(place, lineOf(2), (point, line) => {
      const nearestM = nearestOnPolyline(point, line)?.distanceM ?? Number.NaN;
      expect(Math.abs(distanceToPolylineM(point, line) - nearestM)).toBeLessThanOrEqual(nearestM * (PLANE - 1) + 0.01);
    }),
  );
});
