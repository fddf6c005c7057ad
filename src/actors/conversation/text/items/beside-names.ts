/** What a text says besides what is sold: the "house" of a full house is no place. Pure; must never know what it is needed for. */

import type { Product } from '../../../tenant/protocol.ts';
import { type CompiledCatalogue, longestMatch } from '../catalogue/catalogue.ts';
import { ARTICLES } from '../data/number-words.ts';
import { PLACE_MARKS } from '../data/place-words.ts';
import { readNumber } from '../words/numbers.ts';

/** In the place of a name. */
const NAME = ',';

/** @returns the words that are no name of a product. A name's part, "large" or "house", is none. */
function besideNames(words: string, catalogue: CompiledCatalogue): string[] {
  const tokens = words.split(' ');
  const left: string[] = [];
  for (let at = 0; at < tokens.length; ) {
    const match = longestMatch(tokens, at, catalogue);
    const isName = match?.exact === true && (match.words > 1 || !catalogue.descriptors.has(match.phrase));
    left.push(isName ? NAME : (tokens[at] as string));
    at += isName ? match.words : 1;
  }
  return left;
}

/** @returns the words without the names of products and the numbers in front of them. */
export function withoutNames(words: string, catalogue: CompiledCatalogue): string {
  const left = besideNames(words, catalogue);
  return left.filter((word, at) => left[at + 1] !== NAME || readNumber(word) === null).join(' ');
}

/** Whether a number is said that belongs to no name: "2 kota", not "the 7 colours". */
export function counts(words: string, catalogue: CompiledCatalogue): boolean {
  return besideNames(words, catalogue).some((word) => readNumber(word) !== null && !ARTICLES.has(word));
}

/** @returns the words with a comma in the place of each name. */
export function withNamesMarked(words: string, catalogue: CompiledCatalogue): string {
  return besideNames(words, catalogue).join(' ');
}

/** What is named without doubt, each once. */
export function surelyNamed(words: string, catalogue: CompiledCatalogue): readonly Product[] {
  const tokens = words.split(' ');
  const named = new Set<Product>();
  for (let at = 0; at < tokens.length; ) {
    const match = longestMatch(tokens, at, catalogue);
    const [product, other] = match?.products ?? [];
    if (product !== undefined && other === undefined) named.add(product);
    at += match?.words ?? 1;
  }
  return [...named];
}

export function namesPlace(words: string, catalogue: CompiledCatalogue): boolean {
  return PLACE_MARKS.test(words) && PLACE_MARKS.test(withoutNames(words, catalogue));
}
