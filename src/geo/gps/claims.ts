/**
 * How far the speeds that a device states can have led. Believed only of a device whose stated speeds have explained its way so far:
 * some always say 0, some say another unit. Pure; must never know the track.
 */
import { distanceM } from '../distance.ts';
import { furthestWayM } from '../furthest-way.ts';
import { type Fix, GPS_LIMITS } from './fix.ts';

/** Speeds between two fixes further apart than this are anybody's guess. */
const KNOWN_FOR_MS = 30_000;
/** Ways that the stated speeds explained before they are believed, and the least way that says anything. */
const TRUST_AFTER = 3;
const TELLING_WAY_M = 20;
/** What inaccuracy may add to a way. */
const SLACK_MAX_M = 100;

/** The last fix of the track as it was measured, and how many ways in a row the stated speeds have explained. */
export interface Claims {
  atMs: number;
  lat: number;
  lng: number;
  /** null when nothing was stated, or nonsense. */
  mps: number | null;
  explained: number;
}

export function newClaims(): Claims {
  return { atMs: 0, lat: 0, lng: 0, mps: null, explained: 0 };
}

function statedMps(fix: Fix): number | null {
  return fix.speedMps !== null && fix.speedMps >= 0 && fix.speedMps <= GPS_LIMITS.maxSpeedMps ? fix.speedMps : null;
}

/** @returns metres, the slack of inaccuracy included; null when the device does not say, or is not believed */
export function claimedReachM(claims: Claims, fix: Fix, elapsedMs: number, accuracyM: number): number | null {
  const mps = statedMps(fix);
  if (mps === null || claims.mps === null || claims.explained < TRUST_AFTER || elapsedMs > KNOWN_FOR_MS) return null;
  return furthestWayM(claims.mps, mps, elapsedMs / 1_000) + Math.min(SLACK_MAX_M, 2 * accuracyM);
}

/** Learns from a fix that became part of the track. */
export function learnClaim(claims: Claims, fix: Fix, atMs: number, accuracyM: number): void {
  const mps = statedMps(fix);
  const elapsedMs = atMs - claims.atMs;
  if (mps === null || claims.mps === null || elapsedMs > KNOWN_FOR_MS) claims.explained = Math.min(claims.explained, TRUST_AFTER);
  else {
    const goneM = distanceM(claims, fix);
    const leastM = goneM - Math.min(SLACK_MAX_M, 2 * accuracyM);
    if (leastM > furthestWayM(claims.mps, mps, elapsedMs / 1_000)) claims.explained = 0;
    else if (goneM > TELLING_WAY_M && Math.min(claims.mps, mps) > 1) claims.explained = Math.min(TRUST_AFTER, claims.explained + 1);
  }
  claims.atMs = atMs;
  claims.lat = fix.lat;
  claims.lng = fix.lng;
  claims.mps = mps;
}
