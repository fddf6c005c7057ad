/** Two phones logged in as one driver, far apart: which one is believed. Pure; must never know a position. */

/** Impossible jumps from one device to another, within this time, that show that two devices quarrel. */
const ALTERNATIONS = 3;
const WINDOW_MS = 600_000;
/** A pin is given up when the pinned device is silent for so long: its driver counts as offline by then. */
const PIN_SILENT_MS = 300_000;

export interface PingPong {
  alternations: number;
  alternatedAtMs: number;
  /** The device that alone is believed; null as long as nobody quarrels. */
  pinnedId: string | null;
  pinnedSinceMs: number;
  pinnedSeenAtMs: number;
}

export function newPingPong(): PingPong {
  return { alternations: 0, alternatedAtMs: 0, pinnedId: null, pinnedSinceMs: 0, pinnedSeenAtMs: 0 };
}

interface Session {
  readonly id: string;
  readonly sessionSinceMs: number;
}

/** An impossible jump from the device of the anchor to another one. @returns whether they have quarrelled often enough to pin one. */
export function countAlternation(state: PingPong, nowMs: number): boolean {
  if (nowMs - state.alternatedAtMs > WINDOW_MS) state.alternations = 0;
  state.alternations++;
  state.alternatedAtMs = nowMs;
  return state.alternations >= ALTERNATIONS;
}

/** Pins the newer session; of two that began together the one that sends now. @returns whether that is the sender. */
export function pinNewest(state: PingPong, sender: Session, other: Session, nowMs: number): boolean {
  const isSender = sender.sessionSinceMs >= other.sessionSinceMs;
  const newest = isSender ? sender : other;
  state.pinnedId = newest.id;
  state.pinnedSinceMs = newest.sessionSinceMs;
  state.pinnedSeenAtMs = nowMs;
  state.alternations = 0;
  return isSender;
}

/** Whether a fix of this session may move the driver. A newer login than the pinned one, or a silent pinned device, ends the pin. */
export function mayMove(state: PingPong, sender: Session, nowMs: number): boolean {
  if (state.pinnedId === null) return true;
  if (state.pinnedId === sender.id) {
    state.pinnedSeenAtMs = nowMs;
    return true;
  }
  if (sender.sessionSinceMs <= state.pinnedSinceMs && nowMs - state.pinnedSeenAtMs <= PIN_SILENT_MS) return false;
  state.pinnedId = null;
  return true;
}
