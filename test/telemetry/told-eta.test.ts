/**
 * What a customer is told of the arrival while threads that watch the ride come and go: the order keeps it, so nothing is told twice and
 * nothing is kept from anybody. The order is the real one, recovered from its journal.
 */
import { describe, expect, it } from 'vitest';
import type { OrderCommand } from '../../src/actors/order/protocol.ts';
import { assign, DRIVER as RIDER, seeking, step } from '../order/delivery-desk.ts';
import type { Desk } from '../order/harness.ts';
import { activeJob, DRIVER, off, SHOP, START_MS, World, way } from './support.ts';

const FAULT = { ok: false, fault: { kind: 'transient', code: 'runtime.shard_unavailable', retryAfterMs: 0 } } as const;
const AWAY = off(SHOP, -6_000);
const CLOCK_AHEAD_MS = 3_600_000;

interface Ride {
  readonly desk: Desk;
  /** Minutes that the customer was told, one entry a message. */
  readonly messages: number[];
}

/** The goods are on board of the driver of these worlds. */
function ride(): Ride {
  const desk = seeking();
  desk.nowMs = START_MS - 60_000;
  desk.send(assign({ ...RIDER, id: DRIVER.id as typeof RIDER.id }, 'off_1'));
  desk.send({ type: 'credentials_issued', leg: 1, otp: '4711', trackingToken: 't', trackingUrl: 'https://x/t/t' });
  step(desk, 'picked_up', undefined, null, DRIVER.id);
  return { desk, messages: [] };
}

/** A thread that begins to watch at this time: it remembers nothing of another one. */
async function watching({ desk, messages }: Ride, at: { lat: number; lng: number }, nowMs = START_MS): Promise<World> {
  const world = new World();
  world.clock.advance(nowMs - START_MS);
  world.system.respond = ({ to, command }) => {
    if (to.kind !== 'order') return undefined;
    desk.nowMs = world.clock.nowMs() - 1_000;
    const decision = desk.send(command as unknown as OrderCommand);
    for (const effect of desk.effects) {
      const said = (effect as { command?: { eta?: { fromMin: number } } }).command;
      if (said?.eta !== undefined) messages.push(said.eta.fromMin);
    }
    return decision.ok ? { ok: true, value: decision.reply } : { ok: false, refusal: decision.refusal };
  };
  await world.begin(at, [activeJob('to_dropoff')]);
  return world;
}

/** kill -9: what was only in memory is gone. */
async function killed(trip: Ride, before: World, at: { lat: number; lng: number }, afterMs = 1_000): Promise<World> {
  trip.desk.state = trip.desk.replayed();
  return watching(trip, at, before.clock.nowMs() + afterMs);
}

describe('the arrival', () => {
  it('is told once, however often the thread that watches the ride is killed', async () => {
    const trip = ride();
    let world = await watching(trip, SHOP);
    for (let northM = 0; northM < 1_500; northM += 500) {
      await world.ride(way(off(SHOP, northM), off(SHOP, northM + 500), 5));
      world = await killed(trip, world, off(SHOP, northM + 500));
    }
    expect(trip.messages).toHaveLength(1);
  });

  it('that was told before a kill and does not hold any more is told again, measured by what the customer knows', async () => {
    const trip = ride();
    const before = await watching(trip, SHOP);
    expect(trip.messages).toHaveLength(1);
    const after = await killed(trip, before, AWAY, 300_000);
    // Not by the first fix: it may be a gust of noise.
    expect(trip.messages).toHaveLength(1);
    await after.ride(Array.from({ length: 120 }, () => AWAY));
    expect(trip.messages).toHaveLength(2);
    expect(trip.messages[1]).toBeGreaterThan((trip.messages[0] as number) + 5);
  });

  it('that was told by a clock that was ahead is corrected as soon as any other, not when that time comes', async () => {
    const trip = ride();
    await watching(trip, SHOP, START_MS + CLOCK_AHEAD_MS);
    expect(trip.messages).toHaveLength(1);
    trip.desk.state = trip.desk.replayed();
    const after = await watching(trip, AWAY, START_MS + 300_000);
    await after.ride(Array.from({ length: 120 }, () => AWAY));
    expect(trip.messages).toHaveLength(2);
  });

  it('is told by one of two threads that watch the same ride', async () => {
    const trip = ride();
    const [one, other] = [await watching(trip, SHOP), await watching(trip, SHOP)];
    for (let i = 0; i < 200; i++) for (const world of [one, other]) await world.ride([AWAY]);
    expect(trip.messages).toHaveLength(2);
  });

  it('is told at the next fix when the order could not be reached', async () => {
    const trip = ride();
    const world = await watching(trip, AWAY);
    const orders = world.system.respond;
    world.system.respond = ({ to }) => (to.kind === 'order' ? FAULT : undefined);
    trip.messages.length = 0;
    await world.ride(Array.from({ length: 200 }, () => SHOP));
    expect(trip.messages).toEqual([]);
    world.system.respond = orders;
    await world.ride([SHOP]);
    expect(trip.messages).toHaveLength(1);
    await world.ride(Array.from({ length: 30 }, () => SHOP));
    expect(trip.messages).toHaveLength(1);
  });

  it('of the way to the shop is nobody told', async () => {
    const trip = ride();
    const world = new World();
    await world.begin(AWAY, [activeJob('to_pickup')]);
    await world.ride(way(AWAY, off(SHOP, -500), 20));
    expect(world.system.asked.filter((one) => one.command.type === 'eta_moved')).toEqual([]);
    expect(trip.messages).toEqual([]);
  });
});
