/** What a position fix is, what may become of one, and every bound of the filter. Pure; must never know a device protocol. */

export interface Fix {
  /** When the device says it was there, unix milliseconds. */
  readonly atMs: number;
  readonly lat: number;
  readonly lng: number;
  /** Radius of about 68 % in metres; null when the device does not know. */
  readonly accuracyM: number | null;
  readonly speedMps: number | null;
  /** Clockwise from north, 0 to 360 exclusive. */
  readonly headingDeg: number | null;
  /** The device says that software made this position up. */
  readonly isMock?: boolean;
}

/** Who sent a fix: one login of one device. */
export interface FixSource {
  readonly deviceId: string;
  /** When this session began, server time; of two phones that quarrel the newer session is believed. */
  readonly sessionSinceMs: number;
}

/** Why a fix is kept for the record but moves nobody. */
export type HistoryCode = 'gps.late' | 'gps.stale' | 'gps.inaccurate' | 'gps.other_device';

/** Why a fix is not believed. */
export type RejectCode =
  | 'gps.invalid_lat'
  | 'gps.invalid_lng'
  | 'gps.invalid_time'
  | 'gps.past'
  | 'gps.null_island'
  | 'gps.out_of_area'
  | 'gps.teleport'
  | 'gps.rate_limited';

/**
 * What an operator or a dispatcher may want to know about an accepted fix. `clock_skew`: the device's clock is more than a
 * minute fast. `reanchored`: the earlier positions were wrong. `reinitialised`: the first after a gap. `frozen`: claims speed
 * and does not move. `mock`: made up by software. `ping_pong`: two devices quarrel. `refined`: replaces the fix of the same time.
 * `unconfirmed`: the first of a driver, with nothing to judge it by; a later `reanchored` without another accepted fix before refutes it.
 */
export type FixFlag = 'clock_skew' | 'reanchored' | 'reinitialised' | 'frozen' | 'mock' | 'ping_pong' | 'refined' | 'unconfirmed';

export interface Position {
  /** Repaired time: never ahead of the server. */
  readonly atMs: number;
  /** Smoothed. */
  readonly lat: number;
  readonly lng: number;
  readonly accuracyM: number;
  /** As the device said, else from the smoothed track; 0 when it stands. */
  readonly speedMps: number;
  /** Of the device, else of the smoothed track; null when it stands. */
  readonly headingDeg: number | null;
}

export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly position: Position;
      /** For the index, the map and the track: at most one a second. What is not published need not be stored. */
      readonly publish: boolean;
      /** Good enough for arrival and departure; implies `publish`. */
      readonly fence: boolean;
      readonly flags: readonly FixFlag[];
      /** Ask the device to send no more often than this; null: nothing to say. */
      readonly adviceIntervalMs: number | null;
    }
  /** To be stored under `atMs` and nothing else; `position` is smoothed where the fix was in order, else as it came. */
  | { readonly kind: 'history'; readonly code: HistoryCode; readonly position: Position; readonly flags: readonly FixFlag[] }
  /** Seen before: answer as the first time, do nothing. */
  | { readonly kind: 'duplicate'; readonly code: 'gps.duplicate' }
  | {
      readonly kind: 'rejected';
      readonly code: RejectCode;
      /** Latitude and longitude seem to be exchanged (`gps.out_of_area` only). */
      readonly isSwapped: boolean;
      /** `gps.rate_limited`: when there is room again, else 0. */
      readonly retryAfterMs: number;
      readonly flags: readonly FixFlag[];
    };

export const GPS_LIMITS = {
  /** Assumed where the device does not say: for what it may do, and for how well it hits, which is how an ordinary phone does. */
  unknownAccuracyM: 30,
  unknownTrackAccuracyM: 15,
  fenceAccuracyM: 50,
  positionAccuracyM: 100,
  /** Faster than any delivery vehicle. */
  maxSpeedMps: 45,
  /** An airliner; only believed after `flightGapMs`. */
  flightSpeedMps: 280,
  flightGapMs: 600_000,
  /** After so long without a fix nothing is predicted from the last one. */
  gapMs: 60_000,
  /** Older than this on arrival: for the record only. */
  staleMs: 60_000,
  /** Older than this: a roll-over or a broken clock, not a buffer. */
  pastMs: 7 * 86_400_000,
  /** Faster clocks than this are reported. */
  skewMs: 60_000,
  /** Jumps in a row that agree and make a new track: against one that rests on less than `provenFixes`, and against one that rests on more. */
  reanchorFixes: 3,
  provenReanchorFixes: 8,
  provenFixes: 5,
  frozenMs: 600_000,
  publishIntervalMs: 1_000,
  adviceIntervalMs: 1_000,
} as const;

export const NO_FLAGS: readonly FixFlag[] = [];

/** @returns whether the number is a latitude; false for NaN. */
export function isLat(lat: number): boolean {
  return lat >= -90 && lat <= 90;
}

/** @returns whether the number is a longitude; false for NaN. */
export function isLng(lng: number): boolean {
  return lng >= -180 && lng <= 180;
}

/** @returns the accuracy to reckon with: what is missing, not positive or not finite is unknown and counts as 30 m. */
export function effectiveAccuracyM(accuracyM: number | null): number {
  return isKnown(accuracyM) ? accuracyM : GPS_LIMITS.unknownAccuracyM;
}

/** @returns the accuracy to smooth with; unknown counts as 15 m, because a track that trusts its fixes too little lags behind. */
export function trackAccuracyM(accuracyM: number | null): number {
  return isKnown(accuracyM) ? accuracyM : GPS_LIMITS.unknownTrackAccuracyM;
}

function isKnown(accuracyM: number | null): accuracyM is number {
  return accuracyM !== null && accuracyM > 0 && accuracyM < Number.POSITIVE_INFINITY;
}
