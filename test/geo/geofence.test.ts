/** Arriving and leaving are each said once, whatever a phone reports of its position. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatLng } from '../../src/geo/distance.ts';
import { type FenceEvent, type FenceFix, type FenceState, fenceAround, NEW_FENCE_STATE, stepFence } from '../../src/geo/geofence.ts';

const centre: LatLng = { lat: -26.2485, lng: 27.854 };
const fence = fenceAround(centre);
const METRE = 1 / 111_195.08;

/** A fix so many metres north of the centre. */
function fix(second: number, metres: number, more: Partial<FenceFix> = {}): FenceFix {
  return { lat: centre.lat + metres * METRE, lng: centre.lng, atMs: second * 1_000, accuracyM: 5, speedMps: null, ...more };
}

/** @returns [second, event] for each event. */
function run(fixes: readonly FenceFix[], from: FenceState = NEW_FENCE_STATE): [number, FenceEvent][] {
  let state = from;
  const events: [number, FenceEvent][] = [];
  for (const one of fixes) {
    const step = stepFence(fence, state, one);
    state = step.state;
    if (step.event !== null) events.push([one.atMs / 1_000, step.event]);
  }
  return events;
}

const arrived: FenceState = stepFence(fence, stepFence(fence, NEW_FENCE_STATE, fix(0, 10)).state, fix(5, 10)).state;

describe('the arrival fence', () => {
  it.each([
    ['the second fix inside, not the first', [fix(0, 300), fix(5, 200), fix(10, 40), fix(15, 30), fix(20, 20)], [[15, 'arrived']]],
    ['a driver who appears inside, without a fix outside before', [fix(0, 20), fix(5, 20)], [[5, 'arrived']]],
    ['not with a fix outside in between', [fix(0, 40), fix(5, 55), fix(10, 40), fix(15, 55)], []],
    ['exactly on the circle', [fix(0, 49.99), fix(5, 49.99)], [[5, 'arrived']]],
    ['once, however long the stay', Array.from({ length: 50 }, (_, i) => fix(i * 5, i % 30)), [[5, 'arrived']]],
  ] as [string, FenceFix[], [number, FenceEvent][]][])('says arrived on %s', (_name, fixes, expected) => {
    expect(run(fixes)).toEqual(expected);
  });

  it.each([1, 2, 4])('passing at 20 m/s with a fix every %d s is no arrival, but a crossing', (everyS) => {
    const fixes = Array.from({ length: 60 / everyS }, (_, i) => fix(i * everyS, -600 + i * everyS * 20));
    expect(run(fixes).map(([, event]) => event)).toEqual(['crossed']);
    expect(run(fixes.map((one) => ({ ...one, speedMps: 20 }))).map(([, event]) => event)).toEqual(['crossed']);
  });

  it.each([
    ['slow, 10 s after the last', [fix(0, 150, { speedMps: 13 }), fix(10, 20, { speedMps: 2 })], [[10, 'arrived']]],
    ['slow, where one comes every second', [fix(9, 52, { speedMps: 5 }), fix(10, 43, { speedMps: 4 })], []],
    ['of riding speed', [fix(0, 150, { speedMps: 13 }), fix(10, 20, { speedMps: 8 })], []],
    ['perhaps outside', [fix(0, 150, { speedMps: 13 }), fix(10, 40, { speedMps: 2, accuracyM: 15 })], []],
    ['of a phone that always says 0, and rides on', [fix(0, 150, { speedMps: 0 }), fix(10, -20, { speedMps: 0 })], []],
    ['of a phone that says nothing', [fix(0, 150), fix(10, 20)], []],
    ['the first of all', [fix(10, 20, { speedMps: 0 })], []],
    ['the first after a gap', [fix(0, 150, { speedMps: 13 }), fix(61, 20, { speedMps: 0 })], []],
  ] as [string, FenceFix[], [number, FenceEvent][]][])('a single fix inside that is %s', (_name, fixes, expected) => {
    expect(run(fixes)).toEqual(expected);
  });

  it('passing between two fixes is a crossing, unless they are minutes apart', () => {
    expect(run([fix(0, -150), fix(15, 150)])).toEqual([[15, 'crossed']]);
    expect(run([fix(0, -150), fix(120, 150)])).toEqual([]);
  });

  it('creeping in traffic through the middle for 15 s is a stay', () => {
    expect(run(Array.from({ length: 30 }, (_, i) => fix(i, -45 + i * 5.5, { speedMps: 5.5 }))).map(([, event]) => event)).toContain(
      'arrived',
    );
  });

  it.each([
    ['drift between 50 and 100 m', Array.from({ length: 100 }, (_, i) => fix(10 + i * 5, 60 + (i % 5) * 9))],
    ['single fixes out to 150 m', Array.from({ length: 100 }, (_, i) => fix(10 + i * 5, i % 2 === 0 ? 150 : 70))],
    ['a jump of kilometres and back', [fix(10, 20), fix(15, 5_000), fix(20, 20), fix(25, 10)]],
  ])('does not say left on %s', (_name, fixes) => {
    expect(run(fixes, arrived)).toEqual([]);
  });

  it('says left on the second fix beyond 100 m, and arrived again after a return', () => {
    expect(run([fix(10, 80), fix(15, 101), fix(20, 120), fix(25, 300), fix(30, 30), fix(40, 20)], arrived)).toEqual([
      [20, 'left'],
      [40, 'arrived'],
    ]);
  });

  it.each([
    ['inaccurate', { accuracyM: 51 }],
    ['late', { atMs: 1_000 }],
    ['not a position', { lat: Number.NaN }],
    ['at no instant', { atMs: Number.NaN }],
  ])('a fix that is %s is as if it had not been', (_name, wrong) => {
    for (const metres of [10, 70, 500]) expect(stepFence(fence, arrived, fix(10, metres, wrong)).state).toBe(arrived);
  });

  it('an accuracy of zero or less is unknown, not perfect; unknown is good enough', () => {
    for (const accuracyM of [null, 0, -1]) expect(run([fix(0, 10, { accuracyM }), fix(5, 10, { accuracyM })])).toEqual([[5, 'arrived']]);
  });

  it('arrived and left alternate, beginning with arrived, for any fixes; crossed comes only outside', () => {
    const any = fc.array(fc.tuple(fc.integer({ min: -2, max: 30 }), fc.integer({ min: -400, max: 400 }), fc.integer({ min: -5, max: 80 })));
    fc.assert(
      fc.property(any, (steps) => {
        let second = 0;
        const events = run(
          steps.map(([gap, metres, accuracyM]) => {
            second += gap;
            return fix(second, metres, { accuracyM });
          }),
        );
        let inside = false;
        for (const [, event] of events) {
          expect(inside).toBe(event === 'left');
          if (event !== 'crossed') inside = event === 'arrived';
        }
      }),
    );
  });
});
