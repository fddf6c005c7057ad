/** All that the filter remembers of one driver: plain data, so that it can be handed to another thread. Pure. */
import { type Claims, newClaims } from './claims.ts';
import type { DeviceState } from './device.ts';
import { GPS_LIMITS } from './fix.ts';
import { type Motion, newMotion } from './motion.ts';
import { newPingPong, type PingPong } from './ping-pong.ts';

/** Times of fixes that are remembered against duplicates. */
export const RECENT_MAX = 32;
/** Weight of the newest interval between fixes, and how many times the usual one it counts for at most. */
const INTERVAL_WEIGHT = 0.2;
const INTERVAL_GROWTH = 2;

/** A chain of jumps that agree with each other: perhaps it is the anchor that is wrong. */
interface Candidate {
  count: number;
  /** The last of them nearly belonged to the track. */
  isDoubtful: boolean;
  rawAtMs: number;
  atMs: number;
  lat: number;
  lng: number;
  /** The track as if the last of them belonged to it; means something as long as it is doubtful. */
  readonly motion: Motion;
}

/** Since when a device has claimed to move without a changed digit. */
interface Frozen {
  sinceMs: number | null;
  lat: number;
  lng: number;
}

export interface GpsState {
  hasMotion: boolean;
  readonly motion: Motion;
  /** Fixes that the track rests on since it began or was begun anew, counted as far as it matters. */
  support: number;
  readonly claims: Claims;
  /** Of the last fix that moved the track: as the device said it, and whose it was. */
  anchorRawAtMs: number;
  anchorAccuracyM: number;
  anchorDeviceId: string;
  /** Device of the last fix that was judged for a move. */
  previousDeviceId: string;
  readonly candidate: Candidate;
  /** Repaired time of the newest fix that was judged for a move, and the time between two such as a rule; 0 for unknown. */
  seenAtMs: number;
  usualMs: number;
  readonly frozen: Frozen;
  readonly pingPong: PingPong;
  readonly devices: DeviceState[];
  /** Ring of the devices' own times. */
  readonly recent: number[];
  recentNext: number;
  /** Devices' own times of batches that came late, ascending; see batch.ts. */
  uploaded: readonly number[];
  /** When the next fix is due for publishing, in the fixes' repaired time. */
  publishDueMs: number;
}

/** @returns the state of a driver of whom nothing is known. */
export function newGpsState(): GpsState {
  return {
    hasMotion: false,
    support: 0,
    claims: newClaims(),
    motion: newMotion(),
    anchorRawAtMs: 0,
    anchorAccuracyM: 0,
    anchorDeviceId: '',
    previousDeviceId: '',
    candidate: { count: 0, isDoubtful: false, rawAtMs: 0, atMs: 0, lat: 0, lng: 0, motion: newMotion() },
    seenAtMs: 0,
    usualMs: 0,
    frozen: { sinceMs: null, lat: 0, lng: 0 },
    pingPong: newPingPong(),
    devices: [],
    recent: [],
    recentNext: 0,
    uploaded: [],
    publishDueMs: 0,
  };
}

/** Remembers a device's time; the oldest of 32 is forgotten. */
export function remember(state: GpsState, rawAtMs: number): void {
  state.recent[state.recentNext] = rawAtMs;
  state.recentNext = (state.recentNext + 1) % RECENT_MAX;
}

/** Learns how far apart fixes come: shorter intervals soon, longer ones slowly, because those are mostly fixes that were lost. */
export function learnInterval(state: GpsState, atMs: number): void {
  const elapsedMs = atMs - state.seenAtMs;
  if (elapsedMs <= 0) return;
  state.seenAtMs = atMs;
  if (state.usualMs === 0) state.usualMs = elapsedMs;
  const mostMs = Math.min(GPS_LIMITS.gapMs, INTERVAL_GROWTH * state.usualMs);
  state.usualMs += INTERVAL_WEIGHT * (Math.min(elapsedMs, mostMs) - state.usualMs);
}
