/**
 * Positions as points on the unit sphere, where "nearer" is a comparison of squared chords: no trigonometry a
 * comparison, and no special case at the poles or the date line. It must never know cells or drivers.
 */
import { EARTH_RADIUS_M } from '../distance.ts';

const RADIANS = Math.PI / 180;

/** Writes x, y, z of a valid position at `out[at..at + 2]`. */
export function writeUnitVector(out: Float64Array, at: number, lat: number, lng: number): void {
  const cosLat = Math.cos(lat * RADIANS);
  out[at] = cosLat * Math.cos(lng * RADIANS);
  out[at + 1] = cosLat * Math.sin(lng * RADIANS);
  out[at + 2] = Math.sin(lat * RADIANS);
}

/** Squared chord, 0 to 4, between two vectors that begin at `i` and `j`. */
export function squaredChord(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const dx = (a[i] as number) - (b[j] as number);
  const dy = (a[i + 1] as number) - (b[j + 1] as number);
  const dz = (a[i + 2] as number) - (b[j + 2] as number);
  return dx * dx + dy * dy + dz * dz;
}

export function chordToM(squared: number): number {
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(squared) / 2));
}

/** 0 for a negative distance, 4 (the far side) for anything from half the globe on, infinity included. */
export function mToSquaredChord(distanceM: number): number {
  if (distanceM <= 0) return 0;
  const halfAngle = distanceM / (2 * EARTH_RADIUS_M);
  return halfAngle >= Math.PI / 2 ? 4 : (2 * Math.sin(halfAngle)) ** 2;
}
