/**
 * What the markets hear of the drivers of this thread: newest positions at most every 2 ms, standing profiles when they change and every
 * 10 s, and who is gone. A driver is known to one market at a time, that of its place. It must never know why it is told.
 */
import type { DriverProfile, MarketMessage } from '../actors/market/protocol.ts';
import { marketRef } from '../actors/refs.ts';
import { distanceM, type LatLng } from '../geo/distance.ts';
import type { ActorSystem } from '../runtime/behaviour.ts';
import type { Clock } from '../runtime/clock.ts';
import { type EntityRef, entityKey } from '../runtime/entity.ts';

export const MARKET_FLUSH_MS = 2;
/** Profiles in one message. */
const PROFILES_MAX = 500;
/** A driver who moved less is not looked up again: at the border of a market that is no matter. */
const SAME_MARKET_M = 100;
const TRIPLE = 3;

/** What the feed remembers of one driver; owned by the feed. */
export interface MarketSeat {
  market: Market | null;
  /** Where the market was last looked up. */
  lookedUpLat: number;
  lookedUpLng: number;
  /** Place in the present batch; -1 when not in it. */
  slot: number;
}

export function newSeat(): MarketSeat {
  return { market: null, lookedUpLat: 0, lookedUpLng: 0, slot: -1 };
}

interface Market {
  readonly ref: EntityRef;
  drivers: number;
  driverIds: string[];
  seats: MarketSeat[];
  triples: number[];
  /** Of the fix in the batch that came first. */
  receivedAtMs: number;
  profiles: Map<string, DriverProfile>;
}

export class MarketFeed {
  readonly #system: Pick<ActorSystem, 'tell'>;
  readonly #clock: Clock;
  readonly #markets = new Map<string, Market>();
  readonly #due = new Set<Market>();
  #cancel: (() => void) | null = null;
  /** Positions told, and messages that a market would not take. */
  readonly counters = { positions: 0, refused: 0 };

  constructor(system: Pick<ActorSystem, 'tell'>, clock: Clock) {
    this.#system = system;
    this.#clock = clock;
  }

  /** Markets with drivers of this thread. */
  get markets(): number {
    return this.#markets.size;
  }

  /** @param receivedAtMs when a front door had the fix. @returns whether the driver has come into another market, which then needs its profile. */
  place(
    seat: MarketSeat,
    driver: { readonly tenantId: number; readonly driverId: string; readonly dataShard: number },
    at: LatLng,
    atMs: number,
    receivedAtMs: number,
  ): boolean {
    const entered = this.#seatAt(seat, driver, at);
    const market = seat.market as Market;
    if (seat.slot < 0) {
      seat.slot = market.driverIds.length;
      market.driverIds.push(driver.driverId);
      market.seats.push(seat);
      market.triples.push(at.lat, at.lng, atMs);
    } else {
      market.triples[seat.slot * TRIPLE] = at.lat;
      market.triples[seat.slot * TRIPLE + 1] = at.lng;
      market.triples[seat.slot * TRIPLE + 2] = atMs;
    }
    market.receivedAtMs = Math.min(market.receivedAtMs, receivedAtMs);
    this.#schedule(market);
    return entered;
  }

  /** Nothing happens while the driver has no market yet: its first position brings the profile along. */
  profile(seat: MarketSeat, profile: DriverProfile): void {
    if (seat.market === null) return;
    seat.market.profiles.set(profile.driverId, profile);
    this.#schedule(seat.market);
  }

  /** What the market knows bears a later time than anything that will come: it forgets the driver, whom the next position brings anew. */
  anew(seat: MarketSeat, driverId: string): void {
    this.#leave(seat, { type: 'driver_gone', driverId, elsewhere: true });
  }

  /** Takes the driver out of its market, if it has one. */
  gone(seat: MarketSeat, driverId: string): void {
    this.#leave(seat, { type: 'driver_gone', driverId });
  }

  #leave(seat: MarketSeat, told: MarketMessage & { readonly type: 'driver_gone' }): void {
    const { driverId } = told;
    const market = seat.market;
    if (market === null) return;
    market.profiles.delete(driverId);
    this.#removePosition(market, seat);
    seat.market = null;
    market.drivers--;
    if (market.drivers === 0) {
      this.#flush(market);
      this.#due.delete(market);
      this.#markets.delete(entityKey(market.ref));
    }
    this.#tell(market.ref, told);
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    for (const market of this.#due) this.#flush(market);
    this.#due.clear();
  }

  #seatAt(
    seat: MarketSeat,
    driver: { readonly tenantId: number; readonly driverId: string; readonly dataShard: number },
    at: LatLng,
  ): boolean {
    if (seat.market !== null && distanceM({ lat: seat.lookedUpLat, lng: seat.lookedUpLng }, at) < SAME_MARKET_M) return false;
    seat.lookedUpLat = at.lat;
    seat.lookedUpLng = at.lng;
    const ref = marketRef(driver.tenantId, driver.dataShard, at);
    if (seat.market !== null && seat.market.ref.id === ref.id) return false;
    this.#leave(seat, { type: 'driver_gone', driverId: driver.driverId, elsewhere: true });
    const key = entityKey(ref);
    let market = this.#markets.get(key);
    if (market === undefined) {
      market = { ref, drivers: 0, driverIds: [], seats: [], triples: [], receivedAtMs: Number.POSITIVE_INFINITY, profiles: new Map() };
      this.#markets.set(key, market);
    }
    market.drivers++;
    seat.market = market;
    return true;
  }

  #schedule(market: Market): void {
    this.#due.add(market);
    this.#cancel ??= this.#clock.after(MARKET_FLUSH_MS, () => this.flush());
  }

  #flush(market: Market): void {
    // Profiles first: a position of a driver whom the market does not know means nothing to it.
    const profiles = [...market.profiles.values()];
    market.profiles.clear();
    for (let from = 0; from < profiles.length; from += PROFILES_MAX)
      this.#tell(market.ref, { type: 'drivers', profiles: profiles.slice(from, from + PROFILES_MAX) });
    if (market.driverIds.length === 0) return;
    const packed = new Uint8Array(Float64Array.from(market.triples).buffer);
    this.#tell(market.ref, { type: 'positions', driverIds: market.driverIds, packed, receivedAtMs: market.receivedAtMs });
    this.counters.positions += market.driverIds.length;
    for (const seat of market.seats) seat.slot = -1;
    market.driverIds = [];
    market.seats = [];
    market.triples = [];
    market.receivedAtMs = Number.POSITIVE_INFINITY;
  }

  #removePosition(market: Market, seat: MarketSeat): void {
    const { slot } = seat;
    if (slot < 0) return;
    market.driverIds.splice(slot, 1);
    market.seats.splice(slot, 1);
    market.triples.splice(slot * TRIPLE, TRIPLE);
    for (let i = slot; i < market.seats.length; i++) (market.seats[i] as MarketSeat).slot = i;
    seat.slot = -1;
  }

  /**
   * Not in the telemetry lane: that keeps one message an actor, and the batch of one thread would push out that of another, with other
   * drivers in it. What is gathered here is already the newest of each driver.
   */
  #tell(ref: EntityRef, message: MarketMessage): void {
    if (!this.#system.tell(ref, message)) this.counters.refused++;
  }
}
