/** The order actor: binds its pure functions to the runtime and projects its read model. */
import type { DomainEvent, DurableBehaviour, EventMeta, ReadModelWrite } from '../../runtime/behaviour.ts';
import { write } from '../read-models.ts';
import { evolveOrder, initialOrder, type OrderActorState, type OrderEvent, orderView, UNKNOWN_PICKUP } from './evolve.ts';
import type { DeliveryView, OrderCommand } from './protocol.ts';
import { decideOrder } from './state.ts';
import { isOver } from './table.ts';

const EVENT_VERSIONS: Readonly<Record<OrderEvent['type'], number>> = {
  order_placed: 2,
  status_changed: 1,
  seeking_started: 1,
  driver_assigned: 1,
  credentials_issued: 1,
  leg_moved: 1,
  step_repeated: 1,
  otp_failed: 1,
  driver_released: 1,
  dropoff_changed: 1,
  proof_added: 1,
  customer_rated: 1,
  driver_rated: 1,
  delivery_stalled: 1,
  ride_alerted: 1,
  eta_told: 1,
  wait_told: 1,
};

export const orderBehaviour: DurableBehaviour<OrderActorState, OrderCommand, OrderEvent, unknown> = {
  durable: true,
  kind: 'order',
  kindCode: 3,
  stateVersion: 2,
  eventVersions: EVENT_VERSIONS,
  initial: () => initialOrder,
  decide: decideOrder,
  evolve: evolveOrder,
  upcast: upcastOrder,
  project: projectOrder,
  subject: (_ref, state) => state.order?.customerId ?? null,
  isOver: ({ order }) => order !== null && isOver(order.status),
};

function projectOrder(_event: OrderEvent, after: OrderActorState, meta: EventMeta): readonly ReadModelWrite[] {
  const view = orderView(after);
  if (view === null) return [];
  const { customer, dropoff, customerRating, ...open } = view;
  const body = { ...open, delivery: open.delivery === null ? null : withoutName(open.delivery) };
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
      personal: { customer, dropoff, ...(customerRating === undefined ? {} : { customerRating }) },
    }),
  ];
}

/** Version 1 of `order_placed` did not say where the goods are fetched: such an order never looks for a driver. */
function upcastOrder(event: DomainEvent): OrderEvent {
  if (event.type !== 'order_placed' || (event.version ?? 1) > 1) return event as OrderEvent;
  return { ...event, version: 2, data: { ...(event.data as object), pickup: UNKNOWN_PICKUP } } as OrderEvent;
}

/** The row is sealed for the customer only; the driver's name and plate stay with the actor. */
function withoutName(delivery: DeliveryView): DeliveryView {
  return { ...delivery, driver: delivery.driver === null ? null : { ...delivery.driver, name: null, registration: null } };
}
