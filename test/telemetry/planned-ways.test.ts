/** What becomes of a road service's answer before positions are compared with it: strict services over HTTP, well and unwell. */
import { describe, expect, it } from 'vitest';
import type { Routing } from '../../src/actors/market/routing.ts';
import { distanceM, type LatLng } from '../../src/geo/distance.ts';
import { distanceToPolylineM } from '../../src/geo/polyline.ts';
import { plannedWays, TOLD_VERTICES_MAX, WAY_TOLERANCE_M, WAY_VERTICES_MAX, WAYS_IN_FLIGHT_MAX } from '../../src/telemetry/planned-ways.ts';
import { type Behaviour, change, encodePolyline6, fakeOsrm, fakeValhalla, hang, ISLAND, reset, say } from '../routing/fake-services.ts';
import { AT_MS, CBD, routingFor, started, WESTLANDS } from '../routing/harness.ts';
import { activeJob, ORDER, off, offeredJob, settled, World, way } from './support.ts';

const nowMs = () => AT_MS;
const SERVICES = [
  { kind: 'osrm', start: fakeOsrm },
  { kind: 'valhalla', start: fakeValhalla },
] as const;

/** A routing that says this line. */
function saying(line: readonly LatLng[]): Pick<Routing, 'route'> {
  return { route: async () => ({ best: { legs: [], distanceM: 0, durationS: 0, line, source: 'osrm' }, others: [] }) };
}

/** East in steps of 20 m, `bends` times to the side by `sideM`. */
const zigzag = (bends: number, sideM: number) => Array.from({ length: bends }, (_, i) => off(CBD, i % 2 === 0 ? 0 : sideM, i * 20));

describe.each(SERVICES)('a way by $kind', ({ kind, start }) => {
  it('begins at the driver and ends at the stop', async () => {
    const fake = await started(start());
    const { routing, fallbacks } = routingFor({ kind, url: fake.url });
    const line = await plannedWays(routing, nowMs)(WESTLANDS, CBD, 'motorbike');
    expect([line?.[0], line?.at(-1)]).toEqual([WESTLANDS, CBD]);
    expect(fake.seen).toHaveLength(1);
    expect(fallbacks()).toEqual([]);
  });

  const broken: [string, Behaviour][] = [
    ['never answers', hang],
    ['hangs up', reset],
    ['fails', say(500, '')],
    ['talks nonsense', say(200, '<html>')],
  ];
  it.each(broken)('is none when the service %s, within the limit', async (_name, behaviour) => {
    const fake = await started(start());
    fake.behave(behaviour);
    const { routing, fallbacks } = routingFor({ kind, url: fake.url, timeoutMs: 50 });
    expect(await plannedWays(routing, nowMs)(WESTLANDS, CBD, 'motorbike')).toBeNull();
    expect(fallbacks()).toHaveLength(1);
  });

  it('is none where the service knows none, and none is asked for while its circuit is open', async () => {
    const fake = await started(start());
    const { routing, circuit } = routingFor({ kind, url: fake.url }, { circuit: { failures: 2, openMs: 3_600_000 } });
    const wayOf = plannedWays(routing, nowMs);
    expect(await wayOf(ISLAND, CBD, 'motorbike')).toBeNull();
    expect(circuit()).toEqual([]);
    fake.behave(say(500, ''));
    for (let i = 0; i < 5; i++) expect(await wayOf(WESTLANDS, CBD, 'motorbike')).toBeNull();
    expect(circuit()).toEqual(['open']);
    expect(fake.seen).toHaveLength(3);
  });
});

describe('a planned way', () => {
  it('is never the built-in model’s: it knows no streets', async () => {
    expect(await plannedWays(routingFor({}).routing, nowMs)(WESTLANDS, CBD, 'car')).toBeNull();
  });

  it('leads from the driver to the nearest road and from the last road to the door, however far these are', async () => {
    const roads = [off(WESTLANDS, 300), off(CBD, 300)];
    expect(await plannedWays(saying(roads), nowMs)(WESTLANDS, CBD, 'car')).toEqual([WESTLANDS, ...roads, CBD]);
  });

  it('has few vertices, and all that it was told lie near it', async () => {
    const told = zigzag(TOLD_VERTICES_MAX, 8);
    const line = (await plannedWays(saying(told), nowMs)(off(CBD, 30), off(CBD, 0, 100_000), 'car')) ?? [];
    expect(line.length).toBeGreaterThanOrEqual(2);
    expect(line.length).toBeLessThanOrEqual(WAY_VERTICES_MAX);
    for (const vertex of told) expect(distanceToPolylineM(vertex, line)).toBeLessThanOrEqual(WAY_TOLERANCE_M * 1.01);
  });

  it('is none when it has more bends than can be watched, or is longer than is looked at', async () => {
    for (const told of [zigzag(WAY_VERTICES_MAX, 60), zigzag(TOLD_VERTICES_MAX + 1, 0)])
      expect(await plannedWays(saying(told), nowMs)(CBD, off(CBD, 0, 1_000), 'car')).toBeNull();
  });

  it('is asked for by few at a time, the others get none at once, and a failed question gives its place back', async () => {
    let fail: (error: Error) => void = () => undefined;
    const first = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    let asked = 0;
    const wayOf = plannedWays(
      {
        route: async (...question) => {
          if (asked++ < WAYS_IN_FLIGHT_MAX) await first;
          return await saying([CBD, WESTLANDS]).route(...question);
        },
      },
      nowMs,
    );
    const open = Array.from({ length: WAYS_IN_FLIGHT_MAX }, () => wayOf(CBD, WESTLANDS, 'car'));
    expect(await wayOf(CBD, WESTLANDS, 'car')).toBeNull();
    expect(asked).toBe(WAYS_IN_FLIGHT_MAX);
    fail(new Error('away'));
    expect((await Promise.allSettled(open)).map((one) => one.status)).toEqual(open.map(() => 'rejected'));
    for (let i = 0; i <= WAYS_IN_FLIGHT_MAX; i++) expect(await wayOf(CBD, WESTLANDS, 'car')).not.toBeNull();
  });
});

it('a driver who takes another street than the service planned is told of; one who takes its detour is not', async () => {
  const fake = await started(fakeOsrm());
  const corner = off(WESTLANDS, 0, 1_500);
  const door = off(WESTLANDS, 1_500, 1_500);
  const geometry = encodePolyline6([WESTLANDS, corner, door]);
  fake.behave(change((body: { routes: object[] }) => ({ ...body, routes: body.routes.map((route) => ({ ...route, geometry })) })));
  const stop = offeredJob().dropoff;
  const job = activeJob(
    'to_dropoff',
    offeredJob(ORDER.id, { pickup: { ...stop, position: WESTLANDS }, dropoff: { ...stop, position: door } }),
  );
  const wayOf = plannedWays(routingFor({ kind: 'osrm', url: fake.url }).routing, nowMs);
  const ride = async (places: readonly LatLng[]): Promise<unknown[]> => {
    const plans: Promise<unknown>[] = [];
    const world = new World({
      routeOf: (...question) => {
        const plan = wayOf(...question);
        plans.push(plan);
        return plan;
      },
    });
    await world.begin(WESTLANDS, [job]);
    for (const place of places) {
      await Promise.all(plans);
      await settled();
      await world.ride([place]);
    }
    return world.feed.of(`order/${ORDER.id}`, 'alert').map((news) => news.alert);
  };
  expect(distanceM(corner, door)).toBeGreaterThan(1_000);
  expect(await ride([...way(WESTLANDS, corner, 12), ...way(corner, off(door, -120), 12)])).toEqual([]);
  expect(await ride(way(WESTLANDS, off(door, -120, -120), 12))).toEqual(['off_route']);
});
