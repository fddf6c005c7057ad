/** Two jobs on one driver: which customer sees the driver, and when. Nobody is shown another customer's door. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobPhase } from '../../src/actors/driver/protocol.ts';
import type { DriverProfile } from '../../src/actors/market/protocol.ts';
import { newOrderRef } from '../../src/actors/refs.ts';
import { distanceM, type LatLng } from '../../src/geo/distance.ts';
import { DOOR_M, type Ride, sightOf } from '../../src/telemetry/sight.ts';
import { offerOf, Rider } from '../driver/harness.ts';
import { activeJob, DATA_SHARD, DRIVER, driverView, HOME, ORDER, off, offeredJob, SHOP, TENANT, World, way } from './support.ts';

const SECOND = newOrderRef(TENANT, DATA_SHARD, 'cus_2', 'second');
/** 1.5 km beyond the first customer. */
const SECOND_HOME = off(HOME, 1_500);
const FIRST_TOPIC = `order/${ORDER.id}`;
const SECOND_TOPIC = `order/${SECOND.id}`;

const stopAt = (position: LatLng) => ({ position, name: null, address: null, note: null });
const firstJob = (phase: JobPhase) => activeJob(phase, offeredJob(ORDER.id), 'off_1');
const secondJob = (phase: JobPhase, pickup = SHOP) =>
  activeJob(phase, offeredJob(SECOND.id, { pickup: stopAt(pickup), dropoff: stopAt(SECOND_HOME) }), 'off_2');
type Stops = DriverProfile['stops'];
const planned = (...stops: readonly (readonly [string, 'pickup' | 'dropoff', LatLng])[]): Stops =>
  stops.map(([orderId, kind, position]) => ({ orderId, kind, position, dueAtMs: null }));
const TO_BOTH = planned([ORDER.id, 'dropoff', HOME], [SECOND.id, 'dropoff', SECOND_HOME]);

function seeing(world: World, jobs: Parameters<World['begin']>[1], stops: Stops): void {
  world.see({ jobs: jobs ?? [], profile: { ...driverView(DRIVER).profile, stops } });
}

/** Both orders on board, the first customer's door first. */
async function stacked(world = new World()): Promise<World> {
  seeing(world, [firstJob('to_dropoff'), secondJob('to_dropoff')], TO_BOTH);
  await world.news({ type: 'shift', online: true });
  await world.ride([SHOP]);
  return world;
}

async function firstDelivered(world: World): Promise<void> {
  seeing(world, [secondJob('to_dropoff')], TO_BOTH.slice(1));
  await world.news({ type: 'delivery_ended', orderId: ORDER.id, outcome: 'delivered' });
}

describe('the customer whose turn has not come', () => {
  it('sees no position at all while the driver rides to another door, stands there, and leaves it', async () => {
    const world = await stacked();
    await world.ride([...way(SHOP, HOME, 20), ...Array.from({ length: 30 }, () => HOME)]);
    await firstDelivered(world);
    await world.ride(Array.from({ length: 30 }, () => HOME));
    expect(world.feed.of(SECOND_TOPIC, 'position')).toEqual([]);
    expect(world.feed.of(SECOND_TOPIC, 'elsewhere').length).toBeGreaterThan(100);
    expect(world.feed.of(FIRST_TOPIC, 'position').length).toBeGreaterThan(100);
    expect(world.feed.of(FIRST_TOPIC, 'elsewhere')).toEqual([]);
    expect(JSON.stringify(world.feed.of(SECOND_TOPIC, 'elsewhere'))).not.toMatch(/lat|lng|heading/);
  });

  it('is not shown to the one before, when the driver rides on from there without a word', async () => {
    const world = await stacked();
    await world.ride(way(SHOP, HOME, 20));
    seeing(world, [firstJob('at_dropoff'), secondJob('to_dropoff')], TO_BOTH);
    await world.news({ type: 'delivery', job: firstJob('at_dropoff') });
    const before = world.feed.of(FIRST_TOPIC, 'position').length;
    await world.ride([HOME, ...way(HOME, SECOND_HOME, 20), SECOND_HOME]);
    const seen = world.feed.of(FIRST_TOPIC, 'position').slice(before) as unknown as LatLng[];
    expect(seen.length).toBeGreaterThan(10);
    for (const place of seen) expect(distanceM(place, SECOND_HOME)).toBeGreaterThan(DOOR_M);
  });

  it('has no word of a driver who stands at the other door for long, until it stands elsewhere as long', async () => {
    const world = await stacked();
    const standing = (place: LatLng) => world.ride(Array.from({ length: 310 }, () => place));
    await world.ride(way(SHOP, HOME, 20));
    await standing(HOME);
    await firstDelivered(world);
    await world.ride(way(HOME, off(HOME, 400), 20));
    expect(world.feed.of(SECOND_TOPIC, 'alert')).toEqual([]);
    await standing(off(HOME, 400));
    expect(world.feed.of(SECOND_TOPIC, 'alert').map((news) => news.alert)).toEqual(['stopped']);
  });

  it('sees the driver from the moment that it has left the other door', async () => {
    const world = await stacked();
    await world.ride(way(SHOP, HOME, 20));
    await firstDelivered(world);
    await world.ride(way(HOME, SECOND_HOME, 20));
    const seen = world.feed.of(SECOND_TOPIC, 'position') as unknown as LatLng[];
    expect(seen.length).toBeGreaterThan(50);
    for (const place of seen) expect(distanceM(place, HOME)).toBeGreaterThan(DOOR_M);
    expect(distanceM(seen[0]!, HOME)).toBeLessThan(DOOR_M + 40);
  });

  it('is told when to expect the driver, by way of the other door', async () => {
    // The second door is nearer to the shop than the first: only the way over the first makes it late.
    const nearby = off(SHOP, 0, 600);
    const job = activeJob('to_dropoff', offeredJob(SECOND.id, { dropoff: stopAt(nearby) }), 'off_2');
    const world = new World();
    const stops = planned([ORDER.id, 'dropoff', HOME], [SECOND.id, 'dropoff', nearby]);
    seeing(world, [firstJob('to_dropoff'), job], stops);
    await world.news({ type: 'shift', online: true });
    await world.ride([SHOP]);
    const etaMs = (topic: string, type: string) => Number(world.feed.of(topic, type)[0]?.etaAtMs);
    const firstMs = etaMs(FIRST_TOPIC, 'position') - world.clock.nowMs();
    // There and most of the way back, and the hand-over.
    expect(etaMs(SECOND_TOPIC, 'elsewhere') - world.clock.nowMs()).toBeGreaterThan(firstMs * 1.8 + 180_000);
  });

  it('sees nothing either when the job is given while the driver rides for another', async () => {
    const world = new World();
    seeing(world, [firstJob('to_dropoff')], TO_BOTH.slice(0, 1));
    await world.news({ type: 'shift', online: true });
    await world.ride(way(SHOP, off(SHOP, 300), 20));
    // The news of the job comes before the plan that has it.
    world.feed.publish(`driver/${DRIVER.id}`, { type: 'delivery', job: secondJob('to_pickup', SECOND_HOME) });
    await world.ride(way(off(SHOP, 300), off(SHOP, 600), 20));
    const stops = planned([ORDER.id, 'dropoff', HOME], [SECOND.id, 'pickup', SECOND_HOME], [SECOND.id, 'dropoff', SECOND_HOME]);
    seeing(world, [firstJob('to_dropoff'), secondJob('to_pickup', SECOND_HOME)], stops);
    await world.news({ type: 'delivery', job: secondJob('to_pickup', SECOND_HOME) });
    await world.ride(way(off(SHOP, 600), HOME, 20));
    expect(world.feed.of(SECOND_TOPIC, 'position')).toEqual([]);
    expect(world.feed.of(FIRST_TOPIC, 'elsewhere')).toEqual([]);
  });

  it('sees the driver at a shop that serves both', async () => {
    const world = new World();
    const stops = planned([ORDER.id, 'pickup', SHOP], [SECOND.id, 'pickup', SHOP]);
    seeing(world, [firstJob('to_pickup'), secondJob('to_pickup')], stops);
    await world.news({ type: 'shift', online: true });
    await world.ride(way(off(SHOP, -600), off(SHOP, -100), 20));
    for (const topic of [FIRST_TOPIC, SECOND_TOPIC]) {
      expect(world.feed.of(topic, 'position').length).toBeGreaterThan(10);
      expect(world.feed.of(topic, 'elsewhere')).toEqual([]);
    }
  });
});

it('a job that comes at the door of the last customer shows nothing of that door', async () => {
  const world = new World();
  seeing(world, [firstJob('to_dropoff')], TO_BOTH.slice(0, 1));
  await world.news({ type: 'shift', online: true });
  await world.ride([off(HOME, -60), HOME]);
  seeing(world, [], []);
  await world.news({ type: 'delivery_ended', orderId: ORDER.id, outcome: 'delivered' });
  await world.ride([HOME, HOME]);
  seeing(world, [secondJob('to_pickup')], planned([SECOND.id, 'pickup', SHOP], [SECOND.id, 'dropoff', SECOND_HOME]));
  await world.news({ type: 'delivery', job: secondJob('to_pickup') });
  await world.ride([HOME, HOME, ...way(HOME, off(HOME, -400), 20)]);
  const seen = world.feed.of(SECOND_TOPIC, 'position') as unknown as LatLng[];
  expect(seen.length).toBeGreaterThan(5);
  for (const place of seen) expect(distanceM(place, HOME)).toBeGreaterThan(DOOR_M);
});

it('with the plan of a real driver actor, each customer sees the ride to the own stop and no other', async () => {
  const rider = new Rider().online();
  const give = (offerId: string, job: ReturnType<typeof offeredJob>): void => {
    rider.send({ type: 'offer', offer: offerOf(offerId, job.orderId, { job }) });
    rider.accept(offerId);
    rider.answered('won', offerId);
  };
  give('off_1', firstJob('to_pickup').job);
  give('off_2', secondJob('to_pickup').job);
  const world = new World();
  const hear = async (): Promise<void> => {
    world.system.views.set(DRIVER.id, { ...rider.view(), id: DRIVER.id });
    for (const news of rider.news) await world.news(news);
    await world.news({ type: 'shift', online: true });
  };
  const moved = async (orderId: string, phase: JobPhase): Promise<void> => {
    rider.send({ type: 'job_changed', orderId, phase, dropoff: null });
    await hear();
  };
  const seen = (topic: string): number => world.feed.of(topic, 'position').length;
  await hear();
  // One stop after the other, as won: the first order is delivered before the second is fetched.
  await world.ride(way(off(SHOP, -600), SHOP, 20));
  await moved(ORDER.id, 'at_pickup');
  await moved(ORDER.id, 'to_dropoff');
  const before = seen(SECOND_TOPIC);
  expect([before, seen(FIRST_TOPIC)]).toEqual([0, 30]);
  rider.send({ type: 'job_changed', orderId: SECOND.id, phase: 'to_dropoff', dropoff: null });
  await hear();
  await world.ride(way(SHOP, HOME, 20));
  expect(seen(SECOND_TOPIC)).toBe(before);
  const first = seen(FIRST_TOPIC);
  expect(first).toBeGreaterThan(100);
  rider.send({ type: 'job_ended', orderId: ORDER.id, outcome: 'delivered', cashMinor: 0 });
  await hear();
  await world.ride(way(HOME, SECOND_HOME, 20));
  expect(seen(SECOND_TOPIC)).toBeGreaterThan(before + 50);
  expect(seen(FIRST_TOPIC)).toBe(first);
});

describe('whatever the plan says', () => {
  const place = fc.record({ lat: fc.double({ min: 0, max: 0.01, noNaN: true }), lng: fc.double({ min: 0, max: 0.01, noNaN: true }) });
  const ride = (orderId: string) =>
    fc
      .record({ stop: fc.constantFrom('pickup' as const, 'dropoff' as const), at: place, isRiding: fc.boolean() })
      .map(({ stop, at, isRiding }): Ride => ({ orderId, stop, at, isRiding, door: stop === 'dropoff' ? at : null }));
  const plan = (a: Ride, b: Ride) => fc.shuffledSubarray([...planned([a.orderId, a.stop, a.at], [b.orderId, b.stop, b.at])]);
  const scene = fc.tuple(ride('a'), ride('b'), place).chain(([a, b, at]) => plan(a, b).map((stops) => ({ a, b, at, stops })));

  it('at most one of two customers sees the driver, unless it fetches for both at one shop', () => {
    fc.assert(
      fc.property(scene, ({ a, b, at, stops }) => {
        const around = { plan: stops, left: null };
        const [seesA, seesB] = [sightOf(a, [b], around, at).isShown, sightOf(b, [a], around, at).isShown];
        const isOneShop = a.stop === 'pickup' && b.stop === 'pickup' && distanceM(a.at, b.at) <= 50;
        if (!isOneShop) expect(seesA && seesB).toBe(false);
      }),
    );
  });

  it('nobody who waits for a ride sees the driver near the door of another', () => {
    fc.assert(
      fc.property(scene, ({ a, b, stops }) => {
        const near = off(b.at, 100);
        const sight = sightOf({ ...a, isRiding: true }, [b], { plan: stops, left: null }, near);
        if (b.door !== null) expect(sight.isShown).toBe(false);
        expect(sightOf({ ...a, isRiding: true }, [], { plan: stops, left: b.at }, near).isShown).toBe(false);
      }),
    );
  });
});
