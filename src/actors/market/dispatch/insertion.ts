/**
 * Where a further job fits best among the stops of a driver, and whether every promise holds then. The driver actor
 * uses the same function to place the stops of a job that was won. It must never know why a job is offered.
 */
import type { Position } from '../../tenant/protocol.ts';
import type { DriverStop, Job } from '../protocol.ts';

export interface InsertionRules {
  /** Seconds under way; Infinity when there is no way. */
  readonly legS: (from: Position, to: Position) => number;
  readonly pickupServiceS: number;
  readonly dropoffServiceS: number;
  readonly delayWeight: number;
  readonly lateWeight: number;
  /** False: the job comes after everything else. */
  readonly amid: boolean;
}

/** Indices are those of the list that has both new stops. */
export interface Insertion {
  readonly pickupIndex: number;
  readonly dropoffIndex: number;
  readonly pickupAtMs: number;
  readonly dropoffAtMs: number;
  /** When the driver turns to the pickup: done with the stop before, or there when it is at the same place. */
  readonly turnsAtMs: number;
  /** The way to the pickup from the place before. */
  readonly legS: number;
  readonly legFrom: Position;
  /** By how much the driver is busy longer, less what the job takes of anybody from pickup to door. Below 0 when ways are shared. */
  readonly driveS: number;
  /** The customers' waiting together: this one's against a driver at the pickup at once, the others' against before. */
  readonly delayS: number;
  /** How much of this one's lies after its promise. */
  readonly lateS: number;
}

type InsertedJob = Pick<Job, 'pickup' | 'dropoff' | 'readyAtMs' | 'promisedAtMs'>;

interface Step {
  readonly position: Position;
  readonly isPickup: boolean;
  readonly readyAtMs: number;
  readonly dueAtMs: number;
}

interface Times {
  readonly reachMs: number[];
  readonly atMs: number[];
  readonly doneMs: number[];
}

/**
 * The first stop stays first: a driver under way is not turned round. Promises that hold are kept, those that are lost are not
 * made worse; a job amid others keeps its own promise unless nobody could.
 * @returns null when it fits nowhere. O(stops^3).
 */
export function bestInsertion(
  nowMs: number,
  from: Position,
  stops: readonly DriverStop[],
  job: InsertedJob,
  rules: InsertionRules,
): Insertion | null {
  const directS = rules.legS(job.pickup, job.dropoff);
  const soonestMs =
    Math.max(nowMs + rules.pickupServiceS * 500, job.readyAtMs) + (rules.pickupServiceS / 2 + directS + rules.dropoffServiceS / 2) * 1_000;
  if (stops.length === 0) return alone(nowMs, from, job, soonestMs, rules);
  const before = stops.map(stepOf);
  const legs = new Map<Step, Map<Step, number>>();
  const trial: Trial = {
    nowMs,
    from,
    before,
    baseline: walk(nowMs, from, before, rules, legs),
    pickup: { position: job.pickup, isPickup: true, readyAtMs: job.readyAtMs, dueAtMs: Number.POSITIVE_INFINITY },
    dropoff: { position: job.dropoff, isPickup: false, readyAtMs: 0, dueAtMs: Number.POSITIVE_INFINITY },
    ownS: rules.pickupServiceS + directS + rules.dropoffServiceS,
    soonestMs,
    promisedAtMs: job.promisedAtMs,
    rules,
    legs,
  };
  let best: Insertion | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let p = rules.amid ? 1 : before.length; p <= before.length; p++) {
    for (let d = p + 1; d <= before.length + 1; d++) {
      const tried = insertAt(trial, p, d);
      if (tried === null) continue;
      const value = tried.driveS + rules.delayWeight * tried.delayS + rules.lateWeight * tried.lateS;
      if (value >= least) continue;
      least = value;
      best = tried;
    }
  }
  return best;
}

/** A driver without stops: most of those who are asked about. */
function alone(nowMs: number, from: Position, job: InsertedJob, soonestMs: number, rules: InsertionRules): Insertion | null {
  const legS = rules.legS(from, job.pickup);
  const pickupAtMs = Math.max(nowMs + (legS + rules.pickupServiceS / 2) * 1_000, job.readyAtMs);
  const delayMs = pickupAtMs - Math.max(nowMs + rules.pickupServiceS * 500, job.readyAtMs);
  const dropoffAtMs = soonestMs + delayMs;
  if (!Number.isFinite(dropoffAtMs)) return null;
  return {
    pickupIndex: 0,
    dropoffIndex: 1,
    pickupAtMs,
    dropoffAtMs,
    turnsAtMs: nowMs,
    legS,
    legFrom: from,
    driveS: legS,
    delayS: delayMs / 1_000,
    lateS: lateS(job.promisedAtMs, soonestMs, dropoffAtMs),
  };
}

interface Trial {
  readonly nowMs: number;
  readonly from: Position;
  readonly before: readonly Step[];
  readonly baseline: Times;
  readonly pickup: Step;
  readonly dropoff: Step;
  readonly ownS: number;
  readonly soonestMs: number;
  readonly promisedAtMs: number | null;
  readonly rules: InsertionRules;
  readonly legs: Map<Step, Map<Step, number>>;
}

/** The new stops at these places of the new list; null when a promise breaks or there is no way. */
function insertAt(trial: Trial, p: number, d: number): Insertion | null {
  const { before, baseline, pickup, dropoff, soonestMs, promisedAtMs, rules, legs } = trial;
  const route = [...before.slice(0, p), pickup, ...before.slice(p, d - 1), dropoff, ...before.slice(d - 1)];
  const times = walk(trial.nowMs, trial.from, route, rules, legs);
  const others = othersDelayS(before, baseline, times, p, d);
  const dropoffAtMs = times.atMs[d] as number;
  if (others === null || !Number.isFinite(dropoffAtMs)) return null;
  const isLast = p === before.length;
  if (!isLast && promisedAtMs !== null && soonestMs <= promisedAtMs && dropoffAtMs > promisedAtMs) return null;
  const reachMs = times.reachMs[p] as number;
  const pickupAtMs = times.atMs[p] as number;
  const addedMs = (times.doneMs[route.length - 1] as number) - (baseline.doneMs[before.length - 1] as number);
  // A driver who would wait for the goods is asked later instead.
  const waitedMs = isLast ? Math.max(0, pickupAtMs - reachMs - rules.pickupServiceS * 500) : 0;
  const previous = before[p - 1] as Step;
  const legS = legOf(legs, previous, pickup, rules);
  return {
    pickupIndex: p,
    dropoffIndex: d,
    pickupAtMs,
    dropoffAtMs,
    turnsAtMs: (previous.isPickup && legS === 0 ? times.reachMs[p - 1] : times.doneMs[p - 1]) as number,
    legS,
    legFrom: previous.position,
    driveS: (addedMs - waitedMs) / 1_000 - trial.ownS,
    delayS: others + (dropoffAtMs - soonestMs) / 1_000,
    lateS: lateS(promisedAtMs, soonestMs, dropoffAtMs),
  };
}

/** A promise that nobody could keep counts from when somebody could. */
function lateS(promisedAtMs: number | null, soonestMs: number, dropoffAtMs: number): number {
  return promisedAtMs === null ? 0 : Math.max(0, dropoffAtMs - Math.max(promisedAtMs, soonestMs)) / 1_000;
}

function stepOf(stop: DriverStop): Step {
  return {
    position: stop.position,
    isPickup: stop.kind === 'pickup',
    readyAtMs: stop.readyAtMs ?? 0,
    dueAtMs: stop.dueAtMs ?? Number.POSITIVE_INFINITY,
  };
}

/** Goods of one place are picked up together: the service there counts once. */
function walk(nowMs: number, from: Position, route: readonly Step[], rules: InsertionRules, legs: Map<Step, Map<Step, number>>): Times {
  const times: Times = { reachMs: [], atMs: [], doneMs: [] };
  const pickupHalfMs = rules.pickupServiceS * 500;
  const dropoffHalfMs = rules.dropoffServiceS * 500;
  let leaveMs = nowMs;
  let atMs = nowMs;
  let previous: Step | undefined;
  for (const step of route) {
    const legS = previous === undefined ? rules.legS(from, step.position) : legOf(legs, previous, step, rules);
    const joins = previous?.isPickup === true && step.isPickup && legS === 0;
    const reachMs = joins ? (times.reachMs[times.reachMs.length - 1] as number) : leaveMs + legS * 1_000;
    if (step.isPickup) atMs = Math.max(joins ? atMs : reachMs + pickupHalfMs, step.readyAtMs);
    else atMs = reachMs + dropoffHalfMs;
    leaveMs = atMs + (step.isPickup ? pickupHalfMs : dropoffHalfMs);
    times.reachMs.push(reachMs);
    times.atMs.push(atMs);
    times.doneMs.push(leaveMs);
    previous = step;
  }
  return times;
}

/** A leg is asked for once in an insertion. */
function legOf(legs: Map<Step, Map<Step, number>>, from: Step, to: Step, rules: InsertionRules): number {
  let row = legs.get(from);
  if (row === undefined) {
    row = new Map();
    legs.set(from, row);
  }
  let legS = row.get(to);
  if (legS === undefined) {
    legS = rules.legS(from.position, to.position);
    row.set(to, legS);
  }
  return legS;
}

/** Together over the doors; null when a promise breaks. */
function othersDelayS(before: readonly Step[], was: Times, is: Times, p: number, d: number): number | null {
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    const step = before[i] as Step;
    const shifted = i < p ? i : i < d - 1 ? i + 1 : i + 2;
    const wasMs = was.atMs[i] as number;
    const isMs = is.atMs[shifted] as number;
    if (isMs > Math.max(step.dueAtMs, wasMs)) return null;
    if (!step.isPickup) sum += (isMs - wasMs) / 1_000;
  }
  return sum;
}
