/** Addresses of the actors of one tenant; the only place that knows each kind's placement key. */
import { type EntityRef, idWithShard, laneOf, shardFromId, shardOf } from '../runtime/entity.ts';

export function tenantRef(tenantId: number, dataShard: number): EntityRef {
  return { tenantId, kind: 'tenant', id: 'self', shard: shardOf(dataShard, laneOf(`tenant:${tenantId}`)) };
}

/** A chat, its orders and its payments share the customer's lane and so one thread. */
export function conversationRef(tenantId: number, dataShard: number, customerId: string): EntityRef {
  return { tenantId, kind: 'conversation', id: customerId, shard: shardOf(dataShard, laneOf(customerId)) };
}

/** `unique` distinguishes the customer's orders; the id carries the shard. */
export function newOrderRef(tenantId: number, dataShard: number, customerId: string, unique: string): EntityRef {
  const shard = shardOf(dataShard, laneOf(customerId));
  return { tenantId, kind: 'order', id: idWithShard('ord', shard, unique), shard };
}

/** @returns null when the id is not one of ours. */
export function orderRef(tenantId: number, orderId: string): EntityRef | null {
  const shard = orderId.startsWith('ord_') ? shardFromId(orderId) : null;
  return shard === null ? null : { tenantId, kind: 'order', id: orderId, shard };
}
