/**
 * From the cart to the question "shall I place the order?": address, quote, and why something cannot be sold. The quote
 * comes from our view and is only shown; what is charged, the tenant actor decides.
 */
import type { Refusal } from '../../../../runtime/behaviour.ts';
import { priceQuote } from '../../../tenant/pricing.ts';
import type { Position, Quote } from '../../../tenant/protocol.ts';
import { ADDRESS_MAX_CHARS, ETA_WITHOUT_POSITION_MIN, NAMED_MAX } from '../../limits.ts';
import type { Checkout, OrderMark, Place } from '../../session/session.ts';
import { buttons, menuButton, money, personButton, quoteLines, say, text } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { cut, cutLines } from '../../text/saying/cut.ts';
import { LINES_MAX_CHARS, showCart } from './cart.ts';
import { productOf } from './catalogue.ts';
import { openOrder, orderButtons } from './orders.ts';

const SECONDS_A_MINUTE = 60;

/** True from the confirmation until the order exists: nothing may change what is being ordered. */
export function isPlacing(checkout: Checkout | null): checkout is Checkout & { orderId: string } {
  return checkout !== null && checkout.orderId !== null && (checkout.phase === 'reserving' || checkout.phase === 'placing');
}

/** Asks for what is missing, or quotes. Refuses an empty cart and a second open order with an explanation. */
export function beginCheckout(turn: Turn): void {
  const { cart, place, checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (cart.lines.length === 0) {
    showCart(turn);
    return;
  }
  const open = openOrder(turn.session);
  if (open !== null) {
    tellToWait(turn, open);
    return;
  }
  if (place !== null) {
    quoteTo(turn, place);
    return;
  }
  askAddress(turn, false);
}

/** One order at a time: the cart stays for afterwards; what is to come with the open one, a person can say. */
export function tellToWait(turn: Turn, { id, code }: OrderMark): void {
  turn.reply = buttons(say(turn, 'one_order_open', { code }), [
    ...orderButtons(turn, id).slice(0, 1),
    personButton(turn),
    menuButton(turn),
  ]);
}

function askAddress(turn: Turn, again: boolean): void {
  const { cart } = turn.session;
  const lines = cart.lines.map(({ productId, quantity }) => ({ productId, quantity }));
  change(turn, {
    state: 'CUSTOMER_FLOW',
    step: 'address',
    misses: 0,
    checkout: {
      phase: 'address',
      version: turn.context.seq,
      cartVersion: cart.version,
      lines,
      quote: null,
      orderId: null,
      cancelled: false,
    },
  });
  const asked = again ? say(turn, 'ask_address_again') : say(turn, 'ask_address');
  turn.reply = { kind: 'location_request', text: `${asked}\n${say(turn, 'location_button_hint')}` };
}

/** An address in words: no position, so the base fee applies and the vendor finds the way. */
export function takeAddress(turn: Turn, address: string): void {
  const trimmed = cut(address.trim().replace(/\s+/gu, ' '), ADDRESS_MAX_CHARS);
  if (!/\p{L}|\p{N}/u.test(trimmed)) {
    askAddress(turn, true);
    return;
  }
  quoteTo(turn, { position: null, address: trimmed }, true);
}

/** Where to, said before it can be quoted: shown, and asked no more. */
export function keepAddress(turn: Turn, said: string): void {
  const address = cut(said.trim().replace(/\s+/gu, ' '), ADDRESS_MAX_CHARS);
  change(turn, { place: { position: null, address } });
  turn.leads.push(`📍 ${address}`);
}

/** Forgets the address and asks for another; one that an order is on its way to is a person's matter. */
export function changeAddress(turn: Turn): void {
  const { cart, checkout } = turn.session;
  if (isPlacing(checkout)) return;
  const open = openOrder(turn.session);
  if (open !== null) {
    tellAddressOfOrder(turn, open);
    return;
  }
  change(turn, { place: null });
  if (cart.lines.length > 0) askAddress(turn, false);
  else {
    turn.leads.push(say(turn, 'address_forgotten'));
    showCart(turn);
  }
}

export function tellAddressOfOrder(turn: Turn, { id, code }: OrderMark): void {
  turn.reply = buttons(say(turn, 'address_of_order', { code }), [personButton(turn), ...orderButtons(turn, id).slice(0, 1)]);
}

/** A pin, at any time: the address of the cart if there is one, otherwise of what comes. */
export function takePlace(turn: Turn, place: Place): void {
  if (isPlacing(turn.session.checkout)) return;
  if (place.position !== null && !isOnEarth(place.position)) {
    if (turn.session.cart.lines.length === 0) showCart(turn);
    else askAddress(turn, true);
    return;
  }
  const open = openOrder(turn.session);
  const isEmpty = turn.session.cart.lines.length === 0;
  if (!isEmpty && open === null) quoteTo(turn, place);
  // Where they are waiting; no word about the order after it.
  else if (isEmpty && open !== null) tellAddressOfOrder(turn, open);
  else {
    change(turn, { place });
    beginCheckout(turn);
  }
}

function isOnEarth({ lat, lng }: Position): boolean {
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
}

function quoteTo(turn: Turn, place: Place, addressTyped = false): void {
  const { cart } = turn.session;
  const { view } = turn.context;
  if (view === null) return;
  const lines = cart.lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const products = lines.flatMap(({ productId }) => productOf(turn, productId) ?? []);
  const priced = priceQuote({ settings: view.settings, products, lines, dropoff: place.position });
  if (!priced.ok) {
    refuse(turn, priced.refusal);
    return;
  }
  if (!payable(turn, priced.quote)) return;
  const version = turn.context.seq;
  change(turn, {
    state: 'CUSTOMER_FLOW',
    step: 'confirm',
    place,
    misses: 0,
    checkout: {
      phase: 'confirm',
      version,
      cartVersion: cart.version,
      lines,
      quote: priced.quote,
      orderId: null,
      cancelled: false,
      quotedAtMs: turn.context.nowMs,
      ...(addressTyped ? { addressTyped } : {}),
    },
  });
  showQuote(turn, priced.quote, version);
}

/** Cash is the only way to pay: it must be on and the total within its limit. */
export function payable(turn: Turn, quote: Quote): boolean {
  const cod = turn.context.view?.settings.payments.cod;
  const maxMinor = cod?.enabled === true ? cod.maxAmountMinor : 0;
  if (quote.totalMinor <= maxMinor) return true;
  change(turn, { step: null, checkout: null });
  showCart(turn);
  turn.leads.push(say(turn, 'cod_too_much', { max: money(turn, maxMinor) }));
  return false;
}

export function showQuote(turn: Turn, quote: Quote, version: number): void {
  const shown = say(turn, 'quote', {
    lines: cutLines(quoteLines(turn, quote.lines), LINES_MAX_CHARS),
    subtotal: money(turn, quote.subtotalMinor),
    delivery: money(turn, quote.deliveryFeeMinor),
    total: money(turn, quote.totalMinor),
    eta_min: quote.etaS === null ? ETA_WITHOUT_POSITION_MIN : Math.max(1, Math.round(quote.etaS / SECONDS_A_MINUTE)),
    address: placeName(turn),
  });
  const { note } = turn.session;
  const noted = note == null ? '' : `${say(turn, 'note_taken', { note })}\n`;
  turn.reply = buttons(`${shown}\n${noted}${say(turn, 'pay_cash')}\n${say(turn, 'ask_confirm')}`, [
    { id: `confirm:${version}`, title: say(turn, 'button_confirm') },
    { id: 'more', title: say(turn, 'button_add_more') },
    { id: 'cancel:draft', title: say(turn, 'button_cancel') },
  ]);
}

function placeName(turn: Turn): string {
  const { place } = turn.session;
  if (place === null) return '';
  if (place.address !== null && place.address !== '') return place.address;
  return place.position === null ? '' : `${place.position.lat.toFixed(5)}, ${place.position.lng.toFixed(5)}`;
}

/** What the customer can do now, for a stale button or a question in the middle of a checkout. Acts on nothing. */
export function showCheckout(turn: Turn): void {
  const { checkout } = turn.session;
  if (checkout === null) showCart(turn);
  else if (checkout.phase === 'address') askAddress(turn, false);
  else if (checkout.phase === 'confirm' && checkout.quote !== null) showQuote(turn, checkout.quote, checkout.version);
}

/** Explains why it cannot be sold or delivered like this; the cart stays as it is. */
export function refuse(turn: Turn, refusal: Refusal): void {
  const details = refusal.details ?? {};
  switch (refusal.code) {
    case 'order.too_far':
      change(turn, { place: null });
      askAddress(turn, true);
      turn.leads.push(
        say(turn, 'too_far', {
          max_km: typeof details.max_km === 'number' ? details.max_km : (turn.context.view?.settings.delivery.maxKm ?? 0),
        }),
      );
      return;
    case 'order.out_of_stock':
    case 'order.product_unavailable':
    case 'product.not_found':
      change(turn, { checkout: null, step: null });
      if (dropUnsold(turn)) showCart(turn);
      else {
        showCart(turn);
        turn.leads.push(say(turn, 'out_of_stock', { lines: shortLines(turn, details) }));
      }
      return;
    case 'tenant.suspended':
    case 'tenant.not_found':
      change(turn, { checkout: null, step: null });
      turn.reply = text(say(turn, 'shop_suspended', { shop: turn.context.view?.settings.name ?? '' }));
      return;
    default:
      change(turn, { checkout: null, step: null });
      showCart(turn);
      turn.leads.push(say(turn, 'error_sorry'));
  }
}

/** What left the menu can be neither ordered nor named any more: it leaves the cart. @returns false when nothing did. */
function dropUnsold(turn: Turn): boolean {
  const { cart } = turn.session;
  const unsold = cart.lines.filter((line) => productOf(turn, line.productId)?.available !== true);
  if (unsold.length === 0) return false;
  const names = unsold.slice(0, NAMED_MAX).map((line) => line.name);
  turn.leads.push(say(turn, 'not_found', { what: names.join(', ') }));
  change(turn, { cart: { version: cart.version + 1, lines: cart.lines.filter((line) => !unsold.includes(line)) } });
  return true;
}

/** `Kota (2)` a line: name and what is left; the whole cart's names when the refusal does not say. */
function shortLines(turn: Turn, details: Readonly<Record<string, unknown>>): string {
  const named: string[] = [];
  const lines: readonly unknown[] = Array.isArray(details.lines) ? details.lines : [{ product_id: details.product_id }];
  for (const line of lines.slice(0, NAMED_MAX)) {
    const { product_id: id, available } = (line ?? {}) as { product_id?: unknown; available?: unknown };
    if (typeof id !== 'string') continue;
    const name = productOf(turn, id)?.name ?? turn.session.cart.lines.find((held) => held.productId === id)?.name;
    if (name !== undefined) named.push(typeof available === 'number' ? `${name} (${available})` : name);
  }
  return named.length > 0 ? named.join('\n') : turn.session.cart.lines.map((line) => line.name).join('\n');
}
