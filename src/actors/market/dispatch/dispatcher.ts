/**
 * Who is offered which job: one dispatch area, driven by ticks. Used unchanged by the live market and by the simulation.
 * Deterministic; instants come with the calls. It must never know how an offer reaches a driver, nor decide who has a job:
 * drivers and orders themselves do, and tell.
 */
import { solveAssignment } from '../../../geo/assignment/solve-assignment.ts';
import { isPosition, type LatLng } from '../../../geo/distance.ts';
import type { DriverPlacement } from '../../../geo/index/driver-index.ts';
import type { DriverProfile, Job, LentDriver, MarketOffer, MarketView, OfferOutcome } from '../protocol.ts';
import { type Candidate, candidatesOf, pickupDistanceM, planOf, stallOf } from './candidates.ts';
import { fitsJob } from './fit.ts';
import { byIdling, Fleet, type FleetDriver } from './fleet.ts';
import {
  DISPATCH_LIMITS,
  type DispatcherOptions,
  type ResolvedOptions,
  resolveOptions,
  type TickResult,
  type Withdrawal,
} from './policy.ts';
import { SurgeBoard } from './surge.ts';
import { callAgain, fanoutOf, type NamedPrice, noteBid, noteOutcome, shiftJob, type WaitingJob, waitingJob, widen } from './waiting-job.ts';

interface OpenedJob {
  /** `known`: nothing changed. `full`: the market has too many jobs and did not take it. `invalid`: its places are none. */
  readonly outcome: 'opened' | 'replaced' | 'known' | 'full' | 'invalid';
  readonly withdrawals: readonly Withdrawal[];
}

/** Costs are cut to what the assignment takes. */
const COST_MAX_S = 90_000;

export class Dispatcher {
  readonly #options: ResolvedOptions;
  readonly #fleet: Fleet;
  readonly #jobs = new Map<string, WaitingJob>();
  readonly #offers = new Map<string, MarketOffer>();
  readonly #surge: SurgeBoard;
  /** Area of surge by open job. */
  readonly #areaOf = new Map<string, string>();

  /** @throws RangeError for a policy that cannot be. */
  constructor(options: DispatcherOptions = {}) {
    this.#options = resolveOptions(options);
    this.#fleet = new Fleet(this.#options.policy);
    this.#surge = new SurgeBoard(this.#options.policy.surge);
  }

  /**
   * News of a driver. Its open offer is void when it has fewer free slots than before, or does not fit any more. What its actor, its home
   * thread and a neighbouring market tell may overtake each other: an older version changes nothing.
   */
  setDriver(profile: DriverProfile): readonly Withdrawal[] {
    const known = this.#fleet.drivers.get(profile.driverId);
    const before = known?.profile;
    if ((profile.version ?? Number.POSITIVE_INFINITY) < (before?.version ?? 0)) return [];
    if (!this.#fleet.set(profile) || known === undefined || before === undefined || known.offerId === null) return [];
    const { orderId } = this.#offers.get(known.offerId) as MarketOffer;
    // It has the job already: that the offer was won is on its way here.
    if (profile.stops.some((stop) => stop.orderId === orderId)) return [];
    const stands =
      profile.freeSlots > 0 && profile.freeSlots >= before.freeSlots && fitsJob(profile, (this.#jobs.get(orderId) as WaitingJob).job);
    return stands ? [] : this.#withdraw(known.offerId, 'driver_changed');
  }

  /** It went offline or left the market. */
  removeDriver(driverId: string): readonly Withdrawal[] {
    const offerId = this.#fleet.drivers.get(driverId)?.offerId ?? null;
    const withdrawals = offerId === null ? [] : this.#withdraw(offerId, 'driver_gone');
    this.#fleet.remove(driverId);
    return withdrawals;
  }

  /** `unknown`: no profile was told yet; the place is forgotten. Late and invalid places change nothing. */
  place(driverId: string, lat: number, lng: number, atMs: number): DriverPlacement | 'unknown' {
    return this.#fleet.place(driverId, lat, lng, atMs);
  }

  /** Idempotent by order and version. A newer version voids open offers and begins anew; an older one is ignored. */
  openJob(job: Job): OpenedJob {
    const known = this.#jobs.get(job.orderId);
    if (known !== undefined && known.job.version >= job.version) return { outcome: 'known', withdrawals: [] };
    if (known === undefined && this.#jobs.size >= DISPATCH_LIMITS.jobs) return { outcome: 'full', withdrawals: [] };
    if (![job.pickup, job.dropoff].every(({ lat, lng }) => isPosition(lat, lng))) return { outcome: 'invalid', withdrawals: [] };
    const withdrawals = known === undefined ? [] : this.#withdrawAll(known, 'edited');
    this.#jobs.set(job.orderId, waitingJob(job));
    this.#areaOf.set(job.orderId, this.#surge.areaOf(job.pickup));
    return { outcome: known === undefined ? 'opened' : 'replaced', withdrawals };
  }

  /**
   * Nothing for an unknown order.
   * @param takenAtMs somebody has it, perhaps one of those who hold its offers: they are left alone until their actors tell. Null: cancelled.
   */
  closeJob(orderId: string, takenAtMs: number | null = null): readonly Withdrawal[] {
    const waiting = this.#jobs.get(orderId);
    if (waiting === undefined) return [];
    const withdrawals = this.#withdrawAll(waiting, takenAtMs === null ? 'closed' : 'taken');
    for (const { driverId } of withdrawals) {
      const entry = this.#fleet.drivers.get(driverId);
      if (entry !== undefined && takenAtMs !== null) this.#pause(entry, 'won', takenAtMs);
    }
    this.#forget(orderId);
    return withdrawals;
  }

  /**
   * How an offer ended; nothing for one that is not open any more. A job that was won is closed, the other offers of it are void.
   * @param bidMinor what a driver who declined would have taken it for: within bounds it takes part in the next tick at this price
   */
  ended(offerId: string, outcome: OfferOutcome, nowMs: number, bidMinor: number | null = null): readonly Withdrawal[] {
    const offer = this.#offers.get(offerId);
    if (offer === undefined) return [];
    const waiting = this.#jobs.get(offer.orderId);
    const entry = this.#release(offer);
    if (entry !== undefined) this.#pause(entry, outcome, nowMs);
    if (waiting === undefined) return [];
    const bid = outcome === 'declined' ? this.#bidOf(offer, waiting, bidMinor) : null;
    if (bid !== null) {
      noteBid(waiting, offer.driverId, bid, this.#options.policy, nowMs);
      return [];
    }
    if (outcome !== 'won') {
      noteOutcome(waiting, offer.driverId, outcome, this.#options.policy, nowMs);
      return [];
    }
    const withdrawals = this.#withdrawAll(waiting, 'taken');
    this.#forget(offer.orderId);
    return withdrawals;
  }

  /** Ends what ran out, matches all jobs that wait with the drivers together, and says what to offer. */
  tick(nowMs: number): TickResult {
    const withdrawals = this.#expire(nowMs);
    this.#fleet.beginTick();
    const waiting = this.#due(nowMs);
    const candidates: Candidate[][] = [];
    const matched: WaitingJob[] = [];
    const stalled: { orderId: string; reason: NonNullable<WaitingJob['stall']> }[] = [];
    for (const job of waiting) {
      if (this.#fleet.looks > DISPATCH_LIMITS.looksPerTick) break;
      const found = this.#candidates(job, nowMs);
      if (found.length > 0) {
        job.stall = null;
        job.retryAtMs = 0;
        matched.push(job);
        candidates.push(found);
      } else {
        const reason = this.#stall(job, nowMs);
        if (reason !== null) stalled.push({ orderId: job.job.orderId, reason });
      }
    }
    this.#updateSurge(nowMs);
    return { offers: this.#match(matched, candidates, nowMs), withdrawals, stalled };
  }

  /** What maps and operators see. O(drivers + jobs). */
  view(): MarketView {
    const drivers: MarketView['drivers'][number][] = [];
    for (const { profile, position, atMs } of this.#fleet.drivers.values()) {
      if (position !== null) drivers.push({ driverId: profile.driverId, position, atMs, freeSlots: profile.freeSlots });
    }
    const jobs = [...this.#jobs.values()].map(({ job, offerIds }) => ({
      orderId: job.orderId,
      pickup: job.pickup,
      dropoff: job.dropoff,
      offers: offerIds.size,
    }));
    return { drivers, jobs, surge: this.#surge.highest() };
  }

  /** By how much more is paid for a pickup there, as of the last tick; 1 is the usual. */
  surge(at: { readonly lat: number; readonly lng: number }): number {
    return this.#surge.at(this.#surge.areaOf(at));
  }

  /** Whoever is nearest and free as the crow flies; for asking a router before a tick. */
  near(at: LatLng, k: number): { readonly driverId: string; readonly position: LatLng; readonly vehicle: DriverProfile['vehicle'] }[] {
    return this.#fleet.near(at, k).flatMap((driverId) => {
      const driver = this.#fleet.drivers.get(driverId);
      return driver?.position == null ? [] : [{ driverId, position: driver.position, vehicle: driver.profile.vehicle }];
    });
  }

  /** How far from a pickup drivers are looked for at most, metres. */
  get reachM(): number {
    return this.#options.policy.ringsM[this.#options.policy.ringsM.length - 1] as number;
  }

  /** What is known of a driver; null for a stranger. */
  driver(driverId: string): Readonly<FleetDriver> | null {
    return this.#fleet.drivers.get(driverId) ?? null;
  }

  /** Drivers whom a neighbouring market may match as well, nearest first. @param k of each kind, free and riding */
  lendable(at: LatLng, reachM: number, k: number, nowMs: number): LentDriver[] {
    return this.#fleet
      .fresh(at, reachM, k, nowMs)
      .flatMap(({ profile, position, atMs }) => (position === null ? [] : [{ profile, position, atMs }]));
  }

  /** The clock was set: what was noted by it moves along, so that pauses, offers and positions last as long as they were to. */
  shift(byMs: number): void {
    this.#fleet.shift(byMs);
    this.#surge.shift(byMs);
    for (const waiting of this.#jobs.values()) shiftJob(waiting, byMs);
    for (const [id, offer] of this.#offers) this.#offers.set(id, { ...offer, expiresAtMs: offer.expiresAtMs + byMs });
  }

  get counts(): { readonly drivers: number; readonly jobs: number; readonly offers: number } {
    return { drivers: this.#fleet.drivers.size, jobs: this.#jobs.size, offers: this.#offers.size };
  }

  #expire(nowMs: number): Withdrawal[] {
    const withdrawals: Withdrawal[] = [];
    for (const [offerId, offer] of this.#offers) {
      if (nowMs <= offer.expiresAtMs + this.#options.policy.graceS * 1_000) continue;
      withdrawals.push(withdrawalOf(offer, 'expired'));
      this.ended(offerId, 'expired', nowMs);
    }
    return withdrawals;
  }

  /** Jobs without an offer that take part, longest open first, those last that nobody could take when looked at; at most as many as a tick looks at. */
  #due(nowMs: number): WaitingJob[] {
    const due: WaitingJob[] = [];
    for (const waiting of this.#jobs.values()) {
      if (waiting.offerIds.size > 0 || waiting.retryAtMs > nowMs) continue;
      if (waiting.job.readyAtMs > nowMs + this.#options.policy.horizonS * 1_000) continue;
      due.push(waiting);
    }
    due.sort((a, b) => a.retryAtMs - b.retryAtMs || a.job.openedAtMs - b.job.openedAtMs || (a.job.orderId < b.job.orderId ? -1 : 1));
    return due.slice(0, DISPATCH_LIMITS.jobsPerTick);
  }

  /** Widens the ring when its time is up. */
  #candidates(waiting: WaitingJob, nowMs: number): Candidate[] {
    const { policy } = this.#options;
    if (waiting.ringSinceMs === null) waiting.ringSinceMs = nowMs;
    else if (nowMs - waiting.ringSinceMs >= policy.ringHoldS * 1_000) widen(waiting, policy, nowMs);
    return candidatesOf(this.#options, this.#fleet, waiting, nowMs);
  }

  /** @returns the reason when it is news. A call to those who refused comes with the first stall for refusals, and again while it lasts. */
  #stall(waiting: WaitingJob, nowMs: number): WaitingJob['stall'] {
    waiting.retryAtMs = nowMs + DISPATCH_LIMITS.retryS * 1_000;
    const reason = stallOf(this.#options, this.#fleet, waiting, nowMs);
    if (reason === 'market.all_declined') callAgain(waiting, nowMs);
    if (reason === waiting.stall) return null;
    waiting.stall = reason;
    return reason;
  }

  /** All jobs together at the least cost; those refused before are offered to the best who are left as well. */
  #match(jobs: readonly WaitingJob[], candidates: readonly Candidate[][], nowMs: number): MarketOffer[] {
    const numberOf = numbered(candidates);
    const driverOf = solveAssignment({
      jobs: candidates.map((list) =>
        list.map(({ entry, cost }) => ({
          driver: numberOf.get(entry) as number,
          cost: Math.max(-COST_MAX_S, Math.min(COST_MAX_S, cost)),
        })),
      ),
      unassignedCost: this.#options.policy.waitCostS,
    }).driverOf;
    const offers: MarketOffer[] = [];
    const taken = new Set<number>(driverOf);
    jobs.forEach((waiting, i) => {
      const list = candidates[i] as Candidate[];
      const chosen = list.find(({ entry }) => numberOf.get(entry) === driverOf[i]);
      if (chosen === undefined || chosen.offerAtMs > nowMs) return;
      const fanout = fanoutOf(waiting, this.#options.policy);
      const others = fanout === 1 ? [] : leftOver(list, numberOf, taken, nowMs).slice(0, fanout - 1);
      for (const candidate of [chosen, ...others]) {
        if (offers.length >= DISPATCH_LIMITS.offersPerTick) return;
        taken.add(numberOf.get(candidate.entry) as number);
        offers.push(this.#offer(waiting, candidate, fanout === 1, nowMs));
      }
    });
    return offers;
  }

  #offer(waiting: WaitingJob, candidate: Candidate, exclusive: boolean, nowMs: number): MarketOffer {
    const { policy, offerId: nameOf } = this.#options;
    const { job } = waiting;
    const { driverId } = candidate.driver;
    const surge = this.#surge.at(this.#areaOf.get(job.orderId) as string);
    const offer: MarketOffer = {
      offerId: nameOf(job, driverId, waiting.offersMade, nowMs),
      orderId: job.orderId,
      jobVersion: job.version,
      driverId,
      expiresAtMs: nowMs + (exclusive ? policy.exclusiveOfferS : policy.openOfferS) * 1_000,
      exclusive,
      // The customer's fee is another matter: it was promised with the order.
      feeMinor: this.#feeMinor(waiting, driverId, surge),
      surge,
      pickupDistanceM: Math.round(pickupDistanceM(candidate, job.pickup)),
      pickupEtaS: Math.round(Math.max(0, (candidate.insertion.pickupAtMs - nowMs) / 1_000)),
      plan: planOf(candidate, job.orderId),
      breakdown: candidate.parts,
    };
    waiting.offersMade++;
    waiting.offerIds.add(offer.offerId);
    candidate.entry.offerId = offer.offerId;
    this.#offers.set(offer.offerId, offer);
    return offer;
  }

  /** Pay with surge. */
  #usualMinor(job: Job, surge: number): number {
    return Math.round(job.feeMinor * surge);
  }

  /** The price that the driver named, cut to the bound when surge has fallen since; never less than the usual. */
  #feeMinor({ job, bids }: WaitingJob, driverId: string, surge: number): number {
    const usualMinor = this.#usualMinor(job, surge);
    return Math.max(usualMinor, Math.min(bids.get(driverId)?.amountMinor ?? 0, this.#dearestMinor(usualMinor)));
  }

  #dearestMinor(usualMinor: number): number {
    return Math.floor(usualMinor * this.#options.policy.bidMaxFactor);
  }

  /**
   * @returns null for none, for one that is not above the offered fee or beyond the bound, and for a second price after the first was
   * offered: those are refusals. A price that surge has overtaken since is worth the usual pay.
   */
  #bidOf({ driverId, feeMinor }: MarketOffer, { job, bids }: WaitingJob, bidMinor: number | null): NamedPrice | null {
    const usualMinor = this.#usualMinor(job, this.surge(job.pickup));
    if (bidMinor === null || bidMinor <= feeMinor || bidMinor > this.#dearestMinor(usualMinor) || bids.has(driverId)) return null;
    return { amountMinor: bidMinor, dearer: Math.max(0, bidMinor / usualMinor - 1) };
  }

  #updateSurge(nowMs: number): void {
    const jobs = new Map<string, number>();
    for (const area of this.#areaOf.values()) jobs.set(area, (jobs.get(area) ?? 0) + 1);
    this.#surge.update(nowMs, jobs, (middle, reachM, enough) => this.#fleet.countFree(middle, reachM, enough, nowMs));
  }

  /** Until its actor tells of the job that it won, a driver is not asked again. */
  #pause(entry: FleetDriver, outcome: OfferOutcome, nowMs: number): void {
    if (outcome === 'won') entry.settlesUntilMs = nowMs + DISPATCH_LIMITS.settleS * 1_000;
    if (outcome === 'undelivered') entry.pausedUntilMs = nowMs + this.#options.policy.pauseS * 1_000;
  }

  #withdrawAll(waiting: WaitingJob, reason: Withdrawal['reason']): Withdrawal[] {
    return [...waiting.offerIds].flatMap((offerId) => this.#withdraw(offerId, reason));
  }

  #withdraw(offerId: string, reason: Withdrawal['reason']): Withdrawal[] {
    const offer = this.#offers.get(offerId);
    if (offer === undefined) return [];
    this.#release(offer);
    return [withdrawalOf(offer, reason)];
  }

  /** @returns the driver that held it, when it is still known. */
  #release(offer: MarketOffer): FleetDriver | undefined {
    this.#offers.delete(offer.offerId);
    this.#jobs.get(offer.orderId)?.offerIds.delete(offer.offerId);
    const entry = this.#fleet.drivers.get(offer.driverId);
    if (entry?.offerId === offer.offerId) entry.offerId = null;
    return entry;
  }

  #forget(orderId: string): void {
    this.#jobs.delete(orderId);
    this.#areaOf.delete(orderId);
  }
}

/** Drivers by number in the order of preference among equal costs. */
function numbered(candidates: readonly Candidate[][]): Map<FleetDriver, number> {
  const entries = new Set<FleetDriver>();
  for (const list of candidates) for (const { entry } of list) entries.add(entry);
  return new Map([...entries].sort(byIdling).map((entry, i) => [entry, i]));
}

/** Who nobody else gets in this tick and who may be asked now, best first. */
function leftOver(
  list: readonly Candidate[],
  numberOf: ReadonlyMap<FleetDriver, number>,
  taken: ReadonlySet<number>,
  nowMs: number,
): Candidate[] {
  return list
    .filter(({ entry, offerAtMs }) => offerAtMs <= nowMs && !taken.has(numberOf.get(entry) as number))
    .sort((a, b) => a.cost - b.cost || (numberOf.get(a.entry) as number) - (numberOf.get(b.entry) as number));
}

function withdrawalOf({ offerId, orderId, driverId }: MarketOffer, reason: Withdrawal['reason']): Withdrawal {
  return { offerId, orderId, driverId, reason };
}
