/**
 * The cart: adding, setting and removing lines within limits, and the echo that follows every change. Prices in it
 * are shown, never charged: the tenant actor prices the order.
 */
import type { Product } from '../../../tenant/protocol.ts';
import { CART_LINES_MAX, ITEMS_MAX, NAMED_MAX, NAMED_MAX_CHARS, QUANTITY_MAX } from '../../limits.ts';
import type { CartLine, InboundContent } from '../../protocol.ts';
import { buttons, cartLines, itemNames, menuButton, money, say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { cut, cutLines } from '../../text/saying/cut.ts';
import { forgetAsked, quantityWasAsked } from './asked.ts';
import { enterCustomerFlow, productOf } from './catalogue.ts';
import { openOrder } from './orders.ts';
import { noteBesideMore, noteOrderWish } from './wishes.ts';

/** Of the lines in a cart or a quote: total, address and what else is said must always find room below and above. */
export const LINES_MAX_CHARS = 400;

export interface Wanted {
  readonly productId: string;
  /** As asked for: may be anything, also 0, negative or fractional. */
  readonly quantity: number;
}

/** Adds to what is there, or sets the quantity (`set`). Says what could not be done. Returns whether the cart changed. */
export function putItems(turn: Turn, wanted: readonly Wanted[], mode: 'add' | 'set'): boolean {
  enterCustomerFlow(turn);
  const { cart } = turn.session;
  let lines = cart.lines;
  const added: { quantity: number; name: string }[] = [];
  const counted: { quantity: number; name: string }[] = [];
  for (const want of wanted.slice(0, ITEMS_MAX)) {
    const product = productOf(turn, want.productId);
    if (product === null || !product.available) {
      turn.leads.push(say(turn, 'not_found', { what: product?.name ?? '?' }));
      continue;
    }
    const held = lines.find((line) => line.productId === product.id)?.quantity ?? 0;
    if (want.quantity === 0 && mode === 'set' && held > 0) {
      lines = lines.filter((line) => line.productId !== product.id);
      turn.leads.push(say(turn, 'removed', { item: product.name }));
      continue;
    }
    const total = permitted(turn, product, mode === 'add' ? held : 0, want.quantity);
    if (total === null || total === held) continue;
    const next = withLine(lines, product, total, mode);
    if (next === null) {
      turn.leads.push(say(turn, 'quantity_too_many', { item: product.name, max: CART_LINES_MAX }));
      continue;
    }
    lines = next;
    // Fewer than the cart held, because stock fell meanwhile: how many are left is said already.
    if (mode === 'set' && held > 0) counted.push({ quantity: total, name: product.name });
    else if (total > held) added.push({ quantity: total - held, name: product.name });
  }
  if (lines === cart.lines) return false;
  if (added.length > 0) turn.leads.push(say(turn, 'added', { items: itemNames(added) }));
  if (counted.length > 0) turn.leads.push(say(turn, 'counted', { items: itemNames(counted) }));
  change(turn, { cart: { version: cart.version + 1, lines } });
  return true;
}

/** The new quantity of the line, capped by stock; null when nothing may be taken (and the customer is told why). */
function permitted(turn: Turn, product: Product, base: number, asked: number): number | null {
  const item = product.name;
  if (!(asked >= 1) || !Number.isInteger(asked)) {
    turn.leads.push(say(turn, 'quantity_zero', { item }));
    quantityWasAsked(turn, product.id);
    return null;
  }
  const total = base + asked;
  if (!(total <= QUANTITY_MAX)) {
    turn.leads.push(say(turn, 'quantity_too_many', { item, max: QUANTITY_MAX }));
    // With some in the cart, the next number could be meant on top of them.
    if (base === 0) quantityWasAsked(turn, product.id);
    return null;
  }
  if (product.stock === null || total <= product.stock) return total;
  if (product.stock <= 0) {
    turn.leads.push(say(turn, 'sold_out', { item }));
    return null;
  }
  turn.leads.push(say(turn, 'only_left', { item, count: product.stock }));
  return Math.min(product.stock, QUANTITY_MAX);
}

function withLine(lines: readonly CartLine[], product: Product, quantity: number, mode: 'add' | 'set'): readonly CartLine[] | null {
  const at = lines.findIndex((known) => known.productId === product.id);
  const held = lines[at];
  const note = held === undefined ? null : mode === 'add' ? noteBesideMore(held) : (held.note ?? null);
  const line: CartLine = {
    productId: product.id,
    name: product.name,
    quantity,
    priceMinor: product.priceMinor,
    ...(note === null ? {} : { note }),
  };
  if (at >= 0) return lines.with(at, line);
  return lines.length >= CART_LINES_MAX ? null : [...lines, line];
}

/** Takes lines out; `quantity` null takes the whole line. Ones that are not in it are named. */
export function removeItems(turn: Turn, items: readonly { readonly productId: string; readonly quantity: number | null }[]): void {
  enterCustomerFlow(turn);
  const { cart } = turn.session;
  let lines = cart.lines;
  for (const item of items.slice(0, ITEMS_MAX)) {
    const line = lines.find((known) => known.productId === item.productId);
    if (line === undefined) {
      turn.leads.push(say(turn, 'not_in_cart', { item: productOf(turn, item.productId)?.name ?? '?' }));
      continue;
    }
    const left = item.quantity === null || !(item.quantity >= 1) ? 0 : line.quantity - Math.floor(item.quantity);
    lines =
      left >= 1 ? lines.map((known) => (known === line ? { ...line, quantity: left } : known)) : lines.filter((known) => known !== line);
    turn.leads.push(
      say(turn, 'removed', { item: left >= 1 ? itemNames([{ name: line.name, quantity: line.quantity - left }]) : line.name }),
    );
  }
  if (lines !== cart.lines) change(turn, { cart: { version: cart.version + 1, lines } });
}

export function clearCart(turn: Turn): void {
  const { cart } = turn.session;
  if (cart.lines.length > 0) change(turn, { cart: { version: cart.version + 1, lines: [] } });
}

/** Subtracts what was ordered: what was added while the order was being placed stays. */
export function takeOrdered(turn: Turn, ordered: readonly Wanted[]): void {
  const { cart } = turn.session;
  const lines = cart.lines
    .map((line) => ({ ...line, quantity: line.quantity - (ordered.find((item) => item.productId === line.productId)?.quantity ?? 0) }))
    .filter((line) => line.quantity >= 1);
  if (cart.lines.length === 0) return;
  change(turn, { cart: { version: cart.version + 1, lines } });
  if (lines.length === 0) forgetAsked(turn);
}

/** The cart as it is now, with what to do next. */
export function showCart(turn: Turn): void {
  enterCustomerFlow(turn);
  const { version, lines } = turn.session.cart;
  if (lines.length === 0) {
    turn.reply = buttons(say(turn, 'cart_empty'), [menuButton(turn)]);
    return;
  }
  const open = openOrder(turn.session);
  if (open !== null && turn.before.session.cart.lines.length === 0) turn.leads.push(say(turn, 'next_order', { code: open.code }));
  const subtotalMinor = lines.reduce((sum, line) => sum + line.quantity * line.priceMinor, 0);
  const shown = cutLines(cartLines(turn, lines), LINES_MAX_CHARS);
  turn.reply = buttons(say(turn, 'cart_echo', { lines: shown, subtotal: money(turn, subtotalMinor) }), [
    { id: `checkout:${version}`, title: say(turn, 'button_checkout') },
    menuButton(turn),
    { id: `clear:${version}`, title: say(turn, 'button_clear') },
  ]);
}

/** A WhatsApp cart is the whole order: it replaces ours, line by line from our own catalogue. */
export function fillCart(turn: Turn, content: Extract<InboundContent, { kind: 'cart' }>): void {
  const before = turn.session.cart;
  change(turn, { cart: { version: before.version + 1, lines: [] } });
  const merged = new Map<string, number>();
  const unknown: string[] = [];
  for (const { productId, quantity } of content.items.slice(0, ITEMS_MAX)) {
    if (productOf(turn, productId) === null) unknown.push(cut(productId, NAMED_MAX_CHARS));
    else merged.set(productId, (merged.get(productId) ?? 0) + quantity);
  }
  putItems(
    turn,
    [...merged].map(([productId, quantity]) => ({ productId, quantity })),
    'set',
  );
  if (unknown.length > 0) turn.leads.push(say(turn, 'not_found', { what: unknown.slice(0, NAMED_MAX).join(', ') }));
  if (turn.session.cart.lines.length === 0 && before.lines.length > 0) change(turn, { cart: before });
  else if (content.note !== null && content.note.trim() !== '') noteOrderWish(turn, content.note.trim());
  showCart(turn);
}
