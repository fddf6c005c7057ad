/** What is said to come instead of something that stands in the cart: "stoney instead", "make one of them a full house". Pure. */
import { IN_PLACE_AHEAD, IN_PLACE_BEHIND, IN_PLACE_WORDS, MEANT_BEHIND } from '../../data/around-words.ts';
import { NUMBER_WORDS } from '../../data/number-words.ts';
import { CORRECTING, MORE, TOO } from '../../data/order-words.ts';
import { SIZES } from '../../data/style-words.ts';
import { isFiller } from '../../words/fillers.ts';
import type { Found, Scan } from '../scan.ts';

/** Words in front of an item that are looked at. */
const AHEAD_MAX = 8;
/** "make it a full house" says no number. */
const ARTICLE = /(?:^| )(?:a|an|the|n)$/;

/** @param end the first token behind the item. @returns for how many, null for all, undefined when it comes instead of nothing; `article`: its number is none. */
export function insteadAt(scan: Scan, at: number, end: number): { readonly instead: number | null; readonly article: boolean } | undefined {
  const { tokens, corrected, change } = scan;
  // "No i want stoney": whatever is counted anew comes instead.
  const corrects = corrected !== null && change === 'set';
  if (!corrects && !mayExchange(tokens, at, end)) return undefined;
  const ahead = tokens.slice(Math.max(0, at - AHEAD_MAX), at).join(' ');
  const article = ARTICLE.test(ahead);
  const said = IN_PLACE_AHEAD.exec(ahead);
  const count = said?.[1] ?? said?.[2];
  if (said === null && corrects) return { instead: null, article };
  if (said !== null) return { instead: count === undefined ? null : (NUMBER_WORDS.get(count) ?? Number(count)), article };
  return isMeant(tokens, end) || IN_PLACE_BEHIND.test(tokens.slice(end, end + 2).join(' ')) ? { instead: null, article } : undefined;
}

/** "Small", "no, large please": nothing but the size of what is in the cart. */
export function isSizeAlone({ tokens }: Scan, at: number): boolean {
  return (
    SIZES.has(tokens[at] as string) &&
    tokens.length <= SIZE_ALONE_MAX &&
    tokens.every((token, place) => place === at || token === ',' || isFiller(token) || CORRECTING.has(token) || SIZE_SAID.has(token)) &&
    !tokens.some((token) => MORE.has(token) || TOO.has(token) || token === 'and' || token === 'plus')
  );
}

/** Words of a text that says only a size. */
const SIZE_ALONE_MAX = 6;
const SIZE_SAID: ReadonlySet<string> = new Set(['meant', 'mean', 'said', 'ones', 'size', 'make', 'them']);

/** Most texts exchange nothing: looks for a word that every exchange has. */
function mayExchange(tokens: readonly string[], at: number, end: number): boolean {
  for (let near = Math.max(0, at - AHEAD_MAX); near < at; near++) if (IN_PLACE_WORDS.has(tokens[near] as string)) return true;
  return IN_PLACE_WORDS.has(tokens[end] ?? '') || isMeant(tokens, end);
}

/** "Full house i mean", and nothing behind it. */
function isMeant(tokens: readonly string[], end: number): boolean {
  return tokens[end] === 'i' && tokens.length === end + 2 && MEANT_BEHIND.has(tokens[end + 1] as string);
}

/** "one of the kotas must be a full house" */
const MUST_BE = /^(?:must|should) be(?: an?)?$/;
/** "turn the coke into a stoney" */
const INTO = /^into(?: (?:an?|the|\d{1,2}))?$/;
/** "make it 2 kota a coke" lists, "make the coke a stoney" exchanges. */
const LISTING = /\b(?:it|that|this|them)\b/;

/** Most items stand beside each other or behind an "and". */
const BETWEEN: ReadonlySet<string> = new Set(['must', 'should', 'into', 'to', 'a', 'an']);

const ALL_OF: ReadonlySet<string> = new Set(['both', 'all', 'the', 'my', 'those', 'these']);

/** "Make the chips small": those that there are. */
export function resizes(last: Found, tokens: readonly string[], at: number): boolean {
  return last.change === 'set' && last.end === at && SIZES.has(tokens[at] as string) && isAllOf(last, tokens);
}

/** "Make both kotas full house": what there is, not one more. */
function isAllOf({ before, after, end, match }: Found, tokens: readonly string[]): boolean {
  return before === null && after === null && ALL_OF.has(tokens[end - match.words - 1] ?? '');
}

/** Whether what is named at `at` is what the item in front of it is to become: that one goes. */
export function becomes(last: Found, tokens: readonly string[], at: number): boolean {
  if (last.end === at) return last.change === 'set' && isAllOf(last, tokens) && !SIZES.has(tokens[at] as string);
  if (!BETWEEN.has(tokens[last.end] as string)) return false;
  const between = tokens.slice(last.end, at).join(' ');
  const isTurned = INTO.test(between) || (between === 'to' && tokens.slice(0, last.end).includes('turn'));
  if (MUST_BE.test(between) || isTurned) return last.change !== 'refuse' && last.change !== 'remove';
  return (
    last.change === 'set' &&
    last.after === null &&
    (between === 'a' || between === 'an') &&
    !LISTING.test(tokens.slice(0, last.end).join(' '))
  );
}
