/** How a market dispatches: what can be set, with the defaults that were measured, and the bounds. It must never know a driver or a job. */
import type { Position } from '../../tenant/protocol.ts';
import type { DriverProfile, Job, MarketOffer, StallReason } from '../protocol.ts';
import { drivingS } from './driving.ts';

/** `recommended` counts seconds; the other three are published weightings of parts normalised among a job's candidates. */
export type Weights = 'recommended' | 'proximity' | 'balanced' | 'fair';

export interface DispatchPolicy {
  readonly weights: Weights;
  /** How long an offer to one driver stands. 15 to 30: longer offers make jobs wait (at 60 s the slowest 5 % wait twice as long as at 15 s). */
  readonly exclusiveOfferS: number;
  /** How long an offer to several drivers stands. */
  readonly openOfferS: number;
  /** An acceptance that was under way when the offer ended still counts for so long. */
  readonly graceS: number;
  /** How far from the pickup drivers are looked for, by round. */
  readonly ringsM: readonly number[];
  /** A job without an offer widens its ring after so long; at once when nobody is in it. */
  readonly ringHoldS: number;
  /** Free drivers looked at, and of those with stops: nearest now, and nearest where they end. */
  readonly candidates: number;
  readonly busyCandidates: number;
  /** Refusals until a job is offered to several at once, and to how many: first, then from then on. */
  readonly refusalsBeforeOpen: number;
  readonly fanouts: readonly number[];
  /** A driver not placed for so long gets nothing. */
  readonly freshS: number;
  /** A pair that the driver actor refused, or a driver that no offer reached, is left alone for so long. */
  readonly pauseS: number;
  /** A second job on a driver with stops, when every promise holds. */
  readonly stacking: boolean;
  /** A job may wait for a driver who comes free soon near it, rather than take one from afar. */
  readonly lookAhead: boolean;
  /** Only drivers free within so long are waited for. */
  readonly lookAheadS: number;
  /** How long before a driver turns to the job it is offered: one who ends a job, and one who has further stops. */
  readonly freeLeadS: number;
  readonly stackLeadS: number;
  /** A driver should not reach the pickup more than this before the goods are ready. */
  readonly earlyS: number;
  /** Jobs whose goods are ready later than this do not take part yet. */
  readonly horizonS: number;
  /** At the pickup and at the door: half of it before the goods change hands, half after. */
  readonly pickupServiceS: number;
  readonly dropoffServiceS: number;
  /** What a second of a customer's waiting weighs against a second of a driver's time. */
  readonly delayWeight: number;
  /** The same for seconds after the promise. */
  readonly lateWeight: number;
  /** By how many seconds of cost a job grows more urgent in each second without a driver. */
  readonly ageingWeight: number;
  /** A pair that costs more than this waits for a better one. */
  readonly waitCostS: number;
  /** A driver may name a price up to so many times the usual pay; a dearer one is a refusal. */
  readonly bidMaxFactor: number;
  readonly surge: SurgePolicy;
}

export interface SurgePolicy {
  /** H3 resolution of an area; 7 is about 5 km2. */
  readonly resolution: number;
  /** Free drivers within this of the middle of an area count as its own. */
  readonly reachM: number;
  /** Jobs a free driver before surge begins, and at which it is at its cap. */
  readonly fromRatio: number;
  readonly toRatio: number;
  readonly cap: number;
  readonly step: number;
  /** Time in which two thirds of a change show. */
  readonly smoothingS: number;
}

export const DISPATCH_DEFAULTS: DispatchPolicy = {
  weights: 'recommended',
  exclusiveOfferS: 20,
  openOfferS: 60,
  graceS: 2,
  ringsM: [1_500, 3_000, 6_000, 12_000],
  ringHoldS: 10,
  candidates: 15,
  busyCandidates: 5,
  refusalsBeforeOpen: 2,
  fanouts: [5, 10],
  freshS: 60,
  pauseS: 60,
  stacking: true,
  lookAhead: true,
  lookAheadS: 600,
  freeLeadS: 60,
  stackLeadS: 180,
  earlyS: 180,
  horizonS: 900,
  pickupServiceS: 240,
  dropoffServiceS: 240,
  delayWeight: 0.5,
  lateWeight: 2,
  ageingWeight: 1,
  waitCostS: 3_600,
  bidMaxFactor: 1.5,
  surge: { resolution: 7, reachM: 2_500, fromRatio: 1, toRatio: 3, cap: 2, step: 0.1, smoothingS: 300 },
};

export const DISPATCH_LIMITS = {
  /** Open jobs of a market; more are refused. The assignment takes 2,000. */
  jobs: 2_000,
  /** Jobs that a tick looks at, the longest waiting first; the others follow in the next. */
  jobsPerTick: 500,
  drivers: 50_000,
  offersPerTick: 1_000,
  /** Drivers looked at in a tick, some 50 ms. Searches that find nobody read everybody; the jobs after them follow in the next tick. */
  looksPerTick: 1_000_000,
  /** Drivers with more stops get no further one. */
  stops: 8,
  /** Drivers at one stand that are compared by how long they idle. */
  standDrivers: 20_000,
  /** A job that nobody can take is looked at again after this. */
  retryS: 4,
  /** A driver that won is left alone until its actor tells of it, at most so long. */
  settleS: 5,
} as const;

export interface DispatcherOptions {
  readonly policy?: Partial<DispatchPolicy>;
  /** Seconds under way, without parking and doors; Infinity when there is no way. The published line by default. */
  readonly etaS?: (from: Position, to: Position, driver: DriverProfile) => number;
  /**
   * Names an offer: never the same twice, neither when a closed job is opened again nor after a restart, hence the instant.
   * @param round how many offers the job's version had before.
   */
  readonly offerId?: (job: Job, driverId: string, round: number, nowMs: number) => string;
  /** A further hard filter: may the driver take the job when it would pick up at this time? Yes by default. */
  readonly fits?: (driver: DriverProfile, job: Job, pickupAtMs: number) => boolean;
}

/** Why an offer that a driver may still see is void. */
export interface Withdrawal {
  readonly offerId: string;
  readonly orderId: string;
  readonly driverId: string;
  readonly reason: 'taken' | 'closed' | 'edited' | 'driver_changed' | 'driver_gone' | 'expired';
}

export interface TickResult {
  readonly offers: readonly MarketOffer[];
  readonly withdrawals: readonly Withdrawal[];
  /** Each reason is told once until it changes or ends. */
  readonly stalled: readonly { readonly orderId: string; readonly reason: StallReason }[];
}

export type ResolvedOptions = Required<Omit<DispatcherOptions, 'policy'>> & { readonly policy: DispatchPolicy };

/** Fills in what is not given. @throws RangeError for a policy without rings or with a ring that is not wider than the one before. */
export function resolveOptions(options: DispatcherOptions): ResolvedOptions {
  const policy = { ...DISPATCH_DEFAULTS, ...options.policy };
  if (policy.ringsM.length === 0 || policy.ringsM.some((ringM, i) => !(ringM > (policy.ringsM[i - 1] ?? 0)))) {
    throw new RangeError(`rings ${policy.ringsM.join(', ')} do not widen`);
  }
  if (policy.fanouts.length === 0) throw new RangeError('no fanout');
  return {
    policy,
    etaS: options.etaS ?? ((from, to, driver) => drivingS(from, to, driver.vehicle)),
    offerId:
      options.offerId ?? ((job, driverId, round, nowMs) => `${job.orderId}:${job.version}:${nowMs.toString(36)}:${round}:${driverId}`),
    fits: options.fits ?? (() => true),
  };
}
