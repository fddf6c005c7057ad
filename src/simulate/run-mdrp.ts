/** `wakala simulate mdrp`: one instance, one policy, the solution files and a report. */
import type { DispatchPolicy } from '../actors/market/dispatch/policy.ts';
import type { Courier } from './courier.ts';
import { Day, type DayOptions, type Matcher } from './day.ts';
import { type Instance, readInstance } from './instance.ts';
import { JointMatcher } from './joint.ts';
import { NearestMatcher } from './nearest.ts';
import { type DayReport, reportDay } from './report.ts';
import { writeSolution } from './solution.ts';

export const SIMULATED_POLICIES = ['joint', 'nearest', 'fifo', 'bids'] as const;
type SimulatedPolicy = (typeof SIMULATED_POLICIES)[number];

export interface SimulateOptions extends DayOptions {
  readonly policy: SimulatedPolicy;
  /** Orders that a courier may have at once (joint only). */
  readonly slots: number;
  readonly dispatch: Partial<DispatchPolicy>;
}

const SIMULATE_DEFAULTS: SimulateOptions = { policy: 'joint', slots: 3, expireAfterMin: null, dispatch: {} };

interface SimulatedDay {
  readonly report: DayReport;
  readonly couriers: readonly Courier[];
}

/** Deterministic: the same instance and options give the same day. */
export function simulate(instance: Instance, options: Partial<SimulateOptions> = {}): SimulatedDay {
  const { policy, slots, dispatch, expireAfterMin } = { ...SIMULATE_DEFAULTS, ...options };
  const day = new Day(instance, { expireAfterMin });
  const matcher: Matcher = policy === 'joint' ? new JointMatcher(day, { policy: dispatch, slots }) : new NearestMatcher(day, policy);
  const deliveries = day.run(matcher);
  return { report: reportDay(policy, instance, deliveries, day.couriers), couriers: day.couriers };
}

/** @throws InstanceError for an instance that is missing or malformed; Error when the folder cannot be written. */
export function runMdrp(folder: string, out: string, options: Partial<SimulateOptions>): DayReport {
  const { report, couriers } = simulate(readInstance(folder), options);
  writeSolution(out, couriers);
  return report;
}
