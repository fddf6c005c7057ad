/** The order: placed once, moved along its table, every step kept with who and why. Pure. */
import type { DecideContext, Decision, DomainEvent, Effect, EventMeta, TimerOp } from '../../runtime/behaviour.ts';
import { dataShardOf } from '../../runtime/entity.ts';
import type { ConversationCommand } from '../conversation/protocol.ts';
import { conversationRef, tenantRef } from '../refs.ts';
import type { Language, TenantCommand } from '../tenant/protocol.ts';
import { orderCode } from './code.ts';
import type { OrderActorRole, OrderCommand, OrderHistoryEntry, OrderStatus, OrderTransition, OrderView, PlaceOrder } from './protocol.ts';
import { TABLE } from './table.ts';

type PlacedOrder = Omit<OrderView, 'version' | 'updatedAtMs'> & { readonly language: Language; readonly updatedAtMs: number };

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
        readonly data: Pick<OrderView, 'customerId' | 'quote' | 'paymentMethod' | 'source'> & {
          readonly id: string;
          readonly language: Language;
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
  );

type OrderDecision = Decision<OrderEvent>;

const ACCEPT_TIMER = 'accept';
const ENDED_WITHOUT_SALE = new Set<OrderStatus>(['CANCELLED', 'EXPIRED']);
const ERASED: Personal = { customer: { waId: null, name: null }, dropoff: { position: null, address: null, note: null } };

export const initialOrder: OrderActorState = { order: null, version: 0 };

export function decideOrder(state: OrderActorState, command: OrderCommand, context: DecideContext): OrderDecision {
  switch (command.type) {
    case 'place':
      return place(state, command, context);
    case 'get':
      return state.order === null ? notFound() : { ok: true, events: [], reply: orderView(state) };
    case 'transition':
      return transition(state, command.transition, { role: command.by.role, id: command.by.id }, command.reason, context);
    case 'accept_due':
      return state.order?.status === 'CREATED'
        ? transition(state, 'expire', { role: 'system', id: null }, 'order.not_accepted_in_time', context)
        : nothing();
    case 'stock_committed':
      return stockCommitted(state, command.result, context);
    case 'stock_returned':
    case 'customer_told':
      return nothing();
    default:
      return assertNever(command);
  }
}

function place(state: OrderActorState, command: PlaceOrder, context: DecideContext): OrderDecision {
  if (state.order !== null) return { ok: true, events: [], reply: orderView(state) };
  const { customerId, customer, quote, dropoff, paymentMethod, source } = command;
  const { waId, name, language } = customer;
  const event: OrderEvent = {
    type: 'order_placed',
    data: { id: context.ref.id, customerId, quote, paymentMethod, source, language },
    personal: { customer: { waId, name }, dropoff },
  };
  const after = evolveOrder(state, event, { seq: context.seq, atMs: context.nowMs });
  return {
    ok: true,
    events: [event],
    effects: [
      stockEffect(
        context,
        'commit',
        { type: 'commit_reservation', reservationId: context.ref.id, lines: command.lines },
        'stock_committed',
      ),
    ],
    timers: [
      { op: 'arm', name: ACCEPT_TIMER, dueAtMs: context.nowMs + command.acceptWithinMs, durable: true, command: { type: 'accept_due' } },
    ],
    reply: orderView(after),
  };
}

function transition(
  state: OrderActorState,
  name: OrderTransition,
  by: { readonly role: OrderActorRole; readonly id: string | null },
  reason: string | null,
  context: DecideContext,
): OrderDecision {
  const { order } = state;
  if (order === null) return notFound();
  const cell = TABLE[order.status][name];
  if (cell === null || !cell.by.includes(by.role))
    return { ok: false, refusal: { code: 'order.illegal_transition', details: { status: order.status, transition: name } } };
  return move(state, order, cell.to, by, reason, context);
}

function move(
  state: OrderActorState,
  order: PlacedOrder,
  to: OrderStatus,
  by: { readonly role: OrderActorRole; readonly id: string | null },
  reason: string | null,
  context: DecideContext,
): OrderDecision {
  const event: OrderEvent = { type: 'status_changed', data: { to, by: by.role, byId: by.id, reason } };
  const after = evolveOrder(state, event, { seq: context.seq, atMs: context.nowMs });
  const effects: Effect[] = [tellCustomer(order, to, reason, context)];
  // Giving cash back moves no goods: the sale was settled at the delivery.
  const stock = to === 'REFUNDED' ? null : stockAfter(to, order.id, context);
  if (stock !== null) effects.push(stock);
  const timers: readonly TimerOp[] = order.status === 'CREATED' ? [{ op: 'cancel', name: ACCEPT_TIMER, durable: true }] : [];
  return { ok: true, events: [event], effects, timers, reply: orderView(after) };
}

/**
 * Refused: the shelf had nothing left for a reservation that had expired, so nobody can make this order.
 * Committed although the order has ended: the commitment overtook the release or the settlement, which is said again.
 */
function stockCommitted(state: OrderActorState, result: unknown, context: DecideContext): OrderDecision {
  const { order } = state;
  if (order === null) return nothing();
  const { ok, refusal } = (result ?? {}) as { ok?: unknown; refusal?: { code?: unknown } | null };
  if (ok !== false) {
    const again = stockAfter(order.status, order.id, context);
    return again === null ? nothing() : { ok: true, events: [], effects: [again] };
  }
  if (TABLE[order.status].cancel?.by.includes('system') !== true) return nothing();
  const code = refusal?.code;
  return move(state, order, 'CANCELLED', { role: 'system', id: null }, typeof code === 'string' ? code : 'order.out_of_stock', context);
}

/** What an order that has come to `status` says to the shelf; null while it is open. */
function stockAfter(status: OrderStatus, reservationId: string, context: DecideContext): Effect | null {
  if (ENDED_WITHOUT_SALE.has(status))
    return stockEffect(context, 'return', { type: 'release_reservation', reservationId }, 'stock_returned');
  if (status === 'DELIVERED' || status === 'REFUNDED')
    return stockEffect(context, 'settle', { type: 'settle_reservation', reservationId }, 'stock_returned');
  return null;
}

function stockEffect(context: DecideContext, salt: string, command: TenantCommand, answer: OrderCommand['type']): Effect {
  const to = tenantRef(context.ref.tenantId, dataShardOf(context.ref.shard));
  return { type: 'send', id: context.uniqueId(salt), to, command, onResult: { type: answer } };
}

function tellCustomer(order: PlacedOrder, status: OrderStatus, reason: string | null, context: DecideContext): Effect {
  const to = conversationRef(context.ref.tenantId, dataShardOf(context.ref.shard), order.customerId);
  const command: ConversationCommand = { type: 'order_changed', orderId: order.id, code: order.code, status, version: context.seq, reason };
  return { type: 'send', id: context.uniqueId('tell'), to, command, onResult: { type: 'customer_told' } };
}

export function evolveOrder(state: OrderActorState, event: OrderEvent, meta: Pick<EventMeta, 'seq' | 'atMs'>): OrderActorState {
  switch (event.type) {
    case 'order_placed': {
      const { id, customerId, quote, paymentMethod, source, language } = event.data;
      const first: OrderHistoryEntry = {
        status: 'CREATED',
        atMs: meta.atMs,
        by: source === 'api' ? 'vendor' : 'customer',
        byId: null,
        reason: null,
      };
      const order: PlacedOrder = {
        id,
        code: orderCode(id),
        status: 'CREATED',
        customerId,
        quote,
        paymentMethod,
        source,
        language,
        ...(event.personal ?? ERASED),
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
      return { order: { ...state.order, status: to, updatedAtMs: meta.atMs, history }, version: meta.seq };
    }
    default:
      return assertNever(event);
  }
}

export function orderView(state: OrderActorState): OrderView | null {
  if (state.order === null) return null;
  const { language: _language, ...order } = state.order;
  return { ...order, version: state.version };
}

function notFound(): OrderDecision {
  return { ok: false, refusal: { code: 'order.not_found' } };
}

function nothing(): OrderDecision {
  return { ok: true, events: [] };
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String((value as { type?: unknown }).type)}`);
}
