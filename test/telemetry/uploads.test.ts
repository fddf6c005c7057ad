/** Batches of positions on the home thread: what markets, watchers and orders are told of them. */
import { expect, it } from 'vitest';
import { activeJob, DRIVER, fixAt, HOME, ORDER, off, SHOP, World, way } from './support.ts';

it('case 10: a batch that is uploaded newest first leaves the driver at its newest place, and nobody sees it ride backwards', async () => {
  const world = new World();
  await world.begin(SHOP, [activeJob('to_dropoff')]);
  await world.pass(20_000);
  const nowMs = world.clock.nowMs();
  const fixes = [1, 6, 11].map((s) => fixAt(off(SHOP, (20 - s) * 5), nowMs - s * 1_000));
  const report = await world.telemetry.report(world.source, fixes, nowMs);
  await world.pass(10);
  expect(report).toMatchObject({ items: [{ verdict: 'accepted' }, { verdict: 'accepted' }, { verdict: 'accepted' }] });
  expect(world.system.places().at(-1)?.atMs).toBe(nowMs - 1_000);
  expect((await world.telemetry.where(world.source, ORDER.id))?.atMs).toBe(nowMs - 1_000);
  const seen = world.feed.of(`order/${ORDER.id}`, 'position').map((message) => message.atMs as number);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(world.feed.last(`order/${ORDER.id}`)).toMatchObject({ atMs: nowMs - 1_000 });
});

it('case 26: the server clock is set back by ten minutes on the way: the market follows the driver, and the fence still notices the arrival', async () => {
  const world = new World();
  await world.begin(SHOP, [activeJob('to_dropoff')]);
  const road = way(SHOP, HOME, 10);
  await world.ride(road.slice(0, 150));
  const before = world.system.market().length;
  const setBackMs = world.clock.nowMs() - 600_000;
  const rest = [...road.slice(150), ...Array.from({ length: 10 }, () => HOME)];
  for (const [i, place] of rest.entries()) {
    const nowMs = setBackMs + i * 1_000;
    world.telemetry.push(world.source, [fixAt(place, nowMs)], nowMs);
    await world.pass(5);
  }
  const told = world.system.market().slice(before);
  // Forgotten once, known again with its profile before the first place of the new time.
  expect(told.slice(0, 3).map((message) => message.type)).toEqual(['driver_gone', 'drivers', 'positions']);
  expect(told.filter((message) => message.type === 'driver_gone')).toEqual([{ type: 'driver_gone', driverId: DRIVER.id, elsewhere: true }]);
  expect(world.system.steps()).toMatchObject([{ step: 'arrived', stop: 'dropoff' }]);
});
