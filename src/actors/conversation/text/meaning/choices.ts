/** Which one of several that were offered a few words mean: "coke", "the second one", "both". Pure; knows no state. */

import type { LineRequest, Product } from '../../../tenant/protocol.ts';
import { compileCatalogue } from '../catalogue/catalogue-index.ts';
import { BESIDE_YES, NOTE } from '../data/around-words.ts';
import { ALL_OF_THEM, BESIDE_A_CHOICE, BOTH, LAST, ORDINALS } from '../data/choice-words.ts';
import { ARTICLES } from '../data/number-words.ts';
import { PHRASES } from '../data/phrases.ts';
import { PLACE_MARKS } from '../data/place-words.ts';
import { asksAbout, isQuestion } from '../data/rules.ts';
import { parseItems } from '../items/parse-items.ts';
import { tokenise } from '../items/tokens.ts';
import { normalise } from '../words/normalise.ts';
import { numberAt } from '../words/numbers.ts';
import { namesStreet } from './addresses.ts';
import { countAlone } from './count.ts';

interface Offered {
  readonly product: Product;
  /** How many of it were spoken of. */
  readonly quantity: number;
}

/** Longer texts say more than which one. */
const WORDS_MAX = 10;
/** "number 2", "#2": of the list. A number alone says nothing of the kind. */
const NUMBERED = /#\s*\d|\b(?:number|nr|option|choice|nommer|inombolo)\b/i;

const ROW_NUMBER = /^\W*(?:(?:no|nr|number|option|choice|nommer|inombolo)\W*)?(\d{1,2})\W*(?:please|pls|plz|asb|ne)?\W*$/iu;

/** "1", "the second one", "number 3", "2 of the last one": which row of a list that was just shown. @returns null when the text says anything else, or there is no such row. */
export function rowSaid(text: string, rows: number): { readonly row: number; readonly quantity: number } | null {
  const numbered = ROW_NUMBER.exec(text)?.[1];
  if (numbered !== undefined) return isRow(Number(numbered), rows) ? { row: Number(numbered), quantity: 1 } : null;
  const tokens = tokenise(normalise(text).parts).filter((token) => token !== ',');
  if (tokens.length === 0 || tokens.length > WORDS_MAX || text.includes('?')) return null;
  const pointing = tokens.filter((token) => !BESIDE_A_CHOICE.has(token));
  const count = pointing.length > 1 ? numberAt(pointing, 0) : null;
  const pointed = pointing.slice(count?.words ?? 0).join(' ');
  const row = LAST.has(pointed) ? rows : (ORDINALS.get(pointed) ?? 0);
  return isRow(row, rows) ? { row, quantity: count?.value ?? 1 } : null;
}

function isRow(row: number, rows: number): boolean {
  return row >= 1 && row <= rows;
}

/** @returns what was chosen, with the number it was spoken of unless another is said; null when the text says anything else. */
export function chosenOf(text: string, offered: readonly Offered[]): readonly LineRequest[] | null {
  const { words, parts } = normalise(text);
  const tokens = tokenise(parts).filter((token) => token !== ',');
  if (tokens.length === 0 || tokens.length > WORDS_MAX || text.includes('?') || isQuestion(parts) || asksAbout(parts)) return null;
  // More than which one is said.
  if ((PLACE_MARKS.test(words) && !isNameOf(words, offered)) || namesStreet(words) || NOTE.test(words)) return null;
  const [only, other] = offered;
  if (only !== undefined && other === undefined) {
    if (agrees(tokens, words)) return [requestOf(only)];
    const quantity = countAlone(text);
    if (quantity !== null) return [{ productId: only.product.id, quantity }];
  }
  const pointing = tokens.filter((token) => !BESIDE_A_CHOICE.has(token));
  const pointed = pointing.join(' ');
  const each = numberAt(pointing, 0);
  if (each !== null && Number.isInteger(each.value) && each.value >= 1 && ALL_OF_THEM.has(pointing.slice(each.words).join(' ')))
    return offered.map(({ product }) => ({ productId: product.id, quantity: each.value }));
  const numbered = NUMBERED.test(text) && each !== null && pointing.length === each.words ? offered[each.value - 1] : undefined;
  if (numbered !== undefined) return [requestOf(numbered)];
  if (ALL_OF_THEM.has(pointed) || (offered.length === 2 && BOTH.has(pointed))) return offered.map(requestOf);
  const place = LAST.has(pointed) ? offered.length : ORDINALS.get(pointed);
  const placed = place === undefined ? undefined : offered[place - 1];
  if (placed !== undefined) return [requestOf(placed)];
  // "2 of the first one"
  const counted = each === null || pointing.length === each.words ? null : rowSaid(text, offered.length);
  const meant = counted === null ? undefined : offered[counted.row - 1];
  if (counted !== null && meant !== undefined) return [{ productId: meant.product.id, quantity: counted.quantity }];
  return place === undefined ? namedOf(words.replace(/ ones?\b/g, ''), parts.replace(/ ones?\b/g, ''), offered) : null;
}

/** A whole name of one of them, "full house" or "pap and wors", and nothing besides. @param words normalised. */
export function isNameOf(words: string, offered: readonly { readonly product: Product }[]): boolean {
  const said = words.replace(LEADING_TO_NAME, '');
  return offered.some(({ product: { name, aliases } }) => [name, ...aliases].some((known) => normalise(known).words === said));
}

const LEADING_TO_NAME = /^(?:the|a|my|no|just) /;

/** "Yes please", to the only one that was offered. */
function agrees(tokens: readonly string[], words: string): boolean {
  return (
    PHRASES.get(words) === 'yes' || (tokens.some((token) => PHRASES.get(token) === 'yes') && tokens.every((token) => BESIDE_YES.has(token)))
  );
}

/** "large" is the large one of these, whatever else the shop has that is large. */
function namedOf(words: string, parts: string, offered: readonly Offered[]): readonly LineRequest[] | null {
  const { items, exchanged, removed, ambiguous, quantityProblems, unmatched, unread, wishes, noise } = parseItems(
    parts,
    compileCatalogue(offered.map(({ product }) => product)),
  );
  const more = [exchanged, removed, ambiguous, quantityProblems, unmatched, unread, wishes].some((list) => list.length > 0);
  if (items.length === 0 || more || noise > 0 || items.some((item) => item.change !== 'add')) return null;
  const tokens = tokenise(words);
  const isCounted = tokens.some((token, at) => !ARTICLES.has(token) && numberAt(tokens, at) !== null);
  return items.map(({ productId, quantity }) => ({
    productId,
    quantity: isCounted ? quantity : (offered.find(({ product }) => product.id === productId)?.quantity ?? quantity),
  }));
}

function requestOf({ product, quantity }: Offered): LineRequest {
  return { productId: product.id, quantity };
}
