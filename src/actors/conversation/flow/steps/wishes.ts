/** How items are wished: kept with the line of the cart, or with the order, and told to the shop. Must never know what it costs. */
import { LINE_NOTE_MAX_CHARS, NAMED_MAX_CHARS, NOTE_MAX_CHARS, ORDER_NOTE_MAX_CHARS } from '../../limits.ts';
import type { CartLine } from '../../protocol.ts';
import type { Cart } from '../../session/session.ts';
import { change, type Turn } from '../../session/turn.ts';
import { JOINING } from '../../text/data/order-words.ts';
import { cut } from '../../text/saying/cut.ts';
import { normalise } from '../../text/words/normalise.ts';
import type { Wanted } from './cart.ts';
import { productOf } from './catalogue.ts';

export interface Wish {
  /** Null: of what was not said, or of an item that is asked about. */
  readonly productId: string | null;
  readonly what: string;
}

/** More of a wished line without a wish: the wish stays with as many as had it. */
export function noteBesideMore(line: CartLine): string | null {
  const { note, quantity } = line;
  if (note === undefined) return null;
  return /^\d/.test(note) ? note : cut(`${quantity} x ${note}`, LINE_NOTE_MAX_CHARS);
}

/** @param before the cart that the turn began with: only what came on top of it is wished so. @returns those that found no item. */
export function putWishes(turn: Turn, wishes: readonly Wish[], before: Cart): readonly Wish[] {
  const without: Wish[] = [];
  for (const wish of wishes) {
    const { lines } = turn.session.cart;
    const id = wish.productId ?? (lines.length === 1 ? lines[0]?.productId : undefined);
    const line = lines.find((known) => known.productId === id);
    if (line === undefined) {
      without.push(wish);
      continue;
    }
    const held = before.lines.find((known) => known.productId === id)?.quantity ?? 0;
    const isPart = held > 0 && line.quantity > held;
    const what = isPart && !/^\d/.test(wish.what) ? `${line.quantity - held} x ${wish.what}` : wish.what;
    const kept = line.note === undefined ? what : line.note.includes(what) ? line.note : `${line.note}, ${what}`;
    const next: CartLine = { ...line, note: cut(kept, LINE_NOTE_MAX_CHARS) };
    change(turn, { cart: { ...turn.session.cart, lines: lines.map((known) => (known === line ? next : known)) } });
  }
  return without;
}

/** What is given up, "no atchar" or "take out the polony", in the words that it was said in and called by. */
interface GivenUp {
  readonly productId: string;
  readonly refused: boolean;
  readonly quantity: number | null;
  readonly said?: string;
  readonly phrase?: string;
}

/**
 * What is given up and not in the cart, but is in what the cart has or gets: "no atchar" of a kota with atchar, "no pap" of "Mogodu and pap".
 * @param productIds of the cart and of what is ordered now. @returns null for anything else.
 */
export function refusedPart(turn: Turn, item: GivenUp, productIds: ReadonlySet<string>): Wish | null {
  const { productId, refused, quantity, phrase } = item;
  const what = refused ? item.said : phrase === undefined || quantity !== null ? undefined : `no ${phrase}`;
  if (what === undefined || productIds.has(productId)) return null;
  const called = (phrase ?? normalise(productOf(turn, productId)?.name ?? '').words).split(' ').filter((word) => !JOINING.has(word));
  const made = [...productIds].filter((id) => {
    const { name = '', description } = productOf(turn, id) ?? {};
    const parts = refused ? partsNamed(name) : [];
    const described = [...parts, ...normalise(description ?? '').words.split(' ')];
    const isThere = (word: string): boolean => described.includes(word);
    // "Remove the large chips" is no part of the small ones.
    return refused ? called.some(isThere) : called.every(isThere);
  });
  const [only, other] = made;
  if (only === undefined) return null;
  return { productId: other === undefined ? only : null, what: cut(what, NAMED_MAX_CHARS) };
}

/** "Mogodu" and "pap"; of a name without an "and" there is nothing to leave out. */
function partsNamed(name: string): readonly string[] {
  const words = normalise(name).words.split(' ');
  return words.includes('and') || words.includes('n') ? words : [];
}

/** Kept with the order: nobody knows of which item it is. */
export function noteOrderWish(turn: Turn, what: string): void {
  const { note } = turn.session;
  if (note?.includes(what) === true) return;
  change(turn, { note: cut(note == null ? what : `${note}, ${what}`, NOTE_MAX_CHARS) });
}

/** What the shop and the driver read beside the order; null for nothing. */
export function orderNote(turn: Turn, ordered: readonly Wanted[]): string | null {
  const { cart, note } = turn.session;
  const wished = cart.lines.filter((line) => line.note !== undefined && ordered.some((item) => item.productId === line.productId));
  const said = [...wished.map((line) => `${line.name}: ${line.note}`), ...(note == null ? [] : [note])];
  return said.length === 0 ? null : cut(said.join('; '), ORDER_NOTE_MAX_CHARS);
}
