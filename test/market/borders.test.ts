/** Two markets of one tenant with a shop on either side of their border, and drivers who ride on both. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideDriver } from '../../src/actors/driver/decide.ts';
import type { DriverCommand } from '../../src/actors/driver/protocol.ts';
import { type DriverActorState, type DriverEvent, evolveDriver, initialDriver } from '../../src/actors/driver/state.ts';
import { profileOf } from '../../src/actors/driver/views.ts';
import { Market } from '../../src/actors/market/actor.ts';
import { marketOfOffer, offerIdOf } from '../../src/actors/market/offer-id.ts';
import type { DriverProfile, MarketMessage, MarketView } from '../../src/actors/market/protocol.ts';
import { driverRef, marketRef, marketRefOf, marketsAround, newDriverRef, newOrderRef } from '../../src/actors/refs.ts';
import type { Position } from '../../src/actors/tenant/protocol.ts';
import { distanceM } from '../../src/geo/distance.ts';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { dataShardOf, type EntityRef } from '../../src/runtime/entity.ts';
import { PERSON } from '../driver/harness.ts';

const T0 = Date.UTC(2026, 10, 20, 10);
const TENANT = 7;
const SHARD = 4;
const REACH_M = 12_000;
const STEP_DEG = 0.001;
const cell = (at: Position): string => marketRef(TENANT, SHARD, at).id;

/** Where the market ends when one goes east from here. */
function borderEastOf(at: Position): number {
  let lng = at.lng;
  while (cell({ lat: at.lat, lng }) === cell(at)) lng += STEP_DEG;
  return lng - STEP_DEG / 2;
}

const LAT = -26.2;
const BORDER_LNG = borderEastOf({ lat: LAT, lng: 27.85 });
/** About 500 m a step. */
const east = (steps: number): Position => ({ lat: LAT, lng: BORDER_LNG + steps * 0.005 });
const WEST_SHOP = east(-2);
const EAST_SHOP = east(2);

interface Rider {
  readonly id: string;
  state: DriverActorState;
  seq: number;
  at: Position;
}

class Town {
  readonly clock = new VirtualClock(T0);
  readonly markets = new Map<string, Market>();
  readonly riders = new Map<string, Rider>();
  /** By order: drivers who were asked, in order. */
  readonly asked = new Map<string, string[]>();
  readonly borrowed: string[] = [];
  #version = 0;

  rider(name: string, at: Position): string {
    const { id } = newDriverRef(TENANT, SHARD, name);
    const rider: Rider = { id, state: initialDriver, seq: 0, at };
    this.riders.set(id, rider);
    this.command(id, { type: 'register', driver: { ...PERSON, documents: {} } });
    this.command(id, { type: 'approve', by: 'x' });
    this.command(id, { type: 'go_online' });
    return id;
  }

  command(id: string, command: DriverCommand): Answer {
    const rider = this.riders.get(id) as Rider;
    const ref = driverRef(TENANT, id) as EntityRef;
    const context = { ref, nowMs: this.clock.nowMs(), seq: rider.seq + 1, view: null, uniqueId: (salt: string) => salt };
    const decision = decideDriver(rider.state, command, context);
    if (!decision.ok) return decision;
    for (const event of decision.events as readonly DriverEvent[])
      rider.state = evolveDriver(rider.state, event, { seq: ++rider.seq, atMs: context.nowMs });
    return { ok: true, value: decision.reply };
  }

  /** What the home thread tells: the market of each driver's place hears of it. */
  report(): void {
    for (const { id, state, at } of this.riders.values()) {
      const to = marketRef(TENANT, SHARD, at);
      this.#send(to, { type: 'drivers', profiles: [profileOf(state, id, this.clock.nowMs())] });
      const packed = new Uint8Array(Float64Array.of(at.lat, at.lng, this.clock.nowMs()).buffer);
      this.#send(to, { type: 'positions', driverIds: [id], packed, receivedAtMs: this.clock.nowMs() });
    }
  }

  /** The driver is now over there: the market it leaves is told. */
  move(id: string, to: Position): void {
    const rider = this.riders.get(id) as Rider;
    if (cell(rider.at) !== cell(to)) this.#send(marketRef(TENANT, SHARD, rider.at), { type: 'driver_gone', driverId: id });
    rider.at = to;
  }

  order(name: string, pickup: Position): string {
    const orderId = newOrderRef(TENANT, SHARD, `cus_${name}`, name).id;
    const stop = (position: Position) => ({ position, name: null, address: null, note: null });
    const shared = { orderId, distanceM: 2_000, currency: 'ZAR', cashMinor: 0, promisedAtMs: null };
    const dropoff = { lat: pickup.lat + 0.01, lng: pickup.lng };
    this.#send(marketRef(TENANT, SHARD, pickup), {
      type: 'open_job',
      job: {
        ...shared,
        version: ++this.#version,
        pickup,
        dropoff,
        readyAtMs: this.clock.nowMs(),
        openedAtMs: this.clock.nowMs(),
        feeMinor: 2_000,
        needs: { vehicles: [], coldStorage: false, minRating: 0 },
        excludedDriverIds: [],
      },
      offered: { ...shared, code: 'K7F', jobVersion: this.#version, pickup: stop(pickup), dropoff: stop(dropoff) },
    });
    return orderId;
  }

  close(orderId: string, pickup: Position): void {
    this.#send(marketRef(TENANT, SHARD, pickup), { type: 'close_job', orderId, reason: 'cancelled' });
  }

  /** @param isHeard whether drivers report their places, once a second */
  async pass(ms: number, isHeard = true): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.clock.advance(100);
      if (isHeard && left % 1_000 === 0) this.report();
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  }

  driversOf(pickup: Position): string[] {
    return this.#look(pickup)
      .map(({ driverId }) => driverId)
      .sort();
  }

  slotsOf(pickup: Position, id: string): number | undefined {
    return this.#look(pickup).find(({ driverId }) => driverId === id)?.freeSlots;
  }

  tell(pickup: Position, message: MarketMessage): void {
    this.#send(marketRef(TENANT, SHARD, pickup), message);
  }

  /** A driver whom one market lends to another, as the lender believes it to be. */
  lend(from: Position, to: Position, profile: DriverProfile): void {
    this.tell(to, { type: 'lent', lender: cell(from), drivers: [{ profile, position: from, atMs: this.clock.nowMs() }] });
  }

  #look(pickup: Position): MarketView['drivers'] {
    const views: MarketView[] = [];
    const ref = marketRef(TENANT, SHARD, pickup);
    this.#market(ref).receive({ type: 'look' }, { ref, reply: (value) => views.push(value as MarketView) });
    return views[0]?.drivers ?? [];
  }

  #market(ref: EntityRef): Market {
    const known = this.markets.get(ref.id);
    if (known !== undefined) return known;
    const system = {
      tell: (to: EntityRef, message: unknown): boolean => {
        if (to.kind === 'driver') this.command(to.id, message as DriverCommand);
        else if (to.kind === 'market') this.#send(to, message as MarketMessage);
        return true;
      },
      ask: async <R>(to: EntityRef, message: unknown): Promise<Answer<R>> => {
        const command = message as DriverCommand & { readonly type: 'offer' };
        const answer = this.command(to.id, command);
        if (answer.ok) this.asked.set(command.offer.orderId, [...(this.asked.get(command.offer.orderId) ?? []), to.id]);
        return answer as Answer<R>;
      },
    };
    const market = new Market(ref, { clock: this.clock, dispatch: {}, routing: null, system });
    this.markets.set(ref.id, market);
    return market;
  }

  #send(to: EntityRef, message: MarketMessage): void {
    if (message.type === 'borrow') this.borrowed.push(to.id);
    this.#market(to).receive(message, { ref: to, reply: () => undefined });
  }
}

describe('an order near a border', () => {
  it('reaches a driver on the other side, in the first tick', async () => {
    expect(cell(WEST_SHOP)).not.toBe(cell(EAST_SHOP));
    for (const [shop, place] of [
      [WEST_SHOP, EAST_SHOP],
      [EAST_SHOP, WEST_SHOP],
    ] as const) {
      const town = new Town();
      const rider = town.rider('r', place);
      town.report();
      const order = town.order('o', shop);
      await town.pass(300);
      expect(town.asked.get(order)).toEqual([rider]);
    }
  });

  it('goes to the nearest, whichever market that one is in', async () => {
    const town = new Town();
    town.rider('own', east(-12));
    const other = town.rider('other', east(1));
    town.report();
    const order = town.order('o', WEST_SHOP);
    await town.pass(300);
    expect(town.asked.get(order)).toEqual([other]);
  });

  it('finds one who comes within reach later', async () => {
    const town = new Town();
    const rider = town.rider('r', east(40));
    town.report();
    const order = town.order('o', WEST_SHOP);
    await town.pass(4_000);
    expect(town.asked.get(order)).toBeUndefined();
    town.move(rider, EAST_SHOP);
    await town.pass(8_000);
    expect(town.asked.get(order)).toEqual([rider]);
  });

  it('of two shops that want one driver, one has it and the other has nobody', async () => {
    const town = new Town();
    const rider = town.rider('r', east(0.1));
    town.report();
    const orders = [town.order('w', WEST_SHOP), town.order('e', EAST_SHOP)];
    await town.pass(3_000);
    expect(orders.flatMap((order) => town.asked.get(order) ?? [])).toEqual([rider]);
    expect(town.riders.get(rider)?.state.reservation?.mode).toBe('open');
  });

  it('two shops and two drivers: each shop has one, although both know both', async () => {
    const town = new Town();
    const riders = [town.rider('a', east(-1)), town.rider('b', east(1))];
    town.report();
    const orders = [town.order('w', WEST_SHOP), town.order('e', EAST_SHOP)];
    await town.pass(3_000);
    expect(orders.flatMap((order) => town.asked.get(order) ?? []).sort()).toEqual([...riders].sort());
    expect(town.driversOf(WEST_SHOP)).toEqual([...riders].sort());
  });
});

describe('who is borrowed', () => {
  it('goes with the last job, and stays when it has come over itself', async () => {
    const town = new Town();
    const stranger = town.rider('stranger', EAST_SHOP);
    const settler = town.rider('settler', east(1));
    town.report();
    const order = town.order('o', WEST_SHOP);
    await town.pass(1_000);
    expect(town.driversOf(WEST_SHOP)).toEqual([stranger, settler].sort());
    town.move(settler, east(-1));
    await town.pass(4_000);
    town.close(order, WEST_SHOP);
    await town.pass(4_000, false);
    expect(town.driversOf(WEST_SHOP)).toEqual([settler]);
  });

  it('is let go when the neighbour knows it no more', async () => {
    const town = new Town();
    town.rider('near', east(-1));
    const rider = town.rider('r', east(20));
    town.report();
    town.order('o', WEST_SHOP);
    await town.pass(1_000);
    expect(town.driversOf(WEST_SHOP)).toContain(rider);
    town.move(rider, east(60));
    await town.pass(4_000);
    expect(town.driversOf(WEST_SHOP)).not.toContain(rider);
  });

  it('who has an offer is kept until it has answered', async () => {
    const town = new Town();
    const rider = town.rider('r', EAST_SHOP);
    town.report();
    const order = town.order('o', WEST_SHOP);
    await town.pass(1_000);
    expect(town.asked.get(order)).toEqual([rider]);
    town.move(rider, east(60));
    await town.pass(4_000);
    expect(town.riders.get(rider)?.state.reservation?.mode).toBe('open');
    expect(town.driversOf(WEST_SHOP)).toContain(rider);
  });

  it('is known by the newest that its actor has said, not by what the neighbour still believes', async () => {
    const town = new Town();
    const rider = town.rider('r', EAST_SHOP);
    town.report();
    const before = profileOf(town.riders.get(rider)?.state ?? initialDriver, rider, T0);
    town.order('o', WEST_SHOP);
    // The market of the shop hears it from the actor at once: it may be offered nothing more.
    town.tell(WEST_SHOP, { type: 'drivers', profiles: [{ ...before, freeSlots: 0, version: (before.version ?? 0) + 1 }] });
    town.lend(EAST_SHOP, WEST_SHOP, before);
    expect(town.slotsOf(WEST_SHOP, rider)).toBe(0);
  });

  it('goes with the last job near the border, although others wait elsewhere', async () => {
    const town = new Town();
    const rider = town.rider('r', EAST_SHOP);
    town.report();
    const order = town.order('o', WEST_SHOP);
    await town.pass(1_000);
    expect(town.driversOf(WEST_SHOP)).toEqual([rider]);
    let inland = WEST_SHOP;
    while (marketsAround(TENANT, SHARD, inland, REACH_M).length > 1) inland = { ...inland, lng: inland.lng - 0.01 };
    expect(cell(inland)).toBe(cell(WEST_SHOP));
    town.order('inland', inland);
    town.close(order, WEST_SHOP);
    await town.pass(4_000);
    expect(town.driversOf(WEST_SHOP)).toEqual([]);
  });

  it('leaves nothing behind when its answer comes after it was let go', async () => {
    const town = new Town();
    const rider = town.rider('r', EAST_SHOP);
    town.report();
    const order = town.order('o', WEST_SHOP);
    await town.pass(1_000);
    const profiles = [profileOf(town.riders.get(rider)?.state ?? initialDriver, rider, T0)];
    town.close(order, WEST_SHOP);
    await town.pass(4_000);
    town.tell(WEST_SHOP, { type: 'drivers', profiles, known: true });
    // A place counts only for whom the market knows.
    const packed = new Uint8Array(Float64Array.of(WEST_SHOP.lat, WEST_SHOP.lng, town.clock.nowMs()).buffer);
    town.tell(WEST_SHOP, { type: 'positions', driverIds: [rider], packed, receivedAtMs: town.clock.nowMs() });
    expect(town.driversOf(WEST_SHOP)).toEqual([]);
  });

  it('is asked for twice a second at most, however many places jobs come from', async () => {
    const town = new Town();
    const at = (n: number): Position => ({ lat: LAT + (n % 20) * 0.0011, lng: WEST_SHOP.lng });
    for (let n = 0; n < 100; n++) {
      const order = town.order(`o${n}`, at(n));
      await town.pass(100, false);
      town.close(order, at(n));
    }
    const toEast = town.borrowed.filter((id) => id === cell(EAST_SHOP)).length;
    expect(toEast).toBeGreaterThan(10);
    expect(toEast).toBeLessThanOrEqual(21);
  });

  it('is asked for every two seconds at most, and by nobody whose jobs lie far from every border', async () => {
    const town = new Town();
    for (let i = 0; i < 50; i++) town.order(`o${i}`, WEST_SHOP);
    await town.pass(10_000);
    const neighbours = marketsAround(TENANT, SHARD, WEST_SHOP, REACH_M).length - 1;
    expect(town.borrowed.length).toBeGreaterThan(0);
    expect(town.borrowed.length).toBeLessThanOrEqual(neighbours * 6);
    const inland = new Town();
    let middle = east(-10);
    while (marketsAround(TENANT, SHARD, middle, REACH_M).length > 1) middle = { ...middle, lng: middle.lng - 0.01 };
    inland.order('o', middle);
    await inland.pass(5_000);
    expect(inland.borrowed).toEqual([]);
  });
});

it('the markets around a place are those of all places within reach, but for slivers', () => {
  // Whole numbers: doubles would nearly all be next to zero, which is north.
  const between = (min: number, max: number, scale: number) => fc.integer({ min: min * scale, max: max * scale }).map((n) => n / scale);
  const steps = fc.record({ bearing: between(0, 360, 1).map((deg) => (deg * Math.PI) / 180), share: between(0.7, 0.96, 1_000) });
  fc.assert(
    fc.property(fc.record({ lat: between(-60, 60, 1_000), lng: between(-179, 179, 1_000) }), steps, (at, { bearing, share }) => {
      const deg = (REACH_M * share) / 111_195;
      const there = { lat: at.lat + deg * Math.cos(bearing), lng: at.lng + (deg * Math.sin(bearing)) / Math.cos((at.lat * Math.PI) / 180) };
      fc.pre(distanceM(at, there) < REACH_M * 0.96);
      expect(marketsAround(TENANT, SHARD, at, REACH_M).map(({ id }) => id)).toContain(cell(there));
    }),
    { numRuns: 1_000 },
  );
});

it('the name of an offer leads back to the market that made it', () => {
  const { id } = marketRef(TENANT, SHARD, WEST_SHOP);
  expect(marketOfOffer(offerIdOf(id, 'abc', 36))).toBe(id);
  expect(marketOfOffer('man_1')).toBe(null);
  expect(marketRefOf(TENANT, SHARD, id)).toEqual(marketRef(TENANT, SHARD, WEST_SHOP));
  expect(dataShardOf(marketRefOf(TENANT, SHARD, id).shard)).toBe(SHARD);
});
