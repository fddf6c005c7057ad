/** The order of a round: by the model, and by VROOM when it is well. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlannedStop, Round, RoundParcel, RoundStop } from '../../src/actors/market/routing.ts';
import type { LatLng } from '../../src/geo/distance.ts';
import { createRoadModel } from '../../src/transport/routing/road-model.ts';
import { planByModel } from '../../src/transport/routing/round-model.ts';
import { fakeVroom } from './fake-services.ts';
import { AT_MS, CBD, KASARANI, KILIMANI, routingFor, started, WESTLANDS } from './harness.ts';

const MINUTE_MS = 60_000;
const model = createRoadModel();
const stop = (position: LatLng, more: Partial<RoundStop> = {}): RoundStop => {
  return { position, serviceS: 60, earliestMs: null, latestMs: null, ...more };
};
const parcel = (orderId: string, pickup: RoundStop | null, dropoff: RoundStop): RoundParcel => ({ orderId, pickup, dropoff });
const round = (parcels: readonly RoundParcel[], more: Partial<Round> = {}): Round => {
  return { start: WESTLANDS, vehicle: 'car', atMs: AT_MS, capacity: 3, parcels, ...more };
};
const inWords = (stops: readonly PlannedStop[]): string[] => stops.map(({ kind, orderId }) => `${kind} ${orderId}`);

/** Every order that keeps pickups before dropoffs and the capacity, by brute force. */
function bestByBruteForce({ start, vehicle, atMs, capacity, parcels }: Round): number {
  interface Open {
    readonly at: RoundStop;
    readonly kind: 'pickup' | 'dropoff';
    readonly after: readonly RoundStop[];
  }
  const first = parcels.map(({ pickup, dropoff }): Open => {
    return pickup === null ? { at: dropoff, kind: 'dropoff', after: [] } : { at: pickup, kind: 'pickup', after: [dropoff] };
  });
  const go = (open: readonly Open[], place: LatLng, nowMs: number, load: number, lateS: number): number => {
    if (open.length === 0) return lateS * 10 + (nowMs - atMs) / 1_000;
    let best = Number.POSITIVE_INFINITY;
    for (const one of open) {
      const loaded = load + (one.kind === 'pickup' ? 1 : -1);
      if (loaded > capacity) continue;
      const arriveMs = nowMs + model.leg(place, one.at.position, vehicle, atMs).durationS * 1_000;
      const late = Math.max(0, (arriveMs - (one.at.latestMs ?? arriveMs)) / 1_000);
      const doneMs = Math.max(arriveMs, one.at.earliestMs ?? arriveMs) + one.at.serviceS * 1_000;
      const rest = open.filter((other) => other !== one);
      const next = one.after.map((at): Open => ({ at, kind: 'dropoff', after: [] }));
      best = Math.min(best, go([...rest, ...next], one.at.position, doneMs, loaded, lateS + late));
    }
    return best;
  };
  return go(first, start, atMs, parcels.filter(({ pickup }) => pickup === null).length, 0);
}

const place = fc.record({ lat: fc.double({ min: -1.35, max: -1.2, noNaN: true }), lng: fc.double({ min: 36.7, max: 36.95, noNaN: true }) });
const anyStop = fc.record({
  position: place,
  serviceS: fc.integer({ min: 0, max: 300 }),
  earliestMs: fc.option(fc.integer({ min: AT_MS, max: AT_MS + 30 * MINUTE_MS })),
  latestMs: fc.option(fc.integer({ min: AT_MS + 10 * MINUTE_MS, max: AT_MS + 90 * MINUTE_MS })),
});
const anyRound = (maxLength: number) =>
  fc
    .record({ parcels: fc.array(fc.tuple(fc.option(anyStop), anyStop), { maxLength }), capacity: fc.integer({ min: 1, max: 4 }) })
    .map(({ parcels, capacity }) =>
      round(
        parcels.map(([pickup, dropoff], i) => parcel(`o${i}`, pickup, dropoff)),
        { capacity },
      ),
    );

describe('rounds by the model', () => {
  test('what lies on the way is done on the way', () => {
    const plan = planByModel(round([parcel('far', null, stop(KASARANI)), parcel('near', null, stop(CBD))]), model);
    expect(inWords(plan.stops)).toEqual(['dropoff near', 'dropoff far']);
  });

  test('a promise comes before a shorter way', () => {
    const dueAtMs = AT_MS + 25 * MINUTE_MS;
    const urgent = parcel('far', null, stop(KASARANI, { latestMs: dueAtMs }));
    const slow = parcel('near', null, stop(CBD, { serviceS: 1_800 }));
    const plan = planByModel(round([slow, urgent]), model);
    expect(inWords(plan.stops)).toEqual(['dropoff far', 'dropoff near']);
    expect(plan.stops[0]!.lateS).toBe(0);
  });

  test('one parcel at a time when only one fits', () => {
    const parcels = [parcel('a', stop(WESTLANDS), stop(KASARANI)), parcel('b', stop(WESTLANDS), stop(KASARANI))];
    const kinds = (capacity: number) => planByModel(round(parcels, { capacity }), model).stops.map(({ kind }) => kind);
    expect(kinds(1)).toEqual(['pickup', 'dropoff', 'pickup', 'dropoff']);
    expect(kinds(2)).toEqual(['pickup', 'pickup', 'dropoff', 'dropoff']);
  });

  test('who comes too early waits, who comes too late is late by that much', () => {
    const early = parcel('a', null, stop(CBD, { earliestMs: AT_MS + 60 * MINUTE_MS, serviceS: 0 }));
    const plan = planByModel(round([early, parcel('b', null, stop(CBD, { latestMs: AT_MS - MINUTE_MS, serviceS: 0 }))]), model);
    expect(inWords(plan.stops)).toEqual(['dropoff b', 'dropoff a']);
    expect(plan.stops[0]!.lateS).toBeCloseTo(60 + plan.stops[0]!.drivingS, 3);
  });

  test('no parcels, no stops; a place that is none throws nothing', () => {
    expect(planByModel(round([]), model)).toEqual({ stops: [], source: 'model' });
    expect(planByModel(round([parcel('a', stop({ lat: Number.NaN, lng: 0 }), stop(CBD))]), model).stops).toHaveLength(2);
  });

  test('every stop comes once, each pickup before its dropoff, within the capacity, and time runs forward', () => {
    fc.assert(
      fc.property(anyRound(8), (any) => {
        const { stops } = planByModel(any, model);
        const expected = any.parcels.flatMap(({ orderId, pickup }) =>
          pickup === null ? [`dropoff ${orderId}`] : [`pickup ${orderId}`, `dropoff ${orderId}`],
        );
        expect(inWords(stops).sort()).toEqual([...expected].sort());
        let load = any.parcels.filter(({ pickup }) => pickup === null).length;
        const most = Math.max(any.capacity, load);
        for (const [i, { kind, orderId, arriveAtMs }] of stops.entries()) {
          load += kind === 'pickup' ? 1 : -1;
          expect(load).toBeLessThanOrEqual(most);
          expect(arriveAtMs).toBeGreaterThanOrEqual(stops[i - 1]?.arriveAtMs ?? AT_MS);
          const own = any.parcels.find((one) => one.orderId === orderId)!;
          if (kind === 'dropoff' && own.pickup !== null) expect(inWords(stops.slice(0, i))).toContain(`pickup ${orderId}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a round of two parcels is as good as the best of all orders', () => {
    fc.assert(
      fc.property(anyRound(2), (any) => {
        const capacity = Math.max(any.capacity, any.parcels.filter(({ pickup }) => pickup === null).length);
        const fair = { ...any, capacity };
        const { stops } = planByModel(fair, model);
        const ends = new Map(
          fair.parcels.flatMap(({ orderId, pickup, dropoff }) => [
            [`pickup ${orderId}`, pickup] as const,
            [`dropoff ${orderId}`, dropoff] as const,
          ]),
        );
        const last = stops.at(-1);
        const lastStop = last === undefined ? null : ends.get(`${last.kind} ${last.orderId}`);
        const endMs = last === undefined ? AT_MS : Math.max(last.arriveAtMs, lastStop?.earliestMs ?? 0) + (lastStop?.serviceS ?? 0) * 1_000;
        const cost = stops.reduce((sum, { lateS }) => sum + lateS * 10, 0) + (endMs - AT_MS) / 1_000;
        expect(cost).toBeLessThanOrEqual(bestByBruteForce(fair) + 0.01);
      }),
      { numRuns: 60 },
    );
  });

  test('a large round is ordered too, without weighing everything against everything', () => {
    const parcels = Array.from({ length: 60 }, (_, i) => parcel(`o${i}`, stop(CBD), stop({ lat: -1.2 - i / 1_000, lng: 36.8 })));
    expect(planByModel(round(parcels), model).stops).toHaveLength(120);
  });
});

describe('rounds by VROOM', () => {
  const parcels = [
    parcel('a', stop(KILIMANI), stop(KASARANI, { latestMs: AT_MS + 90 * MINUTE_MS })),
    parcel('b', null, stop(CBD, { earliestMs: AT_MS + 5 * MINUTE_MS + 1 })),
  ];

  test('parcels on board are jobs, others shipments; longitude first, whole seconds from the departure', async () => {
    const fake = await started(fakeVroom());
    const { rounds } = routingFor({ vroomUrl: fake.url });
    await rounds.plan(round(parcels));
    const day = 86_400;
    expect(fake.seen).toEqual([
      {
        method: 'POST',
        path: '/',
        body: {
          vehicles: [{ id: 1, profile: 'car', start: [WESTLANDS.lng, WESTLANDS.lat], capacity: [3] }],
          jobs: [{ id: 2, location: [CBD.lng, CBD.lat], service: 60, time_windows: [[301, day]], delivery: [1] }],
          shipments: [
            {
              amount: [1],
              pickup: { id: 1, location: [KILIMANI.lng, KILIMANI.lat], service: 60, time_windows: [[0, day]] },
              delivery: { id: 1, location: [KASARANI.lng, KASARANI.lat], service: 60, time_windows: [[0, 5_400]] },
            },
          ],
        },
      },
    ]);
  });

  test('its order and its times are taken as they are', async () => {
    const fake = await started(fakeVroom());
    const { rounds, fallbacks } = routingFor({ vroomUrl: fake.url });
    const plan = await rounds.plan(round(parcels));
    expect(plan.source).toBe('vroom');
    expect(inWords(plan.stops)).toEqual(['dropoff b', 'pickup a', 'dropoff a']);
    expect(plan.stops[0]!.arriveAtMs).toBe(AT_MS + plan.stops[0]!.drivingS * 1_000);
    expect(plan.stops.every(({ drivingS, lateS }) => drivingS > 0 && lateS === 0)).toBe(true);
    expect(fallbacks()).toEqual([]);
  });

  test('a round that cannot keep every window is ordered by the model, and VROOM is not blamed', async () => {
    const fake = await started(fakeVroom());
    const { rounds, fallbacks, circuit } = routingFor({ vroomUrl: fake.url }, { circuit: { failures: 1, openMs: 60_000 } });
    const tight = parcel('a', stop(KILIMANI), stop(KASARANI, { latestMs: AT_MS + MINUTE_MS }));
    const plan = await rounds.plan(round([tight]));
    expect(plan.source).toBe('model');
    expect(plan.stops[1]!.lateS).toBeGreaterThan(0);
    const over = parcel('b', null, stop(KASARANI, { latestMs: AT_MS + MINUTE_MS }));
    expect((await rounds.plan(round([over]))).source).toBe('model');
    expect(fallbacks()).toEqual(['infeasible x 1', 'infeasible x 1']);
    expect(circuit()).toEqual([]);
  });

  test('a window that is over already, and a place that is none, are not sent', async () => {
    const fake = await started(fakeVroom());
    const { rounds, fallbacks } = routingFor({ vroomUrl: fake.url });
    await rounds.plan(round([parcel('a', null, stop(CBD, { latestMs: AT_MS - 1 }))]));
    await rounds.plan(round([parcel('a', null, stop({ lat: 200, lng: 0 }))]));
    expect(await rounds.plan(round([]))).toEqual({ stops: [], source: 'model' });
    expect(fake.seen).toEqual([]);
    expect(fallbacks()).toEqual(['not_asked x 1', 'not_asked x 1']);
  });
});
