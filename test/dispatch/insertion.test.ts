/** Where a job goes among the stops that a driver has, against an exhaustive search. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestInsertion, type InsertionRules } from '../../src/actors/market/dispatch/insertion.ts';
import type { DriverStop, Job } from '../../src/actors/market/protocol.ts';
import type { Position } from '../../src/actors/tenant/protocol.ts';
import { at, NOW_MS } from './support.ts';

/** A metre takes a second, along north only. */
const RULES: InsertionRules = {
  legS: (from, to) => Math.abs(metres(from) - metres(to)),
  pickupServiceS: 60,
  dropoffServiceS: 40,
  delayWeight: 0.5,
  lateWeight: 1,
  amid: true,
};

function metres({ lat }: Position): number {
  return Math.round((lat - at(0).lat) * 111_195);
}

function stop(orderId: string, kind: DriverStop['kind'], northM: number, dueS: number | null = null, readyS = 0): DriverStop {
  const dueAtMs = dueS === null ? null : NOW_MS + dueS * 1_000;
  return { orderId, kind, position: at(northM), dueAtMs, ...(kind === 'pickup' ? { readyAtMs: NOW_MS + readyS * 1_000 } : {}) };
}

function wanted(pickupM: number, dropoffM: number, promisedS: number | null = null, readyS = 0): Job {
  return {
    pickup: at(pickupM),
    dropoff: at(dropoffM),
    readyAtMs: NOW_MS + readyS * 1_000,
    promisedAtMs: promisedS === null ? null : NOW_MS + promisedS * 1_000,
  } as Job;
}

describe('a job for a driver without stops', () => {
  it('begins where the driver is', () => {
    const fitted = bestInsertion(NOW_MS, at(0), [], wanted(100, 300), RULES);
    expect(fitted).toMatchObject({ pickupIndex: 0, dropoffIndex: 1, turnsAtMs: NOW_MS, legS: 100, driveS: 100, lateS: 0 });
    expect(((fitted?.pickupAtMs ?? 0) - NOW_MS) / 1_000).toBe(130);
    expect(((fitted?.dropoffAtMs ?? 0) - NOW_MS) / 1_000).toBe(130 + 30 + 200 + 20);
    expect(fitted?.delayS).toBe(100);
  });

  it('does not wait in its cost for goods that are ready later', () => {
    expect(bestInsertion(NOW_MS, at(0), [], wanted(100, 300, null, 600), RULES)).toMatchObject({ driveS: 100, delayS: 0 });
  });

  it('does not fit where there is no way', () => {
    expect(bestInsertion(NOW_MS, at(0), [], wanted(100, 300), { ...RULES, legS: () => Number.POSITIVE_INFINITY })).toBeNull();
  });
});

describe('a second job on a driver with stops', () => {
  it('case 62: goes amid the others when every promise holds', () => {
    const stops = [stop('a', 'pickup', 100), stop('a', 'dropoff', 1_000, 2_000)];
    expect(bestInsertion(NOW_MS, at(0), stops, wanted(100, 900), RULES)).toMatchObject({ pickupIndex: 1, dropoffIndex: 2 });
  });

  it('case 62: goes after the others when its pickup would make the first late', () => {
    const stops = [stop('a', 'pickup', 100), stop('a', 'dropoff', 1_000, 1_110)];
    expect(bestInsertion(NOW_MS, at(0), stops, wanted(200, 900), RULES)).toMatchObject({ pickupIndex: 2, dropoffIndex: 3 });
  });

  it('case 62: does not make a promise worse that is lost already', () => {
    const stops = [stop('a', 'pickup', 100), stop('a', 'dropoff', 1_000, 10)];
    expect(bestInsertion(NOW_MS, at(0), stops, wanted(200, 900), RULES)).toMatchObject({ pickupIndex: 2 });
  });

  it('comes last when nothing may come between', () => {
    const stops = [stop('a', 'pickup', 100), stop('a', 'dropoff', 1_000)];
    expect(bestInsertion(NOW_MS, at(0), stops, wanted(100, 900), { ...RULES, amid: false })).toMatchObject({
      pickupIndex: 2,
      dropoffIndex: 3,
    });
  });

  it('never turns a driver round who is under way', () => {
    const stops = [stop('a', 'dropoff', 1_000)];
    expect(bestInsertion(NOW_MS, at(0), stops, wanted(10, 500), RULES)?.pickupIndex).toBe(1);
  });

  it('shares one visit of the same place', () => {
    const stops = [stop('a', 'pickup', 100), stop('a', 'dropoff', 1_000)];
    const fitted = bestInsertion(NOW_MS, at(0), stops, wanted(100, 1_000), RULES);
    // Only the second hand-over is added: no way and no parking at the shop.
    expect(fitted).toMatchObject({ pickupIndex: 1, driveS: 40 - (60 + 900 + 40), turnsAtMs: NOW_MS + 100_000 });
  });
});

/** Minute by minute another way: a list of events of a whole order of stops, one after the other, nothing remembered between. */
function timeline(from: number, route: readonly { m: number; pickup: boolean; readyS: number }[]): readonly { at: number; done: number }[] {
  const out: { at: number; done: number; m: number; pickup: boolean }[] = [];
  for (const { m, pickup, readyS } of route) {
    const last = out[out.length - 1];
    const leaves = last?.done ?? 0;
    const way = Math.abs(m - (last?.m ?? from));
    let happens: number;
    if (!pickup) happens = leaves + way + 20;
    else if (last?.pickup === true && last.m === m) happens = Math.max(last.at, readyS);
    else happens = Math.max(leaves + way + 30, readyS);
    out.push({ at: happens, done: happens + (pickup ? 30 : 20), m, pickup });
  }
  return out;
}

const place = fc.integer({ min: 0, max: 1_500 });
const due = fc.option(fc.integer({ min: 100, max: 4_000 }), { nil: null });
const carried = fc.record({ pickupM: place, dropoffM: place, dueS: due, readyS: fc.integer({ min: 0, max: 800 }), fetched: fc.boolean() });
const scene = fc.record({
  from: place,
  orders: fc.array(carried, { maxLength: 3 }),
  pickupM: place,
  dropoffM: place,
  promisedS: due,
  readyS: fc.integer({ min: 0, max: 800 }),
  amid: fc.boolean(),
});

describe('the insertion', () => {
  it('is the cheapest of all that keep every promise, as found by trying everything', () => {
    fc.assert(
      fc.property(scene, ({ from, orders, pickupM, dropoffM, promisedS, readyS, amid }) => {
        const stops = orders.flatMap(({ pickupM: p, dropoffM: d, dueS, readyS: r, fetched }, i) => [
          ...(fetched ? [] : [stop(`o${i}`, 'pickup', p, null, r)]),
          stop(`o${i}`, 'dropoff', d, dueS),
        ]);
        const fitted = bestInsertion(NOW_MS, at(from), stops, wanted(pickupM, dropoffM, promisedS, readyS), { ...RULES, amid });
        const expected = bruteForce(from, stops, { pickupM, dropoffM, promisedS, readyS }, amid);
        const value = fitted === null ? null : fitted.driveS + 0.5 * fitted.delayS + fitted.lateS;
        if (expected === null || value === null) expect(value).toBe(expected);
        else expect(value).toBeCloseTo(expected, 6);
      }),
      { numRuns: 400 },
    );
  });
});

function bruteForce(
  from: number,
  stops: readonly DriverStop[],
  given: { pickupM: number; dropoffM: number; promisedS: number | null; readyS: number },
  amid: boolean,
): number | null {
  const old = stops.map(({ position, kind, readyAtMs, dueAtMs }) => ({
    m: metres(position),
    pickup: kind === 'pickup',
    readyS: readyAtMs === undefined ? 0 : (readyAtMs - NOW_MS) / 1_000,
    dueS: dueAtMs === null ? Number.POSITIVE_INFINITY : (dueAtMs - NOW_MS) / 1_000,
  }));
  const was = timeline(from, old);
  const directS = Math.abs(given.pickupM - given.dropoffM);
  const soonest = Math.max(30, given.readyS) + 30 + directS + 20;
  let best: number | null = null;
  for (let p = 0; p <= old.length; p++) {
    for (let d = p; d <= old.length; d++) {
      if (old.length > 0 && (p === 0 || (!amid && p < old.length))) continue;
      const isLast = p === old.length;
      const mine = [
        { m: given.pickupM, pickup: true, readyS: given.readyS },
        { m: given.dropoffM, pickup: false, readyS: 0 },
      ] as const;
      const route = [...old.slice(0, p), mine[0], ...old.slice(p, d), mine[1], ...old.slice(d)];
      const is = timeline(from, route);
      const moved = old.map((_, i) => is[i + (i >= p ? 1 : 0) + (i >= d ? 1 : 0)] as { at: number });
      if (old.some(({ dueS }, i) => (moved[i]?.at ?? 0) > Math.max(dueS, was[i]?.at ?? 0))) continue;
      const door = is[d + 1]?.at ?? 0;
      if (!isLast && given.promisedS !== null && soonest <= given.promisedS && door > given.promisedS) continue;
      const previous = route[p - 1];
      const wayS = Math.abs(given.pickupM - (previous?.m ?? from));
      const reached = (is[p - 1]?.done ?? 0) + wayS;
      const joined = previous?.pickup === true && previous.m === given.pickupM;
      const waited = isLast && !joined ? Math.max(0, (is[p]?.at ?? 0) - reached - 30) : 0;
      const added = (is[route.length - 1]?.done ?? 0) - (was[old.length - 1]?.done ?? 0) - waited - (60 + directS + 40);
      const others = old.reduce((sum, { pickup }, i) => sum + (pickup ? 0 : (moved[i]?.at ?? 0) - (was[i]?.at ?? 0)), 0);
      const late = given.promisedS === null ? 0 : Math.max(0, door - Math.max(given.promisedS, soonest));
      const value = added + 0.5 * (others + door - soonest) + late;
      if (best === null || value < best) best = value;
    }
  }
  return best;
}
