/** What a few words mean only in the light of what was asked or quoted last: a bare number, "the second one", "yes, 2 kota". Must never know what it leads to. */

import type { Product } from '../../../tenant/protocol.ts';
import type { Turn } from '../../session/turn.ts';
import { chosenOf, isNameOf, rowSaid } from '../../text/meaning/choices.ts';
import { countAlone } from '../../text/meaning/count.ts';
import { agreesIf, leadingAnswer, namesSomething } from '../../text/meaning/replies.ts';
import { isShortNote } from '../../text/meaning/short-notes.ts';
import type { Understanding } from '../../text/meaning/understand.ts';
import { normalise } from '../../text/words/normalise.ts';
import type { Wanted } from '../steps/cart.ts';
import { productOf, rowsOf, shelfOf } from '../steps/catalogue.ts';
import { openOrder } from '../steps/orders.ts';
import type { ItemsMeaning, Meaning } from './meaning.ts';

export const NOTHING_MEANT: ItemsMeaning = {
  kind: 'items',
  language: null,
  added: [],
  counted: [],
  exchanged: [],
  removed: [],
  amount: null,
  address: null,
  about: [],
  unknown: [],
  unread: [],
  wishes: [],
  ambiguous: [],
};

/** "Yes, 2 kota" to a quote with 2 kota says what it says: it neither orders two more nor agrees for sure. "Yes if you have coke" orders none, either. */
export function restatesCart(turn: Turn, understood: Extract<Understanding, { intent: 'items' }>, text: string): boolean {
  const { checkout, cart } = turn.session;
  if (checkout?.phase !== 'confirm') return false;
  const { items, again, ...rest } = understood;
  if (items.length === 0 || again !== undefined) return false;
  const { words } = normalise(text);
  if (leadingAnswer(words) !== 'yes') return false;
  const saysMore = namesSomething({ ...rest, items: [] }) || rest.unmatched.length + rest.unread.length + rest.wishes.length > 0;
  const isHeld = ({ productId, quantity }: Wanted): boolean =>
    cart.lines.some((line) => line.productId === productId && line.quantity === quantity);
  if (saysMore || ADDING_MORE.test(text)) return false;
  return agreesIf(words, shelfOf(turn.context.view).compiled) || items.every((item) => item.change === 'add' && isHeld(item));
}

const ADDING_MORE = /\b(?:add|more|another|extra|plus|also|engeza|faka|futhi|nog)\b|^\W*\w+\W+and\b/iu;

/** A bare number, right after we asked how many of something that the menu still has, is the whole quantity of it. */
export function quantityAnswer(turn: Turn, text: string): ItemsMeaning | null {
  const { quantityAsked } = turn.before.session;
  if (quantityAsked == null || productOf(turn, quantityAsked) === null) return null;
  const quantity = countAlone(text);
  if (quantity === null) return null;
  return { ...NOTHING_MEANT, counted: [{ productId: quantityAsked, quantity }] };
}

/**
 * "Coke Zero", when another Coke was offered: a whole name means its product, and the longest one counts. One word alone, "the kota",
 * speaks of what was offered, whatever else is called just that.
 */
function namesAnother(turn: Turn, text: string, offered: readonly { readonly product: Product }[]): boolean {
  const said = ` ${normalise(text).words} `;
  let longest: Product | null = null;
  let longestChars = 0;
  for (const product of turn.context.view?.products ?? []) {
    const { words } = normalise(product.name);
    if (product.available && words.includes(' ') && words.length > longestChars && said.includes(` ${words} `)) {
      longest = product;
      longestChars = words.length;
    }
  }
  return longest !== null && !offered.some(({ product }) => product.id === longest.id);
}

/** "1" or "the second one", right after a page of the menu: what a tap on that row does. @returns the id of the row, null for any other text. */
export function rowAnswer(turn: Turn, text: string): string | null {
  const { listShown } = turn.before.session;
  if (listShown == null) return null;
  const rows = rowsOf(turn, listShown);
  const said = rowSaid(text, rows.length);
  const id = said === null ? undefined : rows[said.row - 1];
  if (said === null || id === undefined) return null;
  return said.quantity === 1 || !id.startsWith('prod:') ? id : `pick:${said.quantity}:${id.slice('prod:'.length)}`;
}

/** A name, a place in the list or "both", right after we asked which one. */
export function choiceAnswer(turn: Turn, text: string): ItemsMeaning | null {
  const choices = (turn.before.session.choiceAsked ?? []).flatMap(({ productId, quantity }) => {
    const product = productOf(turn, productId);
    return product?.available === true ? [{ product, quantity }] : [];
  });
  if (choices.length === 0) return null;
  const isAnew = turn.before.session.choiceAsked?.some(({ anew }) => anew === true) === true;
  // "Make it 3", of which? "Add 2 coke" is another wish.
  if (isAnew && ADDING_MORE.test(text) && !isNameOf(normalise(text).words, choices)) return null;
  if (namesAnother(turn, text, choices)) return null;
  const added = chosenOf(text, choices);
  if (added === null) return null;
  return isAnew ? { ...NOTHING_MEANT, counted: added } : { ...NOTHING_MEANT, added };
}

/** "R200 cash", "at 5": a note as soon as something is ordered. Any other number of who only waits asks how it stands. @returns null for any other text. */
export function shortNote(turn: Turn, text: string, words: string): Meaning | null {
  const waits = turn.session.cart.lines.length === 0 && openOrder(turn.session) !== null;
  if ((waits || turn.session.cart.lines.length > 0) && isShortNote(words))
    return { kind: 'note', note: text, agreed: false, beside: true, language: null };
  return waits && countAlone(text) !== null ? { kind: 'emoji', language: null } : null;
}

const FILLED = /^\W*(?:(\d+|one|two|three|four|five) (?:of them )?)?(?:with|met)\b/i;

/** "With mince" or "2 with mince" behind vetkoek, where a "Vetkoek with mince" is sold: in their place, not beside them. */
export function withFilling(turn: Turn, meaning: ItemsMeaning, text: string): ItemsMeaning {
  const [item, other] = meaning.added;
  const line = turn.session.cart.lines.at(-1);
  const filled = FILLED.exec(text);
  if (item === undefined || other !== undefined || line === undefined || filled === null) return meaning;
  const { words } = normalise(productOf(turn, item.productId)?.name ?? '');
  if (!words.startsWith(`${normalise(line.name).words} with `)) return meaning;
  const quantity = filled[1] === undefined ? null : item.quantity;
  return { ...meaning, added: [], exchanged: [{ productId: item.productId, quantity, instead: quantity, last: true, resized: false }] };
}
