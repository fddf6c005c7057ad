/** The order's state, its events, and how one becomes the other. Pure; decides nothing. */
import type { DecideContext, DomainEvent, EventMeta } from '../../runtime/behaviour.ts';
import type { Language } from '../tenant/protocol.ts';
import { orderCode } from './code.ts';
import { type DeliveryEvent, type DeliveryState, deliveryView, endDelivery, evolveDelivery } from './delivery-state.ts';
import type { OrderActorRole, OrderHistoryEntry, OrderStatus, OrderView, Pickup, PlaceOrder } from './protocol.ts';

export type PlacedOrder = Omit<OrderView, 'version' | 'delivery' | 'customerRating'> & {
  readonly language: Language;
  readonly delivery: DeliveryState | null;
};

export interface OrderActorState {
  /** null until the order is placed. */
  readonly order: PlacedOrder | null;
  readonly version: number;
}

type Personal = Pick<OrderView, 'customer' | 'dropoff'>;

export type OrderEvent = DomainEvent &
  (
    | {
        readonly type: 'order_placed';
        readonly data: Pick<OrderView, 'customerId' | 'quote' | 'pickup' | 'paymentMethod' | 'source'> & {
          readonly id: string;
          readonly language: Language;
          /** Absent: the customer, by chat, or over the API before it was written down who. */
          readonly by?: NonNullable<PlaceOrder['by']>;
        };
        readonly personal?: Personal;
      }
    | {
        readonly type: 'status_changed';
        readonly data: {
          readonly to: OrderStatus;
          readonly by: OrderActorRole;
          readonly byId: string | null;
          readonly reason: string | null;
        };
      }
    | DeliveryEvent
  );

/** Of orders that were placed before pickups were written down. */
export const UNKNOWN_PICKUP: Pickup = { name: '', position: { lat: 0, lng: 0 } };
const ERASED: Personal = { customer: { waId: null, name: null }, dropoff: { position: null, address: null, note: null } };

export const initialOrder: OrderActorState = { order: null, version: 0 };

export function evolveOrder(state: OrderActorState, event: OrderEvent, meta: Pick<EventMeta, 'seq' | 'atMs'>): OrderActorState {
  switch (event.type) {
    case 'order_placed': {
      const { id, customerId, quote, pickup, paymentMethod, source, language, by } = event.data;
      const first: OrderHistoryEntry = {
        status: 'CREATED',
        atMs: meta.atMs,
        by: by?.role ?? (source === 'api' ? 'vendor' : 'customer'),
        byId: by?.id ?? null,
        reason: null,
      };
      const order: PlacedOrder = {
        id,
        code: orderCode(id),
        status: 'CREATED',
        customerId,
        quote,
        pickup,
        paymentMethod,
        source,
        language,
        ...(event.personal ?? ERASED),
        delivery: null,
        createdAtMs: meta.atMs,
        updatedAtMs: meta.atMs,
        history: [first],
      };
      return { order, version: meta.seq };
    }
    case 'status_changed': {
      if (state.order === null) return { ...state, version: meta.seq };
      const { to, by, byId, reason } = event.data;
      const history = [...state.order.history, { status: to, atMs: meta.atMs, by, byId, reason }];
      const delivery = endDelivery(state.order.delivery, to, meta.atMs);
      return { order: { ...state.order, status: to, delivery, updatedAtMs: meta.atMs, history }, version: meta.seq };
    }
    default:
      return evolveLeg(state, event, meta);
  }
}

function evolveLeg(state: OrderActorState, event: DeliveryEvent, meta: Pick<EventMeta, 'seq' | 'atMs'>): OrderActorState {
  const { order } = state;
  if (order === null) return { ...state, version: meta.seq };
  const delivery = evolveDelivery(order.delivery, event, meta.atMs);
  const dropoff = event.type === 'dropoff_changed' ? (event.personal?.dropoff ?? ERASED.dropoff) : order.dropoff;
  // What was said to the customer changes nothing that anybody sees of the order.
  const updatedAtMs = event.type === 'eta_told' || event.type === 'wait_told' ? order.updatedAtMs : meta.atMs;
  return { order: { ...order, delivery, dropoff, updatedAtMs }, version: meta.seq };
}

export function orderView(state: OrderActorState): OrderView | null {
  if (state.order === null) return null;
  const { language: _language, delivery, ...order } = state.order;
  const rating = delivery?.customerRating == null ? {} : { customerRating: delivery.customerRating };
  return { ...order, ...rating, delivery: delivery === null ? null : deliveryView(delivery), version: state.version };
}

/** Some events as a decision under way: what the state will be, as the runtime will compute it. */
export function decided(state: OrderActorState, events: readonly OrderEvent[], context: Pick<DecideContext, 'seq' | 'nowMs'>) {
  let after = state;
  for (const [index, event] of events.entries()) after = evolveOrder(after, event, { seq: context.seq + index, atMs: context.nowMs });
  return { ok: true as const, events, after, view: orderView(after) };
}
