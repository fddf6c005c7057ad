/** The customer's word on the driver: once, for a delivery by a driver, within a week, passed on as the shop's own rating is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RATE_WITHIN_MS } from '../../src/actors/order/rate-driver.ts';
import { carried, DRIVER, OTP, seeking, step } from './delivery-desk.ts';
import { Desk } from './harness.ts';

function delivered(): Desk {
  const desk = carried();
  step(desk, 'arrived');
  step(desk, 'delivered', undefined, OTP);
  return desk;
}

const rate = (desk: Desk, stars: number, customerId = 'cus_1') => desk.send({ type: 'rate_driver', customerId, stars });
const closed = { ok: true, events: [], reply: { outcome: 'closed' } };
const sends = (desk: Desk) => desk.effects.flatMap((effect) => (effect.type === 'send' ? [effect] : []));

it('is journaled and told to the driver who delivered, as the shop tells it', () => {
  const desk = delivered();
  expect(rate(desk, 4)).toMatchObject({
    ok: true,
    events: [{ type: 'driver_rated', data: { driverId: DRIVER.id, stars: 4 } }],
    reply: { outcome: 'rated', code: desk.view().code, stars: 4 },
  });
  const again = delivered();
  rate(again, 4);
  const orderId = again.state.order?.id;
  expect(sends(again)).toMatchObject([{ to: { kind: 'driver', id: DRIVER.id }, command: { type: 'rate', orderId, stars: 4 } }]);
});

it('counts once: any later stars are answered with the first, and nobody is told', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 }), ([first = 1, ...later]) => {
      const desk = delivered();
      rate(desk, first);
      for (const stars of later) {
        expect(rate(desk, stars)).toMatchObject({ ok: true, events: [], reply: { outcome: 'rated_before', stars: first } });
        expect(desk.effects).toEqual([]);
      }
      expect(desk.replayed()).toEqual(desk.state);
    }),
    { numRuns: 30 },
  );
});

it('is for the customer of a delivered order that a driver brought', () => {
  for (const desk of [carried(), new Desk().placed(), new Desk().in('DELIVERED'), new Desk().in('CANCELLED')])
    expect(rate(desk, 5)).toMatchObject(closed);
  const fetched = seeking();
  fetched.step('deliver', 'vendor');
  expect(rate(fetched, 5)).toMatchObject(closed);
  expect(rate(delivered(), 5, 'cus_2')).toMatchObject(closed);
  const refunded = delivered();
  refunded.step('refund', 'vendor');
  expect(rate(refunded, 5)).toMatchObject(closed);
  expect(new Desk().send({ type: 'rate_driver', customerId: 'cus_1', stars: 5 })).toMatchObject({ refusal: { code: 'order.not_found' } });
});

it('is taken for a week after the hand-over, and not a second longer', () => {
  const late = delivered();
  const intime = delivered();
  // A command of the desk comes a second after the one before it.
  late.nowMs += RATE_WITHIN_MS;
  intime.nowMs += RATE_WITHIN_MS - 1_000;
  expect(rate(late, 5)).toMatchObject(closed);
  expect(rate(intime, 5)).toMatchObject({ reply: { outcome: 'rated' } });
  intime.nowMs += RATE_WITHIN_MS;
  expect(rate(intime, 1)).toMatchObject({ reply: { outcome: 'rated_before', stars: 5 } });
});

it('is in no view of the order, and an older journal gives the state that it gave', () => {
  const desk = delivered();
  const before = desk.replayed();
  expect(before.order?.delivery).not.toHaveProperty('driverStars');
  const shown = desk.view().delivery;
  rate(desk, 3);
  expect(desk.view().delivery).toEqual(shown);
});

it('is asked for only when a driver brought it, at the door or closed by the shop', () => {
  const told = (desk: Desk) => sends(desk).flatMap(({ to, command }) => (to.kind === 'conversation' ? [command] : []));
  expect(told(delivered())).toMatchObject([{ status: 'DELIVERED', byDriver: true }]);
  const byShop = carried();
  expect(told(byShop)).toMatchObject([{ status: 'IN_TRANSIT' }]);
  expect(told(byShop)[0]).not.toHaveProperty('byDriver');
  byShop.step('deliver', 'vendor');
  expect(told(byShop)).toMatchObject([{ status: 'DELIVERED', byDriver: true }]);
  const fetched = seeking();
  fetched.step('deliver', 'vendor');
  expect(told(fetched)).toHaveLength(1);
  expect(told(fetched)[0]).not.toHaveProperty('byDriver');
  const refunded = delivered();
  refunded.step('refund', 'vendor');
  expect(told(refunded)[0]).not.toHaveProperty('byDriver');
});
