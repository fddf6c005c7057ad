/** A text that is nothing but how many, as it answers a question: "3", "x3", "three pls", "ngicela ezintathu". Pure; knows no product. */
import { BESIDE_A_COUNT } from '../data/order-words.ts';
import { tokenise } from '../items/tokens.ts';
import { normalise } from '../words/normalise.ts';
import { numberAt } from '../words/numbers.ts';

/** No "one" by themselves, unlike in "a dozen". */
const ARTICLES: ReadonlySet<string> = new Set(['a', 'an']);

/** @param text as it came. @returns the number, which may be 0, negative or a part of one; null when there is none, a second one, or anything else is said. */
export function countAlone(text: string): number | null {
  const tokens = tokenise(normalise(text).parts);
  let count: number | null = null;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] as string;
    const read = numberAt(tokens, at);
    const number = read?.words === 1 && ARTICLES.has(token) ? null : read;
    if (number !== null) {
      if (count !== null) return null;
      count = number.value;
      at += number.words;
    } else if (BESIDE_A_COUNT.has(token)) at++;
    else return null;
  }
  return count;
}
