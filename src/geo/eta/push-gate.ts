/**
 * When a changed arrival time is worth a message: it must differ by more than five minutes from what was told, on three
 * fixes in a row and in the same direction, a minute after the last message. Each further change of the same stage must be twice as
 * large: who has been told twice knows that it is uncertain. Plain data. It must never know the channel.
 */

export interface PushGateState {
  /** The arrival that was told, moved along with changes of source. */
  readonly toldArrivalAtMs: number;
  readonly toldAtMs: number;
  readonly source: string;
  readonly lastArrivalAtMs: number;
  /** Changes that were told since the first estimate or the last change of state. */
  readonly changes: number;
  /** Fixes in a row beyond the threshold; negative for earlier arrival. */
  readonly streak: number;
}

export interface EtaReading {
  readonly atMs: number;
  readonly arrivalAtMs: number;
  /** Which estimator it comes from. A jump that comes with a change of source alone is no news. */
  readonly source: string;
  /** The delivery's state has changed: told whatever the difference. */
  readonly stateChanged?: boolean;
}

export interface PushGateLimits {
  readonly changeMs: number;
  readonly confirmations: number;
  readonly gapMs: number;
}

export const PUSH_GATE_DEFAULTS: PushGateLimits = { changeMs: 5 * 60_000, confirmations: 3, gapMs: 60_000 };

/** @param before null at the first reading, which is told. A reading that is not a number, or older than the last told, is ignored. */
export function gateEta(
  before: PushGateState | null,
  reading: EtaReading,
  limits: PushGateLimits = PUSH_GATE_DEFAULTS,
): { readonly state: PushGateState | null; readonly push: boolean } {
  if (!Number.isFinite(reading.arrivalAtMs) || !Number.isFinite(reading.atMs)) return { state: before, push: false };
  if (before === null || reading.stateChanged === true) return { state: told(reading, 0), push: true };
  if (reading.atMs < before.toldAtMs) return { state: before, push: false };
  if (reading.source !== before.source) {
    const jumpMs = reading.arrivalAtMs - before.lastArrivalAtMs;
    const state = {
      ...before,
      toldArrivalAtMs: before.toldArrivalAtMs + jumpMs,
      source: reading.source,
      lastArrivalAtMs: reading.arrivalAtMs,
    };
    return { state, push: false };
  }
  const streak = nextStreak(before.streak, reading.arrivalAtMs - before.toldArrivalAtMs, limits.changeMs * 2 ** before.changes);
  if (Math.abs(streak) >= limits.confirmations && reading.atMs - before.toldAtMs >= limits.gapMs)
    return { state: told(reading, before.changes + 1), push: true };
  return { state: { ...before, lastArrivalAtMs: reading.arrivalAtMs, streak }, push: false };
}

function nextStreak(streak: number, changeMs: number, thresholdMs: number): number {
  if (changeMs > thresholdMs) return Math.max(0, streak) + 1;
  if (changeMs < -thresholdMs) return Math.min(0, streak) - 1;
  return 0;
}

function told(reading: EtaReading, changes: number): PushGateState {
  return {
    toldArrivalAtMs: reading.arrivalAtMs,
    toldAtMs: reading.atMs,
    source: reading.source,
    lastArrivalAtMs: reading.arrivalAtMs,
    changes,
    streak: 0,
  };
}
