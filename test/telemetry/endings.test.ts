/** A home at its edges: an answer that is old when it comes, drivers whom nobody answers for, a thread that ends. */
import { expect, it } from 'vitest';
import { DRIVER, driverView, fixAt, SHOP, START_MS, settled, World } from './support.ts';

it('counts the positions of a driver whom it forgets before the actor has said anything', async () => {
  const world = new World();
  world.system.respond = () => ({ ok: false, fault: { kind: 'transient', code: 'runtime.unavailable' } });
  world.telemetry.push(world.source, [fixAt(SHOP, START_MS), fixAt(SHOP, START_MS + 1)], START_MS);
  await settled();
  await world.pass(80_000);
  expect(world.telemetry.stats()).toMatchObject({ drivers: 0, droppedFixes: 2, offDutyFixes: 0 });
  expect(world.clock.pending).toBe(0);
});

it('takes nothing in after its end: no timer, no subscription and no question begins, and what came is counted', async () => {
  const world = new World();
  await world.begin(SHOP);
  await world.telemetry.close();
  const asked = world.system.asked.length;
  world.telemetry.hello(world.source);
  world.telemetry.push(world.source, [fixAt(SHOP, START_MS + 1_000)], START_MS + 1_000);
  await settled();
  expect(world.telemetry.stats()).toMatchObject({ drivers: 0, droppedFixes: 1, refusedDrivers: 2 });
  expect(world.system.asked).toHaveLength(asked);
  expect(world.feed.listeners.size).toBe(0);
  expect(world.clock.pending).toBe(0);
});

it('judges an upload by the word that follows, when news have overtaken the answer that it waited for', async () => {
  const world = new World();
  world.see({ online: true });
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  world.system.respond = async () => {
    world.system.respond = async () => {
      await settled();
      return { ok: true, value: driverView() };
    };
    await held;
    return { ok: true, value: driverView(DRIVER, { online: false }) };
  };
  const report = world.telemetry.report(world.source, [fixAt(SHOP, START_MS)], START_MS);
  await settled();
  await world.news({ type: 'shift', online: true });
  answer();
  expect(await report).toMatchObject({ kind: 'judged', items: [expect.anything()] });
});

it('judges an upload of a driver whose shift has just begun, although it was off duty when last asked about', async () => {
  const world = new World();
  world.see({ online: false });
  world.telemetry.hello(world.source);
  await settled();
  world.see({ online: true });
  world.system.respond = async () => {
    await settled();
    return { ok: true, value: driverView() };
  };
  world.feed.publish(`driver/${DRIVER.id}`, { type: 'shift', online: true });
  expect(await world.telemetry.report(world.source, [fixAt(SHOP, START_MS)], START_MS)).toMatchObject({ kind: 'judged' });
});
