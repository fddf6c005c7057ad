/**
 * Drivers across the border: a market whose jobs lie near others asks them for the drivers within its reach and matches these as its own.
 * Who is reserved by whom is the driver actor's word, so two markets may know the same driver. It must never know a job beyond its pickup.
 */
import type { ActorSystem } from '../../runtime/behaviour.ts';
import { dataShardOf, type EntityRef } from '../../runtime/entity.ts';
import { marketRefOf, marketsAround } from '../refs.ts';
import type { Position } from '../tenant/protocol.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { Withdrawal } from './dispatch/policy.ts';
import type { LentDriver, MarketMessage } from './protocol.ts';

/** The neighbours are asked so often while jobs wait. */
const BORROW_EVERY_MS = 2_000;
/** For a place that they were not asked about they are asked sooner, but never more often than this: an answer may hold hundreds of drivers. */
export const BORROW_SOON_MS = 500;
/** Pickups in one question; those of one place count once. */
const PLACES_MAX = 20;
/** Drivers near each of them, and in one answer. */
const LENT_NEAR_MAX = 50;
const LENT_MAX = 500;
/** Places whose neighbours are remembered. */
const AROUND_MAX = 1_000;
/** Pickups are one place within some 110 m. */
const PLACES_PER_DEGREE = 1_000;

export class Neighbours {
  readonly #ref: EntityRef;
  readonly #system: Pick<ActorSystem, 'tell'>;
  readonly #dispatcher: Dispatcher;
  /** By lender: when the newest position of each driver was that it has lent. */
  readonly #borrowed = new Map<string, Map<string, number>>();
  /** By place: shops do not move. */
  readonly #around = new Map<string, readonly EntityRef[]>();
  /** The last questions: when (monotonic), and about which places. */
  #askedAtMs = Number.NEGATIVE_INFINITY;
  readonly #askedFor = new Set<string>();
  /** A job has come at a place that they were not asked about. */
  #hasNewPlace = false;

  constructor(ref: EntityRef, system: Pick<ActorSystem, 'tell'>, dispatcher: Dispatcher) {
    this.#ref = ref;
    this.#system = system;
    this.#dispatcher = dispatcher;
  }

  /** @returns the other markets that lie within reach of a pickup; most often none. */
  around(pickup: Position): readonly EntityRef[] {
    const place = placeOf(pickup);
    const known = this.#around.get(place);
    if (known !== undefined) return known;
    const { tenantId, shard, id } = this.#ref;
    const found = marketsAround(tenantId, dataShardOf(shard), pickup, this.#dispatcher.reachM).filter((ref) => ref.id !== id);
    if (this.#around.size >= AROUND_MAX) this.#around.clear();
    this.#around.set(place, found);
    return found;
  }

  /** The clock was set. */
  shift(byMs: number): void {
    for (const lent of this.#borrowed.values()) for (const [driverId, atMs] of lent) lent.set(driverId, atMs + byMs);
  }

  /**
   * Asks those who are near, unless they were asked just now.
   * @param opened pickup of a job that has just come: a new place waits less
   */
  ask(
    jobs: Iterable<{ readonly pickup: Position; readonly neighbours: readonly EntityRef[] }>,
    opened: Position | null,
    monotonicMs: number,
  ): void {
    this.#hasNewPlace ||= opened !== null && !this.#askedFor.has(placeOf(opened));
    if (monotonicMs - this.#askedAtMs < (this.#hasNewPlace ? BORROW_SOON_MS : BORROW_EVERY_MS)) return;
    this.#askedAtMs = monotonicMs;
    this.#hasNewPlace = false;
    this.#askedFor.clear();
    const questions = new Map<string, { readonly ref: EntityRef; readonly places: Map<string, Position> }>();
    for (const { pickup, neighbours } of jobs) {
      this.#askedFor.add(placeOf(pickup));
      for (const ref of neighbours) {
        const question = questions.get(ref.id) ?? { ref, places: new Map() };
        questions.set(ref.id, question);
        if (question.places.size < PLACES_MAX) question.places.set(placeOf(pickup), pickup);
      }
    }
    // Whom nobody tells of any more would stay for as long as jobs wait elsewhere, which in a city is always.
    for (const lender of [...this.#borrowed.keys()]) if (!questions.has(lender)) this.take({ type: 'lent', lender, drivers: [] });
    for (const { ref, places } of questions.values())
      this.#tell(ref, { type: 'borrow', borrower: this.#ref.id, near: [...places.values()], reachM: this.#dispatcher.reachM });
  }

  /** A job waits for neighbours who were asked too shortly before. */
  get isOwing(): boolean {
    return this.#hasNewPlace;
  }

  /** Answers a neighbour, also when nobody is there: it forgets those who were. */
  lend({ borrower, near, reachM }: MarketMessage & { readonly type: 'borrow' }, nowMs: number): void {
    const drivers = new Map<string, LentDriver>();
    for (const place of near) {
      for (const driver of this.#dispatcher.lendable(place, reachM, LENT_NEAR_MAX, nowMs)) {
        // What was borrowed is not lent on.
        const isOurs = !this.#isBorrowed(driver);
        if (isOurs && drivers.size < LENT_MAX) drivers.set(driver.profile.driverId, driver);
      }
    }
    const { tenantId, shard, id } = this.#ref;
    this.#tell(marketRefOf(tenantId, dataShardOf(shard), borrower), { type: 'lent', lender: id, drivers: [...drivers.values()] });
  }

  /** Takes in who was lent, and lets go who is not any more. @returns offers that are void with that */
  take({ lender, drivers }: MarketMessage & { readonly type: 'lent' }): readonly Withdrawal[] {
    const before = this.#borrowed.get(lender) ?? new Map<string, number>();
    const now = new Map<string, number>();
    const withdrawals: Withdrawal[] = [];
    for (const { profile, position, atMs } of drivers) {
      const { driverId } = profile;
      // Most answers repeat what is known: hundreds of drivers every two seconds.
      const known = this.#dispatcher.driver(driverId)?.profile.version;
      if (known === undefined || known !== profile.version) withdrawals.push(...this.#dispatcher.setDriver(profile));
      this.#dispatcher.place(driverId, position.lat, position.lng, atMs);
      now.set(driverId, atMs);
    }
    for (const [driverId, atMs] of before) {
      if (now.has(driverId)) continue;
      // Who has our offer is ours until it has answered.
      if (this.#dispatcher.driver(driverId)?.offerId != null) now.set(driverId, atMs);
      else this.#letGo(driverId, atMs);
    }
    if (now.size === 0) this.#borrowed.delete(lender);
    else this.#borrowed.set(lender, now);
    return withdrawals;
  }

  /** Nobody waits any more. */
  returnAll(): void {
    for (const lent of this.#borrowed.values()) for (const [driverId, atMs] of lent) this.#letGo(driverId, atMs);
    this.#borrowed.clear();
  }

  /** Unless it was placed by somebody else since: then it has come over the border and is ours. */
  #letGo(driverId: string, lentAtMs: number): void {
    const driver = this.#dispatcher.driver(driverId);
    if (driver !== null && driver.atMs <= lentAtMs) this.#dispatcher.removeDriver(driverId);
  }

  #isBorrowed({ profile, atMs }: LentDriver): boolean {
    for (const lent of this.#borrowed.values()) if ((lent.get(profile.driverId) ?? Number.NEGATIVE_INFINITY) >= atMs) return true;
    return false;
  }

  /** A lost word is said again by the next question. */
  #tell(to: EntityRef, message: MarketMessage): void {
    this.#system.tell(to, message);
  }
}

function placeOf({ lat, lng }: Position): string {
  return `${Math.round(lat * PLACES_PER_DEGREE)},${Math.round(lng * PLACES_PER_DEGREE)}`;
}
