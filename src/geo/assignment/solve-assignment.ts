/** Which driver gets which job, at the least total cost: picks the solver. It must never know what a cost is made of. */
import { solveAuction } from './auction.ts';
import { solveJonkerVolgenant } from './jonker-volgenant.ts';
import { type AssignmentInput, COST_SCALE, type Problem, scaledCost, toProblem, UNASSIGNED } from './problem.ts';
import { breakTies } from './tie-break.ts';

/** Up to this many steps at worst the dense solver is quick whatever the costs are. */
const DENSE_STEPS_MAX = 20_000_000;
/** Below this many matrix cells (64 MB) the auction may give up and leave the problem to the dense solver. */
const DENSE_CELLS_MAX = 8_000_000;
/** Prices that rise in small steps are what could make an auction slow; 8 bids a pair is the most that was seen. */
const BIDS_PER_PAIR = 60;

interface Assignment {
  /** By job: the caller's number of the driver, or UNASSIGNED (-1). */
  readonly driverOf: Int32Array;
  readonly assignedCount: number;
  /** Of the jobs that got a driver, in the caller's unit, exact to a thousandth. */
  readonly assignedCost: number;
  readonly solver: 'jonker_volgenant' | 'auction';
}

/**
 * Least total cost, optimal to a thousandth of the unit. Deterministic: the same input gives the same answer; among
 * equal costs earlier jobs and lower driver numbers come first (see `breakTies`). Nobody is assigned for no jobs.
 * @throws RangeError for costs or sizes out of bounds (see `toProblem`).
 */
export function solveAssignment(input: AssignmentInput): Assignment {
  const problem = toProblem(input);
  const { jobCount, driverCount } = problem;
  const denseSteps = jobCount * driverCount * Math.min(jobCount, driverCount);
  const byAuction = denseSteps > DENSE_STEPS_MAX ? solveAuction(problem, bidMax(problem)) : null;
  const compact = byAuction ?? solveJonkerVolgenant(problem);
  breakTies(problem, compact);
  return {
    ...inCallersTerms(problem, compact),
    solver: byAuction === null ? 'jonker_volgenant' : 'auction',
  };
}

/** Without a dense solver to fall back to, the auction goes on until it ends, which it does. */
function bidMax(problem: Problem): number {
  const denseCells = problem.jobCount * problem.driverCount;
  return denseCells > DENSE_CELLS_MAX ? Number.POSITIVE_INFINITY : problem.drivers.length * BIDS_PER_PAIR;
}

function inCallersTerms(problem: Problem, compact: Int32Array): Omit<Assignment, 'solver'> {
  const driverOf = compact.map((driver) => (driver === UNASSIGNED ? UNASSIGNED : (problem.driverNumbers[driver] as number)));
  const assignedCount = compact.reduce((sum, driver) => sum + (driver === UNASSIGNED ? 0 : 1), 0);
  const unassigned = (problem.jobCount - assignedCount) * problem.unassignedCost;
  return { driverOf, assignedCount, assignedCost: (scaledCost(problem, compact) - unassigned) / COST_SCALE };
}
