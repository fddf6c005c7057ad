/**
 * What it costs to give a job to each of its candidates, in seconds, with the parts named. It must never know the clock,
 * nor whether a candidate is allowed: that is asked before.
 */
import type { DriverProfile, Job } from '../protocol.ts';
import type { Insertion } from './insertion.ts';
import type { DispatchPolicy, Weights } from './policy.ts';

/** Parts that add up to the cost. */
export type Breakdown = Readonly<Record<string, number>>;

export interface Priced {
  readonly driver: DriverProfile;
  readonly insertion: Insertion;
  /** What the price that the driver named is dearer than the usual one, as a share of it; absent: nothing. */
  readonly dearer?: number;
}

/** A ride for twice the usual pay costs as much as a driver who is so much further away. */
const BID_S = 600;
/** A job in the last two hours, an unlikely acceptance and an unfinished job weigh this much. */
const RECENT_JOB_S = 60;
const ACCEPTANCE_S = 90;
const COMPLETION_S = 60;
const RECENT_MS = 2 * 3_600_000;
/** More do not count: sharing the work fairly must never cost as much as leaving an order without a driver (`waitCostS`). */
const RECENT_JOBS_MAX = 10;
/** Idling counts half, and no longer than this: waiting at a good spot must not outweigh the way. */
const IDLE_SHARE = 0.5;
export const IDLE_CREDIT_MAX_S = 600;
/** The best and the worst candidate of a published weighting lie this far apart. */
const PRESET_SPAN_S = 600;
/** A job does not grow more urgent beyond this; the assignment bounds its costs. */
const AGEING_MAX_S = 20_000;

type Part = 'distance' | 'rating' | 'completion' | 'vehicle' | 'availability' | 'experience' | 'performance' | 'cost' | 'recent_orders';

/** As published; each adds up to 1. */
export const PRESETS: Readonly<Record<Exclude<Weights, 'recommended'>, Readonly<Partial<Record<Part, number>>>>> = {
  proximity: { distance: 0.35, rating: 0.2, completion: 0.15, vehicle: 0.15, availability: 0.1, experience: 0.05 },
  balanced: { distance: 0.4, availability: 0.3, performance: 0.2, cost: 0.1 },
  fair: { distance: 0.3, rating: 0.2, availability: 0.2, recent_orders: 0.2, vehicle: 0.1 },
};

/** @returns the parts of each candidate, in their order; empty for none. Higher sums are worse. */
export function priceAll(candidates: readonly Priced[], job: Job, policy: DispatchPolicy, nowMs: number): Breakdown[] {
  const ageing = -ageingS(job, policy, nowMs);
  if (policy.weights === 'recommended') return candidates.map((candidate) => recommended(candidate, policy, ageing, nowMs));
  const preset = Object.entries(PRESETS[policy.weights]) as [Part, number][];
  const columns = preset.map(([part, weight]) =>
    normalised(
      candidates.map((candidate) => scoreOf(part, candidate, job, nowMs)),
      weight,
    ),
  );
  return candidates.map(({ insertion, dearer = 0 }, i) => {
    const parts: Record<string, number> = {
      cost: BID_S * dearer,
      delay: policy.delayWeight * insertion.delayS,
      late: policy.lateWeight * insertion.lateS,
      ageing,
    };
    preset.forEach(([part], column) => {
      parts[part] = columns[column]?.[i] ?? 0;
    });
    return parts;
  });
}

export function totalOf(parts: Breakdown): number {
  let sum = 0;
  for (const name in parts) sum += parts[name] as number;
  return sum;
}

/** Counted from when somebody could have waited for a driver: open, and the goods ready. */
function ageingS(job: Job, policy: DispatchPolicy, nowMs: number): number {
  const waitedS = Math.max(0, nowMs - Math.max(job.openedAtMs, job.readyAtMs)) / 1_000;
  return Math.min(AGEING_MAX_S, policy.ageingWeight * waitedS);
}

function recommended({ driver, insertion, dearer = 0 }: Priced, policy: DispatchPolicy, ageing: number, nowMs: number): Breakdown {
  return {
    drive: insertion.driveS,
    recent_jobs: RECENT_JOB_S * Math.min(RECENT_JOBS_MAX, recentJobs(driver, nowMs)),
    idle: -IDLE_SHARE * idleS(driver, nowMs),
    acceptance: ACCEPTANCE_S * (1 - unit(driver.acceptance)),
    completion: COMPLETION_S * (1 - unit(driver.completion)),
    cost: BID_S * dearer,
    delay: policy.delayWeight * insertion.delayS,
    late: policy.lateWeight * insertion.lateS,
    ageing,
  };
}

function recentJobs(driver: DriverProfile, nowMs: number): number {
  let count = 0;
  for (const atMs of driver.recentJobsMs) if (atMs > nowMs - RECENT_MS) count++;
  return count;
}

function idleS(driver: DriverProfile, nowMs: number): number {
  if (driver.stops.length > 0) return 0;
  return Math.min(IDLE_CREDIT_MAX_S, Math.max(0, nowMs - driver.idleSinceMs) / 1_000);
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Higher is better; the unit does not matter. */
function scoreOf(part: Part, { driver, insertion, dearer = 0 }: Priced, job: Job, nowMs: number): number {
  switch (part) {
    case 'distance':
      return -insertion.legS;
    case 'rating':
      return driver.rating;
    case 'completion':
      return unit(driver.completion);
    case 'vehicle':
      return job.needs.vehicles.length === 0 ? 0 : -job.needs.vehicles.indexOf(driver.vehicle);
    case 'availability':
      return idleS(driver, nowMs) / IDLE_CREDIT_MAX_S + (driver.stops.length === 0 ? 1 : 0);
    case 'experience':
      return Math.log1p(driver.completedJobs);
    case 'performance':
      return unit(driver.acceptance) + unit(driver.completion);
    case 'cost':
      return -insertion.driveS - BID_S * dearer;
    case 'recent_orders':
      return -recentJobs(driver, nowMs);
  }
}

/** The best costs nothing, the worst the weight's share of the span; nothing when all are alike. */
function normalised(scores: readonly number[], weight: number): number[] {
  const best = Math.max(...scores);
  const worst = Math.min(...scores);
  return scores.map((score) => (best === worst ? 0 : (PRESET_SPAN_S * weight * (best - score)) / (best - worst)));
}
