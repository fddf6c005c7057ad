/** The order actor: binds its pure functions to the runtime and projects its read model. */
import type { DurableBehaviour, EventMeta, ReadModelWrite } from '../../runtime/behaviour.ts';
import { write } from '../read-models.ts';
import type { OrderCommand } from './protocol.ts';
import { decideOrder, evolveOrder, initialOrder, type OrderActorState, type OrderEvent, orderView } from './state.ts';

export const orderBehaviour: DurableBehaviour<OrderActorState, OrderCommand, OrderEvent, unknown> = {
  durable: true,
  kind: 'order',
  kindCode: 3,
  stateVersion: 1,
  initial: () => initialOrder,
  decide: decideOrder,
  evolve: evolveOrder,
  project: projectOrder,
  subject: (_ref, state) => state.order?.customerId ?? null,
};

function projectOrder(_event: OrderEvent, after: OrderActorState, meta: EventMeta): readonly ReadModelWrite[] {
  const view = orderView(after);
  if (view === null) return [];
  const { customer, dropoff, ...body } = view;
  return [
    write('order.upsert', {
      orderId: view.id,
      code: view.code,
      customerId: view.customerId,
      status: view.status,
      totalMinor: view.quote.totalMinor,
      currency: view.quote.currency,
      source: view.source,
      createdAtMs: view.createdAtMs,
      updatedAtMs: view.updatedAtMs,
      version: meta.seq,
      body,
      personal: { customer, dropoff },
    }),
  ];
}
