/**
 * The median and the 80 % quantile of actual / expected duration, by recursive estimate: a step up when the trip took
 * longer than the quantile says, a step down otherwise, sized so that they balance at the quantile. Plain data.
 */
import { clamp } from './line.ts';

export interface Quantiles {
  readonly trips: number;
  readonly p50: number;
  readonly p80: number;
}

/** Before any trip; a fifth of published Nairobi trips took more than some 1.45 times what an affine model says. */
export const PRIOR_QUANTILES: Quantiles = { trips: 0, p50: 0.95, p80: 1.4 };
const FIRST_STEP = 0.2;
/** Never smaller, so that the estimate follows a change of season. */
const LAST_STEP = 0.01;
const STEP_FADES_OVER_TRIPS = 10;
const MIN_RATIO = 0.3;
const MAX_RATIO = 4;

export function observeRatio(before: Quantiles, ratio: number): Quantiles {
  const step = Math.max(LAST_STEP, FIRST_STEP / (1 + before.trips / STEP_FADES_OVER_TRIPS));
  const p50 = clamp(before.p50 + step * (ratio > before.p50 ? 0.5 : -0.5), MIN_RATIO, MAX_RATIO);
  const p80 = clamp(before.p80 + step * (ratio > before.p80 ? 0.8 : -0.2), MIN_RATIO, MAX_RATIO);
  return { trips: before.trips + 1, p50, p80: Math.max(p50, p80) };
}
