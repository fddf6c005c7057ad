/** The JSON body of the Traccar client (and of the background-geolocation plug-ins that it is built on). Pure; must never know whose device it is. */
import type { Fix } from '../../../geo/gps/fix.ts';
import { repairTime } from '../../../geo/gps/time-repair.ts';
import { ID_MAX } from '../limits.ts';
import { fault, isLatValue, isLngValue, normalAccuracy, normalHeading, normalSpeed } from './field.ts';
import type { DeviceResult } from './osmand.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * @param body parsed JSON: `device_id` and `location` with `timestamp` (without it: server time), `coords` (speed in m/s, -1 is
 *   unknown), `battery.level` (0 to 1), `mock`; everything else is ignored
 * @param nowMs server time
 */
export function parseTraccar(body: unknown, nowMs: number): DeviceResult {
  const given = record(body);
  const deviceId = given?.device_id;
  if (deviceId === undefined || deviceId === null) return fault('gps.missing_field', 'device_id');
  if (typeof deviceId !== 'string' || deviceId === '' || deviceId.length > ID_MAX) return fault('gps.invalid_field', 'device_id');
  const location = record(given?.location);
  if (location === null) return fault('gps.missing_field', 'location');
  const coords = record(location.coords);
  if (coords === null) return fault('gps.missing_field', 'location.coords');
  const { latitude, longitude } = coords;
  if (!isLatValue(latitude)) return fault('gps.invalid_field', 'location.coords.latitude');
  if (!isLngValue(longitude)) return fault('gps.invalid_field', 'location.coords.longitude');
  const time = location.timestamp ?? null;
  const atMs = time === null ? nowMs : repairTime(time);
  if (atMs === null) return fault('gps.invalid_time', 'location.timestamp');
  const numbers: Record<string, number | null> = {};
  for (const field of ['accuracy', 'speed', 'heading']) {
    const value = coords[field] ?? null;
    if (value !== null && (typeof value !== 'number' || !Number.isFinite(value)))
      return fault('gps.invalid_field', `location.coords.${field}`);
    numbers[field] = value;
  }
  const fix: Fix = {
    atMs,
    lat: latitude,
    lng: longitude,
    accuracyM: normalAccuracy(numbers.accuracy ?? null),
    speedMps: normalSpeed(numbers.speed ?? null),
    headingDeg: normalHeading(numbers.heading ?? null),
  };
  return { ok: true, deviceId, batteryPct: batteryPct(location), fix: location.mock === true ? { ...fix, isMock: true } : fix };
}

function batteryPct(location: Given): number | null {
  const level = record(location.battery)?.level;
  return typeof level === 'number' && level >= 0 && level <= 1 ? Math.round(level * 100) : null;
}

function record(value: unknown): Given | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Given) : null;
}
