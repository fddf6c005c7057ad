/** Reservations and the shelf: never below zero, never counted twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, Shop, T0, TTL_MS } from './harness.ts';

describe('reservations', () => {
  it('take stock off the shelf; the same id is answered with the same quote and takes nothing more', () => {
    const shop = new Shop().open().with({ a: 5 });
    const first = shop.reserve('r', { a: 3 });
    const again = shop.reserve('r', { a: 1 });
    expect(first).toMatchObject({ ok: true, reply: { subtotalMinor: 3_000, totalMinor: 4_500 } });
    expect(again).toEqual({ ok: true, events: [], reply: first.ok ? first.reply : null });
    expect(shop.stock('a')).toBe(2);
  });

  it('name every line that the shelf cannot serve and take nothing', () => {
    const shop = new Shop().open().with({ a: 1, b: 5, c: 0 });
    expect(shop.reserve('r', { a: 2, b: 5, c: 1 })).toMatchObject({
      ok: false,
      refusal: {
        code: 'order.out_of_stock',
        details: {
          lines: [
            { product_id: 'a', available: 1 },
            { product_id: 'c', available: 0 },
          ],
        },
      },
    });
    expect([shop.stock('a'), shop.stock('b'), shop.stock('c')]).toEqual([1, 5, 0]);
  });

  it('expire once by one timer at the earliest expiry', () => {
    const shop = new Shop().open().with({ a: 10 });
    shop.reserve('late', { a: 1 }, 3_000);
    expect(shop.timerDueAtMs).toBe(T0 + 3_000);
    shop.reserve('early', { a: 1 }, 1_000);
    expect(shop.timerDueAtMs).toBe(T0 + 1_000);
    shop.reserve('between', { a: 1 }, 2_000);
    expect(shop.timerDueAtMs).toBe(T0 + 1_000);
    expect(shop.pass(999).stock('a')).toBe(7);
    expect(shop.pass(1).stock('a')).toBe(8);
    expect(shop.timerDueAtMs).toBe(T0 + 2_000);
    expect(shop.pass(5_000).stock('a')).toBe(10);
    expect(shop.timerDueAtMs).toBeNull();
  });

  it('a timer that finds all of them committed rests until the next reservation', () => {
    const shop = new Shop().open().with({ a: 10 });
    shop.reserve('r', { a: 1 });
    shop.commit('r', { a: 1 });
    shop.pass(TTL_MS * 10);
    expect([shop.stock('a'), shop.timerDueAtMs]).toEqual([9, null]);
    shop.reserve('s', { a: 1 });
    expect(shop.pass(TTL_MS).stock('a')).toBe(9);
  });

  it('more than one timer can end at once are all ended', () => {
    const shop = new Shop().open().with({ a: 2_000 });
    for (let i = 0; i < 601; i++) shop.reserve(`r${i}`, { a: 1 });
    shop.nowMs += TTL_MS;
    const first = shop.send({ type: 'reservations_due' });
    const ended = Array.from({ length: 500 }, (_, i) => `r${i}`);
    expect(first).toMatchObject({ ok: true, events: [{ type: 'reservation_ended', data: { reservationIds: ended } }] });
    expect(shop.pass(0).stock('a')).toBe(2_000);
    expect(shop.state.reservationCount).toBe(0);
  });

  it('committed ones never expire; committing again changes nothing', () => {
    const shop = new Shop().open().with({ a: 5 });
    shop.reserve('r', { a: 2 });
    expect(shop.commit('r', { a: 2 })).toMatchObject({ ok: true, events: [{ type: 'reservation_committed' }] });
    expect(shop.commit('r', { a: 2 })).toEqual({ ok: true, events: [], reply: null });
    expect(shop.pass(TTL_MS * 2).stock('a')).toBe(3);
  });

  it('an expired one is taken again at the commitment when the shelf still has it, and refused when not', () => {
    const shop = new Shop().open().with({ a: 5 });
    shop.reserve('r', { a: 4 });
    shop.pass(TTL_MS);
    expect(shop.commit('r', { a: 4 }).ok).toBe(true);
    expect(shop.stock('a')).toBe(1);
    expect(codeOf(shop.commit('other', { a: 2 }))).toBe('order.out_of_stock');
    const late = shop.reserve('r', { a: 4 });
    expect(late).toMatchObject({ ok: true, events: [], reply: { subtotalMinor: 4_000 } });
    expect(shop.pass(TTL_MS * 2).stock('a')).toBe(1);
  });

  it('a commitment of an unknown id adds up its lines and refuses quantities that are none', () => {
    const shop = new Shop().open().with({ a: 5 });
    const lines = [3, 3].map((quantity) => ({ productId: 'a', quantity }));
    expect(codeOf(shop.send({ type: 'commit_reservation', reservationId: 'r', lines }))).toBe('order.out_of_stock');
    expect(codeOf(shop.commit('r', { a: -3 }))).toBe('order.quantity_invalid');
    expect(shop.stock('a')).toBe(5);
  });

  it('released ones return, settled ones do not; both once, also for unknown ids', () => {
    const shop = new Shop().open().with({ a: 10 });
    shop.reserve('r', { a: 3 });
    shop.reserve('s', { a: 4 });
    for (let i = 0; i < 2; i++) {
      shop.send({ type: 'release_reservation', reservationId: 'r' });
      shop.send({ type: 'settle_reservation', reservationId: 's' });
      shop.send({ type: 'release_reservation', reservationId: 's' });
      shop.send({ type: 'settle_reservation', reservationId: 'unknown' });
    }
    expect(shop.stock('a')).toBe(6);
    expect(shop.state.reservationCount).toBe(0);
  });

  it('what was not counted when it was taken is not counted when it returns', () => {
    const shop = new Shop().open().with({ a: null });
    shop.reserve('r', { a: 3 });
    shop.send({ type: 'change_product', productId: 'a', patch: { stock: 10 } });
    shop.send({ type: 'release_reservation', reservationId: 'r' });
    expect(shop.stock('a')).toBe(10);
  });

  it('a product that was removed has no shelf to return to', () => {
    const shop = new Shop().open().with({ a: 3 });
    shop.reserve('r', { a: 3 });
    shop.send({ type: 'remove_product', productId: 'a' });
    expect(shop.pass(TTL_MS).stock('a')).toBeUndefined();
  });

  it('are at most 50,000', () => {
    const shop = new Shop().open().with({ a: 3 });
    shop.state.reservationCount = 50_000;
    expect(codeOf(shop.reserve('r', { a: 1 }))).toBe('tenant.too_many_reservations');
    expect(codeOf(shop.commit('r', { a: 1 }))).toBe('tenant.too_many_reservations');
  });
});

describe('any sequence of commands', () => {
  const id = fc.constantFrom('r1', 'r2', 'r3', 'r4');
  const productId = fc.constantFrom('a', 'b', 'free', 'none');
  const lines = fc.array(fc.record({ productId, quantity: fc.integer({ min: -1, max: 6 }) }), { maxLength: 4 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('reserve' as const), id, lines, ttlMs: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ do: fc.constant('commit' as const), id, lines }),
    fc.record({ do: fc.constant('release' as const), id }),
    fc.record({ do: fc.constant('settle' as const), id }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 60 }) }),
  );

  it('conserves stock, never goes below zero, keeps the timer armed, and the journal alone gives the state', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const shop = new Shop().open().with({ a: 10, b: 7, free: null });
        const start: Record<string, number> = { a: 10, b: 7 };
        /** The oracle: what each open reservation holds, in whole baskets as they were granted. */
        const held = new Map<string, Map<string, number>>();
        const sold = new Map<string, number>();
        for (const one of steps) {
          if (one.do === 'pass') shop.pass(one.ms);
          else if (one.do === 'reserve' || one.do === 'commit') {
            const answer =
              one.do === 'reserve'
                ? shop.send({ type: 'reserve', reservationId: one.id, lines: one.lines, dropoff: null, ttlMs: one.ttlMs })
                : shop.send({ type: 'commit_reservation', reservationId: one.id, lines: one.lines });
            if (answer.ok && !held.has(one.id)) {
              const basket = new Map<string, number>();
              for (const line of one.lines) basket.set(line.productId, (basket.get(line.productId) ?? 0) + line.quantity);
              held.set(one.id, basket);
            }
          } else {
            shop.send({ type: one.do === 'release' ? 'release_reservation' : 'settle_reservation', reservationId: one.id });
            if (one.do === 'settle') for (const [key, units] of held.get(one.id) ?? []) sold.set(key, (sold.get(key) ?? 0) + units);
            held.delete(one.id);
          }
          for (const known of [...held.keys()]) if (shop.state.reservations[known] === undefined) held.delete(known);
          expect(Object.keys(shop.state.reservations).sort()).toEqual([...held.keys()].sort());
          for (const key of ['a', 'b']) {
            const reserved = [...held.values()].reduce((sum, basket) => sum + (basket.get(key) ?? 0), 0);
            expect(shop.stock(key)).toBeGreaterThanOrEqual(0);
            expect((shop.stock(key) ?? 0) + reserved + (sold.get(key) ?? 0)).toBe(start[key]);
            expect(shop.rowOf(key)?.stock).toBe(shop.stock(key));
          }
          const expiries = Object.values(shop.state.reservations).flatMap(({ expiresAtMs }) => expiresAtMs ?? []);
          if (expiries.length > 0) expect(shop.timerDueAtMs).toBeLessThanOrEqual(Math.min(...expiries));
          for (const expiry of expiries) expect(expiry).toBeGreaterThan(shop.nowMs);
        }
        expect(shop.stock('free')).toBeNull();
        expect(shop.replayed()).toEqual(shop.state);
        expect(JSON.parse(JSON.stringify(shop.state))).toEqual(shop.state);
      }),
      { numRuns: 300 },
    );
  });
});
