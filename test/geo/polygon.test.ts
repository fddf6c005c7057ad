/** Every place belongs to the zone that it lies in: with holes, across the date line, and along common edges to exactly one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatLng } from '../../src/geo/distance.ts';
import { makePolygon, type Polygon, polygonContains } from '../../src/geo/polygon.ts';

const ring = (...points: readonly (readonly [number, number])[]): LatLng[] => points.map(([lat, lng]) => ({ lat, lng }));
const square = ring([0, 0], [0, 10], [10, 10], [10, 0]);

function made(...rings: LatLng[][]): Polygon {
  const result = makePolygon(rings);
  if (!result.ok) throw new Error(result.fault);
  return result.polygon;
}

describe('a zone', () => {
  it.each([
    ['open', square],
    ['closed', [...square, square[0]!]],
    ['clockwise', square.toReversed()],
    ['with vertices said twice', square.flatMap((one) => [one, one])],
  ])('may be drawn %s', (_name, outer) => {
    const zone = made(outer);
    expect(zone.outer.lats.length).toBe(4);
    expect(polygonContains(zone, { lat: 5, lng: 5 })).toBe(true);
    expect(polygonContains(zone, { lat: 5, lng: 11 })).toBe(false);
    expect(polygonContains(zone, { lat: -0.1, lng: 5 })).toBe(false);
    expect(polygonContains(zone, { lat: Number.NaN, lng: 5 })).toBe(false);
  });

  it('may have holes, in either direction', () => {
    const hole = ring([4, 4], [6, 4], [6, 6], [4, 6]);
    for (const inner of [hole, hole.toReversed()]) {
      const zone = made(square, inner);
      expect(polygonContains(zone, { lat: 5, lng: 5 })).toBe(false);
      expect(polygonContains(zone, { lat: 3, lng: 5 })).toBe(true);
    }
  });

  it('may lie across the date line, with its holes', () => {
    const outer = ring([-20, 175], [-20, -175], [-10, -175], [-10, 175]);
    const hole = ring([-16, -179], [-14, -179], [-14, -178], [-16, -178]);
    for (const zone of [made(outer, hole), made(outer.toReversed(), hole), made([...outer.slice(1), outer[0]!], hole)]) {
      for (const lng of [176, 179.99, 180, -180, -179.99, -176])
        expect([lng, polygonContains(zone, { lat: -12, lng })]).toEqual([lng, true]);
      for (const lng of [174, -174, 0]) expect(polygonContains(zone, { lat: -15, lng })).toBe(false);
      expect(polygonContains(zone, { lat: -15, lng: -178.5 })).toBe(false);
    }
  });

  it.each([
    ['no rings', [], 'no_rings', 0],
    ['two vertices', [ring([0, 0], [1, 1])], 'too_few_vertices', 0],
    ['one vertex many times', [ring([1, 1], [1, 1], [1, 1], [1, 1])], 'too_few_vertices', 0],
    ['a bow tie', [ring([0, 0], [10, 10], [10, 0], [0, 10])], 'self_intersecting', 0],
    ['a spike', [ring([0, 0], [0, 10], [5, 10], [5, 20], [5, 10], [10, 10], [10, 0])], 'self_intersecting', 0],
    ['a line', [ring([0, 0], [5, 5], [10, 10])], 'self_intersecting', 0],
    ['a vertex on another edge', [ring([0, 0], [0, 10], [10, 10], [0, 5], [10, 0])], 'self_intersecting', 0],
    ['NaN', [ring([0, 0], [0, Number.NaN], [10, 10])], 'invalid_vertex', 0],
    ['latitude 91', [ring([0, 0], [91, 10], [10, 10])], 'invalid_vertex', 0],
    ['a ring around the pole', [ring([80, 0], [80, 90], [80, 180], [80, -90])], 'encloses_pole', 0],
    ['a closed ring around the pole', [ring([80, 0], [80, 90], [80, 180], [80, -90], [80, 0])], 'encloses_pole', 0],
    ['a hole outside', [square, ring([20, 20], [21, 20], [21, 21])], 'hole_not_inside', 1],
    ['a hole over the edge', [square, ring([5, 5], [5, 15], [6, 15])], 'hole_not_inside', 1],
    ['two holes that cross', [square, ring([2, 2], [2, 5], [5, 5]), ring([3, 3], [3, 6], [6, 6])], 'holes_overlap', 2],
    ['a hole in a hole', [square, ring([2, 2], [2, 8], [8, 8], [8, 2]), ring([4, 4], [4, 5], [5, 5])], 'holes_overlap', 2],
    ['100,000 vertices', [Array.from({ length: 100_000 }, () => ({ lat: 0, lng: 0 }))], 'too_many_vertices', 0],
  ])('is refused for %s', (_name, rings, fault, index) => {
    expect(makePolygon(rings)).toEqual({ ok: false, fault, ring: index });
  });

  it('and its neighbour share no point of their common edge and leave none out', () => {
    const [west, east] = [made(ring([0, 0], [0, 5], [7, 6], [10, 5], [10, 0])), made(ring([0, 5], [0, 10], [10, 10], [10, 5], [7, 6]))];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (tenth) => {
        const lat = tenth / 10;
        const lng = lat <= 7 ? 5 + lat / 7 : 5 + (10 - lat) / 3;
        const point = { lat, lng };
        expect(polygonContains(west, point) !== polygonContains(east, point)).toBe(true);
      }),
    );
  });

  it('shaped like a star holds exactly what lies within its radius in each direction', () => {
    const radii = fc.array(fc.double({ min: 1, max: 5, noNaN: true }), { minLength: 5, maxLength: 40 });
    const direction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(radii, direction, fc.double({ min: 0, max: 6, noNaN: true }), fc.constantFrom(0, 179.9, -178), (rs, turn, r, lng0) => {
        const wrap = (lng: number): number => (lng > 180 ? lng - 360 : lng < -180 ? lng + 360 : lng);
        const place = (angle: number, radius: number): LatLng => ({
          lat: radius * Math.sin(angle),
          lng: wrap(lng0 + radius * Math.cos(angle)),
        });
        const zone = made(rs.map((radius, i) => place((2 * Math.PI * i) / rs.length, radius)));
        // The edge between two spokes, in polar form.
        const i = Math.min(rs.length - 1, Math.floor(turn * rs.length));
        const [a, b, wedge] = [rs[i]!, rs[(i + 1) % rs.length]!, (2 * Math.PI) / rs.length];
        const inWedge = turn * 2 * Math.PI - i * wedge;
        const edge = (a * b * Math.sin(wedge)) / (a * Math.sin(inWedge) + b * Math.sin(wedge - inWedge));
        fc.pre(Math.abs(edge - r) > 1e-6);
        expect(polygonContains(zone, place(turn * 2 * Math.PI, r))).toBe(r < edge);
      }),
      { numRuns: 300 },
    );
  });
});
