/** Numbers that say where somebody lives or is called, not how many: streets and telephones. Pure; knows no product. */
import { longestMatch } from '../../catalogue/catalogue.ts';
import { JOINING, STREETS } from '../../data/order-words.ts';
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
