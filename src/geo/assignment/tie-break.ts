/**
 * Among assignments of equal cost, the fair one that can be named: no job goes without a driver when a free one costs as
 * much as that, no job without a driver could take a later job's place at the same total, and no free driver before a
 * job's own would cost that job the same. Pure.
 */
import { type Problem, pairCost, UNASSIGNED } from './problem.ts';

/** Changes `driverOf` in place, never its total cost. Each step assigns a job more or lowers a number, so it ends. */
export function breakTies(problem: Problem, driverOf: Int32Array): void {
  const jobOf = new Int32Array(problem.driverCount).fill(UNASSIGNED);
  driverOf.forEach((driver, job) => {
    if (driver !== UNASSIGNED) jobOf[driver] = job;
  });
  let changed = true;
  while (changed) {
    changed = false;
    for (let job = 0; job < problem.jobCount; job++) {
      const improve = driverOf[job] === UNASSIGNED ? takeOver : moveForward;
      if (improve(problem, driverOf, jobOf, job)) changed = true;
    }
  }
}

/** The job takes a free driver, else that of the last job that it can replace, at no cost. */
function takeOver(problem: Problem, driverOf: Int32Array, jobOf: Int32Array, job: number): boolean {
  let latest = job;
  let taken = UNASSIGNED;
  const end = problem.starts[job + 1] as number;
  for (let i = problem.starts[job] as number; i < end; i++) {
    const driver = problem.drivers[i] as number;
    const owner = jobOf[driver] as number;
    if (owner === UNASSIGNED) {
      if (problem.costs[i] !== problem.unassignedCost) continue;
      taken = driver;
      latest = job;
      break;
    }
    if (owner > latest && pairCost(problem, owner, driver) === problem.costs[i]) {
      latest = owner;
      taken = driver;
    }
  }
  if (taken === UNASSIGNED) return false;
  driverOf[latest] = UNASSIGNED;
  driverOf[job] = taken;
  jobOf[taken] = job;
  return true;
}

function moveForward(problem: Problem, driverOf: Int32Array, jobOf: Int32Array, job: number): boolean {
  const current = driverOf[job] as number;
  const cost = pairCost(problem, job, current);
  const end = problem.starts[job + 1] as number;
  for (let i = problem.starts[job] as number; i < end; i++) {
    const driver = problem.drivers[i] as number;
    if (driver >= current) return false;
    if (problem.costs[i] !== cost || jobOf[driver] !== UNASSIGNED) continue;
    jobOf[current] = UNASSIGNED;
    jobOf[driver] = job;
    driverOf[job] = driver;
    return true;
  }
  return false;
}
