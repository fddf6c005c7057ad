/**
 * When a changed arrival time is worth a message: it must differ by more than five minutes from what was told last, in the same
 * direction for three fixes and half a minute, a minute after the last message; and no trip has more than three messages, the first
 * estimate among them. Plain data. It must never know the channel.
 */

export interface PushGateState {
  /** The arrival that was told, moved along with changes of source. */
  readonly toldArrivalAtMs: number;
  readonly toldAtMs: number;
  readonly source: string;
  readonly lastArrivalAtMs: number;
  /** Messages so far, the first estimate among them; a change of state begins anew. */
  readonly pushes: number;
  /** Fixes that bear out a change; negative for earlier arrival. A fix just short of the threshold neither adds to them nor ends them. */
  readonly streak: number;
  /** When the first of them was; anything while there is none. */
  readonly streakSinceMs: number;
}

interface EtaReading {
  readonly atMs: number;
  readonly arrivalAtMs: number;
  /** Which estimator it comes from. A jump that comes with a change of source alone is no news. */
  readonly source: string;
  /** The delivery's state has changed: told whatever the difference. */
  readonly stateChanged?: boolean;
}

interface PushGateLimits {
  readonly changeMs: number;
  /** A change that falls back below this was noise. */
  readonly releaseMs: number;
  readonly confirmations: number;
  /** So long a change must have lasted: at a fix a second, three of them are one gust of noise. */
  readonly holdMs: number;
  readonly gapMs: number;
  readonly pushesMax: number;
}

const PUSH_GATE_DEFAULTS: PushGateLimits = {
  changeMs: 5 * 60_000,
  releaseMs: 4 * 60_000,
  confirmations: 3,
  holdMs: 30_000,
  gapMs: 60_000,
  pushesMax: 3,
};

/** @param before null at the first reading, which is told. A reading that is not a number, or older than the last told, is ignored. */
export function gateEta(
  before: PushGateState | null,
  reading: EtaReading,
  limits: PushGateLimits = PUSH_GATE_DEFAULTS,
): { readonly state: PushGateState | null; readonly push: boolean } {
  if (!Number.isFinite(reading.arrivalAtMs) || !Number.isFinite(reading.atMs)) return { state: before, push: false };
  if (before === null || reading.stateChanged === true) return { state: told(reading, 1), push: true };
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
  const changeMs = reading.arrivalAtMs - before.toldArrivalAtMs;
  const streak = nextStreak(before.streak, changeMs, limits);
  const isFirst = streak === 0 || Math.sign(streak) !== Math.sign(before.streak);
  const streakSinceMs = isFirst ? reading.atMs : before.streakSinceMs;
  const isBorneOut = Math.abs(streak) >= limits.confirmations && reading.atMs - streakSinceMs >= limits.holdMs;
  const mayPush = before.pushes < limits.pushesMax && reading.atMs - before.toldAtMs >= limits.gapMs;
  if (isBorneOut && mayPush && Math.abs(changeMs) > limits.changeMs) return { state: told(reading, before.pushes + 1), push: true };
  return { state: { ...before, lastArrivalAtMs: reading.arrivalAtMs, streak, streakSinceMs }, push: false };
}

function nextStreak(streak: number, changeMs: number, limits: PushGateLimits): number {
  const direction = Math.sign(changeMs);
  const isSameWay = streak !== 0 && Math.sign(streak) === direction;
  if (Math.abs(changeMs) > limits.changeMs) return isSameWay ? streak + direction : direction;
  return isSameWay && Math.abs(changeMs) > limits.releaseMs ? streak : 0;
}

function told(reading: EtaReading, pushes: number): PushGateState {
  return {
    toldArrivalAtMs: reading.arrivalAtMs,
    toldAtMs: reading.atMs,
    source: reading.source,
    lastArrivalAtMs: reading.arrivalAtMs,
    pushes,
    streak: 0,
    streakSinceMs: reading.atMs,
  };
}
