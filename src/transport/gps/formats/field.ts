/** Numbers of positions as clients write them, each with the one name of its fault. Pure; must never know a protocol. */
import { isLat, isLng } from '../../../geo/gps/fix.ts';

/** Why a position could not be read. `gps.invalid_field` and `gps.missing_field` name the field. */
export type DecodeCode =
  | 'gps.invalid_field'
  | 'gps.missing_field'
  | 'gps.conflicting_fields'
  | 'gps.invalid_time'
  | 'gps.no_fix'
  | 'gps.batch_too_large'
  | 'gps.frame_length'
  | 'gps.unknown_version'
  | 'gps.invalid_json';

export interface DecodeFault {
  readonly ok: false;
  readonly code: DecodeCode;
  /** As the client spells it; null when no single field is to blame. */
  readonly field: string | null;
}

export const KNOTS_TO_MPS = 1_852 / 3_600;
export const KMH_TO_MPS = 1 / 3.6;
/** No delivery vehicle and no airliner is faster; a device that says so does not know. */
const SPEED_MAX_MPS = 400;

export function fault(code: DecodeCode, field: string | null = null): DecodeFault {
  return { ok: false, code, field };
}

export function isLatValue(value: unknown): value is number {
  return typeof value === 'number' && isLat(value);
}

export function isLngValue(value: unknown): value is number {
  return typeof value === 'number' && isLng(value);
}

/** @returns 0 to 360 exclusive; null for what is negative (devices write -1), not finite or absent */
export function normalHeading(deg: number | null): number | null {
  return deg !== null && deg >= 0 && deg < Number.POSITIVE_INFINITY ? deg % 360 : null;
}

/** @returns metres a second; null for what is negative (devices write -1), impossible or absent */
export function normalSpeed(mps: number | null): number | null {
  return mps !== null && mps >= 0 && mps <= SPEED_MAX_MPS ? mps : null;
}

/** @returns metres; null for what is zero, negative, not finite or absent: unknown */
export function normalAccuracy(accuracyM: number | null): number | null {
  return accuracyM !== null && accuracyM > 0 && accuracyM < Number.POSITIVE_INFINITY ? accuracyM : null;
}
