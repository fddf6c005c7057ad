/** What becomes of a job while its driver rides: `case n` is one of docs/specs/gps.md. */
import { describe, expect, it } from 'vitest';
import { newOrderRef } from '../../src/actors/refs.ts';
import { activeJob, DATA_SHARD, DRIVER, fixAt, HOME, ORDER, off, offeredJob, SHOP, START_MS, TENANT, World, way } from './support.ts';

const TOPIC = `order/${ORDER.id}`;

describe('arrival', () => {
  it('is noticed by itself, once, with the distance as evidence', async () => {
    const world = new World();
    await world.begin(off(SHOP, 500), [activeJob('to_pickup')]);
    await world.ride(way(off(SHOP, 500), SHOP, 8));
    await world.ride(Array.from({ length: 20 }, () => SHOP));
    expect(world.system.steps()).toHaveLength(1);
    const [step] = world.system.steps();
    expect(step).toMatchObject({ step: 'arrived', driverId: DRIVER.id, otp: null, evidence: { by: 'fence' } });
    const evidence = step?.evidence as { distanceM: number; positionAtMs: number };
    expect(evidence.distanceM).toBeLessThanOrEqual(50);
    expect(world.system.asked.at(-1)?.options.commandId ?? 'arrived:off_1:pickup').toBe('arrived:off_1:pickup');
  });

  it('case 32: of two stops next to each other only that of the present leg is arrived at', async () => {
    const world = new World();
    const stop = offeredJob().pickup;
    const job = offeredJob(ORDER.id, { dropoff: { ...stop, position: off(SHOP, 20) } });
    await world.begin(off(SHOP, 400), [activeJob('to_pickup', job)]);
    await world.ride(way(off(SHOP, 400), SHOP, 8));
    await world.ride([SHOP, SHOP, SHOP]);
    expect(world.system.asked.flatMap((one) => one.options.commandId ?? [])).toEqual(['arrived:off_1:pickup']);
    // At the pickup, standing inside both circles, nothing happens until the goods are on the way.
    world.see({ jobs: [activeJob('at_pickup', job)] });
    await world.news({ type: 'delivery', job: activeJob('at_pickup', job) });
    await world.ride([SHOP, SHOP, SHOP]);
    expect(world.system.steps()).toHaveLength(1);
    world.see({ jobs: [activeJob('to_dropoff', job)] });
    await world.news({ type: 'delivery', job: activeJob('to_dropoff', job) });
    await world.ride([SHOP, SHOP, SHOP]);
    expect(world.system.asked.flatMap((one) => one.options.commandId ?? [])).toEqual(['arrived:off_1:pickup', 'arrived:off_1:dropoff']);
  });

  it('case 33: a phone that wakes up at the stop has arrived after two fixes, without an approach', async () => {
    const world = new World();
    await world.begin(off(SHOP, 10), [activeJob('to_pickup')]);
    expect(world.system.steps()).toHaveLength(0);
    await world.ride([off(SHOP, 12)]);
    expect(world.system.steps()).toHaveLength(1);
  });

  it('case 34: passing the stop at 20 m/s is no arrival', async () => {
    const world = new World();
    await world.begin(off(SHOP, 600), [activeJob('to_pickup')]);
    await world.ride(way(off(SHOP, 600), off(SHOP, -600), 20), { speedMps: 20 });
    expect(world.system.steps()).toHaveLength(0);
  });

  it('case 35: drifting up to 90 m while waiting is neither a departure nor a second arrival', async () => {
    const world = new World();
    await world.begin(off(SHOP, 20), [activeJob('to_pickup')]);
    await world.ride([off(SHOP, 20), off(SHOP, 20)]);
    world.see({ jobs: [activeJob('at_pickup')] });
    await world.news({ type: 'delivery', job: activeJob('at_pickup') });
    for (let i = 0; i < 10; i++) await world.ride([...way(off(SHOP, 20), off(SHOP, 90), 4), ...way(off(SHOP, 90), off(SHOP, 20), 4)]);
    expect(world.system.steps()).toHaveLength(1);
  });

  it('case 19: a made-up position arrives nowhere and is no evidence', async () => {
    const world = new World();
    await world.begin(off(SHOP, 500), [activeJob('to_pickup')]);
    const before = await world.telemetry.where(world.source, ORDER.id);
    await world.ride([...way(off(SHOP, 500), SHOP, 8), SHOP, SHOP, SHOP], { isMock: true });
    expect(world.system.steps()).toHaveLength(0);
    expect(await world.telemetry.where(world.source, ORDER.id)).toEqual(before);
  });

  it('case 8: a buffered upload of the ride arrives nowhere', async () => {
    const world = new World();
    await world.begin(off(SHOP, 500), [activeJob('to_pickup')]);
    world.clock.advance(600_000);
    const fixes = [...way(off(SHOP, 500), SHOP, 10), SHOP, SHOP, SHOP].map((place, i) => fixAt(place, START_MS + 1_000 + i * 1_000));
    await world.telemetry.report(world.source, fixes, world.clock.nowMs());
    expect(world.system.steps()).toHaveLength(0);
  });

  it('is asked again after a fault, and not after the order has refused', async () => {
    const world = new World();
    const answers = [
      { ok: false, fault: { code: 'runtime.unavailable' } },
      { ok: false, refusal: { code: 'delivery.wrong_phase' } },
    ] as const;
    world.system.respond = ({ command }) => (command.type === 'driver_step' ? answers[world.system.steps().length - 1] : undefined);
    await world.begin(SHOP, [activeJob('to_pickup')]);
    await world.ride([SHOP, SHOP, SHOP, SHOP, SHOP]);
    expect(world.system.steps()).toHaveLength(2);
    expect(world.telemetry.stats()).toMatchObject({ arrivals: 0, arrivalsFailed: 1, arrivalsRefused: 1 });
  });

  it('case 36: what the platform knows of the place speaks from the stop of the present leg', async () => {
    const world = new World();
    await world.begin(off(SHOP, 3_000), [activeJob('to_pickup')]);
    const place = await world.telemetry.where(world.source, ORDER.id);
    expect(place?.distanceM).toBeGreaterThan(2_990);
    expect(place).toMatchObject({ stop: 'pickup', offerId: 'off_1', atMs: START_MS });
    const other = newOrderRef(TENANT, DATA_SHARD, 'cus_2', 'other').id;
    expect(await world.telemetry.where(world.source, other)).toMatchObject({ distanceM: null, offerId: null, stop: null });
  });
});

describe('what watchers of the order see', () => {
  it('case 42: positions from the assignment to the end of that job and of no other, at most one a second, none left behind', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.ride(way(SHOP, off(SHOP, 50), 10));
    expect(world.feed.published).toEqual([]);
    world.see({ jobs: [activeJob('to_pickup')] });
    await world.news({ type: 'delivery', job: activeJob('to_pickup') });
    await world.ride(
      Array.from({ length: 50 }, (_, i) => off(SHOP, 50 + i * 2)),
      {},
      200,
    );
    const seen = world.feed.of(TOPIC, 'position');
    expect(seen.length).toBeGreaterThan(8);
    expect(seen.length).toBeLessThanOrEqual(11);
    expect(world.feed.last(TOPIC)).toMatchObject({ type: 'position', driverId: DRIVER.id });
    world.see({ jobs: [] });
    await world.news({ type: 'delivery_ended', orderId: ORDER.id, outcome: 'released' });
    expect(world.feed.last(TOPIC)).toEqual({ type: 'changed', version: 0 });
    await world.ride([off(SHOP, 200), off(SHOP, 210)]);
    expect(world.feed.of(TOPIC, 'position')).toHaveLength(seen.length);
    expect(world.feed.published.every((one) => one.topic === TOPIC || one.topic === `driver/${DRIVER.id}`)).toBe(true);
  });

  it('the expected arrival lies ahead, its late bound after it, and both are gone at the stop', async () => {
    const world = new World();
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    const first = world.feed.of(TOPIC, 'position')[0] as unknown as { etaAtMs: number; etaLatestAtMs: number };
    expect(first.etaAtMs).toBeGreaterThanOrEqual(START_MS + 60_000);
    expect(first.etaLatestAtMs).toBeGreaterThan(first.etaAtMs);
    await world.ride([...way(SHOP, HOME, 10), HOME, HOME, HOME]);
    expect(world.feed.of(TOPIC, 'position').at(-1)).toMatchObject({ etaAtMs: null, etaLatestAtMs: null });
  });

  it('case 37: a stop at a light is no news, and what remains is never below a minute', async () => {
    const world = new World();
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    await world.ride(way(SHOP, off(SHOP, 700), 7));
    await world.ride(Array.from({ length: 90 }, () => off(SHOP, 700)));
    await world.ride(way(off(SHOP, 700), off(HOME, -80), 7));
    expect(world.system.asked.filter((one) => one.command.type === 'eta_moved')).toHaveLength(1);
    for (const position of world.feed.of(TOPIC, 'position') as unknown as { atMs: number; etaAtMs: number | null }[])
      if (position.etaAtMs !== null) expect(position.etaAtMs - position.atMs).toBeGreaterThanOrEqual(59_999);
  });

  it('case 39: an estimate that swings is told at most once a minute', async () => {
    const told: { atMs: number }[] = [];
    const world = new World();
    world.system.respond = ({ command }) => {
      if (command.type === 'eta_moved') told.push({ atMs: world.clock.nowMs() });
      return undefined;
    };
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    for (let i = 0; i < 6; i++) {
      await world.ride(way(off(SHOP, 0, 200), off(SHOP, -3_000, 200), 30));
      await world.ride(way(off(SHOP, -3_000, 200), off(SHOP, 0, 200), 30));
    }
    expect(told.length).toBeGreaterThan(1);
    for (let i = 1; i < told.length; i++) expect((told[i]?.atMs ?? 0) - (told[i - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  it('a driver who leaves the planned way, or stands for long, raises one alert each', async () => {
    const world = new World({ routeOf: async (from, to) => [from, to] });
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    await world.ride(way(SHOP, off(SHOP, 600), 10));
    expect(world.feed.of(TOPIC, 'alert')).toEqual([]);
    await world.ride(way(off(SHOP, 600), off(SHOP, 600, 400), 10));
    expect(world.feed.of(TOPIC, 'alert').map((news) => news.alert)).toEqual(['off_route']);
    await world.ride(Array.from({ length: 400 }, () => off(SHOP, 600, 400)));
    expect(world.feed.of(TOPIC, 'alert').map((news) => news.alert)).toEqual(['off_route', 'stopped']);
  });

  it('case 38: a planner that is away or never answers changes nothing', async () => {
    for (const routeOf of [async () => Promise.reject(new Error('away')), () => new Promise<null>(() => undefined), async () => null]) {
      const world = new World({ routeOf });
      await world.begin(SHOP, [activeJob('to_dropoff')]);
      await world.ride(way(SHOP, off(SHOP, 600, 400), 10));
      expect(world.feed.of(TOPIC, 'alert')).toEqual([]);
      expect(world.feed.of(TOPIC, 'position').length).toBeGreaterThan(50);
    }
  });
});

it('legs that have ended teach how long the next one takes', async () => {
  const world = new World();
  const expectedMs: number[] = [];
  await world.begin(off(SHOP, 1_000));
  for (let trip = 0; trip < 60; trip++) {
    const distanceM = trip % 2 === 0 ? 1_000 : 4_000;
    const job = activeJob('to_pickup', offeredJob(), `off_${trip}`);
    world.see({ jobs: [job] });
    await world.news({ type: 'delivery', job });
    await world.ride([off(SHOP, distanceM)], {}, 200_000);
    const news = world.feed.of(TOPIC, 'position').at(-1) as unknown as { atMs: number; etaAtMs: number };
    expectedMs.push(news.etaAtMs - news.atMs);
    // A quarter of an hour for each kilometre, every time.
    await world.ride([off(SHOP, 60)], {}, distanceM * 900);
    const there = activeJob('at_pickup', offeredJob(), `off_${trip}`);
    world.see({ jobs: [there] });
    await world.news({ type: 'delivery', job: there });
    world.see({ jobs: [] });
    await world.news({ type: 'delivery_ended', orderId: ORDER.id, outcome: 'released' });
  }
  const [first, last] = [expectedMs[1] as number, expectedMs.at(-1) as number];
  expect(last).toBeGreaterThan(first * 2);
});
