/** A signature holds for the raw bytes that the app secret signed, and for nothing else. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVerifier, signBody } from '../../../src/transport/whatsapp/webhook/signature.ts';

const SECRET = 'current secret';
const sign = (body: Buffer | string, secret = SECRET): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** As Meta writes it: escaped slashes, escaped @ and accents. */
const ESCAPED = Buffer.from('{"text":"2 x caf\\u00e9 \\ud83c\\udf5e \\u0040 https:\\/\\/x.example"}');
/** What is left of it behind a proxy that decodes the `\uXXXX` beyond ASCII. */
const DECODED = Buffer.from('{"text":"2 x café 🍞 \\u0040 https:\\/\\/x.example"}');

describe('a webhook signature', () => {
  const verify = createVerifier([SECRET]);

  it('is a known digest: vector computed with openssl', () => {
    const openssl = 'sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8';
    const quick = createVerifier(['key']);
    expect(quick(Buffer.from('The quick brown fox jumps over the lazy dog'), openssl)).toBe(true);
    expect(quick(Buffer.from('The quick brown fox jumps over the lazy dog.'), openssl)).toBe(false);
  });

  it('holds over the raw bytes, escaped or not', () => {
    expect(verify(ESCAPED, sign(ESCAPED))).toBe(true);
    expect(verify(DECODED, sign(DECODED))).toBe(true);
  });

  it('holds when a proxy decoded the escapes', () => {
    expect(verify(DECODED, sign(ESCAPED))).toBe(true);
  });

  it('does not hold for a body that was serialised again in any other way', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(ESCAPED.toString())));
    expect(verify(again, sign(ESCAPED))).toBe(false);
  });

  it('refuses every malformed header without throwing', () => {
    const good = sign(ESCAPED);
    const hex = good.slice(7);
    const bad = [
      '',
      'sha256=',
      hex,
      `SHA256=${hex}`,
      `sha1=${hex}`,
      `sha256:${hex}`,
      ` ${good}`,
      `${good} `,
      good.slice(0, -1),
      `${good}0`,
      `${good}, ${good}`,
      `sha256=${hex.toUpperCase()}`,
      `sha256=${'z'.repeat(64)}`,
      `sha256=${'é'.repeat(64)}`,
      `sha256=${'\u0130'.repeat(64)}`,
    ];
    for (const header of bad) expect(verify(ESCAPED, header), header).toBe(false);
  });

  it('is checked against every secret of a rotation, and only those', () => {
    const rotating = createVerifier([SECRET, 'old secret']);
    expect(rotating(ESCAPED, sign(ESCAPED))).toBe(true);
    expect(rotating(ESCAPED, sign(ESCAPED, 'old secret'))).toBe(true);
    expect(rotating(DECODED, sign(ESCAPED, 'old secret'))).toBe(true);
    expect(rotating(ESCAPED, sign(ESCAPED, 'older secret'))).toBe(false);
  });

  it('never verifies with an empty or missing secret', () => {
    expect(createVerifier([])(ESCAPED, sign(ESCAPED, ''))).toBe(false);
    expect(createVerifier([''])(ESCAPED, sign(ESCAPED, ''))).toBe(false);
  });

  it('holds for any bytes, and for none that differ in one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, flip) => {
        const body = Buffer.from(bytes);
        const header = signBody(SECRET, body);
        expect(verify(body, header)).toBe(true);
        body[at % body.length] = (body[at % body.length] as number) ^ flip;
        expect(verify(body, header)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('never throws for any header', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (header) => !verify(DECODED, header)));
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 64, maxLength: 64 }), (hex) => !verify(DECODED, `sha256=${hex}`)));
  });
});
