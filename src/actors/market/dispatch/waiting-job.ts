/** A job that looks for a driver, and what was tried: a part of the dispatcher's state. It must never know drivers beyond their ids. */
import type { Job, OfferOutcome, StallReason } from '../protocol.ts';
import type { DispatchPolicy } from './policy.ts';

/** Between two calls to those who refused. */
const CALL_AGAIN_MS = 5 * 60_000;

/** What a driver named instead of the offered fee; sealed: only this job knows. */
export interface NamedPrice {
  readonly amountMinor: number;
  /** Beyond the usual pay, as a share of it. */
  readonly dearer: number;
}

export interface WaitingJob {
  job: Job;
  /** Open offers. */
  readonly offerIds: Set<string>;
  /** How often each would not or did not answer; asked again only when the widest ring has nobody else, once a call. */
  readonly refusedBy: Map<string, number>;
  readonly bids: Map<string, NamedPrice>;
  /** Pairs left alone for a while. */
  readonly pausedUntilMs: Map<string, number>;
  /** Of this version. */
  offersMade: number;
  refusals: number;
  /** Index of the ring that is looked at. */
  ring: number;
  ringSinceMs: number | null;
  /** How often everybody who refused was asked again: the last escalation, and then every while. */
  calls: number;
  calledAtMs: number;
  /** Nothing is looked for before this. */
  retryAtMs: number;
  stall: StallReason | null;
}

/** At the narrowest ring, with nothing tried. */
export function waitingJob(job: Job): WaitingJob {
  return {
    job,
    offerIds: new Set(),
    refusedBy: new Map(),
    bids: new Map(),
    pausedUntilMs: new Map(),
    offersMade: 0,
    refusals: 0,
    ring: 0,
    ringSinceMs: null,
    calls: 0,
    calledAtMs: 0,
    retryAtMs: 0,
    stall: null,
  };
}

/** How many drivers get the offer at once. */
export function fanoutOf(waiting: WaitingJob, policy: DispatchPolicy): number {
  const escalation = waiting.refusals - policy.refusalsBeforeOpen;
  if (escalation < 0) return 1;
  // An open round ends with as many refusals as it had offers.
  const first = policy.fanouts[0] as number;
  return escalation < first ? first : (policy.fanouts[policy.fanouts.length - 1] as number);
}

/** A price is no refusal by the driver, but the job looks on: it may take part again in the next tick, and so may others. */
export function noteBid(waiting: WaitingJob, driverId: string, bid: NamedPrice, policy: DispatchPolicy, nowMs: number): void {
  waiting.bids.set(driverId, bid);
  waiting.refusals++;
  widen(waiting, policy, nowMs);
}

/** What the end of an offer means to its job, unless it was won. */
export function noteOutcome(waiting: WaitingJob, driverId: string, outcome: OfferOutcome, policy: DispatchPolicy, nowMs: number): void {
  switch (outcome) {
    case 'declined':
    case 'expired':
      waiting.refusedBy.set(driverId, (waiting.refusedBy.get(driverId) ?? 0) + 1);
      waiting.bids.delete(driverId);
      waiting.refusals++;
      widen(waiting, policy, nowMs);
      return;
    case 'undelivered':
    case 'refused':
      waiting.pausedUntilMs.set(driverId, nowMs + policy.pauseS * 1_000);
      return;
    case 'won':
    case 'lost':
    case 'withdrawn':
      return;
  }
}

/** @returns whether there was a wider ring. */
export function widen(waiting: WaitingJob, policy: DispatchPolicy, nowMs: number): boolean {
  if (waiting.ring + 1 >= policy.ringsM.length) return false;
  waiting.ring++;
  waiting.ringSinceMs = nowMs;
  return true;
}

/** Nobody is left but who refused: at once the first time, then now and then, for a driver who was busy is free by and by. */
export function callAgain(waiting: WaitingJob, nowMs: number): void {
  if (waiting.calls > 0 && nowMs - waiting.calledAtMs < CALL_AGAIN_MS) return;
  waiting.calls++;
  waiting.calledAtMs = nowMs;
}

/** May the driver be asked, as far as this job's history goes? */
export function mayAsk(waiting: WaitingJob, driverId: string, nowMs: number): boolean {
  if ((waiting.refusedBy.get(driverId) ?? 0) > waiting.calls) return false;
  return (waiting.pausedUntilMs.get(driverId) ?? 0) <= nowMs;
}

/** A job cannot have been opened in the future: the clock was set back since, and it would wait until that time has come again. */
export function notAhead(job: Job, nowMs: number): Job {
  const aheadMs = job.openedAtMs - nowMs;
  return aheadMs <= 0 ? job : { ...job, openedAtMs: nowMs, readyAtMs: job.readyAtMs - aheadMs };
}

/** The clock was set: how long the job has waited and still has to wait stays as it was. What was promised to the customer stays a time of day. */
export function shiftJob(waiting: WaitingJob, byMs: number): void {
  const { job, pausedUntilMs } = waiting;
  waiting.job = { ...job, readyAtMs: job.readyAtMs + byMs, openedAtMs: job.openedAtMs + byMs };
  waiting.retryAtMs += byMs;
  waiting.calledAtMs += byMs;
  if (waiting.ringSinceMs !== null) waiting.ringSinceMs += byMs;
  for (const [driverId, untilMs] of pausedUntilMs) pausedUntilMs.set(driverId, untilMs + byMs);
}
