/** OSRM and Valhalla as they are when they are well: what is asked, in which order, and what is made of the answer. */
import { describe, expect, test } from 'vitest';
import type { VehicleType } from '../../src/geo/eta/eta-model.ts';
import { createRoadModel } from '../../src/transport/routing/road-model.ts';
import { type FakeService, fakeOsrm, fakeValhalla, fakeWay, ISLAND, reply } from './fake-services.ts';
import { AT_MS, CBD, KASARANI, KILIMANI, routingFor, spread, started, WESTLANDS } from './harness.ts';

const model = createRoadModel();
const SERVICES = [
  { kind: 'osrm', start: fakeOsrm },
  { kind: 'valhalla', start: fakeValhalla },
] as const;

describe.each(SERVICES)('$kind', ({ kind, start }) => {
  test('a table gives every leg by the service, in the order of the positions asked for', async () => {
    const fake = await started(start());
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    const [from, to] = [
      [WESTLANDS, KILIMANI],
      [CBD, KASARANI, WESTLANDS],
    ];
    const { legs } = await routing.table(from, to, 'car', AT_MS);
    expect(legs.map((row) => row.map((leg) => leg.source))).toEqual([
      [kind, kind, kind],
      [kind, kind, kind],
    ]);
    for (const [i, a] of from.entries()) {
      for (const [j, b] of to.entries()) {
        expect(legs[i]![j]!.distanceM).toBeCloseTo(fakeWay(a, b)!.distanceM, 0);
        expect(Math.abs(legs[i]![j]!.durationS - fakeWay(a, b)!.durationS)).toBeLessThanOrEqual(1);
      }
    }
    expect(fallbacks()).toEqual([]);
  });

  test('a pair with no way between takes the model, and only that pair', async () => {
    const fake = await started(start());
    const { routing, fallbacks, circuit } = routingFor({ kind, url: fake.url });
    const { legs } = await routing.table([WESTLANDS, ISLAND], [CBD], 'car', AT_MS);
    expect(legs[0]![0]!.source).toBe(kind);
    expect(legs[1]![0]).toEqual(model.leg(ISLAND, CBD, 'car', AT_MS));
    expect(fallbacks()).toEqual(['no_way x 1']);
    expect(circuit()).toEqual([]);
  });

  test.each([
    { rows: 130, columns: 3, requests: 2 },
    { rows: 3, columns: 130, requests: 2 },
    { rows: 120, columns: 60, requests: 6 },
    { rows: 100, columns: 1, requests: 2 },
    { rows: 99, columns: 1, requests: 1 },
  ])(
    'a table of $rows x $columns is asked for in $requests requests and put together without a gap',
    async ({ rows, columns, requests }) => {
      const fake = await started(start());
      const { routing, fallbacks } = routingFor({ kind, url: fake.url });
      const [from, to] = [spread(rows), spread(columns, { lat: -1.2, lng: 36.7 })];
      const { legs } = await routing.table(from, to, 'car', AT_MS);
      expect(fake.seen).toHaveLength(requests);
      expect(legs).toHaveLength(rows);
      let wrong = 0;
      for (const [i, a] of from.entries()) {
        expect(legs[i]).toHaveLength(columns);
        for (const [j, b] of to.entries()) {
          const leg = legs[i]![j]!;
          if (leg.source !== kind || Math.abs(leg.distanceM - fakeWay(a, b)!.distanceM) > 1) wrong += 1;
        }
      }
      expect(wrong).toBe(0);
      expect(fallbacks()).toEqual([]);
    },
  );

  test('a table of no rows or no columns asks nothing', async () => {
    const fake = await started(start());
    const { routing, events } = routingFor({ kind, url: fake.url });
    expect(await routing.table([], [CBD], 'car', AT_MS)).toEqual({ legs: [] });
    expect(await routing.table([CBD, WESTLANDS], [], 'car', AT_MS)).toEqual({ legs: [[], []] });
    expect(fake.seen).toEqual([]);
    expect(events).toEqual([]);
  });

  test('what is no position is not sent, is infinitely far, and spoils no other leg', async () => {
    const fake = await started(start());
    const { routing } = routingFor({ kind, url: fake.url });
    const { legs } = await routing.table([WESTLANDS, { lat: Number.NaN, lng: 36.8 }, KILIMANI], [CBD, { lat: 91, lng: 0 }], 'car', AT_MS);
    expect(legs.map((row) => row.map((leg) => [leg.source, Number.isFinite(leg.durationS)]))).toEqual([
      [
        [kind, true],
        ['model', false],
      ],
      [
        ['model', false],
        ['model', false],
      ],
      [
        [kind, true],
        ['model', false],
      ],
    ]);
  });

  test('positions off its map are refused, taken from the model, and no fault of the service', async () => {
    const fake = await started(start());
    const { routing, fallbacks, circuit } = routingFor({ kind, url: fake.url }, { circuit: { failures: 1, openMs: 60_000 } });
    const lagos = { lat: 6.5244, lng: 3.3792 };
    const { legs } = await routing.table([lagos], [CBD], 'car', AT_MS);
    expect(legs).toEqual([[model.leg(lagos, CBD, 'car', AT_MS)]]);
    expect((await routing.route([lagos, CBD], 'car', AT_MS)).best.source).toBe('model');
    expect(fallbacks()).toEqual(['refused x 1', 'refused x 1']);
    expect(circuit()).toEqual([]);
  });

  test('a route leads through its stops in their order, with a line and the sums of its legs', async () => {
    const fake = await started(start());
    const { routing } = routingFor({ kind, url: fake.url });
    const stops = [WESTLANDS, CBD, KASARANI];
    const { best, others } = await routing.route(stops, 'bakkie', AT_MS);
    expect(best.source).toBe(kind);
    expect(best.line).toEqual(stops);
    expect(best.legs.map((leg) => Math.round(leg.distanceM))).toEqual([
      Math.round(fakeWay(WESTLANDS, CBD)!.distanceM),
      Math.round(fakeWay(CBD, KASARANI)!.distanceM),
    ]);
    expect(best.durationS).toBeCloseTo(best.legs[0]!.durationS + best.legs[1]!.durationS, 9);
    expect(others).toEqual([]);
  });

  test('a route of fewer than two stops asks nothing', async () => {
    const fake = await started(start());
    const { routing } = routingFor({ kind, url: fake.url });
    expect(await routing.route([CBD], 'car', AT_MS)).toEqual({
      best: { legs: [], distanceM: 0, durationS: 0, line: [CBD], source: 'model' },
      others: [],
    });
    expect(fake.seen).toEqual([]);
  });

  test('a table is never sent for more pairs than the limit: the model answers', async () => {
    const fake = await started(start());
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    const { legs } = await routing.table(spread(150), spread(150), 'car', AT_MS);
    expect(legs.flat().every((leg) => leg.source === 'model')).toBe(true);
    expect(fallbacks()).toEqual(['not_asked x 22500']);
    expect(fake.seen).toEqual([]);
  });

  test('no more calls than allowed are in flight', async () => {
    const REQUESTS = 9;
    const fake = await started(start());
    const held: (() => void)[] = [];
    fake.behave((response, well) => {
      held.push(() => reply(response, well));
      // Two wait for each other; the last has nobody to wait for.
      if (held.length === 2 || fake.seen.length === REQUESTS) for (const release of held.splice(0)) release();
    });
    const { routing } = routingFor({ kind, url: fake.url, maxInFlight: 2 });
    const { legs } = await routing.table(spread(120), spread(120), 'car', AT_MS);
    expect(fake.seen).toHaveLength(REQUESTS);
    expect(fake.peak()).toBe(2);
    expect(legs.flat().filter((leg) => leg.source === 'model')).toEqual([]);
  });
});

describe('what is asked', () => {
  const asked = async (fake: FakeService, kind: 'osrm' | 'valhalla', vehicle: VehicleType) => {
    const { routing } = routingFor({ kind, url: fake.url });
    await routing.table([WESTLANDS], [CBD], vehicle, AT_MS);
    await routing.route([WESTLANDS, CBD], vehicle, AT_MS);
    return fake.seen;
  };

  test('OSRM by GET, longitude first, with sources and destinations by index', async () => {
    const fake = await started(fakeOsrm());
    const [table, route] = await asked(fake, 'osrm', 'bicycle');
    const positions = '36.810800,-1.267600;36.817200,-1.286400';
    expect(table).toEqual({
      method: 'GET',
      path: `/table/v1/cycling/${positions}?sources=0&destinations=1&annotations=duration,distance`,
      body: null,
    });
    expect(route!.path).toBe(`/route/v1/cycling/${positions}?overview=full&geometries=polyline6&steps=false&alternatives=2`);
  });

  test.each([
    ['bicycle', 'bicycle'],
    ['motorbike', 'motor_scooter'],
    ['car', 'auto'],
    ['bakkie', 'auto'],
    ['truck', 'truck'],
  ] as const)('Valhalla by POST with compact matrices, a %s as %s', async (vehicle, costing) => {
    const fake = await started(fakeValhalla());
    const [table, route] = await asked(fake, 'valhalla', vehicle);
    const [a, b] = [WESTLANDS, CBD].map(({ lat, lng }) => ({ lat, lon: lng }));
    expect(table).toEqual({
      method: 'POST',
      path: '/sources_to_targets',
      body: { sources: [a], targets: [b], costing, units: 'kilometers', verbose: false },
    });
    expect(route!.body).toMatchObject({
      costing,
      locations: [
        { ...a, type: 'break' },
        { ...b, type: 'break' },
      ],
    });
  });

  test('of several ways the better scored is the best, whatever their order', async () => {
    const fake = await started(fakeOsrm());
    const { routing } = routingFor({ kind: 'osrm', url: fake.url });
    const { best, others } = await routing.route([WESTLANDS, CBD], 'car', AT_MS);
    expect(others).toHaveLength(1);
    expect(others[0]!.durationS).toBeCloseTo(best.durationS * 1.5, 6);
  });
});
