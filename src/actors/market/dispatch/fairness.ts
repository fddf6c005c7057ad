/** How evenly work and pay fall on the drivers. Pure; nothing here decides who gets a job. */
import type { DriverProfile } from '../protocol.ts';

/** Hourly figures of somebody who just came online say nothing. */
const MIN_ONLINE_MS = 15 * 60_000;

interface FairnessReport {
  readonly drivers: number;
  /** 0: all earn the same in an online hour, toward 1: one earns everything. */
  readonly giniOfEarningsPerHour: number;
  readonly meanEarnedPerHourMinor: number;
  /** Of the fifth of drivers that earn least in an hour, against their number: 1 is even. */
  readonly lowestFifthShare: number;
  /** Share of the offers by driver, highest first. Empty when nobody was offered anything. */
  readonly offerShares: readonly { readonly driverId: string; readonly share: number }[];
}

/** @param offers how many each driver got; drivers who are absent got none. Zeros for nobody. */
export function fairnessReport(profiles: readonly DriverProfile[], nowMs: number, offers: ReadonlyMap<string, number>): FairnessReport {
  const perHour = profiles
    .filter((profile) => nowMs - profile.onlineSinceMs >= MIN_ONLINE_MS)
    .map((profile) => profile.earnedTodayMinor / ((nowMs - profile.onlineSinceMs) / 3_600_000));
  const sum = perHour.reduce((total, value) => total + value, 0);
  const fifth = Math.ceil(perHour.length / 5);
  const lowest = [...perHour].sort((a, b) => a - b).slice(0, fifth);
  const lowestSum = lowest.reduce((total, value) => total + value, 0);
  const offered = profiles.reduce((total, { driverId }) => total + (offers.get(driverId) ?? 0), 0);
  return {
    drivers: profiles.length,
    giniOfEarningsPerHour: gini(perHour),
    meanEarnedPerHourMinor: perHour.length === 0 ? 0 : sum / perHour.length,
    lowestFifthShare: sum === 0 ? 1 : lowestSum / sum / (fifth / perHour.length),
    offerShares:
      offered === 0
        ? []
        : profiles
            .map(({ driverId }) => ({ driverId, share: (offers.get(driverId) ?? 0) / offered }))
            .sort((a, b) => b.share - a.share || (a.driverId < b.driverId ? -1 : 1)),
  };
}

/** Gini coefficient of values from 0; 0 for none and when all are 0. O(n log n). */
export function gini(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum <= 0) return 0;
  const weighted = sorted.reduce((total, value, i) => total + (i + 1) * value, 0);
  return (2 * weighted) / (sorted.length * sum) - (sorted.length + 1) / sorted.length;
}
