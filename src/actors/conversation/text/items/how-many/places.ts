/** Numbers that say where somebody lives or is called, not how many: streets and telephones. Pure; knows no product. */
import { longestMatch } from '../../catalogue/catalogue.ts';
import { DOORS, JOINING, STREETS } from '../../data/order-words.ts';
import { NAMED_PLACE_AHEAD } from '../../data/place-words.ts';
import { numberAt } from '../../words/numbers.ts';
import type { Scan } from '../scan.ts';

/** A street's name, with what it is: "1234 Old Potch Road". */
const STREET_WORDS_MAX = 4;

/** "0821234567", "082 123 4567" */
export function isTelephone(token: string): boolean {
  return token.length >= 3 && token.charAt(0) === '0' && TELEPHONE.test(token);
}

const TELEPHONE = /^0\d{2,}$/;
const TELEPHONE_GROUP = /^\d{3,4}$/;

export function telephoneEnd(tokens: readonly string[], at: number): number {
  let end = at;
  while (TELEPHONE_GROUP.test(tokens[end] ?? '')) end++;
  return end;
}

/** @returns where the street ends whose number stands in front of `at`, 0 when there is none: "14 [main road]". */
export function streetEnd({ tokens, catalogue }: Pick<Scan, 'tokens' | 'catalogue'>, at: number): number {
  for (let end = at; end < at + STREET_WORDS_MAX; end++) {
    const token = tokens[end];
    if (token === undefined || token === ',' || JOINING.has(token)) return 0;
    if (end > at && STREETS.has(token)) return end + 1;
    if (longestMatch(tokens, end, catalogue) !== null) return 0;
  }
  return 0;
}

/** Nobody orders more of one thing than this. */
const MAX_DOORLESS = 50;
/** A township's name has no more. */
const NAME_WORDS_MAX = 2;
const OUR: ReadonlySet<string> = new Set(['my', 'our']);

/** "Chips 2 house 22 zone 2", "coke 2 orlando", "2 my house": to where it goes; "2 house 1 coke" counts. @param end behind the number. */
export function soundsLikeTo({ tokens, catalogue }: Pick<Scan, 'tokens' | 'catalogue'>, at: number, end: number): boolean {
  if (tokens[at] !== '2') return false;
  const next = tokens[end] ?? '';
  // "2 my house", "2 my sister"
  if (OUR.has(next)) return DOORS.has(tokens[end + 1] ?? '') || longestMatch(tokens, end + 1, catalogue) === null;
  // Nearly always something sold follows: "2 kota".
  if (!catalogue.phrases.has(next) && NAMED_PLACE_AHEAD.test(tokens.slice(end, end + NAME_WORDS_MAX).join(' ')))
    // "2 soweto kota"
    return longestMatch(tokens, end + 1, catalogue) === null;
  if (!DOORS.has(next)) return false;
  const door = numberAt(tokens, end + 1);
  return door !== null && (door.value > MAX_DOORLESS || DOORS.has(tokens[end + 1 + door.words] ?? ''));
}
