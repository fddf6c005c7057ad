/** The OsmAnd protocol: a position in a query string (also as a form body), speed in knots. Pure; must never know whose device it is. */
import { decimal } from '../../../geo/gps/decimal.ts';
import type { Fix } from '../../../geo/gps/fix.ts';
import { repairTime } from '../../../geo/gps/time-repair.ts';
import { ID_MAX, QUERY_MAX } from '../limits.ts';
import { type DecodeFault, fault, isLatValue, isLngValue, KNOTS_TO_MPS, normalAccuracy, normalHeading, normalSpeed } from './field.ts';

/** Metres of error for one unit of horizontal dilution: what consumer receivers reach. */
const METRES_PER_HDOP = 5;
/** Clients in Java write a tiny speed as `4.1E-4`; for a coordinate that is refused. */
const TINY = /^-?\d\.\d{1,17}E-\d{1,3}$/;

interface DeviceReport {
  readonly ok: true;
  readonly deviceId: string;
  readonly fix: Fix;
  /** 0 to 100; null when not told. */
  readonly batteryPct: number | null;
}

export type DeviceResult = DeviceReport | DecodeFault;

/** Spellings of one field; the first is the one that faults name. Given twice, in one spelling or two, they have to agree. */
const NAMES = {
  id: ['id', 'deviceid', 'device_id'],
  lat: ['lat', 'latitude'],
  lon: ['lon', 'lng', 'longitude'],
  location: ['location'],
  timestamp: ['timestamp', 'time'],
  speed: ['speed'],
  bearing: ['bearing', 'heading', 'course'],
  accuracy: ['accuracy'],
  hdop: ['hdop'],
  batt: ['batt', 'battery'],
  valid: ['valid'],
  mock: ['mock', 'isMock'],
} as const;
type Field = keyof typeof NAMES;
const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  Object.entries(NAMES).flatMap(([field, names]) => names.map((name) => [name.toLowerCase(), field as Field] as const)),
);

interface Query {
  readonly fields: ReadonlyMap<Field, string>;
  /** The first field that is said twice and differently; null when there is none. */
  readonly conflict: Field | null;
}

function fieldsOf(query: string): Query {
  const fields = new Map<Field, string>();
  let conflict: Field | null = null;
  for (const [name, value] of new URLSearchParams(query)) {
    const field = FIELD_OF.get(name.toLowerCase());
    if (field === undefined || value === '') continue;
    const known = fields.get(field);
    if (known === undefined) fields.set(field, value);
    else if (known !== value) conflict ??= field;
  }
  return { fields, conflict };
}

/** Read once: whose it is, and what it says. */
interface OsmandReport {
  /** Whose position it claims to be, however that is spelled and whatever else is wrong with the query; empty when it does not say. */
  readonly deviceId: string;
  readonly report: DeviceResult;
}

/**
 * @param query without the question mark; percent-encoded
 * @param nowMs server time, used when the device gives none
 */
export function parseOsmand(query: string, nowMs: number): OsmandReport {
  if (query.length > QUERY_MAX) return { deviceId: '', report: fault('gps.invalid_field', 'query') };
  const { fields, conflict } = fieldsOf(query);
  const report = conflict === null ? readFields(fields, nowMs) : fault('gps.conflicting_fields', NAMES[conflict][0]);
  return { deviceId: fields.get('id') ?? '', report };
}

function readFields(fields: ReadonlyMap<Field, string>, nowMs: number): DeviceResult {
  const deviceId = fields.get('id');
  if (deviceId === undefined) return fault('gps.missing_field', 'id');
  if (deviceId.length > ID_MAX) return fault('gps.invalid_field', 'id');
  if (fields.get('valid') === 'false' || fields.get('valid') === '0') return fault('gps.no_fix', 'valid');
  const place = readPlace(fields);
  if (!place.ok) return place;
  const time = fields.get('timestamp');
  const atMs = time === undefined ? nowMs : repairTime(time);
  if (atMs === null) return fault('gps.invalid_time', 'timestamp');
  return readRest(fields, { deviceId, atMs, lat: place.lat, lng: place.lng });
}

/** Whose query it is, when the position is in the body; empty when it does not say. */
export function deviceIdIn(query: string): string {
  return query.length > QUERY_MAX ? '' : (fieldsOf(query).fields.get('id') ?? '');
}

type Place = { readonly ok: true; readonly lat: number; readonly lng: number } | DecodeFault;

function readPlace(fields: ReadonlyMap<Field, string>): Place {
  const location = fields.get('location');
  const latText = fields.get('lat');
  const lonText = fields.get('lon');
  if (location !== undefined) {
    if (latText !== undefined || lonText !== undefined) return fault('gps.conflicting_fields', 'location');
    const parts = location.split(',');
    const [lat, lng] = [decimal(parts[0]?.trim() ?? ''), decimal(parts[1]?.trim() ?? '')];
    // Two numbers with decimal commas make four parts.
    return parts.length === 2 && isLatValue(lat) && isLngValue(lng) ? { ok: true, lat, lng } : fault('gps.invalid_field', 'location');
  }
  if (latText === undefined) return fault('gps.missing_field', 'lat');
  if (lonText === undefined) return fault('gps.missing_field', 'lon');
  const lat = decimal(latText);
  if (!isLatValue(lat)) return fault('gps.invalid_field', 'lat');
  const lng = decimal(lonText);
  return isLngValue(lng) ? { ok: true, lat, lng } : fault('gps.invalid_field', 'lon');
}

function readRest(
  fields: ReadonlyMap<Field, string>,
  known: { readonly deviceId: string; readonly atMs: number; readonly lat: number; readonly lng: number },
): DeviceResult {
  const numbers: Partial<Record<Field, number>> = {};
  for (const field of ['speed', 'bearing', 'accuracy', 'hdop', 'batt'] as const) {
    const text = fields.get(field);
    if (text === undefined) continue;
    const value = TINY.test(text) ? Number(text) : decimal(text);
    if (value === null) return fault('gps.invalid_field', field);
    numbers[field] = value;
  }
  const { speed, bearing, accuracy, hdop, batt } = numbers;
  const fix = {
    atMs: known.atMs,
    lat: known.lat,
    lng: known.lng,
    accuracyM: normalAccuracy(accuracy ?? (hdop === undefined ? null : hdop * METRES_PER_HDOP)),
    // Negative knots are unknown, and stay negative.
    speedMps: normalSpeed(speed === undefined ? null : speed * KNOTS_TO_MPS),
    headingDeg: normalHeading(bearing ?? null),
  };
  const mock = fields.get('mock');
  const batteryPct = batt !== undefined && batt >= 0 && batt <= 100 ? batt : null;
  return { ok: true, deviceId: known.deviceId, batteryPct, fix: mock === 'true' || mock === '1' ? { ...fix, isMock: true } : fix };
}
