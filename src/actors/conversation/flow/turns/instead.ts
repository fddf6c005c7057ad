/** One thing of the cart for another: "stoney instead", "make one of them a full house". Must never know how that is said. */

import type { Product } from '../../../tenant/protocol.ts';
import { QUANTITY_MAX } from '../../limits.ts';
import type { CartLine } from '../../protocol.ts';
import { say } from '../../session/speech.ts';
import type { Turn } from '../../session/turn.ts';
import { SIZES } from '../../text/data/style-words.ts';
import { normalise } from '../../text/words/normalise.ts';
import type { Exchanged } from '../reading/meaning.ts';
import { putItems, removeItems } from '../steps/cart.ts';
import { isSellable, productOf, shelfOf } from '../steps/catalogue.ts';

/**
 * What stands in the cart in the same part of the menu goes, all of it or as many as were said; the other comes in its number.
 * Two things of one text do not take each other's place: what is named `beside` stays.
 * With nothing of the kind it is simply ordered, with several it is asked what goes, and nothing changes.
 */
export function putInstead(turn: Turn, said: Exchanged, beside: ReadonlySet<string>): void {
  const { quantity, instead } = said;
  const { cart } = turn.session;
  const lines = mayGo(turn, said).filter((line) => !beside.has(line.productId));
  const kind = kindOfOne(turn, said.productId, lines);
  const productId = kind?.product.id ?? said.productId;
  const product = productOf(turn, productId);
  const found = kind === null ? lines.filter((line) => product !== null && isAlike(turn, said, product, line)) : [kind.line];
  const newest = cart.lines[cart.lines.length - 1];
  // Of what was added last; which one, where there is more of the kind, is asked.
  const alike = !said.last || found.some((line) => line === newest) ? found : [];
  const [gone, other] = alike;
  const isHeld = cart.lines.some((line) => line.productId === productId);
  // "I said kota" of a kota that is there.
  if (isHeld && (gone === undefined || quantity !== null || said.resized)) {
    if (quantity !== null) putItems(turn, [{ productId, quantity }], 'set');
    return;
  }
  // What cannot come takes nothing away.
  if (product === null || gone === undefined || !isSellable(product) || (quantity ?? 1) > QUANTITY_MAX) {
    putItems(turn, [{ productId, quantity: quantity ?? 1 }], 'add');
    return;
  }
  if (other !== undefined) {
    turn.leads.push(say(turn, 'instead_of_what', { item: product.name, example: gone.name }));
    return;
  }
  const goes = instead === null ? gone.quantity : Math.min(instead, gone.quantity);
  removeItems(turn, [{ productId: gone.productId, quantity: goes }]);
  putItems(turn, [{ productId, quantity: quantity ?? goes }], 'add');
}

/** What "make one russian" says of kotas: `unsold` the kind of them that is not on the menu. */
interface MadeOf {
  readonly unsold: string | null;
}

/**
 * "Make one russian" of the kotas in the cart: a "Russian kota" where that is sold, none where only other kotas have it.
 * @returns null when it says nothing of what the cart has: it is ordered by itself.
 */
export function madeOf(turn: Turn, productId: string): MadeOf | null {
  const { lines } = turn.session.cart;
  const product = productOf(turn, productId);
  if (product === null || lines.some((line) => line.productId === productId)) return null;
  if (kindOfOne(turn, productId, lines) !== null) return { unsold: null };
  const [said = ''] = normalise(product.name).words.split(' ');
  const of = lines.findLast((line) => {
    const held = productOf(turn, line.productId);
    if (held === null || held.category === product.category || mentions(held, said)) return false;
    return (
      shelfOf(turn.context.view)
        .categories.get(held.category)
        ?.some((other) => mentions(other, said)) === true
    );
  });
  return of === undefined ? null : { unsold: `${normalise(product.name).words} ${normalise(of.name).words}` };
}

/** The menu says it of this one. */
function mentions({ name, description }: Product, word: string): boolean {
  return normalise(`${name} ${description ?? ''}`)
    .words.split(' ')
    .includes(word);
}

/** The lines whose place it may take. A "no" to the quote, "no, i want a stoney", says nothing of what was added last. */
function mayGo({ session, before }: Turn, { last }: Exchanged): readonly CartLine[] {
  return last && before.session.checkout !== null ? [] : session.cart.lines;
}

/** In the same part of the menu; of a size alone, the same in another size. */
function isAlike(turn: Turn, { resized }: Exchanged, product: Product, { productId, name }: CartLine): boolean {
  if (resized) return productId !== product.id && withoutSize(name) === withoutSize(product.name);
  return productOf(turn, productId)?.category === product.category;
}

export function withoutSize(name: string): string {
  return normalise(name)
    .words.split(' ')
    .filter((word) => !SIZES.has(word))
    .join(' ');
}

/** "One must be russian" of two kotas, where a "Russian kota" is sold beside the "Russian". @returns null when it is no kind of one line alone. */
function kindOfOne(
  turn: Turn,
  productId: string,
  lines: readonly CartLine[],
): { readonly product: Product; readonly line: CartLine } | null {
  const said = productOf(turn, productId)?.name ?? '';
  const { phrases } = shelfOf(turn.context.view).compiled;
  const kinds = lines.flatMap((line) => {
    const [product, other] = phrases.get(normalise(`${said} ${line.name}`).words) ?? [];
    return product === undefined || other !== undefined || product.id === productId ? [] : [{ product, line }];
  });
  return kinds.length === 1 ? (kinds[0] ?? null) : null;
}
