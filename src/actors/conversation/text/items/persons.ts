/** Numbers that belong to people: "1 for me and 2 for gogo", "sipho wants 1 not 2", "one each for me and my sister". Pure; knows nobody by name. */
import { longestMatch } from '../catalogue.ts';
import { JOINING, MORE, OF_SOMEBODY, OTHERS, OTHERS_WANT, PRONOUNS } from '../data/order-words.ts';
import { numberAt } from '../numbers.ts';
import { isUnknown } from './naming.ts';
import { UNREAD_MAX } from './parts.ts';
import type { Scan } from './scan.ts';

const STARTS_WITH_LETTER = /^\p{L}/u;

/** @param at where the person begins: "me", "gogo", "my sister". @returns the first token behind, 0 when it is nobody. */
function somebodyEnd({ tokens, catalogue }: Scan, at: number): number {
  const who = OF_SOMEBODY.has(tokens[at] ?? '') && tokens[at + 1] !== undefined ? at + 1 : at;
  const name = tokens[who] ?? ',';
  if (who === at && PRONOUNS.has(name)) return at + 1;
  return isUnknown(name) && STARTS_WITH_LETTER.test(name) && longestMatch(tokens, who, catalogue) === null ? who + 1 : 0;
}

/** "Sipho wants 1", "my sister wants 1 coke": who it is says nothing about what. @returns the first token behind it, 0 for any other word. */
export function takePerson(scan: Scan, token: string, at: number): number {
  const { tokens, quantity } = scan;
  const verb = tokens[at + 1] === 'also' ? at + 2 : at + 1;
  if (quantity !== null || !OTHERS_WANT.has(tokens[verb] ?? '') || !(OTHERS.has(token) || isUnknown(token))) return 0;
  scan.person = true;
  return verb + 1;
}

/** "1 more for gogo". @returns the first token behind it, 0 for any other word. */
export function takeForSomebody(scan: Scan, token: string, at: number): number {
  return token === 'for' && MORE.has(scan.tokens[at - 1] ?? '') ? somebodyEnd(scan, at + 1) : 0;
}

/** "1 for me and 2 for gogo" before anything is named. @returns the first token behind it, 0 when it is none. @param end behind the number. */
export function takeShare(scan: Scan, value: number, end: number): number {
  const { tokens, found, shares, part } = scan;
  const behind = found.length === 0 && tokens[end] === 'for' ? somebodyEnd(scan, end + 1) : 0;
  if (behind === 0) return 0;
  shares.push(value);
  part.settled = true;
  return behind;
}

/** Several shares are of what is named behind them without a number, else of what the cart has; one alone says too little. @returns their sum when they are of the cart. */
export function sharedNumber({ shares, found, unread, tokens }: Scan): number | null {
  const sum = shares.reduce((all, share) => all + share, 0);
  if (sum === 0) return null;
  const waiting = found.find(({ before, after, change }) => before === null && after === null && change !== 'refuse');
  if (waiting !== undefined) waiting.before = sum;
  else if (found.length === 0 && shares.length > 1) return sum;
  else if (found.length === 0 && unread.length < UNREAD_MAX) unread.push(tokens.filter((token) => token !== ',').join(' '));
  return null;
}

/** "One kota each for me, sipho and my sister": for three. @returns null when nobody is named behind "each". */
export function peopleNamed(scan: Scan): number | null {
  const { tokens, unread } = scan;
  const each = tokens.indexOf('each');
  if (each < 0 || tokens[each + 1] !== 'for') return null;
  let people = 0;
  for (let at = each + 2; ; ) {
    const end = numberAt(tokens, at) === null ? somebodyEnd(scan, at) : 0;
    if (end === 0) break;
    people++;
    const said = unread.indexOf(tokens.slice(at, end).join(' '));
    if (said >= 0) unread.splice(said, 1);
    at = end;
    while (tokens[at] === ',' || JOINING.has(tokens[at] ?? '')) at++;
    if (at === end) break;
  }
  return people === 0 ? null : people;
}
