/** What was named one instead of the other, "kota or coke" and "2 or 3 kota": which one is asked, never guessed. Pure. */
import { longestMatch, type Match } from '../../catalogue/catalogue.ts';
import { ALTERNATIVES, JOINING, VERBS } from '../../data/order-words.ts';
import { isFiller } from '../../words/fillers.ts';
import { numberAt, readNumber } from '../../words/numbers.ts';
import type { Choice, Found, Scan } from '../scan.ts';

/** "kota or maybe a coke", "kota or if you don't have it a coke" */
const DOUBTING: ReadonlySet<string> = new Set(
  'instead maybe perhaps rather else if you u t have then available is its it there sold'.split(' '),
);
/** Words between the two, articles and numbers with them. */
const BETWEEN_MAX = 8;

/** "if no coke", "if it is not there": what follows comes instead. */
const LACKING: ReadonlySet<string> = new Set(['no', 'not', 'don', 'dont', 'none', 'finished', 'out', 'unavailable']);

/** @returns what was named in front of the item at `at` with nothing but an "or" between them, null for none. */
export function alternativeTo({ tokens, found }: Scan, at: number): Found | null {
  const last = found[found.length - 1];
  if (last === undefined) return null;
  const between = tokens.slice(last.end, at);
  const leaves =
    between.some((token) => ALTERNATIVES.has(token)) || (between.includes('if') && between.some((token) => LACKING.has(token)));
  if (between.length > BETWEEN_MAX || !(leaves || last.open === true)) return null;
  const isNothing = (token: string): boolean =>
    token === ',' ||
    ALTERNATIVES.has(token) ||
    isFiller(token) ||
    readNumber(token) !== null ||
    DOUBTING.has(token) ||
    LACKING.has(token) ||
    VERBS.get(token) === 'add';
  return between.every((token) => isNothing(token) && !JOINING.has(token)) ? last : null;
}

/** The same named again: "coke or if no coke". */
export function isAgain({ match }: Found, again: Match): boolean {
  return match.products.length === 1 && again.products.length === 1 && match.products[0] === again.products[0];
}

/** The item joins what it could be instead of; "coke or coca cola" stays one product. */
export function joinAlternative(last: Found, { tokens }: Scan, match: Match, number: number | null, end: number): void {
  const word = tokens.slice(last.end, end).find((token) => ALTERNATIVES.has(token)) ?? 'or';
  const choices: readonly Choice[] = last.choices ?? [{ match: last.match, number: last.before ?? last.after }];
  last.choices = [...choices, { match, number }];
  last.match = {
    phrase: `${last.match.phrase} ${word} ${match.phrase}`,
    products: [...new Set([...last.match.products, ...match.products])],
    words: match.words,
    exact: last.match.exact && match.exact,
  };
  last.end = end;
}

/** "2 or 3": how many is not said. @returns the first token behind the second number, 0 when `at` is not between two numbers. */
export function unsureEnd({ tokens, catalogue, change }: Pick<Scan, 'tokens' | 'catalogue' | 'change'>, at: number): number {
  // "2 to 3 kotas"; "change 2 to 3 kotas" says which.
  if (tokens[at] === 'to' && change === 'add') {
    const [low, high] = [readNumber(tokens[at - 1] ?? ''), numberAt(tokens, at + 1)];
    const isRange = low !== null && high !== null && low < high.value && longestMatch(tokens, at + 1 + high.words, catalogue) !== null;
    return isRange ? at + 1 + high.words : 0;
  }
  if (!ALTERNATIVES.has(tokens[at] ?? '')) return 0;
  const second = numberAt(tokens, at + 1);
  // "2 or a coke"
  return second === null || /^(?:an?|one)$/.test(tokens[at + 1] ?? '') ? 0 : at + 1 + second.words;
}
