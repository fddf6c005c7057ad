/** The customer's word on the driver: once for a delivery, passed on to the driver actor, which counts it. Pure; knows no chat. */
import type { DecideContext, Decision } from '../../runtime/behaviour.ts';
import type { DriverCommand } from '../driver/protocol.ts';
import { sendDriver } from './driver-errands.ts';
import { decided, type OrderActorState, type OrderEvent, type PlacedOrder } from './evolve.ts';
import type { RateDriver, RateDriverReply } from './protocol.ts';

/** How long after the hand-over a customer may still rate its driver. */
export const RATE_WITHIN_MS = 7 * 86_400_000;

/** The first stars stay: whatever comes later is answered with them. `closed` tells nothing of whose order it is. */
export function rateDriver(
  state: OrderActorState,
  order: PlacedOrder,
  { customerId, stars }: RateDriver,
  context: DecideContext,
): Decision<OrderEvent> {
  const { code, delivery, id, quote, status } = order;
  const answer = (reply: RateDriverReply): Decision<OrderEvent> => ({ ok: true, events: [], reply });
  if (order.customerId !== customerId || delivery?.driver == null) return answer({ outcome: 'closed' });
  if (delivery.driverStars !== undefined) return answer({ outcome: 'rated_before', code, stars: delivery.driverStars });
  const sinceMs = context.nowMs - (delivery.deliveredAtMs ?? 0);
  if (status !== 'DELIVERED' || sinceMs > RATE_WITHIN_MS) return answer({ outcome: 'closed' });
  const driverId = delivery.driver.id;
  const decision = decided(state, [{ type: 'driver_rated', data: { driverId, stars } }], context);
  const reply: RateDriverReply = { outcome: 'rated', code, stars };
  const told: DriverCommand = { type: 'rate', orderId: id, stars, cashMinor: quote.totalMinor };
  return { ...decision, effects: sendDriver(driverId, context, told), reply };
}
