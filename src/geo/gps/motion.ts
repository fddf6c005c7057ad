/**
 * Where a driver is and how fast, from noisy fixes: a constant-velocity Kalman filter on a plane around the last position,
 * with a gate against jumps. Pure; must never know devices or clocks.
 */
import { distanceM } from '../distance.ts';
import { GPS_LIMITS } from './fix.ts';

const DEG = Math.PI / 180;
const M_PER_DEG = 6_371_008.8 * DEG;
/** Spectral density of the driver's acceleration, m²/s³: hard braking and turns of a motorbike in town. */
const ACCELERATION_PSD = 4;
/** Standard deviation of a speed of which nothing is known. */
const UNKNOWN_SPEED_MPS = 12;
/** Standard deviation of a velocity that the device states. */
const STATED_SPEED_MPS = 4;
/**
 * Of an accuracy (a radius that holds 68 % of the fixes) on one axis, which would be 0.66; but errors last for many fixes, smoothing
 * takes none of them away, and what is smoothed more comes later. Never less than a few metres: devices promise more than they keep.
 */
const SIGMA_OF_ACCURACY = 0.45;
const LEAST_SIGMA_M = 3;
/** The slack that a poor accuracy may buy is bounded, or a bad fix with an honest accuracy would pass. */
const GATE_ACCURACY_MAX_M = 50;
/** Innovations beyond this many standard deviations and this far do not belong to the track: a fix alone, and one that the jump before bears out. */
const GATE_SIGMAS = 2.5;
const GATE_CONFIRMED_SIGMAS = 4;
const GATE_LEAST_M = 80;

/** The track; variances are the same for both axes because both see the same intervals and accuracies. */
export interface Motion {
  atMs: number;
  lat: number;
  lng: number;
  eastMps: number;
  northMps: number;
  /** Variance of the position, covariance with the velocity, variance of the velocity. */
  varPos: number;
  cov: number;
  varVel: number;
}

interface Place {
  readonly lat: number;
  readonly lng: number;
}

export interface Measured extends Place {
  readonly speedMps: number | null;
  readonly headingDeg: number | null;
}

/** @returns a longitude, or a difference of two, as -180 to 180: across the shorter way round. */
function wrapDeg(deg: number): number {
  return deg >= -180 && deg <= 180 ? deg : deg - 360 * Math.round(deg / 360);
}

/** Starts the track at a fix. */
export function startMotion(motion: Motion, fix: Measured, atMs: number, accuracyM: number): void {
  const isMoving = fix.speedMps !== null && fix.speedMps >= 0 && fix.headingDeg !== null;
  const speedMps = isMoving ? Math.min(fix.speedMps as number, GPS_LIMITS.maxSpeedMps) : 0;
  const heading = isMoving ? (fix.headingDeg as number) * DEG : 0;
  motion.atMs = atMs;
  motion.lat = fix.lat;
  motion.lng = fix.lng;
  motion.eastMps = speedMps * Math.sin(heading);
  motion.northMps = speedMps * Math.cos(heading);
  motion.varPos = sigmaOf(accuracyM) ** 2;
  motion.cov = 0;
  motion.varVel = (isMoving ? STATED_SPEED_MPS : UNKNOWN_SPEED_MPS) ** 2;
}

/** Whether one can get from `a` to `b` in the time at `maxSpeedMps`, less what the poorer accuracy leaves open (twice, bounded). */
export function isReachable(a: Place, b: Place, elapsedMs: number, accuracyM: number, maxSpeedMps: number): boolean {
  const slackM = 2 * Math.min(accuracyM, GATE_ACCURACY_MAX_M);
  return distanceM(a, b) - slackM <= (maxSpeedMps * Math.max(0, elapsedMs)) / 1_000;
}

export type Fit = 'taken' | 'doubtful' | 'jump';

export interface GateChecks {
  /** The fix before was doubtful too, and agrees. */
  readonly isConfirmed: boolean;
  /** How far it is from a jump just before with which it agrees; null without one. */
  readonly rivalM: number | null;
  /** How far the device's own speeds can have led; null when nobody knows. */
  readonly reachM: number | null;
}

/**
 * Takes a fix into the track if it belongs to it. `atMs` must not lie before the track's own time.
 * @returns anything but `taken` leaves the track as it was; `doubtful` when a second fix of the kind would be taken.
 */
export function advanceMotion(motion: Motion, fix: Measured, atMs: number, accuracyM: number, checks: GateChecks): Fit {
  const dt = (atMs - motion.atMs) / 1_000;
  // At a pole a degree of longitude has no length; the division below has to stay defined.
  const mPerDegLng = M_PER_DEG * Math.max(1e-9, Math.cos(motion.lat * DEG));
  const east = wrapDeg(fix.lng - motion.lng) * mPerDegLng - motion.eastMps * dt;
  const north = (fix.lat - motion.lat) * M_PER_DEG - motion.northMps * dt;
  const varPos = motion.varPos + dt * (2 * motion.cov + dt * motion.varVel) + (ACCELERATION_PSD * dt ** 3) / 3;
  const cov = motion.cov + dt * motion.varVel + (ACCELERATION_PSD * dt * dt) / 2;
  const varVel = motion.varVel + ACCELERATION_PSD * dt;

  const gateSigmaM = sigmaOf(Math.min(accuracyM, GATE_ACCURACY_MAX_M));
  const offM2 = east * east + north * north;
  if (offM2 > GATE_LEAST_M ** 2) {
    if (checks.reachM !== null && distanceM(motion, fix) > checks.reachM) return 'jump';
    if (checks.rivalM !== null && checks.rivalM ** 2 < offM2) return 'jump';
    const sigmas2 = offM2 / (varPos + gateSigmaM * gateSigmaM);
    if (sigmas2 > GATE_CONFIRMED_SIGMAS ** 2) return 'jump';
    if (sigmas2 > GATE_SIGMAS ** 2 && !checks.isConfirmed) return 'doubtful';
  }

  const total = varPos + sigmaOf(accuracyM) ** 2;
  const gainPos = varPos / total;
  const gainVel = cov / total;
  motion.lat = clampLat(motion.lat + (motion.northMps * dt + gainPos * north) / M_PER_DEG);
  motion.lng = wrapDeg(motion.lng + (motion.eastMps * dt + gainPos * east) / mPerDegLng);
  motion.eastMps += gainVel * east;
  motion.northMps += gainVel * north;
  motion.varPos = varPos * (1 - gainPos);
  motion.cov = cov * (1 - gainPos);
  motion.varVel = varVel - gainVel * cov;
  motion.atMs = atMs;
  return 'taken';
}

function sigmaOf(accuracyM: number): number {
  return Math.max(LEAST_SIGMA_M, SIGMA_OF_ACCURACY * accuracyM);
}

function clampLat(lat: number): number {
  return Math.max(-90, Math.min(90, lat));
}

/** @returns the speed of the track in m/s. */
export function trackSpeedMps(motion: Motion): number {
  return Math.hypot(motion.eastMps, motion.northMps);
}

/** @returns the course of the track, clockwise from north, 0 to 360 exclusive. */
export function trackHeadingDeg(motion: Motion): number {
  return (Math.atan2(motion.eastMps, motion.northMps) / DEG + 360) % 360;
}
