/**
 * The drivers of a market as dispatch sees them: where each is, where those with stops end, who may be asked now. A hint,
 * never the truth about a driver. It must never know what a job costs.
 */
import type { LatLng } from '../../../geo/distance.ts';
import { DriverIndex, type DriverPlacement } from '../../../geo/index/driver-index.ts';
import type { Position } from '../../tenant/protocol.ts';
import type { DriverProfile } from '../protocol.ts';
import { DISPATCH_LIMITS, type DispatchPolicy } from './policy.ts';

export interface FleetDriver {
  profile: DriverProfile;
  /** Null until it was placed. */
  position: Position | null;
  atMs: number;
  /** Its open offer. */
  offerId: string | null;
  /** Nothing is offered before this. */
  pausedUntilMs: number;
  /** It won a job that its actor has not told of yet, so it is left alone until this. */
  settlesUntilMs: number;
}

/** Free drivers nearer than this to the nearest stand at the same place: the longest idle come first there. */
const STAND_M = 25;
/** Positions of pickups are the same place within some 11 m. */
const PLACE_SCALE = 10_000;

export class Fleet {
  readonly drivers = new Map<string, FleetDriver>();
  /** Drivers looked at in this tick: what searches cost. */
  looks = 0;
  readonly #policy: DispatchPolicy;
  /** By where they are now, apart: most searches want one kind, and a search that meets only the other reads everybody. */
  readonly #free = new DriverIndex();
  readonly #busy = new DriverIndex();
  /** Where drivers with stops will be free. */
  readonly #ends = new DriverIndex();
  /** Stands met in this tick, by the place of the pickup: who is free there, longest idle first, and how many jobs looked. */
  readonly #stands = new Map<string, { readonly drivers: readonly FleetDriver[]; looked: number }>();
  /** Who picks up at a place. */
  readonly #pickingUp = new Map<string, Set<string>>();

  constructor(policy: DispatchPolicy) {
    this.#policy = policy;
  }

  /** @returns false when there are too many; nothing changes then. */
  set(profile: DriverProfile): boolean {
    const id = profile.driverId;
    const known = this.drivers.get(id);
    if (known === undefined) {
      if (this.drivers.size >= DISPATCH_LIMITS.drivers) return false;
      this.drivers.set(id, { profile, position: null, atMs: 0, offerId: null, pausedUntilMs: 0, settlesUntilMs: 0 });
    } else {
      this.#unlinkPickups(known.profile);
      const before = this.#indexOf(known);
      known.profile = profile;
      known.settlesUntilMs = 0;
      const after = this.#indexOf(known);
      if (before !== after && before.remove(id) && known.position !== null)
        after.place(id, known.position.lat, known.position.lng, known.atMs);
    }
    const last = profile.stops[profile.stops.length - 1]?.position;
    if (last === undefined) this.#ends.remove(id);
    else this.#ends.place(id, last.lat, last.lng, 0);
    for (const stop of profile.stops) {
      if (stop.kind !== 'pickup') continue;
      const name = placeName(stop.position);
      const there = this.#pickingUp.get(name);
      if (there === undefined) this.#pickingUp.set(name, new Set([id]));
      else there.add(id);
    }
    return true;
  }

  remove(id: string): FleetDriver | undefined {
    const driver = this.drivers.get(id);
    if (driver === undefined) return undefined;
    this.#unlinkPickups(driver.profile);
    this.#indexOf(driver).remove(id);
    this.#ends.remove(id);
    this.drivers.delete(id);
    return driver;
  }

  place(id: string, lat: number, lng: number, atMs: number): DriverPlacement | 'unknown' {
    const driver = this.drivers.get(id);
    if (driver === undefined) return 'unknown';
    const placement = this.#indexOf(driver).place(id, lat, lng, atMs);
    if (placement === 'invalid' || placement === 'late' || placement === 'full') return placement;
    driver.position = { lat, lng };
    driver.atMs = atMs;
    return placement;
  }

  /** The clock was set: what was noted by it moves along. */
  shift(byMs: number): void {
    for (const [id, driver] of this.drivers) {
      driver.pausedUntilMs += byMs;
      driver.settlesUntilMs += byMs;
      if (driver.position === null) continue;
      driver.atMs += byMs;
      // Taken out first: the index ignores older news.
      const index = this.#indexOf(driver);
      index.remove(id);
      index.place(id, driver.position.lat, driver.position.lng, driver.atMs);
    }
  }

  isFresh(driver: FleetDriver, nowMs: number): boolean {
    return driver.position !== null && driver.atMs >= nowMs - this.#policy.freshS * 1_000;
  }

  /** Nothing stands between it and an offer now but the job itself. */
  isAskable(driver: FleetDriver, nowMs: number): boolean {
    return driver.profile.freeSlots > 0 && this.#isAtRest(driver, nowMs);
  }

  /** What was found of stands holds until something else may happen. */
  beginTick(): void {
    this.#stands.clear();
    this.looks = 0;
  }

  /**
   * Nearest free drivers. Those at one stand come by how long they idle, then by id, however many they are; each further job of a
   * tick there begins one driver later, so that a stand serves as many jobs as it has drivers.
   */
  free(from: LatLng, maxDistanceM: number, nowMs: number, accept: (driver: FleetDriver) => boolean): FleetDriver[] {
    const k = this.#policy.candidates;
    const place = placeName(from);
    const known = this.#fromStand(place, accept);
    if (known.length > 0) return known;
    const isFree = (id: string): boolean => this.isAskable(this.drivers.get(id) as FleetDriver, nowMs);
    const takes = (id: string): boolean => isFree(id) && accept(this.drivers.get(id) as FleetDriver);
    const near = this.#free.nearest(from, { k, maxDistanceM, accept: takes });
    const first = near[0];
    const last = near[near.length - 1];
    const isStand = first !== undefined && last !== undefined && near.length === k && last.distanceM <= first.distanceM + STAND_M;
    if (!isStand) return near.map(({ driverId }) => this.drivers.get(driverId) as FleetDriver);
    const there = new Set<string>();
    const collect = (id: string): boolean => {
      if (there.size < DISPATCH_LIMITS.standDrivers && isFree(id)) there.add(id);
      return false;
    };
    this.#free.nearest(from, { k: 1, maxDistanceM: Math.min(maxDistanceM, first.distanceM + STAND_M), accept: collect });
    const drivers = [...there].map((id) => this.drivers.get(id) as FleetDriver).sort(byIdling);
    this.#stands.set(place, { drivers, looked: 0 });
    return this.#fromStand(place, accept);
  }

  /** Drivers with stops: those who pick up at the place, the nearest now, and those who end nearest. */
  busy(from: LatLng, maxDistanceM: number, nowMs: number, accept: (driver: FleetDriver) => boolean): FleetDriver[] {
    const { stacking, lookAhead, busyCandidates: k } = this.#policy;
    const takes = (id: string): boolean => {
      const driver = this.drivers.get(id);
      if (driver === undefined || driver.profile.stops.length === 0 || driver.profile.stops.length > DISPATCH_LIMITS.stops) return false;
      return this.#isAtRest(driver, nowMs) && accept(driver);
    };
    const found = new Set<string>();
    if (stacking) {
      for (const id of this.#pickingUp.get(placeName(from)) ?? []) {
        if (found.size >= k) break;
        if (takes(id)) found.add(id);
      }
      const stackable = (id: string): boolean => (this.drivers.get(id)?.profile.freeSlots ?? 0) > 0 && takes(id);
      for (const { driverId } of this.#busy.nearest(from, { k, maxDistanceM, accept: stackable })) found.add(driverId);
    }
    if (lookAhead) for (const { driverId } of this.#ends.nearest(from, { k, maxDistanceM, accept: takes })) found.add(driverId);
    return [...found].map((id) => this.drivers.get(id) as FleetDriver);
  }

  /** Ids of the nearest drivers without stops, nearest first, whether they may be asked just now or not. */
  near(from: LatLng, k: number): string[] {
    return this.#free.nearest(from, { k }).map(({ driverId }) => driverId);
  }

  /** The nearest drivers with a fresh position, at most `k` without stops and as many with some. */
  fresh(from: LatLng, maxDistanceM: number, k: number, nowMs: number): FleetDriver[] {
    const accept = (id: string): boolean => this.isFresh(this.drivers.get(id) as FleetDriver, nowMs);
    return [this.#free, this.#busy].flatMap((index) =>
      index.nearest(from, { k, maxDistanceM, accept }).map(({ driverId }) => this.drivers.get(driverId) as FleetDriver),
    );
  }

  /** How many free drivers are near, at most `enough`, which is cut at 256. */
  countFree(from: LatLng, maxDistanceM: number, enough: number, nowMs: number): number {
    const accept = (id: string): boolean => {
      const driver = this.drivers.get(id);
      return driver !== undefined && driver.profile.stops.length === 0 && this.isAskable(driver, nowMs);
    };
    return this.#free.nearest(from, { k: enough, maxDistanceM, accept }).length;
  }

  /** Every driver that is near, some perhaps twice. */
  each(from: LatLng, maxDistanceM: number, see: (driver: FleetDriver) => void): void {
    const accept = (id: string): boolean => {
      this.looks++;
      see(this.drivers.get(id) as FleetDriver);
      return false;
    };
    for (const index of [this.#free, this.#busy]) index.nearest(from, { k: 1, maxDistanceM, accept });
  }

  #isAtRest(driver: FleetDriver, nowMs: number): boolean {
    this.looks++;
    return driver.offerId === null && driver.pausedUntilMs <= nowMs && driver.settlesUntilMs <= nowMs && this.isFresh(driver, nowMs);
  }

  #indexOf(driver: FleetDriver): DriverIndex {
    return driver.profile.stops.length === 0 ? this.#free : this.#busy;
  }

  /** Empty when no stand is known there, or nobody at it will do. */
  #fromStand(place: string, accept: (driver: FleetDriver) => boolean): FleetDriver[] {
    const stand = this.#stands.get(place);
    if (stand === undefined) return [];
    const found: FleetDriver[] = [];
    const { drivers } = stand;
    const begin = stand.looked++;
    for (let i = 0; i < drivers.length && found.length < this.#policy.candidates; i++) {
      const driver = drivers[(begin + i) % drivers.length] as FleetDriver;
      if (accept(driver)) found.push(driver);
    }
    return found;
  }

  #unlinkPickups(profile: DriverProfile): void {
    for (const stop of profile.stops) {
      if (stop.kind !== 'pickup') continue;
      const name = placeName(stop.position);
      const there = this.#pickingUp.get(name);
      there?.delete(profile.driverId);
      if (there?.size === 0) this.#pickingUp.delete(name);
    }
  }
}

/** Longest idle first, then by id: the preference among equals. */
export function byIdling(a: FleetDriver, b: FleetDriver): number {
  return a.profile.idleSinceMs - b.profile.idleSinceMs || (a.profile.driverId < b.profile.driverId ? -1 : 1);
}

function placeName(at: Position): string {
  return `${Math.round(at.lat * PLACE_SCALE)},${Math.round(at.lng * PLACE_SCALE)}`;
}
