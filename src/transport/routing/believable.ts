/** What a routing service may say about a leg without being laughed at. Pure. It must never know which service. */
import { distanceM, type LatLng } from '../../geo/distance.ts';

/** Nearer than this two positions may well be the same place on the road. */
const REAL_DISTANCE_M = 250;
const LEG_MAX_S = 24 * 3_600;
const LEG_MAX_M = 2_000_000;
/** By great-circle distance: 180 km/h. */
const SPEED_MAX_MPS = 50;
/** Services measure from the nearest road, so a way may come out shorter than the great circle, but not by this much. */
const SHORTEST_SHARE = 0.5;
/** A line begins and ends at the road next to its stops. */
const SNAP_MAX_M = 2_000;

/** False for NaN, infinities, below 0, more than a day, and for nothing at all over a real distance. */
export function isBelievableDuration(from: LatLng, to: LatLng, durationS: number): boolean {
  if (!(durationS >= 0 && durationS <= LEG_MAX_S)) return false;
  const crowM = distanceM(from, to);
  return crowM < REAL_DISTANCE_M || crowM <= durationS * SPEED_MAX_MPS;
}

export function isBelievableLeg(from: LatLng, to: LatLng, durationS: number, roadM: number): boolean {
  if (!isBelievableDuration(from, to, durationS) || !(roadM >= 0 && roadM <= LEG_MAX_M)) return false;
  const crowM = distanceM(from, to);
  return crowM < REAL_DISTANCE_M || roadM >= crowM * SHORTEST_SHARE;
}

/** True for a line that leads from the first stop to the last; its course is not judged. */
export function isBelievableLine(line: readonly LatLng[], stops: readonly LatLng[]): boolean {
  const [first, last] = [line[0], line.at(-1)];
  const [start, end] = [stops[0], stops.at(-1)];
  if (first === undefined || last === undefined || start === undefined || end === undefined) return false;
  return distanceM(first, start) <= SNAP_MAX_M && distanceM(last, end) <= SNAP_MAX_M;
}
