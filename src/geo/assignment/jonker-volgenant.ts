/**
 * Exact assignment by shortest augmenting paths over a dense matrix (Jonker and Volgenant 1987, in the rectangular form
 * of Crouse 2016). Time O(jobs^2 x drivers) at worst, memory 8 bytes a cell. It must never know where costs come from.
 */
import { type Problem, UNASSIGNED } from './problem.ts';

const FORBIDDEN = Number.POSITIVE_INFINITY;

/**
 * Staying unassigned is a private column of each job: no other job can reach it, so it needs neither storage nor a
 * price. @returns the driver of each job or UNASSIGNED, in the problem's numbering.
 * Long because its steps (grow the tree, move the prices, turn the path around) work on the same eight arrays: cut up, each would be
 * handed all of them.
 */
export function solveJonkerVolgenant(problem: Problem): Int32Array {
  const { jobCount, driverCount } = problem;
  const matrix = denseCosts(problem);
  const driverOf = new Int32Array(jobCount).fill(UNASSIGNED);
  const jobOf = new Int32Array(driverCount).fill(UNASSIGNED);
  const jobPrice = new Float64Array(jobCount);
  const driverPrice = new Float64Array(driverCount);
  const shortest = new Float64Array(driverCount);
  const cameFrom = new Int32Array(driverCount);
  const remaining = new Int32Array(driverCount);
  const reachedDrivers = new Int32Array(driverCount);

  for (let start = 0; start < jobCount; start++) {
    shortest.fill(FORBIDDEN);
    for (let i = 0; i < driverCount; i++) remaining[i] = i;
    let remainingCount = driverCount;
    let reachedCount = 0;
    let job = start;
    let distance = 0;
    /** The cheapest way out so far by leaving a reached job unassigned. */
    let exitJob = start;
    let exitDistance = FORBIDDEN;
    let sink = UNASSIGNED;
    for (;;) {
      const exit = distance + problem.unassignedCost - (jobPrice[job] as number);
      if (exit < exitDistance) {
        exitDistance = exit;
        exitJob = job;
      }
      const nearestAt = relax(job, distance, remainingCount);
      const nearest = nearestAt === UNASSIGNED ? UNASSIGNED : (remaining[nearestAt] as number);
      const nearestDistance = nearest === UNASSIGNED ? FORBIDDEN : (shortest[nearest] as number);
      if (exitDistance < nearestDistance) {
        distance = exitDistance;
        break;
      }
      distance = nearestDistance;
      if (jobOf[nearest] === UNASSIGNED) {
        sink = nearest;
        break;
      }
      reachedDrivers[reachedCount++] = nearest;
      remaining[nearestAt] = remaining[--remainingCount] as number;
      job = jobOf[nearest] as number;
    }
    jobPrice[start] = (jobPrice[start] as number) + distance;
    for (let i = 0; i < reachedCount; i++) {
      const driver = reachedDrivers[i] as number;
      const slack = distance - (shortest[driver] as number);
      driverPrice[driver] = (driverPrice[driver] as number) - slack;
      const owner = jobOf[driver] as number;
      jobPrice[owner] = (jobPrice[owner] as number) + slack;
    }
    // Without a sink the job at the exit gives its driver away, and the path goes on from there.
    let free = sink === UNASSIGNED ? (driverOf[exitJob] as number) : sink;
    if (sink === UNASSIGNED) driverOf[exitJob] = UNASSIGNED;
    if (sink === UNASSIGNED && exitJob === start) continue;
    for (;;) {
      const taker = cameFrom[free] as number;
      const given = driverOf[taker] as number;
      driverOf[taker] = free;
      jobOf[free] = taker;
      if (taker === start) break;
      free = given;
    }
  }
  return driverOf;

  /** @returns where in `remaining` the nearest driver is, a free one if there is a choice, then the lowest. */
  function relax(job: number, distance: number, count: number): number {
    const base = distance - (jobPrice[job] as number);
    const row = job * driverCount;
    let best = UNASSIGNED;
    let bestDistance = FORBIDDEN;
    let bestFree = false;
    for (let i = 0; i < count; i++) {
      const driver = remaining[i] as number;
      const through = base + (matrix[row + driver] as number) - (driverPrice[driver] as number);
      if (through < (shortest[driver] as number)) {
        shortest[driver] = through;
        cameFrom[driver] = job;
      }
      const here = shortest[driver] as number;
      if (here > bestDistance || here === FORBIDDEN) continue;
      const free = jobOf[driver] === UNASSIGNED;
      if (here < bestDistance || (free && !bestFree)) {
        best = i;
        bestDistance = here;
        bestFree = free;
      }
    }
    return best;
  }
}

function denseCosts(problem: Problem): Float64Array {
  const matrix = new Float64Array(problem.jobCount * problem.driverCount).fill(FORBIDDEN);
  for (let job = 0; job < problem.jobCount; job++) {
    const end = problem.starts[job + 1] as number;
    for (let i = problem.starts[job] as number; i < end; i++) {
      matrix[job * problem.driverCount + (problem.drivers[i] as number)] = problem.costs[i] as number;
    }
  }
  return matrix;
}
