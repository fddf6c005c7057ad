/** Which way is best, against the published weights. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestFirst, type RouteFeatures, scoreRoutes } from '../../src/transport/routing/route-score.ts';

const WAY: RouteFeatures = { distanceM: 5_000, durationS: 900, trafficDelayS: 90, unsafeShare: 0.1, costMinor: 4_000 };
const feature = fc.record({
  distanceM: fc.integer({ min: 1, max: 100_000 }),
  durationS: fc.integer({ min: 1, max: 10_000 }),
  trafficDelayS: fc.integer({ min: 0, max: 1_000 }),
  unsafeShare: fc.double({ min: 0, max: 1, noNaN: true }),
  costMinor: fc.integer({ min: 1, max: 100_000 }),
});

describe('route scores', () => {
  test('the weights are distance .2, duration .4, traffic .2, safety .15, cost .05', () => {
    const ideal: RouteFeatures = { distanceM: 1, durationS: 1, trafficDelayS: 0, unsafeShare: 0, costMinor: 1 };
    const lose = (worse: Partial<RouteFeatures>): number => 1 - (scoreRoutes([ideal, { ...ideal, ...worse }])[1] as number);
    // So much worse that the criterion counts next to nothing.
    const FAR = 1e12;
    expect(lose({ distanceM: FAR })).toBeCloseTo(0.2, 9);
    expect(lose({ durationS: FAR })).toBeCloseTo(0.4, 9);
    expect(lose({ trafficDelayS: FAR })).toBeCloseTo(0.2, 9);
    expect(lose({ unsafeShare: 1 })).toBeCloseTo(0.15, 9);
    expect(lose({ costMinor: FAR })).toBeCloseTo(0.05, 9);
  });

  test('half the speed costs half the weight of duration', () => {
    const [, slow] = scoreRoutes([WAY, { ...WAY, durationS: 1_800, trafficDelayS: 180 }]);
    const [way] = scoreRoutes([WAY]);
    expect((way as number) - (slow as number)).toBeCloseTo(0.2, 9);
  });

  test('a criterion that is unknown for one decides nothing', () => {
    const free = { ...WAY, costMinor: 1 };
    const unknown = { ...WAY, costMinor: null };
    const [a, b] = scoreRoutes([free, unknown]);
    expect(a).toBe(b);
  });

  test('what is NaN or below 0 gains nothing', () => {
    const [good, bad, worse] = scoreRoutes([WAY, { ...WAY, durationS: Number.NaN }, { ...WAY, distanceM: -1 }]);
    expect(bad).toBeLessThan(good as number);
    expect(worse).toBeLessThan(good as number);
  });

  test('no options, no scores; equal options keep their order', () => {
    expect(scoreRoutes([])).toEqual([]);
    const twins = [
      { ...WAY, name: 'first' },
      { ...WAY, name: 'second' },
    ];
    expect(bestFirst(twins).map(({ name }) => name)).toEqual(['first', 'second']);
  });

  test('a score is from 0 to 1, and being worse in one thing and better in none never scores higher', () => {
    fc.assert(
      fc.property(fc.array(feature, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (options, more) => {
        const first = options[0] as RouteFeatures;
        const worse = { ...first, distanceM: first.distanceM * more, costMinor: (first.costMinor as number) + more };
        const scores = scoreRoutes([...options, worse]);
        for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
        expect(scores.at(-1)).toBeLessThanOrEqual((scores[0] as number) + 1e-12);
      }),
    );
  });
});
