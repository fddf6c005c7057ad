/**
 * The assignment problem in arrays: jobs, drivers, and what each candidate pair costs, as whole numbers so that sums
 * are exact and every solver agrees. It must never know what a cost is made of.
 */

/** Costs are rounded to this many parts of a unit: milliseconds for costs in seconds. */
export const COST_SCALE = 1_000;
/** Costs beyond are refused, so that sums and the auction's prices stay exact in a double. */
export const MAX_COST = 100_000;
const MAX_JOBS = 2_000;
const MAX_PAIRS = 200_000;
/** In `driverOf`: the job stays without a driver. */
export const UNASSIGNED = -1;

export interface Candidate {
  /** From 0; the order of the numbers is the preference among equal costs. */
  readonly driver: number;
  readonly cost: number;
}

export interface AssignmentInput {
  /** Candidates by job; the order of the jobs is the preference among equal costs. A driver named twice counts at its lower cost. */
  readonly jobs: readonly (readonly Candidate[])[];
  /** What leaving a job without a driver costs. Absent: as many jobs as possible get one, whatever that costs. */
  readonly unassignedCost?: number;
}

/** Candidates of job `i` are at `starts[i] .. starts[i + 1] - 1`, drivers ascending. Drivers are renumbered without gaps, in order. */
export interface Problem {
  readonly jobCount: number;
  readonly driverCount: number;
  readonly starts: Int32Array;
  readonly drivers: Int32Array;
  readonly costs: Float64Array;
  /** Whole, the same for every job. */
  readonly unassignedCost: number;
  /** The caller's number of each driver. */
  readonly driverNumbers: Int32Array;
}

/** @throws RangeError for a driver that is no whole number from 0, a cost that is not within +-MAX_COST, and beyond MAX_JOBS or MAX_PAIRS. */
export function toProblem(input: AssignmentInput): Problem {
  const jobCount = input.jobs.length;
  const pairCount = input.jobs.reduce((sum, candidates) => sum + candidates.length, 0);
  if (jobCount > MAX_JOBS) throw new RangeError(`${jobCount} jobs, at most ${MAX_JOBS}`);
  if (pairCount > MAX_PAIRS) throw new RangeError(`${pairCount} pairs, at most ${MAX_PAIRS}`);
  const driverNumbers = distinctDrivers(input.jobs, pairCount);
  const compact = new Map<number, number>();
  driverNumbers.forEach((driver, i) => {
    compact.set(driver, i);
  });
  const starts = new Int32Array(jobCount + 1);
  const drivers = new Int32Array(pairCount);
  const costs = new Float64Array(pairCount);
  let end = 0;
  input.jobs.forEach((candidates, job) => {
    const sorted = candidates.toSorted((a, b) => a.driver - b.driver || a.cost - b.cost);
    let last = -1;
    for (const { driver, cost } of sorted) {
      if (driver === last) continue;
      last = driver;
      drivers[end] = compact.get(driver) as number;
      costs[end++] = wholeCost(cost);
    }
    starts[job + 1] = end;
  });
  return {
    jobCount,
    driverCount: driverNumbers.length,
    starts,
    drivers: drivers.subarray(0, end),
    costs: costs.subarray(0, end),
    unassignedCost: input.unassignedCost === undefined ? prohibitive(costs.subarray(0, end), jobCount) : wholeCost(input.unassignedCost),
    driverNumbers,
  };
}

/** Sum over all jobs, unassigned ones included, in scaled units. `driverOf` is in the problem's numbering. */
export function scaledCost(problem: Problem, driverOf: Int32Array): number {
  let sum = 0;
  for (let job = 0; job < problem.jobCount; job++) {
    const driver = driverOf[job] as number;
    sum += driver === UNASSIGNED ? problem.unassignedCost : pairCost(problem, job, driver);
  }
  return sum;
}

/** Infinity when the driver is no candidate of the job. O(log candidates). */
export function pairCost(problem: Problem, job: number, driver: number): number {
  let low = problem.starts[job] as number;
  let high = (problem.starts[job + 1] as number) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = problem.drivers[middle] as number;
    if (found === driver) return problem.costs[middle] as number;
    if (found < driver) low = middle + 1;
    else high = middle - 1;
  }
  return Number.POSITIVE_INFINITY;
}

function distinctDrivers(jobs: AssignmentInput['jobs'], pairCount: number): Int32Array {
  const all = new Int32Array(pairCount);
  let end = 0;
  for (const candidates of jobs) {
    for (const { driver } of candidates) {
      if (!Number.isInteger(driver) || driver < 0 || driver > 0x7fffffff) throw new RangeError(`driver ${driver}`);
      all[end++] = driver;
    }
  }
  return all.sort().filter((driver, i, sorted) => i === 0 || driver !== sorted[i - 1]);
}

function wholeCost(cost: number): number {
  if (!(Math.abs(cost) <= MAX_COST)) throw new RangeError(`cost ${cost} is not within ${MAX_COST}`);
  return Math.round(cost * COST_SCALE);
}

/** So high that one job more with a driver outweighs any change of the others. */
function prohibitive(costs: Float64Array, jobCount: number): number {
  let low = 0;
  let high = 0;
  for (const cost of costs) {
    low = Math.min(low, cost);
    high = Math.max(high, cost);
  }
  return high + (high - low) * jobCount + 1;
}
