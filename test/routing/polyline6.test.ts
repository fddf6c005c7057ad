/** Encoded lines, against an encoder of our own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePolyline6 } from '../../src/transport/routing/polyline6.ts';
import { encodePolyline6 } from './fake-services.ts';

const micro = (limit: number) => fc.integer({ min: -limit, max: limit }).map((value) => value / 1e6);
const position = fc.record({ lat: micro(90_000_000), lng: micro(180_000_000) });

describe('encoded lines', () => {
  test('a known line', () => {
    // The example of the format's description, read with six decimals.
    expect(decodePolyline6('_p~iF~ps|U_ulLnnqC_mqNvxq`@')).toEqual([
      { lat: 3.85, lng: -12.02 },
      { lat: 4.07, lng: -12.095 },
      { lat: 4.3252, lng: -12.6453 },
    ]);
  });

  test('every line on the globe comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(position, { minLength: 2, maxLength: 30 }), (line) => {
        const decoded = decodePolyline6(encodePolyline6(line));
        expect(decoded?.length).toBe(line.length);
        for (const [i, { lat, lng }] of line.entries()) {
          expect(decoded?.[i]?.lat).toBeCloseTo(lat, 9);
          expect(decoded?.[i]?.lng).toBeCloseTo(lng, 9);
        }
      }),
    );
  });

  test('any text is a line on the globe or null', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'?@_`~}|AZ') })), (text) => {
        const line = decodePolyline6(text);
        expect(line === null || line.every(({ lat, lng }) => Math.abs(lat) <= 90 && Math.abs(lng) <= 180)).toBe(true);
      }),
    );
  });

  test('a line cut off, of one point, or longer than the limit is null', () => {
    const whole = encodePolyline6([
      { lat: 1, lng: 2 },
      { lat: 3, lng: 4 },
    ]);
    expect(decodePolyline6(whole.slice(0, -1))).toBeNull();
    expect(decodePolyline6(encodePolyline6([{ lat: 1, lng: 2 }]))).toBeNull();
    expect(decodePolyline6('?'.repeat(40_002))).toBeNull();
  });
});
