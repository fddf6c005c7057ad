/** What goes is called by a word of another name: "the pap" of a "Pap and wors" that is the only pap in the cart. Changes nothing. */
import type { CartLine } from '../../protocol.ts';
import type { Turn } from '../../session/turn.ts';
import { normalise } from '../../text/words/normalise.ts';
import type { ItemsMeaning } from '../reading/meaning.ts';
import { askAmountOfWhich } from './which.ts';

type Removed = ItemsMeaning['removed'][number];

/** By its line where that is surely a kind of it: "the kota" of the only "Full house kota", "the vetkoek" of a "Vetkoek with mince". */
export function withKindsHeld({ session }: Turn, meaning: ItemsMeaning): ItemsMeaning {
  if (meaning.removed.length === 0) return meaning;
  const { lines } = session.cart;
  const removed = meaning.removed.map((item) => {
    const [held, other] = calledSo(item, lines);
    return held === undefined || other !== undefined || !isKindOf(item.phrase ?? '', held) ? item : { ...item, productId: held.productId };
  });
  return { ...meaning, removed };
}

/** "Remove the pap" alone, where plates with pap are in the cart and none is called just that. @returns whether it was asked which goes. */
export function askedWhichIsCalledSo(turn: Turn, { removed }: ItemsMeaning): boolean {
  const [item, other] = removed;
  if (item === undefined || other !== undefined) return false;
  const lines = calledSo(item, turn.session.cart.lines);
  if (lines.length === 0) return false;
  askAmountOfWhich(turn, { quantity: item.quantity ?? Number.POSITIVE_INFINITY, change: 'remove' }, lines);
  return true;
}

/** Lines with the word in their name; none for what the cart has by its own name, or is only refused. */
function calledSo({ productId, refused, phrase }: Removed, lines: readonly CartLine[]): readonly CartLine[] {
  if (refused || phrase === undefined || lines.some((line) => line.productId === productId)) return [];
  return lines.filter(({ name }) => ` ${normalise(name).words} `.includes(` ${phrase} `));
}

function isKindOf(phrase: string, { name }: CartLine): boolean {
  const { words } = normalise(name);
  return words.startsWith(`${phrase} with `) || (words.endsWith(` ${phrase}`) && !words.includes(' and '));
}
