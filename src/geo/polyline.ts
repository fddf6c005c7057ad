/**
 * Distances to lines on the ground. Segments are taken as straight in a plane that touches the globe at the point asked
 * about: good to 0.1 % within some 50 km of it, on either side of the date line. It must never know what a line stands for.
 */
import { distanceM, EARTH_RADIUS_M, type LatLng } from './distance.ts';

const RADIANS = Math.PI / 180;

interface OnLine {
  readonly distanceM: number;
  /** The segment from this vertex to the next is the nearest; the first of several. */
  readonly segment: number;
  /** From the start of the line to the nearest point, along it. */
  readonly alongM: number;
}

/** The shortest way from `point` to the segment; to the end itself when both ends are the same. */
export function distanceToSegmentM(point: LatLng, from: LatLng, to: LatLng): number {
  return nearestOnSegment(point, from, to).distanceM;
}

/** Infinity for an empty line; the distance to its only vertex for a line of one. O(vertices), without measuring the line. */
export function distanceToPolylineM(point: LatLng, line: readonly LatLng[]): number {
  const [only] = line;
  if (only !== undefined && line.length === 1) return distanceM(point, only);
  let leastM = Number.POSITIVE_INFINITY;
  for (let i = 1; i < line.length; i++) {
    leastM = Math.min(leastM, distanceToSegmentM(point, line[i - 1] as LatLng, line[i] as LatLng));
  }
  return leastM;
}

/** Null for an empty line. O(vertices). */
export function nearestOnPolyline(point: LatLng, line: readonly LatLng[]): OnLine | null {
  const [first] = line;
  if (first === undefined) return null;
  let best: OnLine = { distanceM: distanceM(point, first), segment: 0, alongM: 0 };
  let passedM = 0;
  for (let i = 1; i < line.length; i++) {
    const from = line[i - 1] as LatLng;
    const to = line[i] as LatLng;
    const lengthM = distanceM(from, to);
    const here = nearestOnSegment(point, from, to);
    if (here.distanceM < best.distanceM) best = { distanceM: here.distanceM, segment: i - 1, alongM: passedM + here.share * lengthM };
    passedM += lengthM;
  }
  return best;
}

/** 0 for fewer than two vertices. */
export function polylineLengthM(line: readonly LatLng[]): number {
  let sumM = 0;
  for (let i = 1; i < line.length; i++) sumM += distanceM(line[i - 1] as LatLng, line[i] as LatLng);
  return sumM;
}

/**
 * The same course with fewer vertices (Douglas and Peucker): ends stay, every vertex left out is within `toleranceM` of the result.
 * O(vertices x vertices kept) at worst, since it ends as soon as it would keep too many.
 * @returns null when more than `verticesMax` would have to stay. A line of up to two vertices is returned as it is.
 */
export function simplifyPolyline(line: readonly LatLng[], toleranceM: number, verticesMax: number): readonly LatLng[] | null {
  if (line.length <= 2) return line.length <= verticesMax ? line : null;
  const kept = new Set([0, line.length - 1]);
  const open: [from: number, to: number][] = [[0, line.length - 1]];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [from, to] = span;
    const worst = farthestBetween(line, from, to);
    if (worst.distanceM <= toleranceM) continue;
    kept.add(worst.at);
    if (kept.size > verticesMax) return null;
    open.push([from, worst.at], [worst.at, to]);
  }
  return line.filter((_, i) => kept.has(i));
}

/** The vertex between two others that is farthest from their segment; at 0 m when there is none. */
function farthestBetween(line: readonly LatLng[], from: number, to: number): { readonly at: number; readonly distanceM: number } {
  let [at, worstM] = [from, 0];
  for (let i = from + 1; i < to; i++) {
    const offM = distanceToSegmentM(line[i] as LatLng, line[from] as LatLng, line[to] as LatLng);
    if (offM > worstM) [at, worstM] = [i, offM];
  }
  return { at, distanceM: worstM };
}

/** The difference of two longitudes the short way, -180 to 180. */
function lngDelta(from: number, to: number): number {
  const delta = to - from;
  return delta > 180 ? delta - 360 : delta < -180 ? delta + 360 : delta;
}

/** `share`: how far along the segment the nearest point is, 0 to 1. */
function nearestOnSegment(point: LatLng, from: LatLng, to: LatLng): { distanceM: number; share: number } {
  const metresPerDegree = EARTH_RADIUS_M * RADIANS;
  const shrink = Math.cos(point.lat * RADIANS);
  const ax = lngDelta(point.lng, from.lng) * shrink * metresPerDegree;
  const ay = (from.lat - point.lat) * metresPerDegree;
  // From `from`, not from the point: the segment goes the short way too.
  const dx = lngDelta(from.lng, to.lng) * shrink * metresPerDegree;
  const dy = (to.lat - from.lat) * metresPerDegree;
  const squaredLength = dx * dx + dy * dy;
  const share = squaredLength === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / squaredLength));
  return { distanceM: Math.hypot(ax + share * dx, ay + share * dy), share };
}
