/** What a text does not want: "i don't want 2 coke", "not 2 kota, 3". Pure; takes nothing away itself. */
import { longestMatch } from '../../catalogue/catalogue.ts';
import {
  GIVING_UP,
  LOOKED_OVER,
  MEANING,
  NOES,
  ORDERED_WITH,
  PUTTING_OFF,
  REFUSALS,
  SPEAKERS,
  WANTED_RATHER,
} from '../../data/order-words.ts';
import { numberAt, readNumber } from '../../words/numbers.ts';
import { isUnknown } from '../naming.ts';
import type { Found, Scan } from '../scan.ts';

/** Looks back over small words and a number: "i don t want any coke", "without the onions", "i don t want 2 coke". "No 2 coke" corrects, "hold 2 coke" asks. */
export function isRefused(tokens: readonly string[], at: number, noRefuses: boolean): boolean {
  let before = at - 1;
  let counted = false;
  while (before >= 0) {
    const token = tokens[before] as string;
    const isNumber: boolean = !counted && readNumber(token) !== null;
    if (!isNumber && !LOOKED_OVER.has(token)) break;
    counted ||= isNumber && !LOOKED_OVER.has(token);
    before--;
  }
  const word = tokens[before];
  if (word === undefined || (word === 'no' && before === 0 && at === 1 && isInstead(tokens))) return false;
  if (counted) return REFUSALS.has(word) && !PUTTING_OFF.has(word);
  // "No, add a coke" answers; "no more coke" refuses.
  return REFUSALS.has(word) || (noRefuses && word === 'no' && !tokens.slice(before + 1, at).some((token) => ORDERED_WITH.has(token)));
}

/** "No stoney instead": what it says no to is something else. */
function isInstead(tokens: readonly string[]): boolean {
  return INSTEAD.has(tokens[tokens.length - 1] as string);
}

const INSTEAD: ReadonlySet<string> = new Set(['instead', 'rather']);

/** "Coke no more", "ikota ngiyayeka" and "hhayi ikota ngifuna amagwinya": what stands behind it says so. @param end behind what was named at `at`. */
export function isRefusedBehind(tokens: readonly string[], at: number, end: number): boolean {
  const next = tokens[end] ?? ',';
  if (next === 'no') return tokens[end + 1] === 'more' && (tokens[end + 2] ?? ',') === ',';
  if (GIVING_UP.has(next)) return (tokens[end + 1] ?? ',') === ',';
  const before = tokens[at - 1] ?? ',';
  const wanted = next === ',' ? (tokens[end + 1] ?? ',') : next;
  return before !== 'no' && NOES.has(before) && WANTED_RATHER.has(wanted);
}

/** The number behind a refused one is the right one. @returns the first token behind it. */
export function takeNumberInstead({ tokens, catalogue }: Scan, refused: Found, end: number): number {
  let at = end;
  while (tokens[at] === ',' || tokens[at] === 'but' || SPEAKERS.has(tokens[at] ?? '') || MEANING.has(tokens[at] ?? '')) at++;
  const right = numberAt(tokens, at);
  if (right === null || longestMatch(tokens, at + right.words, catalogue) !== null || isUnknown(tokens[at + right.words] ?? ','))
    return end;
  refused.change = 'set';
  refused.before = null;
  refused.after = right.value;
  return at + right.words;
}
