/**
 * Exact assignment over sparse candidates by a forward and reverse auction with epsilon scaling (Bertsekas 1988;
 * Bertsekas and Castañon 1992 for more drivers than jobs). It must never know where costs come from.
 *
 * Values are negated whole costs times jobs + 1, so that the last round with epsilon 1 is off by less than one unit:
 * optimal. Staying unassigned is a private object of each job whose price stays 0. A forward round lets jobs bid for
 * drivers; what it carries over from a coarser round may leave a driver that nobody holds with a price, and the
 * reverse round lets such drivers lower it until they win a job back or are free.
 */
import { type Problem, UNASSIGNED } from './problem.ts';

const EPSILON_STEP = 7;
const NOTHING = Number.NEGATIVE_INFINITY;

/** @returns the driver of each job or UNASSIGNED in the problem's numbering; null when `bidMax` bids were not enough. */
export function solveAuction(problem: Problem, bidMax: number): Int32Array | null {
  const auction = new Auction(problem, bidMax);
  for (let epsilon = auction.firstEpsilon(); ; epsilon = Math.max(1, Math.floor(epsilon / EPSILON_STEP))) {
    if (!auction.forward(epsilon) || !auction.reverse(epsilon)) return null;
    if (epsilon === 1) return auction.driverOf;
  }
}

class Auction {
  readonly driverOf: Int32Array;
  readonly #problem: Problem;
  readonly #scale: number;
  readonly #unassignedValue: number;
  readonly #jobOf: Int32Array;
  readonly #prices: Float64Array;
  /** What each job gains from what it holds: value less price. */
  readonly #profits: Float64Array;
  readonly #byDriver: { readonly starts: Int32Array; readonly jobs: Int32Array; readonly costs: Float64Array };
  readonly #queue: number[] = [];
  #bidsLeft: number;

  constructor(problem: Problem, bidMax: number) {
    this.#problem = problem;
    this.#scale = problem.jobCount + 1;
    this.#unassignedValue = -problem.unassignedCost * this.#scale;
    this.#bidsLeft = bidMax;
    this.driverOf = new Int32Array(problem.jobCount).fill(UNASSIGNED);
    this.#jobOf = new Int32Array(problem.driverCount).fill(UNASSIGNED);
    this.#prices = new Float64Array(problem.driverCount);
    this.#profits = new Float64Array(problem.jobCount);
    this.#byDriver = transposed(problem);
  }

  /** A quarter of the widest difference of values that a job can see. */
  firstEpsilon(): number {
    let low = this.#problem.unassignedCost;
    let high = low;
    for (const cost of this.#problem.costs) {
      low = Math.min(low, cost);
      high = Math.max(high, cost);
    }
    return Math.max(1, Math.floor(((high - low) * this.#scale) / 4));
  }

  /** Every job ends with a driver or, by its own choice, with none. Prices of drivers only rise. */
  forward(epsilon: number): boolean {
    this.#jobOf.fill(UNASSIGNED);
    this.driverOf.fill(UNASSIGNED);
    this.#queue.length = 0;
    for (let job = this.#problem.jobCount - 1; job >= 0; job--) this.#queue.push(job);
    for (let job = this.#queue.pop(); job !== undefined; job = this.#queue.pop()) {
      if (this.#bidsLeft-- <= 0) return false;
      this.#bid(job, epsilon);
    }
    return true;
  }

  #bid(job: number, epsilon: number): void {
    const { starts, drivers, costs } = this.#problem;
    let best = this.#unassignedValue;
    let second = NOTHING;
    let bestDriver = UNASSIGNED;
    const end = starts[job + 1] as number;
    for (let i = starts[job] as number; i < end; i++) {
      const driver = drivers[i] as number;
      const gain = -(costs[i] as number) * this.#scale - (this.#prices[driver] as number);
      if (gain > best) {
        second = best;
        best = gain;
        bestDriver = driver;
      } else if (gain > second) second = gain;
    }
    if (bestDriver === UNASSIGNED) {
      this.driverOf[job] = UNASSIGNED;
      this.#profits[job] = best;
      return;
    }
    const loser = this.#jobOf[bestDriver] as number;
    if (loser !== UNASSIGNED) {
      this.driverOf[loser] = UNASSIGNED;
      this.#queue.push(loser);
    }
    this.#prices[bestDriver] = (this.#prices[bestDriver] as number) + best - second + epsilon;
    this.#profits[job] = second - epsilon;
    this.driverOf[job] = bestDriver;
    this.#jobOf[bestDriver] = job;
  }

  /** No driver without a job keeps a price. Profits of jobs only rise. */
  reverse(epsilon: number): boolean {
    this.#queue.length = 0;
    for (let driver = this.#problem.driverCount - 1; driver >= 0; driver--) {
      if (this.#isOverpriced(driver)) this.#queue.push(driver);
    }
    for (let driver = this.#queue.pop(); driver !== undefined; driver = this.#queue.pop()) {
      if (this.#bidsLeft-- <= 0) return false;
      this.#lowerPrice(driver, epsilon);
    }
    return true;
  }

  #lowerPrice(driver: number, epsilon: number): void {
    const { starts, jobs, costs } = this.#byDriver;
    let best = NOTHING;
    let second = NOTHING;
    let bestJob = UNASSIGNED;
    const end = starts[driver + 1] as number;
    for (let i = starts[driver] as number; i < end; i++) {
      const job = jobs[i] as number;
      const offer = -(costs[i] as number) * this.#scale - (this.#profits[job] as number);
      if (offer > best) {
        second = best;
        best = offer;
        bestJob = job;
      } else if (offer > second) second = offer;
    }
    if (best <= epsilon) {
      this.#prices[driver] = 0;
      return;
    }
    const price = Math.max(0, second - epsilon);
    this.#prices[driver] = price;
    const left = this.driverOf[bestJob] as number;
    this.#profits[bestJob] = (this.#profits[bestJob] as number) + best - price;
    this.driverOf[bestJob] = driver;
    this.#jobOf[driver] = bestJob;
    if (left === UNASSIGNED) return;
    this.#jobOf[left] = UNASSIGNED;
    if (this.#isOverpriced(left)) this.#queue.push(left);
  }

  #isOverpriced(driver: number): boolean {
    return this.#jobOf[driver] === UNASSIGNED && (this.#prices[driver] as number) > 0;
  }
}

/** The candidates of each driver, jobs ascending. */
function transposed(problem: Problem): { starts: Int32Array; jobs: Int32Array; costs: Float64Array } {
  const starts = new Int32Array(problem.driverCount + 1);
  for (const driver of problem.drivers) starts[driver + 1] = (starts[driver + 1] as number) + 1;
  for (let i = 0; i < problem.driverCount; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  const at = starts.slice();
  const jobs = new Int32Array(problem.drivers.length);
  const costs = new Float64Array(problem.drivers.length);
  for (let job = 0; job < problem.jobCount; job++) {
    const end = problem.starts[job + 1] as number;
    for (let i = problem.starts[job] as number; i < end; i++) {
      const driver = problem.drivers[i] as number;
      const to = at[driver] as number;
      at[driver] = to + 1;
      jobs[to] = job;
      costs[to] = problem.costs[i] as number;
    }
  }
  return { starts, jobs, costs };
}
