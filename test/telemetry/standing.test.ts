/** Devices that make positions up, and drivers who are locked out. */
import { describe, expect, it } from 'vitest';
import { activeJob, DRIVER, fixAt, HOME, ORDER, off, SHOP, settled, World } from './support.ts';

const TOPIC = `driver/${DRIVER.id}`;
const MOCKED = { isMock: true } as const;

describe('case 19: a position that the device says is made up', () => {
  it('reaches neither the market nor the customer nor the stop, and stays in the history', async () => {
    const world = new World();
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    await world.pass(20);
    const seen = world.feed.of(`order/${ORDER.id}`, 'position').length;
    const placed = world.system.places().length;
    await world.ride([off(SHOP, 20), off(SHOP, 40), off(SHOP, 60)], MOCKED);
    await world.pass(20);
    expect(world.feed.of(`order/${ORDER.id}`, 'position')).toHaveLength(seen);
    expect(world.system.places()).toHaveLength(placed);
    expect(world.system.steps()).toEqual([]);
    expect((await world.telemetry.where(world.source, ORDER.id))?.lat).toBe(SHOP.lat);
    await world.telemetry.close();
    expect(world.written.flatMap((chunk) => chunk.fixes)).toHaveLength(4);
  });

  it('takes the driver out of the market until a real one comes', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.pass(20);
    await world.ride([off(SHOP, 20)], MOCKED);
    await world.pass(20);
    expect(world.system.market().at(-1)).toEqual({ type: 'driver_gone', driverId: DRIVER.id });
    await world.ride([off(SHOP, 40)]);
    await world.pass(20);
    expect(
      world.system
        .market()
        .slice(-2)
        .map((message) => message.type),
    ).toEqual(['drivers', 'positions']);
  });

  it('is told to the driver once a shift, and to its sender for each', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.ride([off(SHOP, 10), off(SHOP, 20)], MOCKED);
    await world.ride([off(SHOP, 30)]);
    const nowMs = world.clock.nowMs() + 1_000;
    const report = await world.telemetry.report(world.source, [fixAt(off(SHOP, 40), nowMs, MOCKED)], nowMs);
    expect(report).toMatchObject({ kind: 'judged', items: [{ verdict: 'history', code: 'gps.mocked' }] });
    expect(world.feed.of(TOPIC, 'notice')).toEqual([{ type: 'notice', code: 'gps.mocked' }]);
  });
});

describe('a driver who is suspended', () => {
  it('is tracked no more from that moment, and its senders are refused until it is approved again', async () => {
    const world = new World();
    await world.begin(SHOP);
    await world.pass(20);
    world.see({ status: 'suspended', online: false });
    await world.news({ type: 'shift', online: false });
    await world.news({ type: 'standing', lockedOut: true });
    expect(world.system.market().at(-1)).toEqual({ type: 'driver_gone', driverId: DRIVER.id });
    const at = fixAt(HOME, world.clock.nowMs());
    expect(await world.telemetry.report(world.source, [at], at.atMs)).toEqual({ kind: 'locked_out' });
    world.see({ status: 'approved', online: false });
    await world.news({ type: 'standing', lockedOut: false });
    expect(await world.telemetry.report(world.source, [at], at.atMs)).toEqual({ kind: 'off_duty' });
  });

  it('is refused also when this thread never heard of the suspension', async () => {
    const world = new World();
    world.see({ status: 'suspended', online: false });
    const at = fixAt(SHOP, world.clock.nowMs());
    expect(await world.telemetry.report(world.source, [at], at.atMs)).toEqual({ kind: 'locked_out' });
  });

  it('rides its job to the end first', async () => {
    const world = new World();
    await world.begin(SHOP, [activeJob('to_dropoff')]);
    world.see({ status: 'suspended', online: true, jobs: [activeJob('to_dropoff')] });
    await world.news({ type: 'standing', lockedOut: false });
    const before = world.feed.of(`order/${ORDER.id}`, 'position').length;
    await world.ride([off(SHOP, 20)]);
    expect(world.feed.of(`order/${ORDER.id}`, 'position')).toHaveLength(before + 1);
  });

  it('whose phone talks on is told again, now and then: the first word may have been lost between threads', async () => {
    const world = new World();
    world.see({ status: 'suspended', online: false });
    world.telemetry.hello(world.source);
    await settled();
    for (let i = 0; i < 30; i++) await world.ride([SHOP]);
    const told = world.feed.of(TOPIC, 'standing');
    expect(told).toEqual(Array.from({ length: 3 }, () => ({ type: 'standing', lockedOut: true })));
    expect(world.system.asked.filter((one) => one.command.type === 'get')).toHaveLength(4);
  });

  it('is let in again when the word of its approval was lost between threads, and locked out by nobody', async () => {
    const world = new World();
    world.see({ status: 'suspended', online: false });
    await world.ride([SHOP]);
    world.see({ status: 'approved', online: true });
    for (let i = 0; i < 12; i++) await world.ride([SHOP]);
    expect(world.feed.of(TOPIC, 'standing')).toEqual([]);
    const at = fixAt(off(SHOP, 20), world.clock.nowMs() + 1_000);
    expect(await world.telemetry.report(world.source, [at], at.atMs)).toMatchObject({ kind: 'judged' });
  });
});

it('a driver off shift who talks on is asked about again once a minute: the word of its shift may have been lost', async () => {
  const world = new World();
  world.see({ online: false });
  await world.ride([SHOP]);
  world.see({ online: true });
  await world.ride(Array.from({ length: 75 }, () => SHOP));
  expect(world.system.asked.filter((one) => one.command.type === 'get')).toHaveLength(2);
  expect((await world.telemetry.where(world.source, ORDER.id))?.lat).toBe(SHOP.lat);
});
