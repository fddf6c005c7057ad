/** What a conversation knows of its customer's orders, what it tells about them, and how one is cancelled. */

import { ORDER_STATUSES, type OrderStatus, type OrderView } from '../../../order/protocol.ts';
import { orderRef } from '../../../refs.ts';
import type { Quote } from '../../../tenant/protocol.ts';
import { ORDERS_MAX, REASON_MAX_CHARS } from '../../limits.ts';
import type { ConversationCommand, OutboundBody } from '../../protocol.ts';
import type { OrderMark, Session } from '../../session/session.ts';
import { buttons, itemNames, menuButton, personButton, say, text } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { cut } from '../../text/saying/cut.ts';
import { okValue } from './answers.ts';
import { askRating, mayAskRating, maySayMore } from './rating.ts';

const FINISHED: Readonly<Record<OrderStatus, boolean>> = {
  CREATED: false,
  PAYMENT_PENDING: false,
  PAID: false,
  CONFIRMED: false,
  PREPARING: false,
  READY_FOR_PICKUP: false,
  ASSIGNED_TO_DRIVER: false,
  IN_TRANSIT: false,
  DELIVERED: true,
  CANCELLED: true,
  REFUNDED: true,
  EXPIRED: true,
};
type OrderNews = Extract<ConversationCommand, { type: 'order_changed' }>;
type StatusNews = Pick<OrderNews, 'orderId' | 'code' | 'status' | 'reason' | 'byDriver'>;
/** `group.reason` */
const CODE = /^[a-z_]+\.[a-z_]+$/;

export function isFinished(status: OrderStatus): boolean {
  return FINISHED[status];
}

/** The order that is under way, the newest one when there are several; null when there is none. */
export function openOrder(session: Pick<Session, 'orders'>): OrderMark | null {
  return session.orders.findLast((mark) => !FINISHED[mark.status]) ?? null;
}

/** Remembers a mark; finished ones are forgotten first. @returns the same session's new list. */
export function withMark(orders: readonly OrderMark[], mark: OrderMark): readonly OrderMark[] {
  const at = orders.findIndex((known) => known.id === mark.id);
  if (at >= 0) return orders.with(at, mark);
  const next = [...orders, mark];
  if (next.length <= ORDERS_MAX) return next;
  const finished = next.findIndex((known) => FINISHED[known.status]);
  return next.toSpliced(Math.max(finished, 0), 1);
}

/**
 * News from the order actor. Older or equal versions and repeated statuses change nothing.
 * @returns false when there is nothing new.
 */
export function noteOrder(turn: Turn, command: Extract<ConversationCommand, { type: 'order_changed' }>): boolean {
  if (!ORDER_STATUSES.includes(command.status)) return false;
  if (command.eta != null) return tellEta(turn, command, command.eta);
  if (command.isSeekingLong === true) return tellWait(turn, command);
  const known = turn.session.orders.find((mark) => mark.id === command.orderId);
  if (known !== undefined && command.version <= known.version) return false;
  const { orderId: id, code, status, version } = command;
  mark(turn, { id, code, status, version });
  if (command.tracking != null) tellDriver(turn, code, command.tracking);
  else if (known?.status !== status) tellStatus(turn, command);
  return true;
}

function mark(turn: Turn, next: OrderMark): void {
  change(turn, { orders: withMark(turn.session.orders, next) });
  const { state, step } = turn.session;
  if (openOrder(turn.session) !== null && (state === 'IDLE' || state === 'GREETING')) change(turn, { state: 'ORDER_TRACKING' });
  else if (openOrder(turn.session) === null && state === 'ORDER_TRACKING' && step === null) change(turn, { state: 'CUSTOMER_FLOW' });
}

function tellStatus(turn: Turn, { orderId, code, status, reason, byDriver }: StatusNews): void {
  const { contact } = turn.session;
  // Ordered through the API by somebody who never wrote: there is nobody to write to.
  if (contact.waId === null && contact.userId === null) return;
  const told = notice(turn, code, status, reason);
  if (told === null) return;
  const asks = status === 'DELIVERED' && byDriver === true && openOrder(turn.session) === null && mayAskRating(turn);
  if (asks) turn.notices.push(askRating(turn, orderId, told));
  else turn.notices.push(FINISHED[status] ? withCartKept(turn, told) : text(told));
}

/** What was put into the cart while the order was open could not be ordered before. */
function withCartKept(turn: Turn, told: string): OutboundBody {
  const { cart } = turn.session;
  if (cart.lines.length === 0 || openOrder(turn.session) !== null || !maySayMore(turn)) return text(told);
  return buttons(`${told}\n\n${say(turn, 'cart_kept', { items: itemNames(cart.lines) })}`, [
    { id: `checkout:${cart.version}`, title: say(turn, 'button_checkout') },
    menuButton(turn),
  ]);
}

/** Said for every driver anew: link and code are of the leg. */
function tellDriver(turn: Turn, code: string, tracking: NonNullable<OrderNews['tracking']>): void {
  const { contact } = turn.session;
  if (contact.waId === null && contact.userId === null) return;
  const driver = tracking.driverName ?? say(turn, 'a_driver');
  turn.notices.push(text(say(turn, 'order_assigned', { driver, code, url: tracking.url, otp: tracking.otp })));
}

/** @returns false when there is nobody to tell, or the order is over by now. */
function tellEta(turn: Turn, command: OrderNews, eta: NonNullable<OrderNews['eta']>): boolean {
  if (!mayHear(turn, command)) return false;
  const minutes = eta.fromMin === eta.toMin ? String(eta.fromMin) : `${eta.fromMin}-${eta.toMin}`;
  turn.notices.push(text(say(turn, 'order_eta', { code: command.code, minutes })));
  return true;
}

/** @returns as `tellEta` does; and when the order is not waiting any more, by what this conversation knows */
function tellWait(turn: Turn, command: OrderNews): boolean {
  const known = turn.session.orders.find((mark) => mark.id === command.orderId);
  if (!mayHear(turn, command) || (known !== undefined && known.status !== command.status)) return false;
  turn.notices.push(text(say(turn, 'order_waits', { code: command.code })));
  return true;
}

function mayHear({ session: { contact, orders } }: Turn, { orderId }: OrderNews): boolean {
  const known = orders.find((mark) => mark.id === orderId);
  return (contact.waId !== null || contact.userId !== null) && (known === undefined || !FINISHED[known.status]);
}

function notice(turn: Turn, code: string, status: OrderStatus, reason: string | null): string | null {
  switch (status) {
    case 'CREATED':
    case 'PAYMENT_PENDING':
    case 'PAID':
      // Told when the order was placed.
      return null;
    case 'CONFIRMED':
      return say(turn, 'order_accepted', { code });
    case 'PREPARING':
      return say(turn, 'order_preparing', { code });
    case 'READY_FOR_PICKUP':
      return say(turn, 'order_ready', { code });
    case 'DELIVERED':
      return say(turn, 'order_delivered', { code });
    case 'EXPIRED':
      return say(turn, 'order_expired', { code });
    case 'CANCELLED':
      // The customer's own cancellation carries no reason; a code is meant for operators.
      if (reason === null || reason === '') return say(turn, 'order_cancelled', { code });
      return say(turn, 'order_rejected', { code, reason: CODE.test(reason) ? '' : cut(reason, REASON_MAX_CHARS) });
    case 'IN_TRANSIT':
      return say(turn, 'order_on_the_way', { code });
    case 'ASSIGNED_TO_DRIVER':
    case 'REFUNDED':
      return say(turn, 'order_status', { code, status: statusName(turn, status) });
  }
}

function statusName(turn: Turn, status: OrderStatus): string {
  return say(turn, STATUS_KEYS[status]);
}

const STATUS_KEYS = {
  CREATED: 'status_created',
  PAYMENT_PENDING: 'status_payment_pending',
  PAID: 'status_paid',
  CONFIRMED: 'status_confirmed',
  PREPARING: 'status_preparing',
  READY_FOR_PICKUP: 'status_ready_for_pickup',
  ASSIGNED_TO_DRIVER: 'status_assigned_to_driver',
  IN_TRANSIT: 'status_in_transit',
  DELIVERED: 'status_delivered',
  CANCELLED: 'status_cancelled',
  REFUNDED: 'status_refunded',
  EXPIRED: 'status_expired',
} as const satisfies Record<OrderStatus, string>;

/** The order with this id, else the open one, else the last one: what "where is my order" means. */
export function showOrder(turn: Turn, orderId: string | null): void {
  const { orders } = turn.session;
  const shown = orders.find((known) => known.id === orderId) ?? openOrder(turn.session) ?? orders[orders.length - 1];
  if (shown === undefined) {
    turn.reply = buttons(say(turn, 'no_order'), [menuButton(turn)]);
    return;
  }
  const { code, status, id } = shown;
  const told = say(turn, 'order_status', { code, status: statusName(turn, status) });
  const open = !FINISHED[status];
  if (open) change(turn, { state: 'ORDER_TRACKING' });
  turn.reply = buttons(told, open ? orderButtons(turn, id) : [menuButton(turn)]);
}

export function orderButtons(turn: Turn, orderId: string): readonly { id: string; title: string }[] {
  return [
    { id: `track:${orderId}`, title: say(turn, 'button_track') },
    { id: `cancel:${orderId}`, title: say(turn, 'button_cancel') },
    menuButton(turn),
  ];
}

/** Asks the order to cancel itself; the customer is answered when it has decided. */
export function cancelOrder(turn: Turn, orderId: string): void {
  const { ref, uniqueId } = turn.context;
  const to = orderRef(ref.tenantId, orderId);
  if (to === null) return;
  turn.effects.push({
    type: 'send',
    id: uniqueId('cancel'),
    to,
    command: { type: 'transition', transition: 'cancel', by: { role: 'customer', id: ref.id }, reason: null },
    onResult: { type: 'cancel_answered', orderId },
  });
}

/** What the order said to the cancellation. @returns false when the customer knows already. */
export function takeCancellation(turn: Turn, command: Extract<ConversationCommand, { type: 'cancel_answered' }>): boolean {
  const known = turn.session.orders.find((entry) => entry.id === command.orderId);
  const view = okValue(command.result);
  if (isOrderView(view)) {
    if (known !== undefined && view.version <= known.version) return false;
    mark(turn, { id: view.id, code: view.code, status: view.status, version: view.version });
    if (known?.status !== view.status) tellStatus(turn, { orderId: view.id, code: view.code, status: view.status, reason: null });
    return true;
  }
  if (known === undefined || FINISHED[known.status]) return false;
  turn.notices.push(
    buttons(say(turn, 'cannot_cancel', { code: known.code, status: statusName(turn, known.status) }), [
      ...orderButtons(turn, known.id).slice(0, 1),
      personButton(turn),
    ]),
  );
  return true;
}

/** Guards against an answer of another shape; the order actor sends nothing else. */
export function isOrderView(value: unknown): value is OrderView {
  if (typeof value !== 'object' || value === null) return false;
  const view = value as Partial<OrderView>;
  return (
    typeof view.id === 'string' &&
    typeof view.code === 'string' &&
    typeof view.version === 'number' &&
    ORDER_STATUSES.includes(view.status as OrderStatus)
  );
}

/** Likewise for the tenant's answer to `reserve`. */
export function isQuote(value: unknown): value is Quote {
  if (typeof value !== 'object' || value === null) return false;
  const quote = value as Partial<Quote>;
  return Array.isArray(quote.lines) && Number.isSafeInteger(quote.totalMinor) && typeof quote.currency === 'string';
}
