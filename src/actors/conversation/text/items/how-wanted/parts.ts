/** The words between two separators: what is remembered of those that named nothing sold. Pure; knows no order of steps. */
import { soundAlike } from '../../catalogue/sounds-alike.ts';
import { ALTERNATIVES, BEING, JOINING, VERBS } from '../../data/order-words.ts';
import { PHRASES } from '../../data/phrases.ts';
import { readNumber } from '../../words/numbers.ts';
import { isUnknown } from '../naming.ts';
import type { Found, Part, Scan } from '../scan.ts';
import { isMadeIt } from './corrections.ts';
import { keepWish } from './wishes.ts';

/** Words of one unknown name: "2 cheese burgers". */
const UNKNOWN_WORDS_MAX = 3;

/** Wishes and unknown names that are said back. */
export const UNREAD_MAX = 5;

export function takeUnknown(scan: Scan, token: string): void {
  if (scan.quantity !== null && scan.unknown.length < UNKNOWN_WORDS_MAX) {
    scan.unknown.push(token);
    scan.part.settled = true;
  } else {
    scan.noise++;
    scan.part.unknown++;
  }
}

/** The number found no item: what stood behind it is something that we do not know. */
export function endUnknown(scan: Scan): void {
  if (scan.unknown.length === 0) return;
  if (!takeSoundAlike(scan) && scan.unmatched.length < UNREAD_MAX) scan.unmatched.push(scan.unknown.join(' '));
  scan.unknown = [];
  scan.quantity = null;
}

/** Door numbers are seldom smaller. */
const HEARD_MAX = 9;

/** "2 koter": asked whether the kota is meant. @returns whether something sold sounds like it. */
function takeSoundAlike({ unknown, quantity, change, catalogue, found, tokens }: Scan): boolean {
  if (change !== 'add' || quantity === null || !(quantity >= 1 && quantity <= HEARD_MAX)) return false;
  const match = soundAlike(unknown, catalogue);
  if (match === null) return false;
  const end = tokens.lastIndexOf(unknown[unknown.length - 1] as string) + 1;
  found.push({ match, change, before: quantity, after: null, worthMinor: undefined, end, unsold: match.phrase });
  return true;
}

export function unknownOf({ tokens }: Scan, start: number, end: number): readonly string[] {
  return tokens.slice(start, end).filter((token) => isUnknown(token) && readNumber(token) === null);
}

function waits({ before, after, change }: Found): boolean {
  return after === null && (before === null || change === 'swap') && change !== 'refuse';
}

function saysNumberOf(words: readonly string[]): boolean {
  return words.some((word) => VERBS.get(word) === 'set' || BEING.has(word));
}

/** "2 with atchar 2 without": so many without what the others have. */
function keepBareRefusal({ tokens, wishes }: Scan, part: Part, at: number): void {
  const last = wishes[wishes.length - 1];
  if (!part.wish || part.unknown > 0 || part.settled || last === undefined || tokens[at - 1] !== 'without') return;
  last.what = `${last.what}, ${tokens.slice(part.start, at).join(' ')}`;
}

/** "3 kota, remove one": so many fewer of the only thing that the text ordered; of several nobody knows which. */
function takeAmountOf(scan: Scan, at: number): void {
  const { found, quantity, change, unread, tokens } = scan;
  const [only, other] = found;
  if (quantity === null || only === undefined || !(quantity >= 1)) return;
  // "2 kota and a coke make it 3"
  const isOfSeveral = change === 'set' && isMadeIt(tokens, at - 1);
  if (change !== 'remove' && !isOfSeveral) return;
  const ordered = only.before ?? only.after ?? 1;
  if (!isOfSeveral && other === undefined && only.change === 'add' && ordered > quantity) {
    only.after = only.before === null ? ordered - quantity : only.after;
    only.before = only.before === null ? null : ordered - quantity;
  } else if (unread.length < UNREAD_MAX) unread.push(String(quantity));
  scan.quantity = null;
}

/** A separator: a number alone belongs to the item in front of it ("kota, 2"), an unknown name or wish alone is remembered. */
export function endPart(scan: Scan, at: number, next: Part): void {
  endUnknown(scan);
  const { part, found, tokens } = scan;
  scan.part = next;
  scan.money = null;
  const last = found[found.length - 1];
  if (scan.quantity !== null && last !== undefined && waits(last)) {
    last.after = scan.quantity;
    scan.quantity = null;
    // "kota must be 1", "amakota abe mathathu": the number of what there is, not of more.
    if ((last.change === 'add' || last.change === 'remove') && saysNumberOf(tokens.slice(last.end, at))) last.change = 'set';
  }
  takeAmountOf(scan, at);
  keepBareRefusal(scan, part, at);
  if (part.unknown > 0 && keepWish(scan, part, at, unknownOf(scan, part.start, at), last ?? null)) return;
  if (part.unknown === 0 || part.unknown > UNKNOWN_WORDS_MAX || part.settled || part.talking || scan.unread.length >= UNREAD_MAX) return;
  // Before the first item people say hello; "pizza and kota" names two things.
  if (PHRASES.has(tokens.slice(part.start, at).join(' '))) return;
  const names = part.wish || found.length > 0 || JOINING.has(tokens[at] ?? '') || ALTERNATIVES.has(tokens[at] ?? '');
  if (names) scan.unread.push(tokens.slice(part.start, at).join(' '));
}
