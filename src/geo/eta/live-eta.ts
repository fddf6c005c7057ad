/**
 * What remains of a leg under way: the model's speed, in which the speed of this trip slowly gains a say. The speed of
 * the moment has none, so a traffic light changes nothing. Plain data. It must never know the clock or who is told.
 */

import { MIN_ETA_S } from './eta-model.ts';

export interface LegProgress {
  readonly startedAtMs: number;
  /** Way still to go at the start, metres. */
  readonly startRemainingM: number;
  /** `drivingS` of the model's estimate at the start, for the same way. */
  readonly priorDrivingS: number;
}

/** The observed speed reaches this share of the blend after this time, and never more. */
const OBSERVED_SHARE_MAX = 0.5;
const OBSERVED_SHARE_AFTER_S = 15 * 60;
const MIN_SPEED_MPS = 1;
const MAX_SPEED_MPS = 40;

/**
 * Seconds left, a minute at least. @param remainingM way still to go, measured as `startRemainingM` was.
 * Nonsense (NaN, infinity, below 0) counts as no way left.
 */
export function remainingS(progress: LegProgress, remainingM: number, nowMs: number): number {
  const leftM = Number.isFinite(remainingM) ? Math.max(0, remainingM) : 0;
  return Math.max(MIN_ETA_S, leftM / blendedSpeedMps(progress, leftM, nowMs));
}

function blendedSpeedMps(progress: LegProgress, leftM: number, nowMs: number): number {
  const priorMps = speedMps(progress.startRemainingM, progress.priorDrivingS);
  const elapsedS = (nowMs - progress.startedAtMs) / 1_000;
  if (!(elapsedS > 0)) return priorMps;
  const observedMps = speedMps(progress.startRemainingM - leftM, elapsedS);
  const share = OBSERVED_SHARE_MAX * Math.min(1, elapsedS / OBSERVED_SHARE_AFTER_S);
  return priorMps * (1 - share) + observedMps * share;
}

/** Within bounds; the lower bound for what is no speed at all. */
function speedMps(distanceM: number, durationS: number): number {
  const mps = distanceM / durationS;
  return durationS > 0 && mps > MIN_SPEED_MPS ? Math.min(mps, MAX_SPEED_MPS) : MIN_SPEED_MPS;
}
