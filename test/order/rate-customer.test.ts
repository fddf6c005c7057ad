/** The driver's word on a customer: once, by whoever delivered, sealed for the customer, in nothing that a customer sees. */
import { expect, it } from 'vitest';
import type { CustomerRatingReason } from '../../src/actors/order/protocol.ts';
import { carried, DRIVER, OTHER, OTP, step } from './delivery-desk.ts';
import type { Desk } from './harness.ts';

function delivered(): Desk {
  const desk = carried();
  step(desk, 'arrived');
  step(desk, 'delivered', undefined, OTP);
  return desk;
}

function rate(desk: Desk, stars: number, reason: CustomerRatingReason | null = null, driverId: string = DRIVER.id) {
  return desk.send({ type: 'rate_customer', driverId, stars, reason });
}

const refused = (code: string) => ({ ok: false, refusal: { code } });

it('counts once: the same again is answered the same, another one is refused', () => {
  const desk = delivered();
  const first = rate(desk, 2, 'long_wait');
  expect(first).toMatchObject({ ok: true, events: [{ type: 'customer_rated', personal: { stars: 2, reason: 'long_wait' } }] });
  const again = rate(desk, 2, 'long_wait');
  expect(again).toMatchObject({ ok: true, events: [], reply: first.ok ? first.reply : null });
  expect(rate(desk, 3, 'long_wait')).toMatchObject(refused('order.customer_rated'));
  expect(rate(desk, 2)).toMatchObject(refused('order.customer_rated'));
});

it('comes from the driver who delivered, after the delivery', () => {
  expect(rate(carried(), 5)).toMatchObject(refused('delivery.wrong_phase'));
  expect(rate(delivered(), 5, null, OTHER.id)).toMatchObject(refused('delivery.not_yours'));
  const refunded = delivered();
  refunded.step('refund', 'vendor');
  expect(rate(refunded, 1, 'rude')).toMatchObject({ ok: true });
});

it('is told to nobody, sealed in row and journal, and gone with the person, but not to be said anew', () => {
  const desk = delivered();
  rate(desk, 1, 'unsafe');
  expect([desk.effects, desk.timers]).toEqual([[], []]);
  const row = desk.writes.at(-1)?.row as { body: unknown; personal: unknown };
  expect(row.personal).toMatchObject({ customerRating: { stars: 1, reason: 'unsafe' } });
  expect(JSON.stringify([row.body, desk.journal.map(({ event }) => event.data)])).not.toContain('unsafe');
  const view = desk.view();
  expect(view.customerRating).toEqual({ stars: 1, reason: 'unsafe', atMs: expect.any(Number) });
  expect(JSON.stringify(view.delivery)).not.toContain('unsafe');
  desk.state = desk.replayed(true);
  expect(desk.view()).not.toHaveProperty('customerRating');
  expect(rate(desk, 5)).toMatchObject(refused('order.customer_rated'));
});
