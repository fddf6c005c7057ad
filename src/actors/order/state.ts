/** The order: placed once, moved along its table, every step kept with who and why. Pure. */
import type { DecideContext, Decision, Effect, TimerOp } from '../../runtime/behaviour.ts';
import type { DriverCommand } from '../driver/protocol.ts';
import { tellCustomer } from './customer.ts';
import { assign, changeDropoff, credentialsIssued, driverStep, etaMoved, handover, releaseDriver, track } from './deliver.ts';
import { tellDriver, tellRefund } from './driver-errands.ts';
import { decided, evolveOrder, type OrderActorState, type OrderEvent, orderView, type PlacedOrder } from './evolve.ts';
import { addProof, listProofs } from './proof.ts';
import type { OrderActorRole, OrderCommand, OrderStatus, OrderTransition, PlaceOrder } from './protocol.ts';
import { rateCustomer } from './rate-customer.ts';
import { rateDriver } from './rate-driver.ts';
import { rideAlerted } from './ride-alert.ts';
import { jobStalled, STOP_SEEKING, seekDue, seekEffects, startSeeking, stopSeeking } from './seek.ts';
import { stockAfter, stockEffect } from './shelf.ts';
import { TABLE } from './table.ts';

type OrderDecision = Decision<OrderEvent>;

const ACCEPT_TIMER = 'accept';

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
    case 'market_told':
    case 'driver_told':
      return nothing();
    case 'seek_due':
      return seekDue(state, context);
    default:
      return state.order === null ? notFound() : decideDelivery(state, state.order, command, context);
  }
}

type DeliveryCommand = Extract<
  OrderCommand,
  {
    readonly type:
      | 'assign'
      | 'credentials_issued'
      | 'eta_moved'
      | 'handover'
      | 'driver_step'
      | 'release_driver'
      | 'change_dropoff'
      | 'job_stalled'
      | 'ride_alert'
      | 'add_proof'
      | 'proofs'
      | 'rate_customer'
      | 'rate_driver'
      | 'track';
  }
>;

function decideDelivery(state: OrderActorState, order: PlacedOrder, command: DeliveryCommand, context: DecideContext): OrderDecision {
  switch (command.type) {
    case 'assign':
      return assign(state, order, command, context);
    case 'credentials_issued':
      return credentialsIssued(state, order, command, context);
    case 'driver_step':
      return driverStep(state, order, command, context);
    case 'release_driver':
      return releaseDriver(state, order, command, context);
    case 'change_dropoff':
      return changeDropoff(state, order, command, context);
    case 'job_stalled':
      return jobStalled(state, order, command, context);
    case 'ride_alert':
      return rideAlerted(state, order, command, context);
    case 'eta_moved':
      return etaMoved(state, order, command, context);
    case 'handover':
      return handover(order);
    case 'add_proof':
      return addProof(state, order, command, context);
    case 'proofs':
      return listProofs(order, command.by);
    case 'rate_customer':
      return rateCustomer(state, order, command, context);
    case 'rate_driver':
      return rateDriver(state, order, command, context);
    case 'track':
      return track(order, state.version, command.leg);
    default:
      return assertNever(command);
  }
}

function place(state: OrderActorState, command: PlaceOrder, context: DecideContext): OrderDecision {
  if (state.order !== null) return { ok: true, events: [], reply: orderView(state) };
  const { customerId, customer, quote, pickup, dropoff, paymentMethod, source, by } = command;
  const { language, ...known } = customer;
  const event: OrderEvent = {
    type: 'order_placed',
    version: 2,
    data: { id: context.ref.id, customerId, quote, pickup, paymentMethod, source, language, ...(by === undefined ? {} : { by }) },
    personal: { customer: known, dropoff },
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
  const changed: OrderEvent = { type: 'status_changed', data: { to, by: by.role, byId: by.id, reason } };
  const events = to === 'READY_FOR_PICKUP' ? [changed, ...startSeeking(order)] : [changed];
  const { after, view } = decided(state, events, context);
  const effects: Effect[] = [tellCustomer(order, to, reason, context)];
  // Giving cash back moves no goods: the sale was settled at the delivery.
  const stock = to === 'REFUNDED' ? null : stockAfter(to, order, context);
  if (stock !== null) effects.push(stock);
  const timers: TimerOp[] = order.status === 'CREATED' ? [{ op: 'cancel', name: ACCEPT_TIMER, durable: true }] : [];
  if (after.order?.delivery?.phase === 'seeking') {
    const seek = seekEffects(after.order, context);
    effects.push(...seek.effects);
    timers.push(...seek.timers);
  } else if (order.delivery?.phase === 'seeking') {
    effects.push(stopSeeking(order, to === 'DELIVERED' ? 'taken' : 'cancelled', context));
    timers.push(STOP_SEEKING);
  }
  // Whoever rides for an order that has ended is told so.
  const phase = after.order?.delivery?.phase;
  if (phase === 'ended' || phase === 'delivered') effects.push(...tellDriver(order, context, jobEnded(order, to)));
  if (to === 'REFUNDED') effects.push(...tellRefund(order, context));
  return { ok: true, events, effects, timers, reply: view };
}

/** The shop closed it for the driver (no phone at the door, say), or it is off. */
function jobEnded(order: PlacedOrder, to: OrderStatus): DriverCommand {
  const delivered = to === 'DELIVERED';
  const cashMinor = delivered ? order.quote.totalMinor : 0;
  const phase = order.delivery?.phase;
  // Called off with the goods on board: the driver has ridden for it.
  const carried = !delivered && (phase === 'picked_up' || phase === 'at_dropoff') ? { carried: true } : {};
  return { type: 'job_ended', orderId: order.id, outcome: delivered ? 'delivered' : 'cancelled', cashMinor, ...carried };
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
    const again = stockAfter(order.status, order, context);
    return again === null ? nothing() : { ok: true, events: [], effects: [again] };
  }
  if (TABLE[order.status].cancel?.by.includes('system') !== true) return nothing();
  const code = refusal?.code;
  return move(state, order, 'CANCELLED', { role: 'system', id: null }, typeof code === 'string' ? code : 'order.out_of_stock', context);
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
