/** What an order says to the shelf of its shop. Pure. */
import type { DecideContext, Effect } from '../../runtime/behaviour.ts';
import { dataShardOf } from '../../runtime/entity.ts';
import { tenantRef } from '../refs.ts';
import type { TenantCommand } from '../tenant/protocol.ts';
import type { PlacedOrder } from './evolve.ts';
import type { OrderCommand, OrderStatus } from './protocol.ts';

const ENDED_WITHOUT_SALE = new Set<OrderStatus>(['CANCELLED', 'EXPIRED']);

/** What an order that has come to `status` says to the shelf; null while it is open. */
export function stockAfter(status: OrderStatus, order: PlacedOrder, context: DecideContext): Effect | null {
  // Goods that have left the shop do not come back to the shelf.
  const gone = order.history.some((entry) => entry.status === 'IN_TRANSIT');
  if (status === 'DELIVERED' || status === 'REFUNDED' || (gone && ENDED_WITHOUT_SALE.has(status)))
    return stockEffect(context, 'settle', { type: 'settle_reservation', reservationId: order.id }, 'stock_returned');
  if (ENDED_WITHOUT_SALE.has(status))
    return stockEffect(context, 'return', { type: 'release_reservation', reservationId: order.id }, 'stock_returned');
  return null;
}

export function stockEffect(context: DecideContext, salt: string, command: TenantCommand, answer: OrderCommand['type']): Effect {
  const to = tenantRef(context.ref.tenantId, dataShardOf(context.ref.shard));
  return { type: 'send', id: context.uniqueId(salt), to, command, onResult: { type: answer } };
}
