/**
 * Which of several ways is best, by published weights: distance .2, duration .4, traffic .2, safety .15, cost .05.
 * Pure. It must never know where the ways come from.
 */

export interface RouteFeatures {
  readonly distanceM: number;
  readonly durationS: number;
  /** The part of the duration lost to traffic; null: unknown. */
  readonly trafficDelayS: number | null;
  /** The part of the way that is unsafe, 0 to 1; null: unknown. */
  readonly unsafeShare: number | null;
  /** Fuel and tolls; null: unknown. */
  readonly costMinor: number | null;
}

type Criterion = 'distance' | 'duration' | 'traffic' | 'safety' | 'cost';

const ROUTE_WEIGHTS: Readonly<Record<Criterion, number>> = { distance: 0.2, duration: 0.4, traffic: 0.2, safety: 0.15, cost: 0.05 };

/**
 * One score an option, 0 to 1, more is better. Distance, duration and cost count by best / own; traffic and safety by
 * the part of the way that is free of delay and of danger. A criterion that is unknown for any option counts in full
 * for all, so it decides nothing; one that is NaN or below 0 counts nothing for its option. Empty for no options.
 */
export function scoreRoutes(options: readonly RouteFeatures[]): number[] {
  const parts: Readonly<Record<Criterion, readonly number[]>> = {
    distance: ratios(options.map((option) => option.distanceM)),
    duration: ratios(options.map((option) => option.durationS)),
    traffic: shares(options.map(({ trafficDelayS, durationS }) => delayShare(trafficDelayS, durationS))),
    safety: shares(options.map((option) => option.unsafeShare)),
    cost: ratios(options.map((option) => option.costMinor)),
  };
  return options.map((_, i) => {
    let score = 0;
    for (const [criterion, weight] of Object.entries(ROUTE_WEIGHTS)) score += weight * (parts[criterion as Criterion][i] as number);
    return Math.min(1, score);
  });
}

/** Best first; equal ones keep their order. A new array. */
export function bestFirst<T extends RouteFeatures>(options: readonly T[]): T[] {
  const scores = scoreRoutes(options);
  return options
    .map((option, i) => ({ option, score: scores[i] as number }))
    .sort((a, b) => b.score - a.score)
    .map(({ option }) => option);
}

function delayShare(delayS: number | null, durationS: number): number | null {
  if (delayS === null || delayS === 0) return delayS;
  return delayS / durationS;
}

function shares(values: readonly (number | null)[]): number[] {
  if (values.includes(null)) return values.map(() => 1);
  return values.map((value) => (isAmount(value) ? 1 - Math.min(1, value) : 0));
}

function ratios(values: readonly (number | null)[]): number[] {
  if (values.includes(null)) return values.map(() => 1);
  const best = Math.min(...values.filter(isAmount));
  return values.map((value) => (isAmount(value) ? (value === best ? 1 : best / value) : 0));
}

function isAmount(value: number | null): value is number {
  return value !== null && value >= 0;
}
