/**
 * Fixes that the track cannot explain: a jump is believed when enough others bear it out, or when it is the newer of two devices that
 * quarrel. Pure; must never know verdicts or flags.
 */
import { distanceM } from '../distance.ts';
import type { DeviceState } from './device.ts';
import { type Fix, GPS_LIMITS, trackAccuracyM } from './fix.ts';
import { isReachable, startMotion } from './motion.ts';
import { countAlternation, pinNewest } from './ping-pong.ts';
import type { GpsState } from './state.ts';

/** Between two fixes that bear each other out: a burst at 10 Hz from one wrong cell tower is one opinion. */
const WITNESS_SPACING_MS = 500;
/** Reflections between houses reach so far; what is further off is another place. */
const SHORT_JUMP_M = 150;

export type JumpVerdict = 'jump' | 'reanchored' | 'other_device';

/** The track begins with this fix, and rests on it alone. */
export function beginTrack(state: GpsState, fix: Fix, atMs: number): void {
  startMotion(state.motion, fix, atMs, trackAccuracyM(fix.accuracyM));
  state.support = 1;
}

/** A copy of a jump says nothing new, neither for it nor against it. */
export function isCopyOfJump({ candidate, previousDeviceId }: GpsState, fix: Fix, device: DeviceState): boolean {
  return candidate.count > 0 && fix.atMs === candidate.rawAtMs && device.id === previousDeviceId;
}

/**
 * Another device, a wrong anchor, or a wrong fix.
 * @param atMs repaired time of the fix @param nowMs server time
 * @returns `reanchored` when the track has begun anew with this fix; else it is where it was
 */
export function judgeJump(state: GpsState, fix: Fix, device: DeviceState, atMs: number, accuracyM: number, nowMs: number): JumpVerdict {
  if (isQuarrel(state, device, nowMs)) {
    if (!pinNewest(state.pingPong, device, anchorDevice(state), nowMs)) return 'other_device';
  } else if (countWitnesses(state.candidate, fix, atMs, accuracyM) < witnessesNeeded(state, fix, device)) return 'jump';
  beginTrack(state, fix, atMs);
  return 'reanchored';
}

/** Whether the last jump is one from which this fix can be reached. */
export function isBorneOut(candidate: GpsState['candidate'], fix: Fix, atMs: number, accuracyM: number): boolean {
  if (candidate.count === 0 || fix.atMs === candidate.rawAtMs) return false;
  const elapsedMs = atMs - candidate.atMs;
  if (elapsedMs < WITNESS_SPACING_MS || elapsedMs > GPS_LIMITS.gapMs) return false;
  return isReachable(candidate, fix, elapsedMs, accuracyM, GPS_LIMITS.maxSpeedMps);
}

/** Counts the jump from one device to another. */
function isQuarrel(state: GpsState, device: DeviceState, nowMs: number): boolean {
  if (device.id === state.anchorDeviceId || device.id === state.previousDeviceId) return false;
  return countAlternation(state.pingPong, nowMs);
}

/** A device that has been forgotten has the oldest session of all. */
function anchorDevice({ devices, anchorDeviceId }: GpsState): Pick<DeviceState, 'id' | 'sessionSinceMs'> {
  return devices.find((known) => known.id === anchorDeviceId) ?? { id: anchorDeviceId, sessionSinceMs: 0 };
}

/** A track that rests on few fixes may begin with a wrong one; another phone has a place of its own; a short jump is what the end of a canyon looks like. */
function witnessesNeeded({ motion, support, anchorDeviceId }: GpsState, fix: Fix, device: DeviceState): number {
  const isShort = distanceM(motion, fix) <= SHORT_JUMP_M;
  const isProven = support >= GPS_LIMITS.provenFixes && device.id === anchorDeviceId && !isShort;
  return isProven ? GPS_LIMITS.provenReanchorFixes : GPS_LIMITS.reanchorFixes;
}

/** Takes the fix into the chain of jumps, or begins another. @returns how many in a row agree, this one included */
function countWitnesses(candidate: GpsState['candidate'], fix: Fix, atMs: number, accuracyM: number): number {
  // The same fix again is no second witness, nor is one of the same moment.
  if (candidate.count > 0 && (fix.atMs === candidate.rawAtMs || atMs < candidate.atMs + WITNESS_SPACING_MS)) return 0;
  candidate.count = isBorneOut(candidate, fix, atMs, accuracyM) ? candidate.count + 1 : 1;
  candidate.rawAtMs = fix.atMs;
  candidate.atMs = atMs;
  candidate.lat = fix.lat;
  candidate.lng = fix.lng;
  return candidate.count;
}
