/**
 * Where a driver was lately, for whoever says afterwards "I was there then": a phone without a network tells its arrivals late. Bounded,
 * in memory. It must never know what is claimed.
 */
import type { LatLng } from '../geo/distance.ts';

export interface TrailFix extends LatLng {
  readonly atMs: number;
}

/** One fix of so long is enough to say where somebody stood. */
const EVERY_MS = 5_000;
/** Twenty minutes of a ride. */
export const TRAIL_FIXES_MAX = 240;
/** A fix further in time from the claimed moment proves nothing of it. */
export const CLAIM_FIX_MAX_MS = 60_000;

export class Trail {
  readonly #fixes: TrailFix[] = [];

  /** @param fix believed; live, or of a buffer that came late */
  add({ lat, lng, atMs }: TrailFix): void {
    const last = this.#fixes.at(-1);
    if (last !== undefined && Math.abs(atMs - last.atMs) < EVERY_MS) return;
    this.#fixes.push({ lat, lng, atMs });
    if (this.#fixes.length > TRAIL_FIXES_MAX) this.#fixes.shift();
  }

  /** In the order in which they came. */
  get fixes(): readonly TrailFix[] {
    return this.#fixes;
  }
}

/** The fix nearest in time to the claimed moment; null when none is within a minute of it. */
export function nearestFix<T extends { readonly atMs: number }>(fixes: readonly T[], claimedAtMs: number): T | null {
  let nearest: T | null = null;
  let leastMs = CLAIM_FIX_MAX_MS;
  for (const fix of fixes) {
    const offMs = Math.abs(fix.atMs - claimedAtMs);
    if (offMs > leastMs) continue;
    nearest = fix;
    leastMs = offMs;
  }
  return nearest;
}
