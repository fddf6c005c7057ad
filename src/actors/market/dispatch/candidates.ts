/** Who could take a job, where among its stops, and at what cost. It reads the fleet and changes nothing. */
import { distanceM } from '../../../geo/distance.ts';
import type { DriverProfile, StallReason, StopName } from '../protocol.ts';
import { type Breakdown, type Priced, priceAll, totalOf } from './cost.ts';
import { fitsJob } from './fit.ts';
import type { Fleet, FleetDriver } from './fleet.ts';
import { bestInsertion, type Insertion, type InsertionRules } from './insertion.ts';
import type { ResolvedOptions } from './policy.ts';
import { mayAsk, type WaitingJob, widen } from './waiting-job.ts';

export interface Candidate extends Priced {
  readonly entry: FleetDriver;
  readonly insertion: Insertion;
  readonly parts: Breakdown;
  /** Seconds; the sum of the parts. */
  readonly cost: number;
  /** Before this it is too early to ask the driver: the job waits for it. */
  readonly offerAtMs: number;
}

/** By which a job is placed among a driver's stops; the driver actor uses the same for a job that it won. */
export function rulesOf(options: Pick<ResolvedOptions, 'policy' | 'etaS'>, profile: DriverProfile): InsertionRules {
  const { policy } = options;
  return {
    legS: (from, to) => options.etaS(from, to, profile),
    pickupServiceS: policy.pickupServiceS,
    dropoffServiceS: policy.dropoffServiceS,
    delayWeight: policy.delayWeight,
    lateWeight: policy.lateWeight,
    amid: policy.stacking && profile.freeSlots > 0,
  };
}

/** How the driver fits the job; null when it does not. */
function insertionFor(options: ResolvedOptions, entry: FleetDriver, waiting: WaitingJob, nowMs: number): Insertion | null {
  const { policy } = options;
  const { profile, position } = entry;
  if (position === null) return null;
  const insertion = bestInsertion(nowMs, position, profile.stops, waiting.job, rulesOf(options, profile));
  if (insertion === null) return null;
  const isLast = insertion.pickupIndex === profile.stops.length;
  if (isLast && profile.stops.length > 0) {
    if (!policy.lookAhead || insertion.turnsAtMs > nowMs + policy.lookAheadS * 1_000) return null;
  }
  return options.fits(profile, waiting.job, insertion.pickupAtMs) ? insertion : null;
}

/** Candidates within the job's ring, in no order. Widens it to the nearest when nobody is in it. Empty when nobody may be asked or waited for. */
export function candidatesOf(options: ResolvedOptions, fleet: Fleet, waiting: WaitingJob, nowMs: number): Candidate[] {
  const { policy } = options;
  const reachM = (): number => policy.ringsM[waiting.ring] as number;
  const near = candidatesWithin(reachM(), options, fleet, waiting, nowMs);
  const widestM = policy.ringsM[policy.ringsM.length - 1] as number;
  if (near.length > 0 || reachM() === widestM) return near;
  // One search of everything rather than one a ring: searches that find nobody read everybody.
  const all = candidatesWithin(widestM, options, fleet, waiting, nowMs);
  const isNear = ({ insertion }: Candidate): boolean => distanceM(insertion.legFrom, waiting.job.pickup) <= reachM();
  while (!all.some(isNear) && widen(waiting, policy, nowMs));
  return all.filter(isNear);
}

function candidatesWithin(reachM: number, options: ResolvedOptions, fleet: Fleet, waiting: WaitingJob, nowMs: number): Candidate[] {
  const { policy } = options;
  const { job } = waiting;
  const accept = ({ profile }: FleetDriver): boolean => fitsJob(profile, job) && mayAsk(waiting, profile.driverId, nowMs);
  const entries = fleet.free(job.pickup, reachM, nowMs, accept);
  if (policy.stacking || policy.lookAhead) entries.push(...fleet.busy(job.pickup, reachM, nowMs, accept));
  const found: (Priced & { readonly entry: FleetDriver })[] = [];
  for (const entry of entries) {
    const insertion = insertionFor(options, entry, waiting, nowMs);
    if (insertion === null) continue;
    found.push({ entry, driver: entry.profile, insertion, dearer: waiting.bids.get(entry.profile.driverId)?.dearer ?? 0 });
  }
  const parts = priceAll(found, job, policy, nowMs);
  // Written out: thousands a tick, and copying by spread is what a tick would spend most of its time on.
  return found.map(({ entry, driver, insertion }, i) => {
    const own = parts[i] as Breakdown;
    const offerMs = offerAtMs(options, entry, insertion, job.readyAtMs, nowMs);
    return { entry, driver, insertion, parts: own, cost: totalOf(own), offerAtMs: offerMs };
  });
}

/** Not long before the driver would turn to the job, and not so early that it would wait for the goods. */
function offerAtMs(options: ResolvedOptions, entry: FleetDriver, insertion: Insertion, readyAtMs: number, nowMs: number): number {
  const { policy } = options;
  const isLast = insertion.pickupIndex === entry.profile.stops.length;
  const leadS = isLast ? policy.freeLeadS : policy.stackLeadS;
  const turnsMs = insertion.pickupIndex === 0 ? nowMs : insertion.turnsAtMs - leadS * 1_000;
  const dueMs = readyAtMs - (policy.earlyS + policy.pickupServiceS / 2 + insertion.legS) * 1_000;
  const ms = isLast ? Math.max(turnsMs, dueMs) : turnsMs;
  // A driver without a free slot can only be waited for.
  return entry.profile.freeSlots > 0 ? ms : Math.max(ms, nowMs + 1);
}

/** Why a job has no candidate in the widest ring. Reads every driver in it once. */
export function stallOf(options: ResolvedOptions, fleet: Fleet, waiting: WaitingJob, nowMs: number): StallReason {
  const { job } = waiting;
  const reachM = options.policy.ringsM[options.policy.ringsM.length - 1] as number;
  let isAnybody = false;
  let isAnyFit = false;
  let isAnyRefused = false;
  fleet.each(job.pickup, reachM, (entry) => {
    if (!fleet.isFresh(entry, nowMs)) return;
    isAnybody = true;
    if (!fitsJob(entry.profile, job)) return;
    isAnyFit = true;
    if (waiting.refusedBy.has(entry.profile.driverId)) isAnyRefused = true;
  });
  if (isAnyRefused) return 'market.all_declined';
  if (isAnyFit) return 'market.no_drivers';
  if (isAnybody) return 'market.none_fit';
  for (const entry of fleet.drivers.values()) if (fleet.isFresh(entry, nowMs)) return 'market.none_in_range';
  return 'market.no_drivers';
}

export function pickupDistanceM(candidate: Candidate, pickup: { readonly lat: number; readonly lng: number }): number {
  return distanceM(candidate.entry.position as { readonly lat: number; readonly lng: number }, pickup);
}

/** The driver's stops with the two new ones where the insertion has them. */
export function planOf({ driver, insertion }: Candidate, orderId: string): StopName[] {
  const plan: StopName[] = driver.stops.map((stop) => ({ orderId: stop.orderId, kind: stop.kind }));
  plan.splice(insertion.pickupIndex, 0, { orderId, kind: 'pickup' });
  plan.splice(insertion.dropoffIndex, 0, { orderId, kind: 'dropoff' });
  return plan;
}
