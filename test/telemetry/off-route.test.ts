/** Drivers who leave the way that a road service planned: who is told, how often, and how often the service is asked. */
import { describe, expect, it } from 'vitest';
import { newOrderRef } from '../../src/actors/refs.ts';
import { distanceM, type LatLng } from '../../src/geo/distance.ts';
import { WAY_AGAIN_MS } from '../../src/telemetry/job-watch.ts';
import { OFF_ROUTE_QUIET_MS } from '../../src/telemetry/leg.ts';
import { activeJob, DATA_SHARD, DRIVER, driverView, HOME, ORDER, off, offeredJob, SHOP, TENANT, World, way } from './support.ts';

const TOPIC = `order/${ORDER.id}`;

interface Question {
  readonly from: LatLng;
  readonly to: LatLng;
  readonly atMs: number;
}

/** A world whose planner knows straight ways; `answer` may say otherwise. */
function planned(answer: (question: Question) => Promise<readonly LatLng[] | null> = async ({ from, to }) => [from, to]) {
  const asked: Question[] = [];
  const world: World = new World({
    routeOf: (from, to) => {
      const question = { from, to, atMs: world.clock.nowMs() };
      asked.push(question);
      return answer(question);
    },
  });
  const alerts = (topic = TOPIC) => world.feed.of(topic, 'alert').map((news) => news.alert);
  return { world, asked, alerts };
}

/** To and fro, 600 m at a time: no planned way holds for long, and nobody stands. */
function wander(from: LatLng, legs: number): LatLng[] {
  const places: LatLng[] = [];
  let here = from;
  for (let i = 0; i < legs; i++) {
    const side = i % 2 === 0 ? 600 : -600;
    const next = off(here, 0, side);
    places.push(...way(here, next, 10));
    here = next;
  }
  return places;
}

describe('the planned way', () => {
  it('is asked for once a leg, from the driver to the stop of that leg', async () => {
    const { world, asked, alerts } = planned();
    await world.begin(off(SHOP, -1_000), [activeJob('to_pickup')]);
    await world.ride(way(off(SHOP, -1_000), off(SHOP, -120), 10));
    expect(asked.map((one) => one.to)).toEqual([SHOP]);
    expect(asked[0]?.from).toEqual(off(SHOP, -1_000));
    world.see({ jobs: [activeJob('to_dropoff')] });
    await world.news({ type: 'delivery', job: activeJob('to_dropoff') });
    await world.ride(way(SHOP, off(SHOP, 1_500), 10));
    expect(asked.map((one) => one.to)).toEqual([SHOP, HOME]);
    expect(alerts()).toEqual([]);
  });

  it('is planned anew from where the driver is after it was left, and then holds', async () => {
    const { world, asked, alerts } = planned();
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    await world.ride(way(SHOP, off(SHOP, 700), 10));
    await world.ride(way(off(SHOP, 700), off(SHOP, 700, 180), 10));
    expect(alerts()).toEqual(['off_route']);
    const told = world.system.told.filter(({ command }) => command.type === 'ride_alert');
    const [heard] = world.feed.of(TOPIC, 'alert');
    const alert = { alert: 'off_route', stop: 'dropoff', atMs: heard?.atMs };
    expect(told.map(({ to, command }) => [to.id, command])).toEqual([[ORDER.id, { type: 'ride_alert', driverId: DRIVER.id, alert }]]);
    await world.ride(way(off(SHOP, 700, 180), off(HOME, -120, 10), 10));
    expect(alerts()).toEqual(['off_route']);
    expect(asked[1]?.to).toEqual(HOME);
    expect(distanceM(asked[1]?.from ?? SHOP, off(SHOP, 700, 180))).toBeLessThan(80);
    expect(asked).toHaveLength(2);
  });

  it('left again and again is told once in five minutes, and planned once a minute at most', async () => {
    const { world, asked } = planned();
    await world.begin(off(SHOP, 300), [activeJob('to_dropoff')]);
    await world.ride(wander(off(SHOP, 300), 16));
    const told = world.feed.of(TOPIC, 'alert').filter((news) => news.alert === 'off_route') as unknown as { atMs: number }[];
    expect(told.length).toBeGreaterThan(1);
    for (let i = 1; i < told.length; i++)
      expect((told[i]?.atMs ?? 0) - (told[i - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(OFF_ROUTE_QUIET_MS);
    expect(asked.length).toBeGreaterThan(told.length);
    for (let i = 1; i < asked.length; i++) expect((asked[i]?.atMs ?? 0) - (asked[i - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(WAY_AGAIN_MS);
  });

  it('that could not be had is asked for again after a minute, and never while the first question is open', async () => {
    const away = planned(() => Promise.reject(new Error('away')));
    const silent = planned(() => new Promise(() => undefined));
    for (const { world } of [away, silent]) {
      await world.begin(SHOP, [activeJob('to_dropoff')]);
      await world.ride(way(SHOP, off(SHOP, 1_500), 10));
    }
    expect(away.asked).toHaveLength(3);
    expect(silent.asked).toHaveLength(1);
    expect([...away.alerts(), ...silent.alerts()]).toEqual([]);
  });

  it('of an order whose door comes later is nobody’s: no question and no alert until the driver rides for it', async () => {
    const { world, asked, alerts } = planned();
    const other = newOrderRef(TENANT, DATA_SHARD, 'cus_2', 'later').id;
    const stop = offeredJob().dropoff;
    const later = offeredJob(other, { dropoff: { ...stop, position: off(SHOP, 0, 3_000) } });
    const jobs = [activeJob('to_dropoff'), activeJob('to_dropoff', later, 'off_2')];
    const stops = jobs.map(({ job }) => ({
      orderId: job.orderId,
      kind: 'dropoff' as const,
      position: job.dropoff.position,
      dueAtMs: null,
    }));
    const { profile } = driverView();
    world.see({ jobs, profile: { ...profile, stops } });
    await world.begin(SHOP);
    world.see({ jobs, profile: { ...profile, stops } });
    await world.news({ type: 'delivery', job: jobs[0] as (typeof jobs)[0] });
    await world.ride(way(SHOP, off(HOME, -120), 10));
    expect(asked.map((one) => one.to)).toEqual([HOME]);
    expect(alerts(`order/${other}`)).toEqual([]);
    world.see({ jobs: jobs.slice(1), profile: { ...profile, stops: stops.slice(1) } });
    await world.news({ type: 'delivery_ended', orderId: ORDER.id, outcome: 'delivered' });
    await world.ride(way(off(HOME, -120), off(SHOP, 1_000, 1_500), 10));
    expect(asked.map((one) => one.to)).toEqual([HOME, later.dropoff.position]);
    expect(asked[1]?.from).not.toEqual(SHOP);
  });
});
