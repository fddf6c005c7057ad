/** What the customer's conversation is told of an order. Pure. */
import type { DecideContext, Effect } from '../../runtime/behaviour.ts';
import { dataShardOf } from '../../runtime/entity.ts';
import type { ConversationCommand } from '../conversation/protocol.ts';
import { conversationRef } from '../refs.ts';
import type { PlacedOrder } from './evolve.ts';
import type { OrderStatus } from './protocol.ts';

/** Link and door code, and who comes: told once, with the driver. */
interface TrackingNote {
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
  const byDriver = status === 'DELIVERED' && order.delivery?.driver != null ? { byDriver: true } : {};
  return tell(order, context, 'tell', { status, version: context.seq, reason, ...byDriver, ...(tracking === null ? {} : { tracking }) });
}

/** Minutes from now until the driver is at the door. */
export function tellEta(order: PlacedOrder, eta: { readonly fromMin: number; readonly toMin: number }, context: DecideContext): Effect {
  return tell(order, context, 'eta', { status: order.status, version: context.seq, reason: null, eta });
}

/** Nobody has taken it for long, and it is still offered. */
export function tellWait(order: PlacedOrder, context: DecideContext): Effect {
  return tell(order, context, 'wait', { status: order.status, version: context.seq, reason: null, isSeekingLong: true });
}

type News = Omit<Extract<ConversationCommand, { type: 'order_changed' }>, 'type' | 'orderId' | 'code'>;

function tell(order: PlacedOrder, context: DecideContext, salt: string, news: News): Effect {
  const to = conversationRef(context.ref.tenantId, dataShardOf(context.ref.shard), order.customerId);
  const command: ConversationCommand = { type: 'order_changed', orderId: order.id, code: order.code, ...news };
  return { type: 'send', id: context.uniqueId(salt), to, command, onResult: { type: 'customer_told' } };
}
