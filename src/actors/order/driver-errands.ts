/** What an order tells drivers, as effects of its decisions. Pure; it must never know what a driver makes of it. */
import type { DecideContext, Effect } from '../../runtime/behaviour.ts';
import type { DriverCommand } from '../driver/protocol.ts';
import { driverRef } from '../refs.ts';
import { RIDING } from './delivery-state.ts';
import type { PlacedOrder } from './evolve.ts';

/** @returns the errand to the driver who has the order now; empty when nobody has. */
export function tellDriver(order: PlacedOrder, context: DecideContext, command: DriverCommand): Effect[] {
  const { delivery } = order;
  return delivery?.driver == null || !RIDING[delivery.phase] ? [] : sendDriver(delivery.driver.id, context, command);
}

/** The driver who took the cash at the door, perhaps still has it. Empty when nobody did. */
export function tellRefund({ id, delivery, quote }: PlacedOrder, context: DecideContext): Effect[] {
  if (delivery?.driver == null || delivery.phase !== 'delivered') return [];
  return sendDriver(delivery.driver.id, context, { type: 'cash_refunded', orderId: id, cashMinor: quote.totalMinor });
}

/** The errand to one driver, whoever has the order now; empty for an id that is no driver's. */
export function sendDriver(driverId: string, context: DecideContext, command: DriverCommand): Effect[] {
  const to = driverRef(context.ref.tenantId, driverId);
  if (to === null) return [];
  return [{ type: 'send', id: context.uniqueId(`driver:${command.type}`), to, command, onResult: { type: 'driver_told' } }];
}
