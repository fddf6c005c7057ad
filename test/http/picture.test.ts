/** Pictures lose what they say of the place, keep their pixels, and nothing malformed gets through or runs away. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PICTURE_TYPES, withoutMetadata } from '../../src/transport/http/picture.ts';
import { cleanJpeg, cleanPng, cleanWebp, jpeg, png, SECRET, webp } from './pictures.ts';

const all = [
  ['image/jpeg', jpeg, cleanJpeg],
  ['image/png', png, cleanPng],
  ['image/webp', webp, cleanWebp],
] as const;

describe.each(all)('a picture of %s', (type, whole, clean) => {
  it('keeps its pixels and no word of where it was taken', () => {
    const before = Buffer.from(whole);
    expect(withoutMetadata(type, whole)).toEqual(clean);
    expect(clean.includes(SECRET)).toBe(false);
    expect(whole).toEqual(before);
    expect(withoutMetadata(type, clean)).toEqual(clean);
  });

  it('is none of the other types', () => {
    for (const other of PICTURE_TYPES) if (other !== type) expect(withoutMetadata(other, whole)).toBe(null);
  });

  it('cut off anywhere before its end is refused', () => {
    for (let length = 0; length < clean.length; length++) expect(withoutMetadata(type, clean.subarray(0, length))).toBe(null);
  });
});

it('whatever the bytes, it is a picture without the secret or none, and reading it again changes nothing', () => {
  const spoilt = fc.tuple(fc.constantFrom(...all), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }));
  fc.assert(
    fc.property(spoilt, ([[type, whole], changes]) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const once = withoutMetadata(type, bytes);
      if (once === null) return;
      expect(once.length).toBeLessThanOrEqual(bytes.length);
      expect(withoutMetadata(type, once)).toEqual(once);
    }),
    { numRuns: 500 },
  );
});
