/**
 * The judge of position fixes: one per driver, every fix gets exactly one verdict. Pure (times come in, the state is its
 * own); must never know sockets, orders, fences or the index. Rules and codes: docs/specs/gps.md.
 */
import { distanceM } from '../distance.ts';
import { newestTimeMs, oldestFirst, wasUploaded, withUploaded } from './batch.ts';
import { claimedReachM, learnClaim } from './claims.ts';
import { adviseInterval, type DeviceState, deviceOf, observeClock, type RateLimit, takeToken } from './device.ts';
import {
  effectiveAccuracyM,
  type Fix,
  type FixFlag,
  type FixSource,
  GPS_LIMITS,
  type HistoryCode,
  isLat,
  isLng,
  NO_FLAGS,
  type Position,
  type RejectCode,
  trackAccuracyM,
  type Verdict,
} from './fix.ts';
import { beginTrack, isBorneOut, isCopyOfJump, type JumpVerdict, judgeJump } from './jumps.ts';
import { advanceMotion, type Fit, isReachable, trackHeadingDeg, trackSpeedMps } from './motion.ts';
import { mayMove } from './ping-pong.ts';
import { type GpsState, learnInterval, newGpsState, remember } from './state.ts';

/** A batch of 500 and a minute of a device that sends at 10 Hz pass; a loop that sends for ever does not. */
const DEFAULT_RATE: RateLimit = { perS: 10, burst: 600 };
/** Server clocks of two threads may differ so much; more means that the clock was set back. */
const CLOCK_STEP_MS = 1_000;
/** A device at 1 Hz is sometimes early; on average no more than one a second is published. */
const PUBLISH_JITTER_MS = 500;
/** Slower than this is standing: a course means nothing. */
const STANDING_MPS = 1;
const MOVING_CLAIM_MPS = 0.5;
const SIX_DECIMALS = 1e6;
const DUPLICATE: Verdict = { kind: 'duplicate', code: 'gps.duplicate' };

export interface GpsFilterOptions {
  /** Whether a position lies where the platform works at all. Without it everywhere does, except 0,0. */
  readonly inServiceArea?: (lat: number, lng: number) => boolean;
  /** Fixes per device. */
  readonly rate?: RateLimit;
}

type Move = 'moved' | 'unconfirmed' | 'reinitialised' | JumpVerdict;

/**
 * Modes: no track (entered new, left by the first believable fix) · tracking (fixes extend the track; a doubtful one waits for the
 * next to bear it out; jumps are rejected and make a candidate chain; the third that agrees becomes the track) · pinned (two devices
 * quarrelled: only one moves the track until a newer login, or five minutes of its silence).
 */
export class GpsFilter {
  /** Plain; may be stored or moved to another thread and given to a new filter. */
  readonly state: GpsState;
  readonly #inServiceArea: ((lat: number, lng: number) => boolean) | null;
  readonly #rate: RateLimit;

  /** @param state of an earlier filter of the same driver; owned by this one from now on */
  constructor(options: GpsFilterOptions = {}, state: GpsState = newGpsState()) {
    this.#inServiceArea = options.inServiceArea ?? null;
    this.#rate = options.rate ?? DEFAULT_RATE;
    this.state = state;
  }

  /** @param nowMs server time at which the fix arrived, unix milliseconds */
  accept(fix: Fix, source: FixSource, nowMs: number): Verdict {
    const device = this.#deviceOf(source, nowMs);
    return this.#judge(fix, device, nowMs, true);
  }

  /**
   * Fixes that arrived together, in any order: judged oldest first, after the newest has told how far the device's clock is
   * ahead (else all that lie in its future would collapse onto one moment).
   * @returns verdicts in the order given; empty for an empty batch
   */
  acceptAll(fixes: readonly Fix[], source: FixSource, nowMs: number): Verdict[] {
    const device = this.#deviceOf(source, nowMs);
    const order = oldestFirst(fixes);
    const newestMs = newestTimeMs(fixes, order, nowMs);
    if (newestMs !== null) observeClock(device, newestMs, nowMs);
    const verdicts: Verdict[] = [];
    for (const index of order) verdicts[index] = this.#judge(fixes[index] as Fix, device, nowMs, false);
    // A phone whose request timed out sends all of it again, long after the last few times have been forgotten.
    const old = fixes.flatMap(({ atMs }, index) => (isOfUpload(verdicts[index] as Verdict) ? [atMs] : []));
    this.state.uploaded = withUploaded(this.state.uploaded, old);
    return verdicts;
  }

  #deviceOf(source: FixSource, nowMs: number): DeviceState {
    return deviceOf(this.state.devices, source.deviceId, source.sessionSinceMs, nowMs, this.#rate.burst);
  }

  #judge(fix: Fix, device: DeviceState, nowMs: number, learnsClock: boolean): Verdict {
    const state = this.state;
    const retryAfterMs = takeToken(device, nowMs, this.#rate);
    if (retryAfterMs > 0) return rejected('gps.rate_limited', NO_FLAGS, retryAfterMs);
    const fault = this.#faultOf(fix, nowMs);
    if (fault !== null) return fault;
    this.#mendAfterClockStep(nowMs);
    if (learnsClock) observeClock(device, fix.atMs, nowMs);
    const atMs = Math.min(nowMs, fix.atMs - device.leadMs);
    // Once the device's lead is taken off: another fix of the batch has shown that the clock is that wrong.
    if (atMs < nowMs - GPS_LIMITS.pastMs) return rejected('gps.past');
    const accuracyM = effectiveAccuracyM(fix.accuracyM);

    const isRefined = state.hasMotion && fix.atMs === state.anchorRawAtMs && accuracyM < state.anchorAccuracyM;
    if (!isRefined && (state.recent.includes(fix.atMs) || wasUploaded(state.uploaded, fix.atMs))) return DUPLICATE;
    const flags: FixFlag[] = [];
    if (device.leadMs > GPS_LIMITS.skewMs) flags.push('clock_skew');
    if (fix.isMock === true) flags.push('mock');
    if (accuracyM > GPS_LIMITS.positionAccuracyM) return this.#history('gps.inaccurate', fix, atMs, accuracyM, flags);
    if (!mayMove(state.pingPong, device, nowMs)) {
      flags.push('ping_pong');
      return this.#history('gps.other_device', fix, atMs, accuracyM, flags);
    }
    if (state.hasMotion && atMs < state.motion.atMs) {
      return this.#isOnTheWay(fix, atMs, accuracyM)
        ? this.#history('gps.late', fix, atMs, accuracyM, flags)
        : rejected('gps.teleport', flags);
    }
    if (isRefined) flags.push('refined');
    return this.#moveTo(fix, device, atMs, accuracyM, nowMs, flags);
  }

  /** What is wrong with the fix by itself. */
  #faultOf(fix: Fix, nowMs: number): Verdict | null {
    if (!isLat(fix.lat)) return rejected('gps.invalid_lat');
    if (!isLng(fix.lng)) return rejected('gps.invalid_lng');
    if (!Number.isFinite(fix.atMs)) return rejected('gps.invalid_time');
    if (fix.atMs < nowMs - GPS_LIMITS.pastMs) return rejected('gps.past');
    const inArea = this.#inServiceArea;
    const isInside = inArea === null || inArea(fix.lat, fix.lng);
    // Receivers without a fix say 0,0; it is a real place only for somebody who serves it.
    if (fix.lat === 0 && fix.lng === 0 && (inArea === null || !isInside)) return rejected('gps.null_island');
    if (isInside) return null;
    const isSwapped = inArea !== null && isLat(fix.lng) && inArea(fix.lng, fix.lat);
    return { kind: 'rejected', code: 'gps.out_of_area', isSwapped, retryAfterMs: 0, flags: NO_FLAGS };
  }

  /** Accepted times never lie ahead of the server, so a track in its future means that its clock was set back: the track stays, its time follows. */
  #mendAfterClockStep(nowMs: number): void {
    const state = this.state;
    if (!state.hasMotion || state.motion.atMs <= nowMs + CLOCK_STEP_MS) return;
    state.motion.atMs = nowMs;
    state.seenAtMs = nowMs;
    state.candidate.count = 0;
    state.publishDueMs = nowMs;
    state.frozen.sinceMs = null;
  }

  /** Whether a late fix may be part of the track that has gone on without it; from longer ago than a gap nobody knows. */
  #isOnTheWay(fix: Fix, atMs: number, accuracyM: number): boolean {
    const motion = this.state.motion;
    const elapsedMs = motion.atMs - atMs;
    const slackM = Math.max(accuracyM, this.state.anchorAccuracyM);
    return elapsedMs > GPS_LIMITS.gapMs || isReachable(motion, fix, elapsedMs, slackM, GPS_LIMITS.maxSpeedMps);
  }

  #moveTo(fix: Fix, device: DeviceState, atMs: number, accuracyM: number, nowMs: number, flags: FixFlag[]): Verdict {
    const state = this.state;
    const move = this.#move(fix, device, atMs, accuracyM, nowMs);
    state.previousDeviceId = device.id;
    if (move === 'jump') return rejected('gps.teleport', flags);
    if (state.pingPong.pinnedId !== null) flags.push('ping_pong');
    if (move === 'other_device') return this.#history('gps.other_device', fix, atMs, accuracyM, flags);
    if (move !== 'moved') flags.push(move);
    learnClaim(state.claims, fix, atMs, accuracyM);
    state.anchorRawAtMs = fix.atMs;
    state.anchorAccuracyM = accuracyM;
    state.anchorDeviceId = device.id;
    state.candidate.count = 0;
    remember(state, fix.atMs);
    if (this.#isFrozen(fix, atMs)) flags.push('frozen');
    const position = this.#position(fix, accuracyM);
    const kept = flags.length === 0 ? NO_FLAGS : flags;
    if (nowMs - atMs > GPS_LIMITS.staleMs) return { kind: 'history', code: 'gps.stale', position, flags: kept };
    const publish = this.#isDue(atMs);
    const fence = publish && accuracyM <= GPS_LIMITS.fenceAccuracyM && fix.isMock !== true;
    return { kind: 'accepted', position, publish, fence, flags: kept, adviceIntervalMs: adviseInterval(device, atMs) };
  }

  #move(fix: Fix, device: DeviceState, atMs: number, accuracyM: number, nowMs: number): Move {
    const state = this.state;
    const motion = state.motion;
    if (!state.hasMotion) {
      beginTrack(state, fix, atMs);
      state.hasMotion = true;
      state.seenAtMs = atMs;
      return 'unconfirmed';
    }
    if (isCopyOfJump(state, fix, device)) return 'jump';
    learnInterval(state, atMs);
    const elapsedMs = atMs - motion.atMs;
    const maxSpeedMps = elapsedMs > GPS_LIMITS.flightGapMs ? GPS_LIMITS.flightSpeedMps : GPS_LIMITS.maxSpeedMps;
    const slackM = Math.max(accuracyM, state.anchorAccuracyM);
    let isDoubtful = false;
    if (isReachable(motion, fix, elapsedMs, slackM, maxSpeedMps)) {
      if (elapsedMs > GPS_LIMITS.gapMs) {
        beginTrack(state, fix, atMs);
        return 'reinitialised';
      }
      const fit = this.#fit(fix, atMs, accuracyM, slackM);
      if (fit === 'taken_with_last' && state.support === 1) {
        // Two that bear each other out against a single one: it is the beginning that was wrong.
        beginTrack(state, fix, atMs);
        return 'reanchored';
      }
      if (fit === 'taken' || fit === 'taken_with_last') {
        state.support = Math.min(GPS_LIMITS.provenFixes, state.support + 1);
        return 'moved';
      }
      isDoubtful = fit === 'doubtful';
    }
    const jump = judgeJump(state, fix, device, atMs, accuracyM, nowMs);
    state.candidate.isDoubtful = isDoubtful;
    return jump;
  }

  /** Tries the fix on the track, and on the track as it would be if the doubtful fix before it were right. */
  #fit(fix: Fix, atMs: number, accuracyM: number, slackM: number): Fit | 'taken_with_last' {
    const { motion, candidate, claims, usualMs } = this.state;
    const agrees = isBorneOut(candidate, fix, atMs, accuracyM);
    const isSecond = agrees && candidate.isDoubtful;
    const trackM = trackAccuracyM(fix.accuracyM);
    const rivalM = agrees && !isSecond ? distanceM(candidate, fix) : null;
    const reachM = claimedReachM(claims, fix, atMs - motion.atMs, slackM);
    const fit = advanceMotion(motion, fix, atMs, trackM, { isSecond: false, rivalM, reachM, usualMs });
    if (fit === 'taken') return fit;
    if (isSecond && advanceMotion(candidate.motion, fix, atMs, trackM, { isSecond, rivalM: null, reachM: null, usualMs }) === 'taken') {
      Object.assign(motion, candidate.motion);
      return 'taken_with_last';
    }
    if (fit === 'doubtful') {
      Object.assign(candidate.motion, motion);
      advanceMotion(candidate.motion, fix, atMs, trackM, null);
    }
    return fit;
  }

  #isFrozen(fix: Fix, atMs: number): boolean {
    const frozen = this.state.frozen;
    const lat = Math.round(fix.lat * SIX_DECIMALS);
    const lng = Math.round(fix.lng * SIX_DECIMALS);
    if (fix.speedMps === null || fix.speedMps <= MOVING_CLAIM_MPS) frozen.sinceMs = null;
    else if (frozen.sinceMs === null || frozen.lat !== lat || frozen.lng !== lng) frozen.sinceMs = atMs;
    frozen.lat = lat;
    frozen.lng = lng;
    return frozen.sinceMs !== null && atMs - frozen.sinceMs >= GPS_LIMITS.frozenMs;
  }

  #isDue(atMs: number): boolean {
    const state = this.state;
    if (atMs < state.publishDueMs - PUBLISH_JITTER_MS) return false;
    state.publishDueMs = Math.max(state.publishDueMs, atMs) + GPS_LIMITS.publishIntervalMs;
    return true;
  }

  #position(fix: Fix, accuracyM: number): Position {
    const motion = this.state.motion;
    const speedMps = fix.speedMps !== null && fix.speedMps >= 0 ? fix.speedMps : trackSpeedMps(motion);
    const isStanding = speedMps < STANDING_MPS;
    return {
      atMs: motion.atMs,
      lat: motion.lat,
      lng: motion.lng,
      accuracyM,
      speedMps: isStanding ? 0 : speedMps,
      headingDeg: isStanding ? null : (fix.headingDeg ?? trackHeadingDeg(motion)),
    };
  }

  /** For the record, as it came. */
  #history(code: HistoryCode, fix: Fix, atMs: number, accuracyM: number, flags: readonly FixFlag[]): Verdict {
    remember(this.state, fix.atMs);
    const position = { atMs, lat: fix.lat, lng: fix.lng, accuracyM, speedMps: Math.max(0, fix.speedMps ?? 0), headingDeg: fix.headingDeg };
    return { kind: 'history', code, position, flags };
  }
}

/** Kept although it does not move the driver now, or refused by what was known then: neither is to be asked again. */
function isOfUpload(verdict: Verdict): boolean {
  if (verdict.kind === 'history') return verdict.code === 'gps.stale' || verdict.code === 'gps.late';
  return verdict.kind === 'rejected' && verdict.code === 'gps.teleport';
}

function rejected(code: RejectCode, flags: readonly FixFlag[] = NO_FLAGS, retryAfterMs = 0): Verdict {
  return { kind: 'rejected', code, isSwapped: false, retryAfterMs, flags };
}
