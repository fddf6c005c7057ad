/**
 * Among assignments of equal cost, the fair one that can be named: no free driver before a job's own would cost that
 * job the same, and no job without a driver could take a later job's place at the same total. Pure.
 */
import { type Problem, pairCost, UNASSIGNED } from './problem.ts';

/** Changes `driverOf` in place, never its total cost. Each step lowers a number, so it ends. */
export function breakTies(problem: Problem, driverOf: Int32Array): void {
  const jobOf = new Int32Array(problem.driverCount).fill(UNASSIGNED);
  driverOf.forEach((driver, job) => {
    if (driver !== UNASSIGNED) jobOf[driver] = job;
  });
  for (let job = 0; job < problem.jobCount; job++) {
    if (driverOf[job] === UNASSIGNED) takeOver(problem, driverOf, jobOf, job);
  }
  let changed = true;
  while (changed) {
    changed = false;
    for (let job = 0; job < problem.jobCount; job++) {
      if (driverOf[job] !== UNASSIGNED && moveForward(problem, driverOf, jobOf, job)) changed = true;
    }
  }
}

/** The earlier job takes the driver of the last job that can do without it at no cost. */
function takeOver(problem: Problem, driverOf: Int32Array, jobOf: Int32Array, job: number): void {
  let latest = job;
  const end = problem.starts[job + 1] as number;
  for (let i = problem.starts[job] as number; i < end; i++) {
    const driver = problem.drivers[i] as number;
    const owner = jobOf[driver] as number;
    if (owner > latest && pairCost(problem, owner, driver) === problem.costs[i]) latest = owner;
  }
  if (latest === job) return;
  const driver = driverOf[latest] as number;
  driverOf[latest] = UNASSIGNED;
  driverOf[job] = driver;
  jobOf[driver] = job;
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
