/** What the customer's conversation is told of an order. Pure. */
import type { DecideContext, Effect } from '../../runtime/behaviour.ts';
import { dataShardOf } from '../../runtime/entity.ts';
import type { ConversationCommand } from '../conversation/protocol.ts';
import { conversationRef } from '../refs.ts';
import type { PlacedOrder } from './evolve.ts';
import type { OrderStatus } from './protocol.ts';

/** Link and door code, and who comes: told once, with the driver. */
export interface TrackingNote {
  readonly url: string;
  readonly otp: string;
  readonly driverName: string | null;
}

export function tellCustomer(
  order: PlacedOrder,
  status: OrderStatus,
  reason: string | null,
  context: DecideContext,
  tracking: TrackingNote | null = null,
): Effect {
  const to = conversationRef(context.ref.tenantId, dataShardOf(context.ref.shard), order.customerId);
  const command: ConversationCommand = {
    type: 'order_changed',
    orderId: order.id,
    code: order.code,
    status,
    version: context.seq,
    reason,
    ...(tracking === null ? {} : { tracking }),
  };
  return { type: 'send', id: context.uniqueId('tell'), to, command, onResult: { type: 'customer_told' } };
}
