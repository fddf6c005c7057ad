/**
 * A round fence around a stop that decides arrival by itself: 50 m in, 100 m out, two fixes each way. Plain data and one
 * pure step. It must never know the order or the driver; a fence is bound to the current leg by whoever holds it.
 *
 * `outside`: entered at the start and on `left`. Ends with `arrived`: two usable fixes in a row inside the inner circle,
 * not passing at speed, or staying inside it; no fix outside is needed before. Where fixes are seconds apart one is enough, if it
 * is slow and surely inside. Emits `crossed` when the way led through the inner circle and is beyond the outer one again.
 * `inside`: entered on `arrived`. Ends with `left`: two usable fixes in a row beyond the outer circle.
 */
import { distanceM, isPosition, type LatLng } from './distance.ts';
import { furthestWayM } from './furthest-way.ts';
import { distanceToSegmentM } from './polyline.ts';

export interface Fence {
  readonly centre: LatLng;
  readonly enterRadiusM: number;
  readonly exitRadiusM: number;
  /** Usable fixes in a row that decide. */
  readonly fixes: number;
}

/** A filtered fix. Accuracy and speed are null when unknown. */
export interface FenceFix extends LatLng {
  readonly atMs: number;
  readonly accuracyM: number | null;
  readonly speedMps: number | null;
}

export interface FenceState {
  readonly phase: 'outside' | 'inside';
  /** Usable fixes in a row that speak for the other phase. */
  readonly streak: number;
  /** When the streak began, and how fast. */
  readonly sinceMs: number;
  readonly sinceMps: number;
  /** The way led through the inner circle without an arrival. */
  readonly touched: boolean;
  readonly last: FenceFix | null;
}

export type FenceEvent = 'arrived' | 'left' | 'crossed';

export const NEW_FENCE_STATE: FenceState = { phase: 'outside', streak: 0, sinceMs: 0, sinceMps: 0, touched: false, last: null };
/** A fix less accurate than this says nothing about 50 m. */
const MAX_FENCE_ACCURACY_M = 50;
/** What an unknown accuracy is taken for. */
const UNKNOWN_ACCURACY_M = 30;
/** Faster is passing by, unless it lasts. */
const ARRIVAL_SPEED_MPS = 5;
/** Whoever brakes so that this is all the way left to standing is not passing either. */
const BRAKING_WAY_M = 25;
/** Nobody who is passing needs so long for the inner circle. */
const STAY_MS = 15_000;
/** Of a phone that sends less often than this a slow fix counts alone: who is that slow at it is still inside at the next one. */
const SPARSE_MS = 4_000;
/** Two fixes farther apart in time say nothing about the way between them. */
const CROSSING_GAP_MS = 60_000;

export function fenceAround(centre: LatLng): Fence {
  return { centre, enterRadiusM: 50, exitRadiusM: 100, fixes: 2 };
}

/** Fixes that are inaccurate, invalid or not newer than the last are as if they had not been: events never come late. */
export function stepFence(
  fence: Fence,
  state: FenceState,
  fix: FenceFix,
): { readonly state: FenceState; readonly event: FenceEvent | null } {
  if (!isUsable(fix) || (state.last !== null && fix.atMs <= state.last.atMs)) return { state, event: null };
  const metres = distanceM(fence.centre, fix);
  return state.phase === 'inside' ? stepInside(fence, state, fix, metres) : stepOutside(fence, state, fix, metres);
}

type Step = { readonly state: FenceState; readonly event: FenceEvent | null };

function stepInside(fence: Fence, state: FenceState, fix: FenceFix, metres: number): Step {
  if (metres <= fence.exitRadiusM) return { state: { ...state, streak: 0, last: fix }, event: null };
  const streak = state.streak + 1;
  const sinceMs = streak === 1 ? fix.atMs : state.sinceMs;
  if (streak < fence.fixes) return { state: { ...state, streak, sinceMs, last: fix }, event: null };
  return { state: { ...NEW_FENCE_STATE, last: fix }, event: 'left' };
}

function stepOutside(fence: Fence, state: FenceState, fix: FenceFix, metres: number): Step {
  if (metres <= fence.enterRadiusM) {
    const streak = state.streak + 1;
    const sinceMs = streak === 1 ? fix.atMs : state.sinceMs;
    const mps = speedMps(state.last, fix);
    const sinceMps = streak === 1 ? mps : state.sinceMps;
    const staysS = (fix.atMs - sinceMs) / 1_000;
    const stops = mps <= ARRIVAL_SPEED_MPS || brakingWayM(sinceMps, mps, staysS) <= BRAKING_WAY_M || staysS * 1_000 >= STAY_MS;
    const isEnough = streak >= fence.fixes ? stops : isSurelyThere(fence, state.last, fix, metres);
    if (!isEnough) return { state: { phase: 'outside', streak, sinceMs, sinceMps, touched: true, last: fix }, event: null };
    return { state: { phase: 'inside', streak: 0, sinceMs: fix.atMs, sinceMps: 0, touched: false, last: fix }, event: 'arrived' };
  }
  const touched = state.touched || wayLedThrough(fence, state.last, fix);
  if (touched && metres > fence.exitRadiusM) return { state: { ...NEW_FENCE_STATE, last: fix }, event: 'crossed' };
  return { state: { ...NEW_FENCE_STATE, touched, last: fix }, event: null };
}

function isUsable(fix: FenceFix): boolean {
  return isPosition(fix.lat, fix.lng) && Number.isFinite(fix.atMs) && accuracyM(fix) <= MAX_FENCE_ACCURACY_M;
}

/** Zero and less are as unknown as a missing value. */
function accuracyM(fix: FenceFix): number {
  return fix.accuracyM !== null && fix.accuracyM > 0 ? fix.accuracyM : UNKNOWN_ACCURACY_M;
}

/** What the device says, else the way since the last fix, less what inaccuracy alone could have made of it. */
function speedMps(last: FenceFix | null, fix: FenceFix): number {
  if (fix.speedMps !== null && fix.speedMps >= 0) return fix.speedMps;
  if (last === null) return 0;
  const slackM = Math.hypot(accuracyM(last), accuracyM(fix));
  return Math.max(0, distanceM(last, fix) - slackM) / ((fix.atMs - last.atMs) / 1_000);
}

/** Of a single fix: slow, and inside whatever its inaccuracy; and how it got there since the last one is explained by the speeds of both. */
function isSurelyThere(fence: Fence, last: FenceFix | null, fix: FenceFix, metres: number): boolean {
  if (last === null || last.speedMps === null || fix.speedMps === null || fix.speedMps < 0) return false;
  if (fix.speedMps > ARRIVAL_SPEED_MPS || metres + accuracyM(fix) > fence.enterRadiusM) return false;
  const elapsedMs = fix.atMs - last.atMs;
  if (elapsedMs < SPARSE_MS || elapsedMs > CROSSING_GAP_MS) return false;
  // Some phones always say 0: what they say then does not explain how they came.
  const goneM = distanceM(last, fix) - Math.hypot(accuracyM(last), accuracyM(fix));
  return goneM <= furthestWayM(last.speedMps, fix.speedMps, elapsedMs / 1_000);
}

/** The way to standing for who goes on braking as since the circle; without end for who does not brake. */
function brakingWayM(fromMps: number, mps: number, elapsedS: number): number {
  const brakeMps2 = elapsedS > 0 ? (fromMps - mps) / elapsedS : 0;
  return brakeMps2 > 0 ? mps ** 2 / (2 * brakeMps2) : Number.POSITIVE_INFINITY;
}

function wayLedThrough(fence: Fence, last: FenceFix | null, fix: FenceFix): boolean {
  if (last === null || fix.atMs - last.atMs > CROSSING_GAP_MS) return false;
  return distanceToSegmentM(fence.centre, last, fix) <= fence.enterRadiusM;
}
