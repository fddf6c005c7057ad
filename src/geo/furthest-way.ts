/** How far somebody in town can have got between two moments whose speeds are known. Pure; must never know who states them. */

/** Brisk, and kept up all the way: a single hard braking is less. */
const ACCELERATION_MPS2 = 2;

/** @returns metres: faster at first, then slower again, so that both speeds are right */
export function furthestWayM(fromMps: number, toMps: number, elapsedS: number): number {
  return elapsedS * ((fromMps + toMps) / 2 + (ACCELERATION_MPS2 * elapsedS) / 4);
}
