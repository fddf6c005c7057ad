/** A position as JSON (`lat`, `lng`, `at_ms`, …), alone and in batches. Pure; must never know how it arrived. */
import type { Fix } from '../../../geo/gps/fix.ts';
import { repairTime } from '../../../geo/gps/time-repair.ts';
import { BATCH_MAX } from '../limits.ts';
import { type DecodeFault, fault, isLatValue, isLngValue, normalAccuracy, normalHeading, normalSpeed } from './field.ts';

export type FixResult = { readonly ok: true; readonly fix: Fix } | DecodeFault;

type BatchResult =
  /** One item for each position, in order; an unreadable one does not spoil the others. */
  { readonly ok: true; readonly items: readonly FixResult[] } | DecodeFault;

/** @param value parsed JSON; unknown fields are ignored, `null` counts as absent, text is never taken for a number */
export function readPosition(value: unknown): FixResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault('gps.invalid_field', 'position');
  const given = value as Readonly<Record<string, unknown>>;
  const { lat, lng } = given;
  if (!isLatValue(lat)) return fault(absent(lat) ? 'gps.missing_field' : 'gps.invalid_field', 'lat');
  if (!isLngValue(lng)) return fault(absent(lng) ? 'gps.missing_field' : 'gps.invalid_field', 'lng');
  if (absent(given.at_ms)) return fault('gps.missing_field', 'at_ms');
  const atMs = repairTime(given.at_ms);
  if (atMs === null) return fault('gps.invalid_time', 'at_ms');
  const accuracyM = optionalNumber(given.accuracy_m);
  if (accuracyM === undefined) return fault('gps.invalid_field', 'accuracy_m');
  const speedMps = optionalNumber(given.speed_mps);
  if (speedMps === undefined) return fault('gps.invalid_field', 'speed_mps');
  const headingDeg = optionalNumber(given.heading_deg);
  if (headingDeg === undefined) return fault('gps.invalid_field', 'heading_deg');
  const fix = {
    atMs,
    lat,
    lng,
    accuracyM: normalAccuracy(accuracyM),
    speedMps: normalSpeed(speedMps),
    headingDeg: normalHeading(headingDeg),
  };
  return { ok: true, fix: given.mock === true ? { ...fix, isMock: true } : fix };
}

/** @param value parsed JSON with `positions`, 1 to 500 of them; more is `gps.batch_too_large` (413), none `gps.invalid_field` */
export function readPositions(value: unknown): BatchResult {
  const positions = typeof value === 'object' && value !== null ? (value as { positions?: unknown }).positions : undefined;
  if (absent(positions)) return fault('gps.missing_field', 'positions');
  if (!Array.isArray(positions) || positions.length === 0) return fault('gps.invalid_field', 'positions');
  if (positions.length > BATCH_MAX) return fault('gps.batch_too_large', 'positions');
  return { ok: true, items: positions.map(readPosition) };
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** @returns null when absent, undefined when it is no finite number */
function optionalNumber(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
