/** OwnTracks over HTTP: `_type: location` is a position, every other type is taken and ignored. Pure; must never trust `tid`: it names nobody. */
import type { Fix } from '../../../geo/gps/fix.ts';
import { repairTime } from '../../../geo/gps/time-repair.ts';
import { type DecodeFault, fault, isLatValue, isLngValue, KMH_TO_MPS, normalAccuracy, normalHeading, normalSpeed } from './field.ts';

type OwnTracksResult =
  | { readonly ok: true; readonly kind: 'position'; readonly fix: Fix }
  | { readonly ok: true; readonly kind: 'ignored' }
  | DecodeFault;

/**
 * @param body parsed JSON; `vel` is km/h, `tst` unix seconds (without it: server time). The driver is the one who authenticated.
 * @returns `ignored` for lwt, waypoint, transition, encrypted and types that do not exist yet: to be answered with 200
 */
export function parseOwnTracks(body: unknown, nowMs: number): OwnTracksResult {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return fault('gps.invalid_field', 'body');
  const given = body as Readonly<Record<string, unknown>>;
  if (typeof given._type !== 'string') return fault('gps.missing_field', '_type');
  if (given._type !== 'location') return { ok: true, kind: 'ignored' };
  const { lat, lon } = given;
  if (!isLatValue(lat)) return fault('gps.invalid_field', 'lat');
  if (!isLngValue(lon)) return fault('gps.invalid_field', 'lon');
  const time = given.tst ?? null;
  const atMs = time === null ? nowMs : repairTime(time);
  if (atMs === null) return fault('gps.invalid_time', 'tst');
  const speed = numberOf(given.vel);
  const fix = {
    atMs,
    lat,
    lng: lon,
    accuracyM: normalAccuracy(numberOf(given.acc)),
    speedMps: normalSpeed(speed === null ? null : speed * KMH_TO_MPS),
    headingDeg: normalHeading(numberOf(given.cog)),
  };
  return { ok: true, kind: 'position', fix };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
