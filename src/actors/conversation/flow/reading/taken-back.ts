/** What of the cart is meant by who takes something back without its name: what was added last, all of it, or what belongs to a part of the menu. Changes nothing. */
import type { Turn } from '../../session/turn.ts';
import { categoryNamed } from '../../text/catalogue/categories.ts';
import { partGivenUp } from '../../text/meaning/taken-back.ts';
import { normalise } from '../../text/words/normalise.ts';
import { productOf, shelfOf } from '../steps/catalogue.ts';
import { NOTHING_MEANT } from './in-context.ts';
import type { ItemsMeaning, Meaning } from './meaning.ts';

/** "Forget that, i want pap": the pap takes the place of what was added last, or of everything. What is not sold takes nothing away. */
export function insteadOfLast(turn: Turn, meaning: ItemsMeaning, isAll: boolean): ItemsMeaning {
  if (meaning.added.length + meaning.counted.length + meaning.ambiguous.length === 0) return meaning;
  const { lines } = turn.session.cart;
  const gone = new Set((isAll ? lines : lines.slice(-1)).map(({ productId }) => productId));
  // "Forget that, i want 3 kota" of kotas.
  const anew = meaning.added.filter(({ productId }) => gone.has(productId));
  const counted = [...meaning.counted, ...anew.map(({ implied: _said, ...item }) => item)];
  const kept = new Set(counted.map(({ productId }) => productId));
  const removed = [...gone].filter((id) => !kept.has(id)).map((productId) => ({ productId, quantity: null, refused: false }));
  return {
    ...meaning,
    added: meaning.added.filter(({ productId }) => !gone.has(productId)),
    counted,
    removed: [...meaning.removed, ...removed],
  };
}

/**
 * "Remove the drink": the only line of that part of the menu, or which of several.
 * @param read what is wanted besides, "no drinks, just chips". @returns null when no part of the menu is given up.
 */
export function partTakenAway(turn: Turn, text: string, read: (rest: string) => Meaning): Meaning | null {
  const { cart, checkout } = turn.session;
  const said = cart.lines.length === 0 ? null : partGivenUp(normalise(text).words);
  if (said === null) return null;
  const { categoryWords, compiled } = shelfOf(turn.context.view);
  const category = categoryNamed(said.what, categoryWords, compiled.phrases);
  if (category === null) return null;
  const besides = said.rest === null ? null : read(said.rest);
  if (besides !== null && besides.kind !== 'items') return null;
  const lines = cart.lines.filter(({ productId }) => productOf(turn, productId)?.category === category);
  const [only, other] = lines;
  // "No drinks": there is none.
  if (only === undefined && besides !== null) return besides;
  if (only === undefined) return { kind: checkout === null ? 'show_cart' : 'resume', language: null };
  // "No drinks, just chips" keeps none of several.
  if (besides !== null && other !== undefined && !said.what.endsWith('s')) return null;
  if (besides === null && other !== undefined)
    return { kind: 'which_goes', productIds: lines.map(({ productId }) => productId), language: null };
  const meant: ItemsMeaning = besides ?? NOTHING_MEANT;
  const gone = lines.filter(({ productId }) => !isAdded(meant, productId));
  return { ...meant, removed: [...meant.removed, ...gone.map(({ productId }) => ({ productId, quantity: null, refused: false }))] };
}

/** "No drinks, just coke": that one stays. */
function isAdded({ added, counted }: ItemsMeaning, productId: string): boolean {
  return [...added, ...counted].some((item) => item.productId === productId);
}
