/** What telemetry noticed of a ride that the shop should know: kept with the delivery, the last few. Pure; it must never know positions. */
import type { DecideContext, Decision } from '../../runtime/behaviour.ts';
import { decided, type OrderActorState, type OrderEvent, type PlacedOrder } from './evolve.ts';
import type { DeliveryPhase, OrderCommand, RideAlert } from './protocol.ts';

/** When a driver is under way to which stop. */
const RIDDEN: Readonly<Record<RideAlert['stop'], DeliveryPhase>> = { pickup: 'assigned', dropoff: 'picked_up' };

/** What comes too late, or is of another driver, is no news of this ride. */
export function rideAlerted(
  state: OrderActorState,
  order: PlacedOrder,
  { driverId, alert }: Extract<OrderCommand, { readonly type: 'ride_alert' }>,
  context: DecideContext,
): Decision<OrderEvent> {
  const { delivery } = order;
  if (delivery?.driver?.id !== driverId || delivery.phase !== RIDDEN[alert.stop]) return { ok: true, events: [] };
  return decided(state, [{ type: 'ride_alerted', data: alert }], context);
}
