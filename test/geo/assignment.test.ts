/** Both assignment solvers find the cheapest assignment, the same one for the same input. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveAuction } from '../../src/geo/assignment/auction.ts';
import { solveJonkerVolgenant } from '../../src/geo/assignment/jonker-volgenant.ts';
import { type AssignmentInput, type Candidate, MAX_COST, pairCost, scaledCost, toProblem } from '../../src/geo/assignment/problem.ts';
import { solveAssignment } from '../../src/geo/assignment/solve-assignment.ts';
import { breakTies } from '../../src/geo/assignment/tie-break.ts';

const MANY_BIDS = 5_000_000;

/** Tries everything. @returns [jobs assigned, cost of those], fewest left over first unless leaving over has a price. */
function bruteForce(input: AssignmentInput): { count: number; cost: number; total: number } {
  let best = { count: 0, cost: 0, total: Number.POSITIVE_INFINITY };
  const penalty = input.unassignedCost ?? 1e9;
  const taken = new Set<number>();
  const visit = (job: number, count: number, cost: number): void => {
    if (job === input.jobs.length) {
      const total = cost + (job - count) * penalty;
      if (total < best.total - 1e-6) best = { count, cost, total };
      return;
    }
    visit(job + 1, count, cost);
    for (const { driver, cost: pair } of input.jobs[job]!) {
      if (taken.has(driver)) continue;
      taken.add(driver);
      visit(job + 1, count + 1, cost + pair);
      taken.delete(driver);
    }
  };
  visit(0, 0, 0);
  return best;
}

const cost = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -50, max: 3_000 }), fc.constant(7.125));
const candidates = fc.uniqueArray(fc.record({ driver: fc.integer({ min: 0, max: 6 }), cost }), {
  selector: (one: Candidate) => one.driver,
  maxLength: 6,
});
const small: fc.Arbitrary<AssignmentInput> = fc
  .record({
    jobs: fc.array(candidates, { maxLength: 5 }),
    unassignedCost: fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined }),
  })
  .map(({ jobs, unassignedCost }) => (unassignedCost === undefined ? { jobs } : { jobs, unassignedCost }));

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Places in a square; the nearest drivers of each job are its candidates, cost is the distance. */
function city(jobCount: number, driverCount: number, k: number, seed: number): readonly Candidate[][] {
  const next = random(seed);
  const drivers = Array.from({ length: driverCount }, () => [next(), next()] as const);
  return Array.from({ length: jobCount }, () => {
    const [x, y] = [next(), next()];
    return drivers
      .map(([dx, dy], driver) => ({ driver, cost: Math.round(Math.hypot(dx - x, dy - y) * 3_600) }))
      .sort((a, b) => a.cost - b.cost)
      .slice(0, k);
  });
}

describe('both solvers', () => {
  it('find the optimum that trying everything finds', () => {
    fc.assert(
      fc.property(small, (input) => {
        const expected = bruteForce(input);
        const problem = toProblem(input);
        const total = Math.round((expected.cost * 1_000 + (input.jobs.length - expected.count) * problem.unassignedCost) * 1_000) / 1_000;
        expect(scaledCost(problem, solveJonkerVolgenant(problem))).toBe(total);
        expect(scaledCost(problem, solveAuction(problem, MANY_BIDS)!)).toBe(total);
        expect(solveAssignment(input).assignedCount).toBe(
          input.unassignedCost === undefined ? expected.count : solveAssignment(input).assignedCount,
        );
      }),
      { numRuns: 600 },
    );
  });

  it.each([
    [60, 300, 12, undefined],
    [60, 300, 12, 200],
    [120, 40, 15, undefined],
    [120, 40, 15, 900],
    [80, 80, 8, undefined],
  ])('agree on %d jobs, %d drivers, %d candidates, unassigned %d', (jobs, drivers, k, unassignedCost) => {
    for (let seed = 1; seed <= 5; seed++) {
      const input = { jobs: city(jobs, drivers, k, seed), ...(unassignedCost === undefined ? {} : { unassignedCost }) };
      const problem = toProblem(input);
      const dense = solveJonkerVolgenant(problem);
      const sparse = solveAuction(problem, MANY_BIDS)!;
      expect(scaledCost(problem, sparse)).toBe(scaledCost(problem, dense));
      for (const solution of [dense, sparse]) {
        const used = [...solution].filter((driver) => driver >= 0);
        expect(new Set(used).size).toBe(used.length);
      }
    }
  });
});

describe('the assignment', () => {
  it('gives no driver twice and only to jobs that it is a candidate of', () => {
    fc.assert(
      fc.property(small, (input) => {
        const used = [...solveAssignment(input).driverOf].flatMap((driver, job) => {
          if (driver === -1) return [];
          expect(input.jobs[job]!.some((one) => one.driver === driver)).toBe(true);
          return [driver];
        });
        expect(new Set(used).size).toBe(used.length);
      }),
    );
  });

  it('is the same for the same input, and for candidates in another order', () => {
    fc.assert(
      fc.property(small, (input) => {
        const reversed = { ...input, jobs: input.jobs.map((one) => one.toReversed()) };
        expect(solveAssignment(reversed)).toEqual(solveAssignment(input));
      }),
    );
  });

  it('prefers lower drivers and earlier jobs among equals, with either solver', () => {
    const equal = (jobs: number, drivers: number): AssignmentInput => ({
      jobs: Array.from({ length: jobs }, () => Array.from({ length: drivers }, (_, driver) => ({ driver, cost: 60 }))),
    });
    expect(solveAssignment(equal(1, 4)).driverOf).toEqual(Int32Array.of(0));
    expect([...solveAssignment(equal(3, 5)).driverOf].sort()).toEqual([0, 1, 2]);
    expect([...solveAssignment(equal(5, 2)).driverOf].map((driver) => driver >= 0)).toEqual([true, true, false, false, false]);
    const many = solveAssignment(equal(300, 400));
    expect(many.solver).toBe('auction');
    expect([...many.driverOf].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  it('leaves no tie that an earlier job or a lower driver could have, with either solver', () => {
    const flat = small.map((input) => ({
      ...input,
      jobs: input.jobs.map((one) => one.map((pair) => ({ ...pair, cost: pair.cost > 2 ? 2 : 1 }))),
    }));
    fc.assert(
      fc.property(flat, fc.constantFrom(1, 2, 5), (input, unassignedCost) => {
        const problem = toProblem({ ...input, unassignedCost });
        for (const driverOf of [solveJonkerVolgenant(problem), solveAuction(problem, MANY_BIDS)!]) {
          const before = scaledCost(problem, driverOf);
          breakTies(problem, driverOf);
          expect(scaledCost(problem, driverOf)).toBe(before);
          const costOf = (job: number, driver: number): number => (driver === -1 ? problem.unassignedCost : pairCost(problem, job, driver));
          driverOf.forEach((own, job) => {
            for (let driver = 0; driver < problem.driverCount; driver++) {
              const owner = driverOf.indexOf(driver);
              const same = costOf(job, driver) === costOf(job, own);
              if (owner === -1) expect(same && (own === -1 || driver < own)).toBe(false);
              else expect(own === -1 && owner > job && costOf(job, driver) === costOf(owner, driver)).toBe(false);
            }
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives the driver of a later job to an earlier one that it costs the same, and no other', () => {
    const one = (cost: number): Candidate[] => [{ driver: 0, cost }];
    const driverOf = Int32Array.of(-1, -1, 0, -1);
    breakTies(toProblem({ jobs: [one(8), one(7), one(7), one(7)] }), driverOf);
    expect(driverOf).toEqual(Int32Array.of(-1, 0, -1, -1));
  });

  it('leaves a job without a driver when that is cheaper, and only then', () => {
    const jobs = [[{ driver: 3, cost: 500 }], [{ driver: 9, cost: 700 }]];
    expect([...solveAssignment({ jobs, unassignedCost: 600 }).driverOf]).toEqual([3, -1]);
    expect(solveAssignment({ jobs })).toEqual({
      driverOf: Int32Array.of(3, 9),
      assignedCount: 2,
      assignedCost: 1_200,
      solver: 'jonker_volgenant',
    });
  });

  it('gets as many jobs a driver as can be, even at a high cost', () => {
    const jobs = [
      [{ driver: 0, cost: 1 }],
      [
        { driver: 0, cost: 0 },
        { driver: 1, cost: MAX_COST },
      ],
    ];
    expect([...solveAssignment({ jobs }).driverOf]).toEqual([0, 1]);
  });

  it('is empty for no jobs and for jobs without candidates; a driver named twice counts once, at its lower cost', () => {
    expect(solveAssignment({ jobs: [] })).toEqual({
      driverOf: new Int32Array(0),
      assignedCount: 0,
      assignedCost: 0,
      solver: 'jonker_volgenant',
    });
    expect([...solveAssignment({ jobs: [[], []] }).driverOf]).toEqual([-1, -1]);
    expect(
      solveAssignment({
        jobs: [
          [
            { driver: 1, cost: 9 },
            { driver: 1, cost: 4 },
          ],
        ],
      }).assignedCost,
    ).toBe(4);
  });

  it.each([
    ['NaN', { driver: 0, cost: Number.NaN }],
    ['infinity', { driver: 0, cost: Number.POSITIVE_INFINITY }],
    ['a cost out of bounds', { driver: 0, cost: MAX_COST + 1 }],
    ['a driver that is no number', { driver: 0.5, cost: 1 }],
    ['a negative driver', { driver: -1, cost: 1 }],
  ])('refuses %s', (_name, one) => {
    expect(() => solveAssignment({ jobs: [[one]] })).toThrow(RangeError);
  });

  it('falls back to the dense solver when the auction runs out of bids', () => {
    expect(solveAuction(toProblem({ jobs: city(20, 20, 5, 1) }), 3)).toBeNull();
  });
});
