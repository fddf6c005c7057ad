/** A plane in metres laid round the middle of a city. Pure. */
import type { LatLng } from '../geo/distance.ts';
import type { Point } from './instance.ts';

/** Durban; any city away from poles and date line does. */
const MIDDLE: LatLng = { lat: -29.8587, lng: 31.0218 };
const METRES_PER_DEGREE = 111_195;

export interface Plane {
  toLatLng(point: Point): LatLng;
  /** Undoes `toLatLng` to a millimetre. */
  toPoint(at: LatLng): Point;
}

/** The middle of the points is the middle of the city: distances stay true to 0.1 % within 50 km. Any middle for no points. */
export function planeAround(points: readonly Point[]): Plane {
  const count = Math.max(1, points.length);
  const middle = { x: sum(points.map(({ x }) => x)) / count, y: sum(points.map(({ y }) => y)) / count };
  const metresPerLng = METRES_PER_DEGREE * Math.cos((MIDDLE.lat * Math.PI) / 180);
  return {
    toLatLng: ({ x, y }) => ({ lat: MIDDLE.lat + (y - middle.y) / METRES_PER_DEGREE, lng: MIDDLE.lng + (x - middle.x) / metresPerLng }),
    toPoint: ({ lat, lng }) => ({ x: middle.x + (lng - MIDDLE.lng) * metresPerLng, y: middle.y + (lat - MIDDLE.lat) * METRES_PER_DEGREE }),
  };
}

export function apartM(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Whole minutes, as the instance set's evaluator counts. */
export function travelMin(a: Point, b: Point, metersPerMinute: number): number {
  return Math.ceil(apartM(a, b) / metersPerMinute);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
