/** Who is tracked, for how long, and what the markets hear: `case n` is one of docs/specs/gps.md. */

import { latLngToCell } from 'h3-js';
import { describe, expect, it } from 'vitest';
import { SILENT_MS } from '../../src/actors/driver/silence.ts';
import { newDriverRef } from '../../src/actors/refs.ts';
import { WAITING_FIXES_MAX } from '../../src/telemetry/home.ts';
import { driverSource } from '../../src/telemetry/protocol.ts';
import {
  activeJob,
  DATA_SHARD,
  DRIVER,
  driverView,
  fixAt,
  HOME,
  ORDER,
  off,
  SHOP,
  START_MS,
  settled,
  TENANT,
  World,
  way,
} from './support.ts';

describe('a driver who is not on shift', () => {
  it('case 30: of a driver without a shift nothing is stored, told or kept, and the sender hears why', async () => {
    const world = new World();
    world.see({ online: false });
    world.telemetry.push(world.source, [fixAt(SHOP, START_MS)], START_MS);
    await settled();
    expect(await world.telemetry.report(world.source, [fixAt(SHOP, START_MS)], START_MS)).toEqual({ kind: 'off_duty' });
    await world.ride([SHOP, HOME]);
    await world.telemetry.close();
    expect(world.written).toEqual([]);
    expect(world.system.told).toEqual([]);
    expect(world.feed.published).toEqual([]);
    expect(await world.telemetry.where(world.source, ORDER.id)).toBe(null);
    expect(world.telemetry.stats()).toMatchObject({ offDutyFixes: 4, accepted: 0 });
  });

  it('is forgotten after a minute of silence, subscription included', async () => {
    const world = new World();
    world.see({ online: false });
    world.telemetry.push(world.source, [fixAt(SHOP, START_MS)], START_MS);
    await settled();
    expect(world.telemetry.stats().drivers).toBe(1);
    await world.pass(80_000);
    expect(world.telemetry.stats().drivers).toBe(0);
    expect(world.feed.listeners.size).toBe(0);
    expect(world.clock.pending).toBe(0);
  });

  it('case 29: a driver that the tenant does not have is unknown, and nothing of it is kept', async () => {
    const world = new World();
    const stranger = driverSource(TENANT, newDriverRef(TENANT, DATA_SHARD, 'nobody').id, 'phone', 0);
    expect(await world.telemetry.report(stranger, [fixAt(SHOP, START_MS)], START_MS)).toEqual({ kind: 'unknown' });
    await world.telemetry.close();
    expect(world.written).toEqual([]);
  });

  it('an id that is none of ours is not even asked for', async () => {
    const world = new World();
    expect(await world.telemetry.report(driverSource(TENANT, 'drv_!!', 'phone', 0), [fixAt(SHOP, START_MS)], START_MS)).toEqual({
      kind: 'unavailable',
    });
    expect(world.system.asked).toEqual([]);
  });

  it('is tracked from the moment of the news that the shift has begun', async () => {
    const world = new World();
    world.see({ online: false });
    world.telemetry.hello(world.source);
    await settled();
    world.see({ online: true });
    await world.news({ type: 'shift', online: true });
    await world.ride([SHOP]);
    expect(world.telemetry.stats().accepted).toBe(1);
  });
});

describe('while the driver actor is asked', () => {
  it('the newest fixes wait, and are judged by the time at which they came', async () => {
    const world = new World();
    world.see({});
    let answer: (value: unknown) => void = () => undefined;
    world.system.respond = ({ command }) =>
      command.type === 'get' ? new Promise((resolve) => (answer = resolve as typeof answer)) : undefined;
    for (let i = 0; i < WAITING_FIXES_MAX + 20; i++)
      world.telemetry.push(world.source, [fixAt(SHOP, START_MS + i * 1_000)], START_MS + i * 1_000);
    await settled();
    answer({ ok: true, value: driverView() });
    await settled();
    expect(world.telemetry.stats()).toMatchObject({ accepted: WAITING_FIXES_MAX, droppedFixes: 20 });
  });

  it('a fault is no answer: the next fix after a second asks again', async () => {
    const world = new World();
    world.see({});
    world.system.respond = () => ({ ok: false, fault: { code: 'runtime.unavailable' } });
    world.telemetry.push(world.source, [fixAt(SHOP, START_MS)], START_MS);
    await settled();
    expect(await world.telemetry.report(world.source, [fixAt(SHOP, START_MS)], START_MS)).toEqual({ kind: 'unavailable' });
    world.system.respond = () => undefined;
    await world.ride([SHOP]);
    expect(world.system.asked.filter((one) => one.command.type === 'get')).toHaveLength(2);
    expect(world.telemetry.stats().accepted).toBe(2);
  });

  it('an answer that is older than the news that came meanwhile is thrown away', async () => {
    const world = new World();
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    const answers: ((value: unknown) => void)[] = [];
    world.system.respond = ({ command }) =>
      command.type === 'get' ? new Promise((resolve) => answers.push(resolve as (typeof answers)[number])) : undefined;
    await world.news({ type: 'offer_closed', offerId: 'off_2', reason: 'expired' });
    await world.news({ type: 'delivery_ended', orderId: ORDER.id, outcome: 'delivered' });
    const before = world.feed.of(`order/${ORDER.id}`, 'position').length;
    answers[0]?.({ ok: true, value: driverView(DRIVER, { jobs: [activeJob('to_dropoff')] }) });
    await settled();
    await world.ride([off(SHOP, 10)]);
    expect(world.feed.of(`order/${ORDER.id}`, 'position')).toHaveLength(before);
    expect(answers).toHaveLength(2);
  });
});

describe('what the markets hear', () => {
  it('the profile comes before the first position, positions at most once in 20 ms and the newest of each', async () => {
    const world = new World();
    await world.begin(SHOP);
    world.telemetry.push(world.source, [fixAt(off(SHOP, 1), START_MS + 1_500)], START_MS + 1_500);
    await world.pass(20);
    expect(world.system.market().map((message) => message.type)).toEqual(['drivers', 'positions']);
    expect(world.system.places()).toHaveLength(1);
    expect(world.system.places()[0]?.atMs).toBe(START_MS + 1_500);
    expect(world.system.told[0]?.to.id).toBe(latLngToCell(SHOP.lat, SHOP.lng, 4));
  });

  it('profiles come again every ten seconds, and at once when they change', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.ride(Array.from({ length: 30 }, () => SHOP));
    await world.pass(20);
    const beats = world.system.market().filter((message) => message.type === 'drivers').length;
    expect(beats).toBe(4);
    const view = driverView();
    world.see({ profile: { ...view.profile, freeSlots: 0 } });
    await world.news({ type: 'offer_closed', offerId: 'off_1', reason: 'taken' });
    await world.pass(20);
    expect(world.system.market().at(-1)).toMatchObject({ type: 'drivers', profiles: [{ freeSlots: 0 }] });
  });

  it('a driver who comes into another market leaves the one before', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.pass(20);
    const far = { lat: SHOP.lat + 1, lng: SHOP.lng };
    for (let i = 0; i < 60; i++) {
      await world.pass(60_000);
      world.telemetry.hello(world.source);
    }
    await world.ride([far]);
    await world.pass(20);
    const gone = world.system.told.filter((one) => one.command.type === 'driver_gone');
    expect(gone.map((one) => one.to.id)).toEqual([latLngToCell(SHOP.lat, SHOP.lng, 4)]);
    expect(world.system.told.at(-1)?.to.id).toBe(latLngToCell(far.lat, far.lng, 4));
    expect(world.telemetry.stats().markets).toBe(1);
  });

  it('the end of the shift takes the driver out at once and writes the track', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.pass(20);
    world.see({ online: false });
    await world.news({ type: 'shift', online: false });
    expect(world.system.market().at(-1)).toEqual({ type: 'driver_gone', driverId: DRIVER.id });
    expect(world.written.map((chunk) => chunk.fixes.length)).toEqual([1]);
  });

  it('case 15: while two phones quarrel the driver is in no market, and the older one is history', async () => {
    const world = new World();
    await world.begin(SHOP);
    const second = driverSource(TENANT, DRIVER.id, 'second phone', START_MS + 500);
    for (let i = 0; i < 4; i++) {
      await world.ride([SHOP]);
      world.telemetry.push(second, [fixAt(off(SHOP, 5_000), world.clock.nowMs() + 500)], world.clock.nowMs() + 500);
    }
    await world.pass(40);
    expect(world.system.market().at(-1)).toEqual({ type: 'driver_gone', driverId: DRIVER.id });
    const report = await world.telemetry.report(world.source, [fixAt(SHOP, world.clock.nowMs())], world.clock.nowMs());
    expect(report).toMatchObject({ kind: 'judged', items: [{ verdict: 'history', code: 'gps.other_device' }] });
  });

  it('case 18: a frozen position is told no more, so it grows stale for the market', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.ride(
      Array.from({ length: 640 }, () => SHOP),
      { speedMps: 5 },
    );
    const last = world.system.places().at(-1)?.atMs ?? 0;
    expect(world.clock.nowMs() - last).toBeGreaterThan(30_000);
  });

  it('case 13: a phone at 5 Hz is told once a second and asked to slow down', async () => {
    const world = new World();
    const advice: [string, string, number][] = [];
    world.telemetry.onAdvice((...given) => advice.push(given));
    await world.begin(SHOP);
    await world.ride(
      Array.from({ length: 100 }, (_, i) => off(SHOP, i)),
      {},
      200,
    );
    await world.pass(20);
    expect(world.system.places().length).toBeLessThanOrEqual(22);
    expect(advice).toEqual([[world.source.key, 'phone', 1_000]]);
  });
});

describe('silence', () => {
  it('of a driver on the way with an order keeps the shift and is an alert of that order, once until something is heard', async () => {
    const world = new World();
    const alerts = () => world.system.told.filter((one) => one.command.type === 'ride_alert').map((one) => one.command.alert);
    await world.begin(off(SHOP, -900), [activeJob('to_pickup')]);
    await world.pass(SILENT_MS - 10_000);
    expect(alerts()).toEqual([]);
    await world.pass(20_000);
    await world.pass(SILENT_MS);
    expect(alerts()).toEqual([{ alert: 'silent', stop: 'pickup', atMs: expect.any(Number) }]);
    expect(world.feed.of(`order/${ORDER.id}`, 'alert')).toHaveLength(1);
    await world.ride([off(SHOP, -800)]);
    await world.pass(SILENT_MS + 10_000);
    expect(alerts()).toHaveLength(2);
    expect(world.system.asked.some((one) => one.command.type === 'go_offline')).toBe(false);
  });

  it('of a driver at a stop is no alert: nobody hears a phone behind thick walls', async () => {
    const world = new World();
    await world.begin(SHOP, [activeJob('at_pickup')]);
    await world.pass(2 * SILENT_MS);
    expect(world.system.told.filter((one) => one.command.type === 'ride_alert')).toEqual([]);
  });

  it('case 25: after five minutes without anything the shift is ended, once', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.pass(SILENT_MS - 10_000);
    expect(world.system.asked.some((one) => one.command.type === 'go_offline')).toBe(false);
    await world.pass(20_000);
    await world.pass(60_000);
    const ended = world.system.asked.filter((one) => one.command.type === 'go_offline').map((one) => one.command);
    expect(ended).toEqual([{ type: 'go_offline', reason: 'silent' }]);
    expect(world.telemetry.stats()).toMatchObject({ silentDrivers: 1 });
    expect(world.system.market().at(-1)).toEqual({ type: 'driver_gone', driverId: DRIVER.id });
  });

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('is measured by the monotonic clock: one that is set %s by an hour makes nobody silent sooner or later', async (_, byMs) => {
    const world = new World();
    await world.begin(SHOP);
    world.clock.step(byMs);
    await world.pass(SILENT_MS - 30_000);
    expect(world.system.asked.some((one) => one.command.type === 'go_offline')).toBe(false);
    await world.pass(60_000);
    expect(world.system.asked.filter((one) => one.command.type === 'go_offline')).toHaveLength(1);
  });

  it('a driver with a job is never sent home, and one who says hello is there', async () => {
    const busy = new World();
    await busy.begin(SHOP, [activeJob('to_dropoff')]);
    await busy.pass(SILENT_MS * 2);
    expect(busy.system.asked.some((one) => one.command.type === 'go_offline')).toBe(false);
    const polite = new World();
    await polite.begin(SHOP);
    for (let i = 0; i < 20; i++) {
      await polite.pass(30_000);
      polite.telemetry.hello(polite.source);
    }
    expect(polite.system.asked.some((one) => one.command.type === 'go_offline')).toBe(false);
  });
});

it('the track of a shift is written in chunks, oldest first, with what came late', async () => {
  const world = new World();
  await world.begin(SHOP);
  const places = way(SHOP, HOME, 10);
  await world.ride(places);
  world.telemetry.push(world.source, [fixAt(places[3] as typeof SHOP, START_MS + 4_500)], world.clock.nowMs());
  await world.telemetry.close();
  const times = world.written.flatMap((chunk) => chunk.fixes.map((fix) => fix.atMs));
  expect(times).toHaveLength(places.length + 2);
  expect(times).toContain(START_MS + 4_500);
  for (const chunk of world.written)
    expect(chunk.fixes.map((fix) => fix.atMs)).toEqual(chunk.fixes.map((fix) => fix.atMs).sort((a, b) => a - b));
});
