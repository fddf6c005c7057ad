/** Services that are down, slow, mad or replaced by a login page: whatever they do, the model answers and says so. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Round } from '../../src/actors/market/routing.ts';
import { OSRM } from '../../src/transport/routing/osrm.ts';
import type { Reader } from '../../src/transport/routing/provider-client.ts';
import { createProviderRouting } from '../../src/transport/routing/provider-routing.ts';
import { createRoadModel } from '../../src/transport/routing/road-model.ts';
import { VALHALLA } from '../../src/transport/routing/valhalla.ts';
import { readVroom } from '../../src/transport/routing/vroom.ts';
import { type Behaviour, change, drip, fakeOsrm, fakeValhalla, fakeVroom, hang, reply, reset, say } from './fake-services.ts';
import { AT_MS, CBD, KASARANI, KILIMANI, routingFor, spread, started, WESTLANDS } from './harness.ts';

const SHORT_MS = 40;
const TEN_DAYS_S = 10 * 86_400;
const model = createRoadModel();
const from = [WESTLANDS, KILIMANI];
const to = [CBD, KASARANI];
const byModel = { legs: model.table(from, to, 'motorbike', AT_MS) };

interface Matrices {
  durations: (number | null | string)[][];
  distances: (number | null | string)[][];
}
const matricesOf = (body: never): Matrices => {
  const table = body as Matrices & { sources_to_targets?: Matrices };
  return table.sources_to_targets ?? table;
};
const everyDuration = (value: number | null | string): Behaviour =>
  change((body) => {
    const matrices = matricesOf(body);
    matrices.durations = matrices.durations.map((row) => row.map(() => value));
    return body;
  });

const everyDistance = (value: number): Behaviour =>
  change((body) => {
    const matrices = matricesOf(body);
    matrices.distances = matrices.distances.map((row) => row.map(() => value));
    return body;
  });

const SERVICES = [
  { kind: 'osrm', start: fakeOsrm },
  { kind: 'valhalla', start: fakeValhalla },
] as const;

/** What every service can do wrong, whatever it was asked. */
const BROKEN: readonly { readonly name: string; readonly behaviour: Behaviour; readonly reason: string; readonly timeoutMs?: number }[] = [
  { name: 'never answers', behaviour: hang, reason: 'timeout', timeoutMs: SHORT_MS },
  { name: 'answers drop by drop', behaviour: drip, reason: 'timeout', timeoutMs: SHORT_MS },
  { name: 'resets the connection', behaviour: reset, reason: 'unreachable' },
  { name: 'sends a page with status 200', behaviour: say(200, '<html>Log in to the Wi-Fi</html>'), reason: 'malformed' },
  { name: 'sends a page with status 404', behaviour: say(404, '<html>Not found</html>'), reason: 'malformed' },
  { name: 'sends a gateway page with status 502', behaviour: say(502, '<html>Bad gateway</html>'), reason: 'server_error' },
  { name: 'redirects', behaviour: say(302, ''), reason: 'malformed' },
  { name: 'sends nothing', behaviour: say(200, ''), reason: 'malformed' },
  { name: 'sends null', behaviour: say(200, 'null'), reason: 'malformed' },
  { name: 'sends half of its answer', behaviour: (r, well) => r.end(JSON.stringify(well.body).slice(0, 60)), reason: 'malformed' },
  { name: 'sends 2 MB', behaviour: (r, well) => r.end(JSON.stringify(well.body) + ' '.repeat(2 << 20)), reason: 'too_large' },
];

describe.each(SERVICES)('$kind', ({ kind, start }) => {
  test.each(BROKEN)('case 38: it $name: the model answers a table and a route, marked', async ({ behaviour, reason, timeoutMs }) => {
    const fake = await started(start());
    fake.behave(behaviour);
    const { routing, fallbacks } = routingFor({ kind, url: fake.url, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    expect(await routing.table(from, to, 'motorbike', AT_MS)).toEqual(byModel);
    const stops = [WESTLANDS, CBD];
    expect(await routing.route(stops, 'motorbike', AT_MS)).toEqual({ best: model.route(stops, 'motorbike', AT_MS), others: [] });
    expect(fallbacks()).toEqual([`${reason} x 4`, `${reason} x 1`]);
  });

  test.each([
    { name: 'null', behaviour: everyDuration(null), fallback: 'no_way x 4' },
    { name: '0 for a real distance', behaviour: everyDuration(0), fallback: 'unbelievable x 4' },
    { name: 'a negative time', behaviour: everyDuration(-300), fallback: 'unbelievable x 4' },
    { name: 'ten days', behaviour: everyDuration(TEN_DAYS_S), fallback: 'unbelievable x 4' },
    { name: 'a second for kilometres', behaviour: everyDuration(1), fallback: 'unbelievable x 4' },
    { name: 'no way at all for kilometres', behaviour: everyDistance(0.001), fallback: 'unbelievable x 4' },
    { name: 'a way around the world', behaviour: everyDistance(4e7), fallback: 'unbelievable x 4' },
    { name: 'a number as text', behaviour: everyDuration('600'), fallback: 'malformed x 4' },
    {
      name: 'a row too few',
      behaviour: change((body) => {
        matricesOf(body).durations.pop();
        return body;
      }),
      fallback: 'malformed x 4',
    },
    {
      name: 'a column too many',
      behaviour: change((body) => {
        for (const row of matricesOf(body).distances) row.push(1);
        return body;
      }),
      fallback: 'malformed x 4',
    },
  ])('case 38: it tells $name: the model answers, marked', async ({ behaviour, fallback }) => {
    const fake = await started(start());
    fake.behave(behaviour);
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    expect(await routing.table(from, to, 'motorbike', AT_MS)).toEqual(byModel);
    expect(fallbacks()).toEqual([fallback]);
  });

  test.each(['NaN', '1e999', '-Infinity'])('case 38: %s in a cell: the model answers, marked', async (number) => {
    const fake = await started(start());
    fake.behave((response, well) => response.end(JSON.stringify(well.body).replace(/"durations":\[\[[\d.]+/, `"durations":[[${number}`)));
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    expect(await routing.table(from, to, 'motorbike', AT_MS)).toEqual(byModel);
    expect(fallbacks()).toEqual(['malformed x 4']);
  });

  test('case 38: one mad leg is taken from the model, the others stay', async () => {
    const fake = await started(start());
    fake.behave(
      change((body) => {
        matricesOf(body).durations[1]![0] = TEN_DAYS_S;
        return body;
      }),
    );
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    const { legs } = await routing.table(from, to, 'motorbike', AT_MS);
    expect(legs.map((row) => row.map((leg) => leg.source))).toEqual([
      [kind, kind],
      ['model', kind],
    ]);
    expect(fallbacks()).toEqual(['unbelievable x 1']);
  });

  test('case 38: nobody listens at its address: the model answers, marked', async () => {
    const fake = await started(start());
    await fake.close();
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    expect(await routing.table(from, to, 'motorbike', AT_MS)).toEqual(byModel);
    expect(fallbacks()).toEqual(['unreachable x 4']);
  });

  test('case 38: when the limit has passed, requests that wait for their turn are not sent', async () => {
    const fake = await started(start());
    fake.behave(hang);
    const { routing, fallbacks, events } = routingFor({ kind, url: fake.url, timeoutMs: SHORT_MS, maxInFlight: 1 });
    const { legs } = await routing.table(spread(120), spread(120), 'car', AT_MS);
    expect(legs.flat().every((leg) => leg.source === 'model')).toBe(true);
    expect(fallbacks()).toEqual(['timeout x 14400']);
    // The one that was sent ends, and the next question finds nothing before it in the queue.
    await expect.poll(() => events).toContainEqual(expect.objectContaining({ type: 'call', outcome: 'timeout' }));
    fake.behave(reply);
    await routing.table(from, to, 'car', AT_MS);
    expect(fake.seen.length).toBeLessThanOrEqual(2);
  });

  test('case 38: a service that answers drop by drop is cut off, and blamed', async () => {
    const fake = await started(start());
    fake.behave(drip);
    const { routing, events, circuit } = routingFor(
      { kind, url: fake.url, timeoutMs: SHORT_MS },
      { circuit: { failures: 1, openMs: 60_000 } },
    );
    expect(await routing.table(from, to, 'motorbike', AT_MS)).toEqual(byModel);
    await expect.poll(() => circuit()).toEqual(['open']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'call', outcome: 'timeout' }));
  });

  test('an aborted caller has the model at once, and the service is not blamed', async () => {
    const fake = await started(start());
    const abort = new AbortController();
    fake.behave(() => abort.abort());
    const { routing, fallbacks, circuit } = routingFor({ kind, url: fake.url }, { circuit: { failures: 1, openMs: 60_000 } });
    expect(await routing.table(from, to, 'motorbike', AT_MS, abort.signal)).toEqual(byModel);
    expect((await routing.route(from, 'motorbike', AT_MS, abort.signal)).best.source).toBe('model');
    expect(fallbacks()).toEqual(['cancelled x 4', 'cancelled x 1']);
    expect(circuit()).toEqual([]);
  });

  test('an answer that comes after the caller has gone changes nothing that was handed out', async () => {
    const fake = await started(start());
    const abort = new AbortController();
    let answerNow = (): void => {};
    fake.behave((response, well) => {
      answerNow = () => reply(response, well);
      abort.abort();
    });
    const { routing, events, fallbacks } = routingFor({ kind, url: fake.url });
    const table = await routing.table(from, to, 'motorbike', AT_MS, abort.signal);
    answerNow();
    await expect.poll(() => events).toContainEqual(expect.objectContaining({ type: 'call', outcome: 'ok' }));
    expect(table).toEqual(byModel);
    expect(fallbacks()).toEqual(['cancelled x 4']);
  });

  test('after close the model answers', async () => {
    const fake = await started(start());
    const { routing, close } = routingFor({ kind, url: fake.url });
    await close();
    expect(await routing.table(from, to, 'motorbike', AT_MS)).toEqual(byModel);
  });
});

test('case 38: a line that leads elsewhere, or is no line, is not believed', async () => {
  const fake = await started(fakeOsrm());
  const { routing, fallbacks } = routingFor({ kind: 'osrm', url: fake.url });
  const stops = [WESTLANDS, CBD];
  for (const geometry of ['', '_', '_p~iF~ps|U_ulLnnqC', '\u0000\u0000', '~'.repeat(40)]) {
    fake.behave(
      change((body: { routes: { geometry: string }[] }) => {
        for (const route of body.routes) route.geometry = geometry;
        return body;
      }),
    );
    expect((await routing.route(stops, 'car', AT_MS)).best.source).toBe('model');
  }
  // The circuit opens after five, which is why there are five.
  expect(fallbacks()).toEqual(['malformed x 1', 'malformed x 1', 'unbelievable x 1', 'malformed x 1', 'malformed x 1']);
});

describe('readers are total', () => {
  const round: Round = {
    start: WESTLANDS,
    vehicle: 'car',
    atMs: AT_MS,
    capacity: 1,
    parcels: [{ orderId: 'a', pickup: null, dropoff: { position: CBD, serviceS: 0, earliestMs: null, latestMs: null } }],
  };

  test('case 38: any JSON with any status is a reading, and never a value by accident', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 100, max: 499 }), (body, status) => {
        const readings = [
          OSRM.readTable(status, body, 1, 1),
          OSRM.readRoute(status, body, 1),
          VALHALLA.readTable(status, body, 1, 1),
          VALHALLA.readRoute(status, body, 1),
          readVroom(status, body, round),
        ];
        expect(readings.map((reading) => reading.ok)).toEqual([false, false, false, false, false]);
      }),
    );
  });

  test('case 38: whatever figures a table holds, every leg is finite, not negative, and under ten days', async () => {
    const figure = fc.oneof(fc.double(), fc.integer({ min: -10, max: 2_000_000 }), fc.constant(null));
    const matrix = fc.array(fc.array(figure, { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(matrix, matrix, async (durations, distances) => {
        const ask = async <T>(_: unknown, read: Reader<T>) => read(200, { code: 'Ok', durations, distances });
        const client = { source: 'osrm', ask, close: async () => {} } as const;
        const routing = createProviderRouting({ protocol: OSRM, client, model, limitMs: 1_000 });
        const { legs } = await routing.table(from, to, 'car', AT_MS);
        for (const leg of legs.flat()) {
          expect(leg.durationS > 0 && leg.durationS < TEN_DAYS_S && leg.distanceM > 0 && leg.distanceM < 1e8).toBe(true);
        }
      }),
    );
  });
});

describe('vroom', () => {
  const round: Round = {
    start: WESTLANDS,
    vehicle: 'car',
    atMs: AT_MS,
    capacity: 2,
    parcels: [
      { orderId: 'a', pickup: null, dropoff: { position: CBD, serviceS: 60, earliestMs: null, latestMs: null } },
      {
        orderId: 'b',
        pickup: { position: KILIMANI, serviceS: 60, earliestMs: null, latestMs: null },
        dropoff: { position: KASARANI, serviceS: 60, earliestMs: null, latestMs: null },
      },
    ],
  };
  interface Body {
    routes: { steps: { type: string; id?: number; arrival: number; duration: number }[] }[];
  }
  const steps = (edit: (steps: Body['routes'][0]['steps']) => Body['routes'][0]['steps']): Behaviour =>
    change((body: Body) => {
      body.routes[0]!.steps = edit(body.routes[0]!.steps);
      return body;
    });

  test.each([
    ...BROKEN,
    { name: 'forgets a stop', behaviour: steps((all) => all.slice(0, -1)), reason: 'malformed' },
    { name: 'visits a stop twice', behaviour: steps((all) => [...all, all.at(-1)!]), reason: 'malformed' },
    { name: 'delivers before it picks up', behaviour: steps(([s, j, p, d]) => [s!, j!, d!, p!]), reason: 'malformed' },
    { name: 'invents a stop', behaviour: steps((all) => all.map((step) => ({ ...step, id: 99 }))), reason: 'malformed' },
    {
      name: 'is everywhere at once',
      behaviour: steps((all) => all.map((step) => ({ ...step, arrival: 0, duration: 0 }))),
      reason: 'unbelievable',
    },
    { name: 'takes ten days', behaviour: steps((all) => all.map((step) => ({ ...step, arrival: TEN_DAYS_S }))), reason: 'malformed' },
    { name: 'runs backwards', behaviour: steps((all) => all.map((step, i) => ({ ...step, arrival: 900 - i }))), reason: 'malformed' },
    {
      name: 'drives less than nothing',
      behaviour: steps((all) => all.map((step, i) => ({ ...step, duration: 900 - 100 * i }))),
      reason: 'malformed',
    },
    { name: 'has no route', behaviour: change((body: Body) => ({ ...body, routes: [] })), reason: 'malformed' },
  ])('case 38: it $name: the model orders the round, marked', async (wrong) => {
    const fake = await started(fakeVroom());
    fake.behave(wrong.behaviour);
    const timeoutMs = 'timeoutMs' in wrong ? wrong.timeoutMs : undefined;
    const { rounds, fallbacks } = routingFor({ vroomUrl: fake.url, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    const plan = await rounds.plan(round);
    expect(plan.source).toBe('model');
    expect(plan.stops.map(({ orderId, kind }) => `${kind} ${orderId}`).sort()).toEqual(['dropoff a', 'dropoff b', 'pickup b']);
    expect(fallbacks()).toEqual([`${wrong.reason} x 1`]);
  });

  test('case 38: it loads more than fits: the model orders the round, marked', async () => {
    const fake = await started(fakeVroom());
    const fetchFirst = steps(([start, job, pickup, delivery]) => {
      return [
        start!,
        { ...pickup!, arrival: job!.arrival, duration: job!.duration },
        { ...job!, arrival: pickup!.arrival, duration: pickup!.duration },
        delivery!,
      ];
    });
    fake.behave(fetchFirst);
    const { rounds, fallbacks } = routingFor({ vroomUrl: fake.url });
    expect((await rounds.plan(round)).source).toBe('vroom');
    expect((await rounds.plan({ ...round, capacity: 1 })).source).toBe('model');
    expect(fallbacks()).toEqual(['malformed x 1']);
  });
});
