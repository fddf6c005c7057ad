/**
 * Where a driver is and how fast, from noisy fixes: a Kalman filter on a plane around the last position whose velocity is slowly
 * forgotten, with a gate against jumps. Pure; must never know devices or clocks.
 */
import { distanceM } from '../distance.ts';
import { GPS_LIMITS } from './fix.ts';

const DEG = Math.PI / 180;
const M_PER_DEG = 6_371_008.8 * DEG;
/** Spectral density of the driver's acceleration, m²/s³: hard braking and turns of a motorbike in town. */
const ACCELERATION_PSD = 4;
/** A velocity says something about so long a way in town, or predictions over missed fixes run out of every street. */
const VELOCITY_MEMORY_S = 40;
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
/**
 * Innovations beyond so many standard deviations and this far do not belong to the track: of a fix that is taken at once, of the second of
 * two that bear each other out, and of one that waits for such a second.
 */
const GATE_SIGMAS = 2.3;
const GATE_SECOND_SIGMAS = 2.5;
const GATE_WAITING_SIGMAS = 6;
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

/** @returns a track that nobody has begun. */
export function newMotion(): Motion {
  return { atMs: 0, lat: 0, lng: 0, eastMps: 0, northMps: 0, varPos: 0, cov: 0, varVel: 0 };
}

interface Place {
  readonly lat: number;
  readonly lng: number;
}

interface Measured extends Place {
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

interface GateChecks {
  /** The track rests on a doubtful fix just before, which this one is to bear out. */
  readonly isSecond: boolean;
  /** How far it is from a jump just before with which it agrees; null without one. */
  readonly rivalM: number | null;
  /** How far the device's own speeds can have led; null when nobody knows. */
  readonly reachM: number | null;
  /** The way between two fixes of this driver, as a rule. */
  readonly usualMs: number;
}

/** What is expected after a time, before the fix is looked at. */
interface Prospect {
  /** Share of the velocity that is left, and for how many seconds of it the track goes on. */
  readonly keeps: number;
  readonly onS: number;
  readonly varPos: number;
  readonly cov: number;
  readonly varVel: number;
}

/** An Ornstein-Uhlenbeck velocity: exact for any interval, and for short ones the same as a constant velocity. */
function prospectOf(motion: Motion, elapsedS: number): Prospect {
  const keeps = Math.exp(-elapsedS / VELOCITY_MEMORY_S);
  const onS = VELOCITY_MEMORY_S * (1 - keeps);
  const { varPos, cov, varVel } = motion;
  return {
    keeps,
    onS,
    varPos:
      varPos + onS * (2 * cov + onS * varVel) + ACCELERATION_PSD * VELOCITY_MEMORY_S ** 2 * (elapsedS - onS - (onS * (1 - keeps)) / 2),
    cov: keeps * (cov + onS * varVel) + (ACCELERATION_PSD * onS * onS) / 2,
    varVel: keeps * keeps * varVel + (ACCELERATION_PSD * VELOCITY_MEMORY_S * (1 - keeps * keeps)) / 2,
  };
}

/**
 * Takes a fix into the track if it belongs to it. `atMs` must not lie before the track's own time.
 * @param checks null takes it whatever it is
 * @returns anything but `taken` leaves the track as it was; `doubtful` when a second fix of the kind would be taken.
 */
export function advanceMotion(motion: Motion, fix: Measured, atMs: number, accuracyM: number, checks: GateChecks | null): Fit {
  const elapsedS = (atMs - motion.atMs) / 1_000;
  const then = prospectOf(motion, elapsedS);
  // At a pole a degree of longitude has no length; the division below has to stay defined.
  const mPerDegLng = M_PER_DEG * Math.max(1e-9, Math.cos(motion.lat * DEG));
  const east = wrapDeg(fix.lng - motion.lng) * mPerDegLng - motion.eastMps * then.onS;
  const north = (fix.lat - motion.lat) * M_PER_DEG - motion.northMps * then.onS;
  const offM2 = east * east + north * north;
  if (checks !== null && offM2 > GATE_LEAST_M ** 2) {
    const fit = gate(motion, fix, { offM: Math.sqrt(offM2), elapsedS, varPos: then.varPos, accuracyM }, checks);
    if (fit !== 'taken') return fit;
  }

  const total = then.varPos + sigmaOf(accuracyM) ** 2;
  const gainPos = then.varPos / total;
  const gainVel = then.cov / total;
  motion.lat = clampLat(motion.lat + (motion.northMps * then.onS + gainPos * north) / M_PER_DEG);
  motion.lng = wrapDeg(motion.lng + (motion.eastMps * then.onS + gainPos * east) / mPerDegLng);
  motion.eastMps = motion.eastMps * then.keeps + gainVel * east;
  motion.northMps = motion.northMps * then.keeps + gainVel * north;
  motion.varPos = then.varPos * (1 - gainPos);
  motion.cov = then.cov * (1 - gainPos);
  motion.varVel = then.varVel - gainVel * then.cov;
  motion.atMs = atMs;
  return 'taken';
}

interface Innovation {
  readonly offM: number;
  readonly elapsedS: number;
  readonly varPos: number;
  readonly accuracyM: number;
}

/** Of a fix that is far from where it was expected. */
function gate(motion: Motion, fix: Measured, { offM, elapsedS, varPos, accuracyM }: Innovation, checks: GateChecks): Fit {
  if (checks.reachM !== null && distanceM(motion, fix) > checks.reachM) return 'jump';
  if (checks.rivalM !== null && checks.rivalM < offM) return 'jump';
  const varFix = sigmaOf(Math.min(accuracyM, GATE_ACCURACY_MAX_M)) ** 2;
  if (offM > GATE_WAITING_SIGMAS * Math.sqrt(varPos + varFix)) return 'jump';
  // After missed fixes the driver could be anywhere, and so could a wrong fix: such a one waits, though the track alone would allow it.
  const usualS = checks.usualMs / 1_000;
  const varUsual = elapsedS > usualS ? prospectOf(motion, usualS).varPos : varPos;
  const sigmas = checks.isSecond ? GATE_SECOND_SIGMAS : GATE_SIGMAS;
  return offM > sigmas * Math.sqrt(varUsual + varFix) ? 'doubtful' : 'taken';
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
