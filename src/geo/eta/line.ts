/**
 * A straight line duration = overhead + pace x distance, learned from weighted sums with old trips fading, and shrunk
 * toward a parent line. Plain data. It must never know areas, hours or vehicles.
 */

export interface Line {
  readonly overheadS: number;
  readonly paceSPerKm: number;
}

/** Weighted sums over trips: x in kilometres, y in seconds. */
export interface LineSums {
  readonly weight: number;
  readonly x: number;
  readonly xx: number;
  readonly y: number;
  readonly xy: number;
}

export const NO_SUMS: LineSums = { weight: 0, x: 0, xx: 0, y: 0, xy: 0 };
/** The weight of what was seen before fades by this with each trip: a memory of some 200 trips. */
const FADING = 0.995;
/** The parent counts as this many trips that lie on its line, half of them short, half long. */
const PARENT_TRIPS = 10;
const PARENT_SHORT_KM = 1;
const PARENT_LONG_KM = 6;
/** Bounds of what is believed: 7 s/km is beyond any road, 1,200 s/km slower than walking. */
const MIN_PACE_S_PER_KM = 30;
const MAX_PACE_S_PER_KM = 1_200;
const MAX_OVERHEAD_S = 3_600;

export function addTrip(sums: LineSums, distanceKm: number, durationS: number): LineSums {
  return {
    weight: sums.weight * FADING + 1,
    x: sums.x * FADING + distanceKm,
    xx: sums.xx * FADING + distanceKm * distanceKm,
    y: sums.y * FADING + durationS,
    xy: sums.xy * FADING + distanceKm * durationS,
  };
}

/** Least squares over the sums and the parent's imagined trips; the parent itself for empty sums. Always within bounds. */
export function fitLine(sums: LineSums, parent: Line): Line {
  if (sums.weight === 0) return parent;
  const half = PARENT_TRIPS / 2;
  const shortS = durationS(parent, PARENT_SHORT_KM);
  const longS = durationS(parent, PARENT_LONG_KM);
  const n = sums.weight + PARENT_TRIPS;
  const x = sums.x + half * (PARENT_SHORT_KM + PARENT_LONG_KM);
  const xx = sums.xx + half * (PARENT_SHORT_KM ** 2 + PARENT_LONG_KM ** 2);
  const y = sums.y + half * (shortS + longS);
  const xy = sums.xy + half * (PARENT_SHORT_KM * shortS + PARENT_LONG_KM * longS);
  // The imagined trips have two different lengths, so the determinant is positive.
  const paceSPerKm = clamp((n * xy - x * y) / (n * xx - x * x), MIN_PACE_S_PER_KM, MAX_PACE_S_PER_KM);
  return { overheadS: clamp((y - paceSPerKm * x) / n, 0, MAX_OVERHEAD_S), paceSPerKm };
}

export function durationS(line: Line, distanceKm: number): number {
  return line.overheadS + line.paceSPerKm * distanceKm;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
