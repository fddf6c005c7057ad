/**
 * From the confirmation to the placed order: reserve with the tenant, place with the order, and undo what did not
 * come to an end. A total that differs from the one shown is asked again; a draft can be dropped at any moment.
 */
import type { Refusal } from '../../../../runtime/behaviour.ts';
import { dataShardOf } from '../../../../runtime/entity.ts';
import type { OrderTerms, PlaceOrder } from '../../../order/protocol.ts';
import { newOrderRef, orderRef, tenantRef } from '../../../refs.ts';
import type { Quote } from '../../../tenant/protocol.ts';
import { USUAL_TERMS } from '../../limits.ts';
import type { ConversationCommand } from '../../protocol.ts';
import type { Checkout } from '../../session/session.ts';
import { buttons, itemNames, languageOf, menuButton, money, say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { okValue, refusalOf } from '../steps/answers.ts';
import { forgetAsked } from '../steps/asked.ts';
import { takeOrdered } from '../steps/cart.ts';
import { beginCheckout, isPlacing, payable, refuse, showQuote, tellToWait } from '../steps/checkout.ts';
import { cancelOrder, isFinished, isOrderView, isQuote, openOrder, orderButtons, withMark } from '../steps/orders.ts';
import { orderNote } from '../steps/wishes.ts';
import { rememberOrder } from './again.ts';

/**
 * The customer agreed to the quote shown. No reply yet: it comes with the answers of the tenant and the order.
 * A second confirmation meanwhile changes nothing.
 */
export function confirm(turn: Turn): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout === null || checkout.phase !== 'confirm' || checkout.quote === null || turn.session.place === null) {
    beginCheckout(turn);
    return;
  }
  const open = openOrder(turn.session);
  if (open !== null) {
    tellToWait(turn, open);
    return;
  }
  const { ref, uniqueId } = turn.context;
  const dataShard = dataShardOf(ref.shard);
  const orderId = newOrderRef(ref.tenantId, dataShard, ref.id, uniqueId('order')).id;
  change(turn, { step: 'placing', checkout: { ...checkout, phase: 'reserving', orderId } });
  turn.effects.push({
    type: 'send',
    id: `reserve:${orderId}`,
    to: tenantRef(ref.tenantId, dataShard),
    command: {
      type: 'reserve',
      reservationId: orderId,
      lines: checkout.lines,
      dropoff: turn.session.place?.position ?? null,
      ttlMs: termsOf(turn).reservationTtlMs,
    },
    onResult: { type: 'reserved', checkoutId: orderId },
  });
}

function termsOf({ context }: Turn): OrderTerms {
  return context.terms ?? USUAL_TERMS;
}

/** The tenant's answer. One for another checkout only gives its stock back. */
export function takeReservation(turn: Turn, command: Extract<ConversationCommand, { type: 'reserved' }>): void {
  const { checkout } = turn.session;
  const quote = okValue(command.result);
  if (!isPlacing(checkout) || checkout.phase !== 'reserving' || checkout.orderId !== command.checkoutId) {
    if (quote !== undefined && checkout?.orderId !== command.checkoutId) release(turn, command.checkoutId);
    return;
  }
  if (!isQuote(quote)) {
    if (quote !== undefined) release(turn, checkout.orderId);
    endWithRefusal(turn, checkout, refusalOf(command.result));
    return;
  }
  if (checkout.cancelled) {
    release(turn, checkout.orderId);
    endDraft(turn);
    return;
  }
  if (quote.totalMinor !== checkout.quote?.totalMinor) {
    release(turn, checkout.orderId);
    const version = turn.context.seq;
    // From IDLE, too: a quote that is open keeps the session's timer.
    const quotedAtMs = turn.context.nowMs;
    change(turn, {
      state: 'CUSTOMER_FLOW',
      step: 'confirm',
      checkout: { ...checkout, phase: 'confirm', version, quote, quotedAtMs, orderId: null },
    });
    if (!payable(turn, quote)) return;
    turn.leads.push(say(turn, 'price_changed', { total: money(turn, quote.totalMinor) }));
    showQuote(turn, quote, version);
    return;
  }
  place(turn, checkout.orderId, checkout, quote);
}

function place(turn: Turn, orderId: string, checkout: Checkout, quote: Quote): void {
  const { ref } = turn.context;
  const to = orderRef(ref.tenantId, orderId);
  const shop = turn.context.view?.settings;
  const { contact, place: where } = turn.session;
  if (to === null || shop === undefined || where === null) {
    // A shop that is gone, or an address that was erased with its person: nobody would ever answer, so it ends here.
    release(turn, orderId);
    endWithRefusal(turn, checkout, { code: 'tenant.not_found' });
    return;
  }
  const command: PlaceOrder = {
    type: 'place',
    customerId: ref.id,
    customer: {
      waId: contact.waId,
      ...(contact.userId === null ? {} : { userId: contact.userId }),
      name: contact.name,
      language: languageOf(turn),
    },
    lines: checkout.lines,
    quote,
    pickup: { name: shop.name, position: shop.location },
    dropoff: {
      position: where.position,
      address: where.address,
      note: orderNote(turn, checkout.lines),
    },
    paymentMethod: 'cod',
    source: 'whatsapp',
    acceptWithinMs: termsOf(turn).acceptWithinMs,
  };
  change(turn, { checkout: { ...checkout, phase: 'placing', quote } });
  turn.effects.push({ type: 'send', id: `place:${orderId}`, to, command, onResult: { type: 'placed', checkoutId: orderId } });
}

/** The order's answer: it exists, or its stock goes back and the cart stays. */
export function takeOrder(turn: Turn, command: Extract<ConversationCommand, { type: 'placed' }>): void {
  const { checkout, orders } = turn.session;
  const view = okValue(command.result);
  if (!isPlacing(checkout) || checkout.orderId !== command.checkoutId) return;
  if (!isOrderView(view)) {
    release(turn, checkout.orderId);
    endWithRefusal(turn, checkout, refusalOf(command.result));
    return;
  }
  const known = orders.find((mark) => mark.id === view.id);
  const mark =
    known !== undefined && known.version >= view.version
      ? known
      : { id: view.id, code: view.code, status: view.status, version: view.version };
  if (!checkout.cancelled) rememberOrder(turn, checkout.lines);
  takeOrdered(turn, checkout.lines);
  const silent = turn.session.state === 'SUPPORT';
  const isOver = isFinished(mark.status);
  change(turn, {
    orders: withMark(orders, mark),
    checkout: null,
    step: null,
    place: null,
    ...(turn.session.note == null ? {} : { note: null }),
    ...(silent ? {} : { state: isOver ? ('CUSTOMER_FLOW' as const) : ('ORDER_TRACKING' as const), misses: 0 }),
  });
  // News of its end overtook this answer and told everything.
  if (isOver) return;
  if (checkout.cancelled) {
    // The answer to the cancellation is what the customer waits for.
    cancelOrder(turn, mark.id);
    return;
  }
  const totalMinor = isQuote(view.quote) ? view.quote.totalMinor : (checkout.quote?.totalMinor ?? 0);
  const placed = say(turn, 'order_placed', { code: mark.code, total: money(turn, totalMinor) });
  const { lines } = turn.session.cart;
  // Added while the order was being placed.
  const kept = lines.length === 0 ? '' : `\n\n${say(turn, 'not_in_order', { items: itemNames(lines) })}`;
  turn.notices.push(buttons(placed + kept, orderButtons(turn, mark.id)));
}

function release(turn: Turn, reservationId: string): void {
  const { ref } = turn.context;
  turn.effects.push({
    type: 'send',
    id: `release:${reservationId}`,
    to: tenantRef(ref.tenantId, dataShardOf(ref.shard)),
    command: { type: 'release_reservation', reservationId },
  });
}

function endWithRefusal(turn: Turn, checkout: Checkout, refusal: Refusal): void {
  if (checkout.cancelled) {
    endDraft(turn);
    return;
  }
  change(turn, { checkout: { ...checkout, phase: 'address', orderId: null } });
  refuse(turn, refusal);
}

/** Drops cart and checkout: the customer does not want them any more. */
export function endDraft(turn: Turn): void {
  const { cart } = turn.session;
  forgetAsked(turn);
  change(turn, {
    cart: { version: cart.version + 1, lines: [] },
    checkout: null,
    step: null,
    ...(turn.session.note == null ? {} : { note: null }),
    ...(turn.session.state === 'SUPPORT'
      ? {}
      : { state: openOrder(turn.session) === null ? ('CUSTOMER_FLOW' as const) : ('ORDER_TRACKING' as const) }),
  });
  turn.reply = buttons(say(turn, 'cancelled_draft'), [menuButton(turn)]);
}
