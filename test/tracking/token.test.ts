/** Links cannot be guessed, altered or moved to another order. */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CREDENTIALS_HANDLER } from '../../src/actors/order/protocol.ts';
import { createCredentials } from '../../src/transport/tracking/credentials.ts';
import { mintTrackingToken, readTrackingToken, trackingKey } from '../../src/transport/tracking/token.ts';
import { KEY, ORDER, tokenFor } from './world.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const tickets = fc.record({
  tenantId: fc.integer({ min: 0, max: 0xffff_ffff }),
  orderId: fc.stringMatching(/^[A-Za-z0-9_-]{3,64}$/).map((rest) => `ord_${rest}`),
  leg: fc.integer({ min: 1, max: 0xffff }),
});

describe('a token', () => {
  it('reads back what it was minted for, and fits an address', () => {
    fc.assert(
      fc.property(tickets, (ticket) => {
        const token = mintTrackingToken(KEY, ticket);
        expect(token).toMatch(/^[A-Za-z0-9_-]{33,115}$/);
        expect(readTrackingToken(KEY, token)).toEqual(ticket);
      }),
    );
    expect(tokenFor()).toHaveLength(59);
  });

  it('opens nothing when any one character is another one', () => {
    fc.assert(
      fc.property(tickets, fc.nat(), fc.integer({ min: 1, max: 63 }), (ticket, at, shift) => {
        const token = mintTrackingToken(KEY, ticket);
        const index = at % token.length;
        const other = ALPHABET[(ALPHABET.indexOf(token[index]!) + shift) % 64]!;
        expect(readTrackingToken(KEY, token.slice(0, index) + other + token.slice(index + 1))).toBeNull();
      }),
    );
  });

  it('opens nothing when it is cut, lengthened, or spelled in another way', () => {
    const token = tokenFor();
    for (let length = 0; length < token.length; length++) expect(readTrackingToken(KEY, token.slice(0, length))).toBeNull();
    for (const wrong of [`${token}A`, `${token}=`, ` ${token}`, `${token}\n`, token.replace(/^AAAA/, 'AA+AA'), 'x'.repeat(5_000)])
      expect(readTrackingToken(KEY, wrong)).toBeNull();
  });

  it('of one order, leg or tenant never opens another: the code of one does not fit the head of the other', () => {
    fc.assert(
      fc.property(tickets, tickets, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const mac = Buffer.from(mintTrackingToken(KEY, one), 'base64url').subarray(-16);
        const head = Buffer.from(mintTrackingToken(KEY, other), 'base64url').subarray(0, -16);
        expect(readTrackingToken(KEY, Buffer.concat([head, mac]).toString('base64url'))).toBeNull();
      }),
    );
  });

  it('of another master key, or of random bytes, opens nothing', () => {
    expect(readTrackingToken(trackingKey(Buffer.alloc(32, 8)), tokenFor())).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(readTrackingToken(KEY, Buffer.from(bytes).toString('base64url'))).toBeNull();
      }),
    );
  });

  it('is not minted for what it could not carry', () => {
    for (const bad of [{ leg: 0 }, { leg: 70_000 }, { leg: 1.5 }, { tenantId: -1 }, { orderId: 'drv_3fabc' }, { orderId: 'ord_a b' }])
      expect(() => mintTrackingToken(KEY, { tenantId: 1, orderId: ORDER, leg: 1, ...bad })).toThrow(RangeError);
  });
});

describe('credentials of a leg', () => {
  const ref = { tenantId: 12, kind: 'order', id: ORDER, shard: 111 };
  const run = (max: (limit: number) => number, leg: number) =>
    createCredentials({ key: KEY, publicUrl: 'https://shop.example', randomInt: max })({
      ref,
      id: 'e1',
      input: { leg },
      resumed: false,
      signal: AbortSignal.timeout(1_000),
    });

  it('are a code of four digits and the link of exactly that leg', async () => {
    expect(CREDENTIALS_HANDLER).toBe('delivery.credentials');
    const issued = (await run(() => 7, 2)) as Record<string, string>;
    expect(issued).toMatchObject({ type: 'credentials_issued', leg: 2, otp: '0007', trackingToken: tokenFor(ORDER, 2) });
    expect(issued.trackingUrl).toBe(`https://shop.example/t/${issued.trackingToken}`);
    expect(((await run((limit) => randomInt(limit), 2)) as { otp: string }).otp).toMatch(/^\d{4}$/);
  });
});
