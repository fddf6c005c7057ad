/** What is remembered of each device of a driver: how fast its clock is, how much it may send, how often it does. Pure. */
import { GPS_LIMITS } from './fix.ts';

/** Phones that one driver alternates between; the one silent longest is forgotten. */
const DEVICES_MAX = 4;
/** Fixes in a row that must arrive late under the learned lead before it is learned anew, and how late. */
const RELEARN_FIXES = 3;
const RELEARN_LAG_MS = 5_000;
/** A batch counts once. */
const RELEARN_SPACING_MS = 1_000;
/** Between two pieces of advice. */
const ADVICE_EVERY_MS = 30_000;
/** More often than this on average is too often. */
const TOO_OFTEN_MS = 500;
/** Weight of the newest interval in the average. */
const INTERVAL_WEIGHT = 0.1;

export interface RateLimit {
  readonly perS: number;
  readonly burst: number;
}

export interface DeviceState {
  readonly id: string;
  sessionSinceMs: number;
  seenAtMs: number;
  /** How far its clock is ahead of the server's, at least 0. */
  leadMs: number;
  /** Fixes in a row that the lead makes late. */
  lagging: number;
  laggedAtMs: number;
  tokens: number;
  /** Of the fixes' own times. */
  lastAtMs: number;
  intervalMs: number;
  advisedAtMs: number;
}

/** @returns the device's entry in `devices`, made if it is new. */
export function deviceOf(devices: DeviceState[], id: string, sessionSinceMs: number, nowMs: number, burst: number): DeviceState {
  for (const device of devices) {
    if (device.id !== id) continue;
    if (sessionSinceMs > device.sessionSinceMs) device.sessionSinceMs = sessionSinceMs;
    return device;
  }
  if (devices.length >= DEVICES_MAX) devices.splice(silentLongest(devices), 1);
  const device: DeviceState = {
    id,
    sessionSinceMs,
    seenAtMs: nowMs,
    leadMs: 0,
    lagging: 0,
    laggedAtMs: 0,
    tokens: burst,
    lastAtMs: 0,
    intervalMs: GPS_LIMITS.publishIntervalMs,
    advisedAtMs: 0,
  };
  devices.push(device);
  return device;
}

function silentLongest(devices: readonly DeviceState[]): number {
  let at = 0;
  for (let i = 1; i < devices.length; i++) {
    if ((devices[i]?.seenAtMs ?? 0) < (devices[at]?.seenAtMs ?? 0)) at = i;
  }
  return at;
}

/** Takes one token. A server clock that was set back gives none and takes none. @returns 0, or the time until there is one. */
export function takeToken(device: DeviceState, nowMs: number, limit: RateLimit): number {
  const elapsedMs = Math.max(0, nowMs - device.seenAtMs);
  device.seenAtMs = nowMs;
  device.tokens = Math.min(limit.burst, device.tokens + (elapsedMs * limit.perS) / 1_000);
  if (device.tokens < 1) return Math.ceil(((1 - device.tokens) * 1_000) / limit.perS);
  device.tokens -= 1;
  return 0;
}

/** Learns the lead of a device's clock from the newest time that it sent. */
export function observeClock(device: DeviceState, atMs: number, nowMs: number): void {
  const aheadMs = atMs - nowMs;
  if (aheadMs > device.leadMs) {
    device.leadMs = aheadMs;
    device.lagging = 0;
    return;
  }
  const isFarOff = device.leadMs > GPS_LIMITS.skewMs && aheadMs <= GPS_LIMITS.skewMs && device.leadMs - aheadMs > GPS_LIMITS.staleMs;
  if (isFarOff) {
    // One wrong date, or the clock was set right: a time that is plausible as it stands is taken as it stands.
    device.leadMs = Math.max(0, aheadMs);
    device.lagging = 0;
    return;
  }
  if (device.leadMs === 0 || device.leadMs - aheadMs <= RELEARN_LAG_MS) {
    device.lagging = 0;
    return;
  }
  if (Math.abs(nowMs - device.laggedAtMs) < RELEARN_SPACING_MS) return;
  device.laggedAtMs = nowMs;
  device.lagging++;
  if (device.lagging < RELEARN_FIXES) return;
  // Somebody set the clock right: what came late under the old lead comes in time under the new one.
  device.leadMs = Math.max(0, aheadMs);
  device.lagging = 0;
}

/** @returns the interval to ask for, when the device has been sending too often and was not told of late; else null. */
export function adviseInterval(device: DeviceState, atMs: number): number | null {
  const intervalMs = atMs - device.lastAtMs;
  if (intervalMs <= 0) return null;
  device.lastAtMs = atMs;
  device.intervalMs += INTERVAL_WEIGHT * (Math.min(intervalMs, 10 * TOO_OFTEN_MS) - device.intervalMs);
  if (device.intervalMs >= TOO_OFTEN_MS || atMs - device.advisedAtMs < ADVICE_EVERY_MS) return null;
  device.advisedAtMs = atMs;
  return GPS_LIMITS.adviceIntervalMs;
}
