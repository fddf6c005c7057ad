/** A driver is off the route only after leaving it for long enough, and never because of one bad fix or near a stop. */
import { describe, expect, it } from 'vitest';
import type { LatLng } from '../../src/geo/distance.ts';
import { distanceToPolylineM, distanceToSegmentM, nearestOnPolyline, polylineLengthM } from '../../src/geo/polyline.ts';
import { type DeviationEvent, ON_ROUTE, type PlannedRoute, type RouteFix, stepDeviation } from '../../src/geo/route-deviation.ts';

const METRE = 1 / 111_195.08;
/** Metres east and north of a place on the equator in Kenya. */
const at = (east: number, north: number): LatLng => ({ lat: north * METRE, lng: 37 + east * METRE });

describe('distance to a line', () => {
  it.each([
    ['beside the middle', at(500, 80), 80],
    ['before the start', at(-30, -40), 50],
    ['past the end', at(1_003, 4), 5],
    ['on it', at(250, 0), 0],
  ])('%s', (_name, point, metres) => {
    expect(distanceToSegmentM(point, at(0, 0), at(1_000, 0))).toBeCloseTo(metres, 1);
    expect(distanceToPolylineM(point, [at(0, 0), at(400, 0), at(1_000, 0)])).toBeCloseTo(metres, 1);
  });

  it('works across the date line, and with both ends the same', () => {
    const from = { lat: 0, lng: 179.999 };
    const to = { lat: 0, lng: -179.999 };
    expect(distanceToSegmentM({ lat: 50 * METRE, lng: 180 }, from, to)).toBeCloseTo(50, 1);
    expect(distanceToSegmentM({ lat: 50 * METRE, lng: -180 }, from, to)).toBeCloseTo(50, 1);
    expect(distanceToSegmentM(at(3, 4), at(0, 0), at(0, 0))).toBeCloseTo(5, 1);
  });

  it('says where along the line: segment and metres from its start', () => {
    const line = [at(0, 0), at(300, 0), at(300, 400)];
    const found = nearestOnPolyline(at(310, 100), line);
    expect(found?.segment).toBe(1);
    expect(found?.alongM).toBeCloseTo(400, 0);
    expect(polylineLengthM(line)).toBeCloseTo(700, 0);
  });

  it('an empty line is infinitely far, has no length and no nearest point; a line of one is its vertex', () => {
    expect([distanceToPolylineM(at(0, 0), []), polylineLengthM([]), nearestOnPolyline(at(0, 0), [])]).toEqual([
      Number.POSITIVE_INFINITY,
      0,
      null,
    ]);
    expect(distanceToPolylineM(at(3, 4), [at(0, 0)])).toBeCloseTo(5, 1);
  });
});

describe('route deviation', () => {
  const route: PlannedRoute = { line: [at(0, 0), at(5_000, 0)], stops: [at(0, 0), at(5_000, 0)] };

  /** Fixes 10 s apart in the middle of the route, so many metres beside it. */
  function run(offsets: readonly number[], more: Partial<RouteFix> = {}, planned = route): [number, DeviationEvent][] {
    let state = ON_ROUTE;
    const events: [number, DeviationEvent][] = [];
    offsets.forEach((metres, i) => {
      const step = stepDeviation(planned, state, { ...at(1_000 + i * 50, metres), atMs: i * 10_000, accuracyM: 10, ...more });
      state = step.state;
      if (step.event !== null) events.push([i, step.event]);
    });
    return events;
  }

  it.each([
    ['the third fix in a row beyond 100 m', [0, 101, 150, 200, 300], [[3, 'deviated']]],
    ['not on two and one back', [150, 150, 90, 150, 150, 99], []],
    ['not on 100 m', [99.9, 99.9, 99.9, 99.9], []],
    [
      'and back on the third within 60 m',
      [150, 150, 150, 80, 80, 80, 59, 59, 59],
      [
        [2, 'deviated'],
        [8, 'returned'],
      ],
    ],
    ['between 60 and 100 m nothing changes', [150, 150, 150, 59, 59, 70, 59, 59, 70], [[2, 'deviated']]],
  ] as [string, number[], [number, DeviationEvent][]][])('is told on %s', (_name, offsets, expected) => {
    expect(run(offsets)).toEqual(expected);
  });

  it.each([
    ['inaccurate', { accuracyM: 51 }],
    ['all of one instant', { atMs: 5 }],
    ['not positions', { lat: Number.NaN }],
  ])('is not told from fixes that are %s', (_name, more) => {
    expect(run([500, 500, 500, 500], more)).toEqual([]);
  });

  it('is suspended within 100 m of a stop, and without a route', () => {
    const stops = Array.from({ length: 6 }, (_, i) => at(1_000 + i * 50, 180));
    expect(run([180, 180, 180, 180], {}, { ...route, stops })).toEqual([]);
    expect(run([500, 500, 500, 500], {}, { line: [at(0, 0)], stops: [] })).toEqual([]);
  });
});
