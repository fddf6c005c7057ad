/** The driver's word on a customer: once for a delivery, for the shop's eyes. Pure; the customer must never hear of it. */
import type { DecideContext, Decision } from '../../runtime/behaviour.ts';
import { decided, type OrderActorState, type OrderEvent, type PlacedOrder } from './evolve.ts';
import type { CustomerRating, RateCustomer } from './protocol.ts';

/** The same word again is answered as it is. Refusals: `delivery.not_yours`, `delivery.wrong_phase`, `order.customer_rated`. */
export function rateCustomer(
  state: OrderActorState,
  { delivery, status }: PlacedOrder,
  { driverId, stars, reason }: RateCustomer,
  context: DecideContext,
): Decision<OrderEvent> {
  if (delivery?.driver == null || delivery.driver.id !== driverId) return { ok: false, refusal: { code: 'delivery.not_yours' } };
  if (delivery.phase !== 'delivered')
    return { ok: false, refusal: { code: 'delivery.wrong_phase', details: { phase: delivery.phase, status } } };
  const known = delivery.customerRating;
  if (known !== undefined) {
    const isSame = known?.stars === stars && known.reason === reason;
    return isSame ? { ok: true, events: [], reply: known } : { ok: false, refusal: { code: 'order.customer_rated' } };
  }
  const event: OrderEvent = { type: 'customer_rated', data: { driverId }, personal: { stars, reason } };
  const reply: CustomerRating = { stars, reason, atMs: context.nowMs };
  return { ...decided(state, [event], context), reply };
}
