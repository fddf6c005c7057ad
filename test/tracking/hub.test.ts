/** Watchers on one thread, in virtual time: conflation, limits, lost news, endings. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { type HubLimits, type Seat, TrackingHub } from '../../src/transport/tracking/hub.ts';
import { HEARTBEAT_MS, LIFETIME_MS, type Sink, STREAM_MAX_BYTES, type TrackMessage } from '../../src/transport/tracking/watcher.ts';
import { FakeFeed, FakeOrder, ORDER, TENANT } from './world.ts';

const TICKET = { tenantId: TENANT, orderId: ORDER, leg: 1 };

/** A client that reads only while it is told to. */
class FakeSink implements Sink {
  readonly messages: Record<string, unknown>[] = [];
  heartbeats = 0;
  closed: boolean | null = null;
  isReading = true;

  send(message: TrackMessage): boolean {
    this.messages.push(JSON.parse(message.text));
    return this.isReading;
  }

  heartbeat(): boolean {
    this.heartbeats++;
    return this.isReading;
  }

  close(isOver: boolean): void {
    this.closed = isOver;
  }

  types(): unknown[] {
    return this.messages.map((message) => message.type);
  }
}

let clock: VirtualClock;
let feed: FakeFeed;
let order: FakeOrder;
let hub: TrackingHub;
let seats: Seat[];

function start(limits: Partial<HubLimits> = {}): void {
  clock = new VirtualClock(1_800_000_000_000);
  feed = new FakeFeed();
  order = new FakeOrder(feed, clock);
  hub = new TrackingHub({ system: order, feed, clock, limits });
  seats = [];
}

beforeEach(() => start());
afterEach(() => {
  for (const seat of seats) seat.leave();
  expect(hub.watchers).toBe(0);
  expect(feed.subscriptions).toBe(0);
});

async function watch(since: number | null = null) {
  const seat = await hub.open(TICKET);
  seats.push(seat);
  const sink = new FakeSink();
  return { seat, sink, watcher: seat.sit(sink, since) };
}

/** Lets the answers of the fake order arrive: they are resolved promises. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a clock that is set', () => {
  it.each([-7_200_000, 7_200_000])('by %i ms cuts nobody off, silences nobody, and lets a link in at its pace', async (stepMs) => {
    const { sink } = await watch();
    for (let i = 0; i < 20; i++) hub.admit(TICKET);
    clock.step(stepMs);
    expect(() => hub.admit(TICKET)).toThrow();
    clock.advance(1_000);
    hub.admit(TICKET);
    expect(() => hub.admit(TICKET)).toThrow();
    clock.advance(HEARTBEAT_MS + 5_000);
    expect(sink.heartbeats).toBeGreaterThan(0);
    expect(sink.closed).toBe(null);
    clock.advance(LIFETIME_MS);
    expect(sink.closed).toBe(false);
  });
});

describe('a watcher', () => {
  it('gets the whole state, then only what changed, numbered without a gap', async () => {
    const { sink } = await watch();
    order.ride(0.1);
    clock.advance(1_000);
    order.ride(0.2);
    order.advance('at_pickup');
    await settle();
    expect(sink.types()).toEqual(['snapshot', 'delta', 'delta', 'delta']);
    expect(sink.messages[1]).toMatchObject({ base: (sink.messages[0]!.track as { seq: number }).seq });
    expect(Object.keys(sink.messages[1]!.track as object).sort()).toEqual(['eta', 'position', 'seq']);
    const merged = Object.assign({}, ...sink.messages.map(({ track }) => track));
    expect(merged).toEqual(await hub.look(TICKET));
  });

  it('case 41: that is behind gets nothing until it has caught up, and then one difference to the newest state', async () => {
    const { sink, watcher } = await watch();
    sink.isReading = false;
    for (let i = 1; i <= 50; i++) {
      clock.advance(1_000);
      order.ride(i / 50);
    }
    expect(sink.messages).toHaveLength(2);
    sink.isReading = true;
    watcher.caughtUp();
    expect(sink.messages).toHaveLength(3);
    const known = {
      ...(sink.messages[0]!.track as object),
      ...(sink.messages[1]!.track as object),
      ...(sink.messages[2]!.track as object),
    };
    expect(known).toEqual(await hub.look(TICKET));
  });

  it('that reads nothing for a minute is closed, to come back', async () => {
    const { sink } = await watch();
    sink.isReading = false;
    order.ride(0.1);
    clock.advance(70_000);
    expect(sink.closed).toBe(false);
  });

  it('is sent a heartbeat when nothing else was written for 15 s', async () => {
    const { sink } = await watch();
    clock.advance(HEARTBEAT_MS * 4);
    await settle();
    expect(sink.heartbeats).toBe(4);
    expect(sink.types()).toEqual(['snapshot']);
  });

  it('is closed after its lifetime, and at the limit of bytes', async () => {
    const { sink } = await watch();
    clock.advance(LIFETIME_MS);
    expect(sink.closed).toBe(false);
    const long = await watch();
    for (let bytes = 0; bytes < STREAM_MAX_BYTES; bytes += JSON.stringify(long.sink.messages.at(-1)).length) {
      clock.advance(1);
      order.ride(0.5, { source: 'x'.repeat(65_536) });
    }
    clock.advance(10_000);
    expect(long.sink.closed).toBe(false);
  });

  it('that has the present state is told only that it lives; with any other number it gets the whole', async () => {
    const { seq } = await hub.look(TICKET);
    expect((await watch(seq)).sink).toMatchObject({ messages: [], heartbeats: 1 });
    for (const other of [seq - 1, seq + 1, 0]) expect((await watch(other)).sink.types()).toEqual(['snapshot']);
  });

  it('sees a position grow old without any news', async () => {
    const { sink } = await watch();
    order.ride(0.3);
    clock.advance(66_000);
    expect(sink.messages.at(-1)).toMatchObject({ type: 'delta', track: { position: { stale: true } } });
    clock.advance(240_000);
    expect(sink.messages.at(-1)).toMatchObject({ type: 'delta', track: { position: null, eta: null } });
  });
});

describe('the end of a leg', () => {
  it('case 42: is the last message, closes every watcher, and leaves nothing to look at', async () => {
    const one = await watch();
    const two = await watch();
    order.advance('delivered');
    await settle();
    for (const { sink } of [one, two]) {
      expect(sink.messages.at(-1)).toMatchObject({ type: 'end', outcome: 'delivered' });
      expect(sink.closed).toBe(true);
    }
    order.ride(0.99);
    expect(one.sink.types()).toEqual(['snapshot', 'end']);
    await expect(hub.look(TICKET)).rejects.toMatchObject({ code: 'tracking.ended', status: 410 });
    await expect(hub.open(TICKET)).rejects.toMatchObject({ code: 'tracking.ended', status: 410 });
  });

  it('case 42: reaches the old link when another driver takes over, and the old link never shows the new driver', async () => {
    const { sink } = await watch();
    order.advance('assigned', { leg: 2, driver: { id: 'drv_3f2', name: 'Lindiwe', vehicle: 'car', registration: null } });
    order.ride(0.1);
    await settle();
    expect(sink.messages.at(-1)).toMatchObject({ type: 'end', outcome: 'reassigned' });
    expect(JSON.stringify(sink.messages)).not.toContain('Lindiwe');
  });

  it('is found out within a minute when the news of it was lost', async () => {
    const { sink } = await watch();
    order.order = { ...order.order, delivery: { ...order.order.delivery, phase: 'ended' } };
    clock.advance(65_000);
    await settle();
    expect(sink.messages.at(-1)).toMatchObject({ type: 'end', outcome: 'ended' });
  });

  it('between opening and sitting down is told at once', async () => {
    const seat = await hub.open(TICKET);
    seats.push(seat);
    order.advance('delivered');
    await settle();
    const sink = new FakeSink();
    seat.sit(sink, null);
    expect(sink.messages).toMatchObject([{ type: 'end', outcome: 'delivered' }]);
    expect(sink.closed).toBe(true);
  });
});

describe('the hub', () => {
  it('asks the order once for many watchers, and once more for news during a question', async () => {
    await Promise.all([watch(), watch(), watch()]);
    expect(order.asked).toBe(1);
    for (let i = 0; i < 10; i++) order.advance('at_pickup');
    await settle();
    expect(order.asked).toBeLessThanOrEqual(3);
    expect((await hub.look(TICKET)).seq).toBeGreaterThanOrEqual(order.order.version * 2 ** 33);
  });

  it('keeps showing what it knows while the order cannot be asked, and catches up', async () => {
    const { sink } = await watch();
    order.fault = { ok: false, fault: { code: 'runtime.unavailable', retryAfterMs: 1_000 } };
    order.advance('at_pickup');
    await settle();
    expect(sink.closed).toBeNull();
    order.fault = null;
    clock.advance(5_000);
    await settle();
    expect(sink.messages.at(-1)).toMatchObject({ type: 'delta', track: { phase: 'at_pickup' } });
  });

  it('refuses one watcher too many for a link with 429 and for the thread with 503, and takes the next when one leaves', async () => {
    start({ watchersPerLink: 2 });
    const first = await watch();
    await watch();
    await expect(hub.open(TICKET)).rejects.toMatchObject({ status: 429, extras: { headers: { 'retry-after': '10' } } });
    first.seat.leave();
    first.seat.leave();
    await watch();
    for (const seat of seats) seat.leave();
    start({ watchersPerThread: 1 });
    await watch();
    await expect(hub.open(TICKET)).rejects.toMatchObject({ status: 503 });
  });

  it('sends everybody away when it drains, and lets nobody in', async () => {
    const { sink } = await watch();
    hub.drain();
    expect(sink).toMatchObject({ closed: false });
    expect(sink.types()).toEqual(['snapshot']);
    await expect(hub.open(TICKET)).rejects.toMatchObject({ code: 'runtime.unavailable' });
  });

  it('lets nobody in who was on the way when it began to drain, and gives the place back', async () => {
    const opening = hub.open(TICKET);
    hub.drain();
    await expect(opening).rejects.toMatchObject({ code: 'runtime.unavailable' });
    expect(hub.watchers).toBe(0);
  });

  it('gives a place back when the leg cannot be shown', async () => {
    await expect(hub.open({ ...TICKET, leg: 9 })).rejects.toMatchObject({ code: 'tracking.not_found' });
    order.fault = { ok: false, fault: { code: 'runtime.unavailable' } };
    await expect(hub.open(TICKET)).rejects.toMatchObject({ code: 'runtime.unavailable' });
  });
});
