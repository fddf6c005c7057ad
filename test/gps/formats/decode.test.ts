/** The decoders of everything that devices send. The number in a title is the case of the specification (docs/specs/gps.md). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fix } from '../../../src/geo/gps/fix.ts';
import { repairTime } from '../../../src/geo/gps/time-repair.ts';
import { decodeBinary, encodeBinary } from '../../../src/transport/gps/formats/binary.ts';
import { parseOsmand } from '../../../src/transport/gps/formats/osmand.ts';
import { parseOwnTracks } from '../../../src/transport/gps/formats/own-tracks.ts';
import { readPosition, readPositions } from '../../../src/transport/gps/formats/position-json.ts';
import { parseTraccar } from '../../../src/transport/gps/formats/traccar.ts';
import { parseDriverMessage } from '../../../src/transport/gps/socket/driver-message.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const GOOD = { lat: -26.2485, lng: 27.854, at_ms: NOW };

function osmand(query: string) {
  return parseOsmand(query, NOW).report;
}

describe('binary frames', () => {
  it('every record of a frame is read as it was written', () => {
    const optional = (max: number, step: number) =>
      fc.option(
        fc.integer({ min: 0, max }).map((n) => n / step),
        { nil: null },
      );
    const record = fc.record({
      atMs: fc.integer({ min: 2 ** 31, max: 4e12 }),
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lng: fc.double({ min: -180, max: 180, noNaN: true }),
      accuracyM: optional(65_535, 10),
      speedMps: optional(40_000, 100),
      headingDeg: optional(35_999, 100),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), (fixes: Fix[]) => {
        expect(decodeBinary(encodeBinary(fixes))).toEqual({ ok: true, fixes });
      }),
    );
  });

  it('the layout is that of the protocol, byte for byte', () => {
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    bytes.set([1, 0b101]);
    view.setUint16(2, 123, true);
    view.setUint16(4, 999, true);
    view.setUint16(6, 36_050, true);
    view.setFloat64(8, -26.5, true);
    view.setFloat64(16, 27.25, true);
    view.setFloat64(24, NOW, true);
    const fix = { atMs: NOW, lat: -26.5, lng: 27.25, accuracyM: 12.3, speedMps: null, headingDeg: 0.5 };
    expect(decodeBinary(bytes.buffer)).toEqual({ ok: true, fixes: [fix] });
  });

  it('case 20: a speed that no vehicle has is unknown, as in the other formats', () => {
    const read = decodeBinary(encodeBinary([{ atMs: NOW, lat: -26.5, lng: 27.25, accuracyM: 12, speedMps: 655.35, headingDeg: 0 }]));
    expect(read).toMatchObject({ ok: true, fixes: [{ speedMps: null, accuracyM: 12 }] });
  });

  it('a frame whose length is no multiple of 32, an unknown version and 501 records are refused whole', () => {
    for (const length of [0, 1, 31, 33, 63]) {
      expect(decodeBinary(new ArrayBuffer(length))).toEqual({ ok: false, code: 'gps.frame_length' });
    }
    expect(decodeBinary(new ArrayBuffer(32))).toEqual({ ok: false, code: 'gps.unknown_version' });
    expect(decodeBinary(new ArrayBuffer(32 * 501))).toEqual({ ok: false, code: 'gps.batch_too_large' });
  });
});

describe('times', () => {
  it('case 9: seconds, milliseconds, microseconds and ISO 8601 become milliseconds; anything else is no time', () => {
    const ms = Date.UTC(2026, 10, 21, 9, 30, 15, 250);
    for (const time of [ms, String(ms), ms * 1_000, ms / 1_000, '1795253415.25']) expect(repairTime(time)).toBe(ms);
    for (const iso of [
      '2026-11-21T09:30:15.250Z',
      '2026-11-21T11:30:15.25+02:00',
      '2026-11-21 09:30:15.250',
      '2026-11-21T11:30:15.250 02:00',
    ]) {
      expect(repairTime(iso)).toBe(ms);
    }
    expect(repairTime('2026-11-21T09:30Z')).toBe(Date.UTC(2026, 10, 21, 9, 30));
    expect(repairTime(2 ** 31 - 1)).toBe((2 ** 31 - 1) * 1_000);
    expect(repairTime(2 ** 31)).toBe(2 ** 31);
    for (const none of [
      1e17,
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '',
      'now',
      '1e12',
      '0x10',
      '2026-13-01T00:00:00Z',
      '2026-06-31T00:00:00Z',
      null,
      undefined,
      {},
    ]) {
      expect(repairTime(none)).toBeNull();
    }
  });
});

describe('JSON', () => {
  it('case 2: every value that is no coordinate names its field', () => {
    for (const field of ['lat', 'lng'] as const) {
      for (const value of ['-1,286', '1e1', '-26.2', '', Number.NaN, Number.POSITIVE_INFINITY, 181, -181, {}, [], true]) {
        expect(readPosition({ ...GOOD, [field]: value })).toEqual({ ok: false, code: 'gps.invalid_field', field });
      }
      expect(readPosition({ ...GOOD, [field]: null })).toEqual({ ok: false, code: 'gps.missing_field', field });
    }
    expect(readPosition({ ...GOOD, lat: 90.1 })).toMatchObject({ field: 'lat' });
    for (const field of ['accuracy_m', 'speed_mps', 'heading_deg']) {
      expect(readPosition({ ...GOOD, [field]: '5' })).toEqual({ ok: false, code: 'gps.invalid_field', field });
    }
    expect(readPosition({ ...GOOD, at_ms: undefined })).toEqual({ ok: false, code: 'gps.missing_field', field: 'at_ms' });
    expect(readPosition({ ...GOOD, at_ms: 'soon' })).toEqual({ ok: false, code: 'gps.invalid_time', field: 'at_ms' });
  });

  it('case 14: a batch tells of each position by itself; 501 are too many, none is no batch', () => {
    const read = readPositions({ positions: [GOOD, { ...GOOD, lat: 'x' }, null, { ...GOOD, mock: true }] });
    expect(read.ok && read.items).toMatchObject([
      { ok: true, fix: { lat: GOOD.lat } },
      { ok: false, code: 'gps.invalid_field', field: 'lat' },
      { ok: false, code: 'gps.invalid_field', field: 'position' },
      { ok: true, fix: { isMock: true } },
    ]);
    const full = readPositions({ positions: Array.from({ length: 500 }, () => GOOD) });
    expect(full.ok && full.items.every((item) => item.ok)).toBe(true);
    expect(readPositions({ positions: Array.from({ length: 501 }, () => GOOD) })).toMatchObject({ code: 'gps.batch_too_large' });
    expect(readPositions({ positions: [] })).toMatchObject({ code: 'gps.invalid_field', field: 'positions' });
    for (const none of [null, [], {}, 'x', { positions: null }]) expect(readPositions(none)).toMatchObject({ code: 'gps.missing_field' });
  });

  it('case 20, case 21: an unknown speed or course is null, a course is below 360', () => {
    const of = (speed_mps: number, heading_deg: number) => {
      const read = readPosition({ ...GOOD, speed_mps, heading_deg });
      return read.ok ? [read.fix.speedMps, read.fix.headingDeg] : null;
    };
    expect(of(-1, -1)).toEqual([null, null]);
    expect(of(0, 360)).toEqual([0, 0]);
    expect(of(13.5, 725)).toEqual([13.5, 5]);
    expect(of(100_000, 359.9)).toEqual([null, 359.9]);
  });
});

describe('driver messages', () => {
  const parse = (message: unknown) => parseDriverMessage(JSON.stringify(message));

  it('each message of the protocol is read, with the id to answer', () => {
    const fix = { atMs: NOW, lat: GOOD.lat, lng: GOOD.lng, accuracyM: 9, speedMps: null, headingDeg: null };
    const cases: [object, object][] = [
      [
        { type: 'position', ...GOOD, accuracy_m: 9 },
        { type: 'position', fix },
      ],
      [
        { type: 'positions', positions: [{ ...GOOD, accuracy_m: 9 }] },
        { type: 'positions', items: [{ ok: true, fix }] },
      ],
      [
        { type: 'status', status: 'online' },
        { type: 'status', status: 'online' },
      ],
      [
        { type: 'bid', offer_id: 'o1', amount_minor: 2_500 },
        { type: 'bid', offerId: 'o1', amountMinor: 2_500 },
      ],
      [
        { type: 'bid', offer_id: 'o1' },
        { type: 'bid', offerId: 'o1', amountMinor: null },
      ],
      [
        { type: 'accept', offer_id: 'o1' },
        { type: 'accept', offerId: 'o1' },
      ],
      [
        { type: 'decline', offer_id: 'o1' },
        { type: 'decline', offerId: 'o1', reason: null },
      ],
      [
        { type: 'decline', offer_id: 'o1', reason: 'too_far' },
        { type: 'decline', offerId: 'o1', reason: 'too_far' },
      ],
      [
        { type: 'arrived', delivery_id: 'd1' },
        { type: 'arrived', deliveryId: 'd1', otp: null, atMs: null },
      ],
      [
        { type: 'picked_up', delivery_id: 'd1' },
        { type: 'picked_up', deliveryId: 'd1', otp: null, atMs: null },
      ],
      [
        { type: 'delivered', delivery_id: 'd1', otp: '4711' },
        { type: 'delivered', deliveryId: 'd1', otp: '4711', atMs: null },
      ],
      [
        { type: 'arrived', delivery_id: 'd1', at_ms: 1_800_000_000_000 },
        { type: 'arrived', deliveryId: 'd1', otp: null, atMs: 1_800_000_000_000 },
      ],
      [
        { type: 'arrived', delivery_id: 'd1', at_ms: 'soon' },
        { type: 'arrived', deliveryId: 'd1', otp: null, atMs: null },
      ],
    ];
    for (const [sent, message] of cases) {
      expect(parse({ ...sent, id: 'm1' })).toEqual({ ok: true, id: 'm1', message });
      expect(parse(sent)).toEqual({ ok: true, id: null, message });
    }
    expect(parse({ type: 'fly', id: 7 })).toMatchObject({ ok: false, id: 7 });
  });

  it('what is wrong is named, with the id where there is one', () => {
    const cases: [object, string, string | null][] = [
      [{ type: 'fly' }, 'driver.unknown_type', 'type'],
      [{}, 'driver.unknown_type', 'type'],
      [{ type: 'status', status: 'busy' }, 'driver.invalid_field', 'status'],
      [{ type: 'accept' }, 'driver.invalid_field', 'offer_id'],
      [{ type: 'accept', offer_id: 5 }, 'driver.invalid_field', 'offer_id'],
      [{ type: 'decline', offer_id: 'x'.repeat(129) }, 'driver.invalid_field', 'offer_id'],
      [{ type: 'decline', offer_id: 'o1', reason: 'no mood' }, 'driver.invalid_field', 'reason'],
      [{ type: 'bid', offer_id: 'o', amount_minor: 1.5 }, 'driver.invalid_field', 'amount_minor'],
      [{ type: 'bid', offer_id: 'o', amount_minor: -1 }, 'driver.invalid_field', 'amount_minor'],
      [{ type: 'delivered', delivery_id: '' }, 'driver.invalid_field', 'delivery_id'],
      [{ type: 'delivered', delivery_id: 'd', otp: 4711 }, 'driver.invalid_field', 'otp'],
      [{ type: 'position', ...GOOD, lat: '1' }, 'gps.invalid_field', 'lat'],
    ];
    for (const [sent, code, field] of cases) expect(parse({ ...sent, id: 'm2' })).toEqual({ ok: false, id: 'm2', code, field });
    for (const text of ['', '{', 'null', '[]', '"x"', '7']) expect(parseDriverMessage(text)).toMatchObject({ code: 'driver.invalid_json' });
    expect(parseDriverMessage(`"${'x'.repeat(262_144)}"`)).toMatchObject({ code: 'driver.too_large' });
  });

  it('no text makes the parser throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDriverMessage(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseDriverMessage(text)));
  });
});

describe('OsmAnd', () => {
  it('case 20: all fields, speed in knots', () => {
    expect(osmand('id=dev-1&lat=-26.2485&lon=27.854&timestamp=1795253415&speed=10&bearing=361&accuracy=7.5&batt=88&altitude=1700')).toEqual(
      {
        ok: true,
        deviceId: 'dev-1',
        batteryPct: 88,
        fix: { atMs: 1_795_253_415_000, lat: -26.2485, lng: 27.854, accuracyM: 7.5, speedMps: 5.144444444444445, headingDeg: 1 },
      },
    );
    expect(osmand('id=d&lat=1&lon=2&speed=-1&bearing=-1&accuracy=0&batt=-1')).toMatchObject({
      batteryPct: null,
      fix: { speedMps: null, headingDeg: null, accuracyM: null },
    });
    expect(osmand('id=d&lat=1&lon=2&hdop=1.5')).toMatchObject({ fix: { accuracyM: 7.5 } });
    expect(osmand('id=d&lat=1&lon=2&hdop=1.5&accuracy=4')).toMatchObject({ fix: { accuracyM: 4 } });
    expect(osmand('id=d&lat=1&lon=2&speed=0.0E-4&bearing=1.5E-4')).toMatchObject({ fix: { speedMps: 0, headingDeg: 0.00015 } });
    expect(osmand('id=d&lat=1&lon=2&mock=true')).toMatchObject({ fix: { isMock: true } });
  });

  it('whose it is is told whatever else is wrong with it, and read in the same pass', () => {
    for (const query of ['id=d&lat=x', 'lat=1&lat=2&deviceid=d', 'device_id=d', 'lat=1&lon=2&id=d&ID=e'])
      expect(parseOsmand(query, NOW)).toMatchObject({ deviceId: 'd', report: { ok: false } });
    expect(parseOsmand('lat=1&lon=2', NOW)).toMatchObject({ deviceId: '', report: { code: 'gps.missing_field', field: 'id' } });
    expect(parseOsmand(`id=d&${'x'.repeat(10_000)}`, NOW)).toMatchObject({ deviceId: '', report: { field: 'query' } });
  });

  it('case 28: without a time it is now; `location` and `lat` together, or one field with two values, conflict', () => {
    expect(osmand('id=d&lat=1&lon=2')).toMatchObject({ fix: { atMs: NOW } });
    expect(osmand('deviceid=d&location=-26.2485,27.854')).toMatchObject({ fix: { lat: -26.2485, lng: 27.854 } });
    expect(osmand('id=d&location=1,2&lat=1&lon=2')).toEqual({ ok: false, code: 'gps.conflicting_fields', field: 'location' });
    expect(osmand('id=d&lat=1&lat=2&lon=2')).toEqual({ ok: false, code: 'gps.conflicting_fields', field: 'lat' });
    expect(osmand('id=d&deviceid=d&lat=1&lat=1&lng=2&lon=2')).toMatchObject({ ok: true, deviceId: 'd', fix: { lat: 1, lng: 2 } });
    expect(osmand('id=d&deviceid=e&lat=1&lon=2')).toEqual({ ok: false, code: 'gps.conflicting_fields', field: 'id' });
  });

  it('case 9: its times come as seconds, milliseconds or ISO', () => {
    const at = (timestamp: string) => {
      const read = osmand(`id=d&lat=1&lon=2&timestamp=${timestamp}`);
      return read.ok ? read.fix.atMs : read.code;
    };
    expect(at('1795253415')).toBe(1_795_253_415_000);
    expect(at('1795253415250')).toBe(1_795_253_415_250);
    expect(at('2026-11-21T11:30:15+02:00')).toBe(Date.UTC(2026, 10, 21, 9, 30, 15));
    expect(at('yesterday')).toBe('gps.invalid_time');
  });

  it('case 2: a decimal comma, an exponent and nothing at all are refused by the name of the field', () => {
    expect(osmand('id=d&lat=-1,286&lon=36,8')).toEqual({ ok: false, code: 'gps.invalid_field', field: 'lat' });
    expect(osmand('id=d&lat=%E2%88%921.286&lon=36.8')).toEqual({ ok: false, code: 'gps.invalid_field', field: 'lat' });
    expect(osmand('id=d&lat=1&lon=3.68e1')).toEqual({ ok: false, code: 'gps.invalid_field', field: 'lon' });
    expect(osmand('id=d&lat=NaN&lon=2')).toEqual({ ok: false, code: 'gps.invalid_field', field: 'lat' });
    expect(osmand('id=d&lat=&lon=2')).toEqual({ ok: false, code: 'gps.missing_field', field: 'lat' });
    expect(osmand('id=d&lat=1')).toEqual({ ok: false, code: 'gps.missing_field', field: 'lon' });
    expect(osmand('id=d&location=1,286,36,8')).toEqual({ ok: false, code: 'gps.invalid_field', field: 'location' });
    expect(osmand('id=d&lat=1&lon=2&speed=3,5')).toEqual({ ok: false, code: 'gps.invalid_field', field: 'speed' });
    expect(osmand('lat=1&lon=2')).toEqual({ ok: false, code: 'gps.missing_field', field: 'id' });
    expect(osmand('id=d&lat=1&lon=2&valid=false')).toEqual({ ok: false, code: 'gps.no_fix', field: 'valid' });
  });
});

describe('Traccar client', () => {
  const body = {
    location: {
      timestamp: '2026-11-21T09:30:15.250Z',
      coords: { latitude: -26.2485, longitude: 27.854, accuracy: 6, speed: 4.2, heading: 90, altitude: 1_700 },
      is_moving: true,
      odometer: 12_345,
      event: 'motionchange',
      battery: { level: 0.87, is_charging: false },
      activity: { type: 'in_vehicle' },
    },
    device_id: 'dev-1',
  };

  it('case 20: its body is read in metres a second, and -1 is unknown', () => {
    expect(parseTraccar(body, NOW)).toEqual({
      ok: true,
      deviceId: 'dev-1',
      batteryPct: 87,
      fix: { atMs: Date.UTC(2026, 10, 21, 9, 30, 15, 250), lat: -26.2485, lng: 27.854, accuracyM: 6, speedMps: 4.2, headingDeg: 90 },
    });
    const unknown = {
      ...body.location,
      coords: { ...body.location.coords, speed: -1, heading: -1, accuracy: -1 },
      battery: { level: -1 },
      mock: true,
    };
    expect(parseTraccar({ ...body, location: unknown }, NOW)).toMatchObject({
      batteryPct: null,
      fix: { speedMps: null, headingDeg: null, accuracyM: null, isMock: true },
    });
  });

  it('case 28: without a time it is now; what is missing or no number is named', () => {
    expect(parseTraccar({ ...body, location: { coords: body.location.coords } }, NOW)).toMatchObject({ fix: { atMs: NOW } });
    expect(parseTraccar({ location: body.location }, NOW)).toMatchObject({ code: 'gps.missing_field', field: 'device_id' });
    expect(parseTraccar({ ...body, location: {} }, NOW)).toMatchObject({ field: 'location.coords' });
    expect(parseTraccar({ ...body, location: { coords: { latitude: '1', longitude: 2 } } }, NOW)).toMatchObject({
      code: 'gps.invalid_field',
      field: 'location.coords.latitude',
    });
    expect(parseTraccar({ ...body, location: { coords: { latitude: 1, longitude: 2, speed: 'fast' } } }, NOW)).toMatchObject({
      field: 'location.coords.speed',
    });
    for (const none of [null, [], 'x', 7]) expect(parseTraccar(none, NOW)).toMatchObject({ ok: false });
  });
});

describe('OwnTracks', () => {
  it('case 27: a location is a position in km/h; every other type is taken and ignored', () => {
    expect(parseOwnTracks({ _type: 'location', lat: 1, lon: 2, tst: 1_795_253_415, acc: 12, vel: 36, cog: 370, tid: 'ab' }, NOW)).toEqual({
      ok: true,
      kind: 'position',
      fix: { atMs: 1_795_253_415_000, lat: 1, lng: 2, accuracyM: 12, speedMps: 10, headingDeg: 10 },
    });
    for (const _type of ['lwt', 'waypoint', 'transition', 'encrypted', 'card', 'something-new']) {
      expect(parseOwnTracks({ _type }, NOW)).toEqual({ ok: true, kind: 'ignored' });
    }
    expect(parseOwnTracks({ _type: 'location', lat: 1, lon: 2, tst: null }, NOW)).toMatchObject({ ok: true, fix: { atMs: NOW } });
    expect(parseOwnTracks({ _type: 'location', lat: '1', lon: 2 }, NOW)).toMatchObject({ code: 'gps.invalid_field', field: 'lat' });
    expect(parseOwnTracks({}, NOW)).toMatchObject({ code: 'gps.missing_field', field: '_type' });
  });
});
