/** What the words between items and numbers do to what is read: they steer, join, refuse, wish, or are nothing we know. Pure; must never know how names are matched. */
import { longestMatch, SIZE } from '../catalogue/catalogue.ts';
import { isIngredient } from '../data/ingredient-words.ts';
import {
  ABOUT,
  ALTERNATIVES,
  AWAY,
  BEING,
  type Change,
  EXCHANGED_FOR,
  EXTRA,
  FEWER,
  isOrderWord,
  JOINING,
  NUMBERED_PLACES,
  PLAIN,
  POINTING,
  PRONOUNS,
  REFUSALS,
  RESTRICTING,
  TAKING,
  TALK,
  VERBS,
  WISHES,
  WORTH,
} from '../data/order-words.ts';
import { isFiller } from '../words/fillers.ts';
import { numberAt } from '../words/numbers.ts';
import { takePrice } from './how-many/money.ts';
import { takeForSomebody, takePerson } from './how-many/persons.ts';
import { correctedEnd, countsAnew } from './how-wanted/corrections.ts';
import { takeCan, takeMeasureBehind } from './how-wanted/measures.ts';
import { endPart, takeUnknown, UNREAD_MAX } from './how-wanted/parts.ts';
import { isRefused } from './how-wanted/refusals.ts';
import { takeElsewhere, takeMeasured, takeStyle } from './how-wanted/styles.ts';
import { isMadeWith, wishStart } from './how-wanted/wishes.ts';
import { filledWith, isUnknown } from './naming.ts';
import { type Found, newPart, type Scan } from './scan.ts';

/** Reads the word at `at` if it is its own. @returns where to go on, 0 for a word of somebody else's. */
type WordReader = (scan: Scan, token: string, at: number) => number;

/** The first that knows the word has it; what nobody knows only steers. */
const WORD_READERS: readonly WordReader[] = [
  takePlain,
  takeWorth,
  takePrice,
  takeThan,
  takeCan,
  takeMeasured,
  takeStyle,
  takeElsewhere,
  takeHaving,
  takePerson,
  takeForSomebody,
  takePlace,
  takeUnknownWord,
  takeCorrection,
  takeExchangedFor,
  takeFewer,
  beginWish,
  endName,
];

/** A word that names nothing sold and is no number. @returns where to go on: always further. */
export function takeWord(scan: Scan, token: string, at: number): number {
  for (const read of WORD_READERS) {
    const end = read(scan, token, at);
    if (end > 0) return end;
  }
  restrict(scan, token, at);
  takeOff(scan, token, at);
  const change = VERBS.get(token);
  if (change !== undefined) scan.change = changeMeant(scan, change, at);
  else if (TALK.has(token)) scan.part.talking = true;
  return at + 1;
}

/** "3 kota, 1 normal": a number of what was named first. */
function takePlain(scan: Scan, token: string, at: number): number {
  const { found, quantity, tokens, catalogue } = scan;
  const [first] = found;
  // "Vetkoek 2 plain 2 mince": of those in front, whatever follows.
  const last = found[found.length - 1];
  if (PLAIN.has(token) && last !== undefined && quantity === null && isRightBehind(tokens, last, at)) {
    last.isPlain = true;
    if (last.end === at) last.end = at + 1;
    return at + 1;
  }
  // "2 mince 2 plain": plain ones of what mince is a kind of, and nobody knows which that is.
  if (first !== undefined && catalogue.descriptors.has(first.match.phrase)) return 0;
  if (
    !(PLAIN.has(token) || isWithout(scan, token, at)) ||
    first === undefined ||
    quantity === null ||
    longestMatch(tokens, at + 1, catalogue) !== null
  )
    return 0;
  found.push({ match: first.match, change: first.change, before: quantity, after: null, worthMinor: undefined, end: at + 1, plain: token });
  scan.quantity = null;
  scan.part.settled = true;
  return at + 1;
}

/** "4 vetkoek, 2 with mince 2 without", where those with mince are sold by a name of their own. */
function isWithout({ tokens, found }: Scan, token: string, at: number): boolean {
  const behind = tokens[at + 1] ?? ',';
  if (token !== 'without' || !(behind === ',' || JOINING.has(behind) || isFiller(behind))) return false;
  const [whole] = found[0]?.match.products ?? [];
  const [filled] = found[found.length - 1]?.match.products ?? [];
  return whole !== undefined && filled?.name.startsWith(`${whole.name} `) === true;
}

/** Behind its number, too. */
function isRightBehind(tokens: readonly string[], last: Found, at: number): boolean {
  return last.end === at || (last.after !== null && last.end + (numberAt(tokens, last.end)?.words ?? 0) === at);
}

/** "R50 worth of chips", "chips worth R50": for how much money is no number. */
function takeWorth(scan: Scan, token: string, at: number): number {
  if (!WORTH.has(token)) return 0;
  const last = scan.found[scan.found.length - 1];
  if (last?.end === at && !isCounted(last)) last.before = Number.NaN;
  else scan.quantity = Number.NaN;
  return at + 1;
}

/** "rather stoney than coke"; "more than 2" takes nothing away. */
function takeThan(scan: Scan, token: string, at: number): number {
  if (token !== 'than' || !scan.tokens.includes('rather')) return 0;
  scan.change = 'remove';
  return at + 1;
}

/** How isiZulu says "that has" in a word of its own. "One" is a number. */
const HAVING: ReadonlySet<string> = new Set(['ane', 'ene', 'eline', 'esine', 'ezine', 'enama', 'anama']);

/** "Amagwinya amane ane mince": of that filling, where it is sold. */
function takeHaving(scan: Scan, token: string, at: number): number {
  const last = scan.found[scan.found.length - 1];
  if (!HAVING.has(token) || last === undefined || !isRightBehind(scan.tokens, last, at)) return 0;
  const filled = filledWith(last, scan, at + 1);
  if (filled === null) return 0;
  const end = at + 1 + filled.words;
  last.match = filled;
  if (last.end === at) last.end = end;
  return end;
}

/** "1 ck": counted, it is short for something. */
const ABBREVIATED = /^[b-df-hj-np-tv-z]{2}$/;

function takeUnknownWord(scan: Scan, token: string, at: number): number {
  if (isOrderWord(token) || token === 'no') return 0;
  if (SIZE.test(token)) {
    if (!takeMeasureBehind(scan, token, at) && scan.unread.length < UNREAD_MAX) scan.unread.push(token);
  } else if (isUnknown(token) || (scan.quantity !== null && ABBREVIATED.test(token))) takeUnknown(scan, token);
  return at + 1;
}

/** "2 to zone 6 kota": where to, between a number and what it is of. */
function takePlace({ tokens, catalogue, quantity }: Scan, token: string, at: number): number {
  const number = quantity !== null && ABOUT.has(token) && NUMBERED_PLACES.has(tokens[at + 1] ?? '') ? numberAt(tokens, at + 2) : null;
  const end = at + 2 + (number?.words ?? 0);
  return number !== null && longestMatch(tokens, end, catalogue) !== null ? end : 0;
}

/** "3 not 2" */
function takeCorrection(scan: Scan, token: string, at: number): number {
  return token === 'not' ? correctedEnd(scan, at + 1) : 0;
}

/** Between what goes and what comes; with nothing that goes, a number counts anew. */
function takeExchangedFor(scan: Scan, token: string, at: number): number {
  if (scan.change !== 'swap' || !EXCHANGED_FOR.has(token)) return 0;
  if (scan.found.length === 0) scan.change = 'set';
  else if (scan.quantity === null) scan.change = 'add';
  return at + 1;
}

/** "One less", "2 fewer please": so many of what is in the cart go. */
function takeFewer(scan: Scan, token: string, at: number): number {
  if (!FEWER.has(token) || scan.found.length > 0 || scan.quantity === null || !endsThere(scan, at + 1)) return 0;
  scan.change = 'remove';
  return at + 1;
}

function beginWish(scan: Scan, token: string, at: number): number {
  if (!isWish(scan, token)) return 0;
  const { tokens, found, part } = scan;
  const last = found[found.length - 1];
  const isBeing = BEING.has(token);
  if (isBeing && last !== undefined && last.end === at && !isCounted(last)) last.pointed = true;
  // "must be without onions" is one wish.
  const goesOn = tokens[at - 1] === 'be' && BEING.has(tokens[at - 2] ?? '');
  if (goesOn && part.wish && part.unknown === 0 && !part.settled) return at + 1;
  // "2 kota, one without onions": the number is of kota; "one with no atchar", of what the cart has.
  // "2 extra atchar" where it is sold counts that.
  const isSold = EXTRA.has(token) && longestMatch(tokens, at + 1, scan.catalogue) !== null;
  const isOfItem = found.length > 0 || (isIngredient(tokens[at + 1] ?? '') && !isSold);
  if (isOfItem) openWish(scan, at, wishStart(scan, at));
  else endPart(scan, at, { ...newPart(at), wish: true });
  return at + 1;
}

/** The number in front of a wish says of how many it is. @param end of what stood in front of it. */
function openWish(scan: Scan, end: number, start: number): void {
  scan.quantity = null;
  endPart(scan, end, { ...newPart(start), wish: true });
}

/** A name ends at what joins or leaves open; "with" in front of an ingredient begins a wish. */
function endName(scan: Scan, token: string, at: number): number {
  if (!JOINING.has(token) && !ALTERNATIVES.has(token)) return 0;
  const { part, tokens } = scan;
  const joins = token === 'with' || token === 'met';
  const last = scan.found[scan.found.length - 1];
  // "Magwinya le mince" where mince by itself is not sold.
  const mayFill = last?.end === at && (joins || scan.catalogue.descriptors.has(scan.tokens[at + 1] ?? ''));
  const filled = mayFill ? filledWith(last, scan, at + 1) : null;
  if (mayFill && filled !== null) {
    last.match = filled;
    last.end = at + 1 + filled.words;
    return last.end;
  }
  // "2 kota, one with cheese"; in "5 vetkoek, 3 with mince" something sold follows.
  if (joins && scan.quantity !== null && isIngredient(tokens[at + 1] ?? '') && !isOtherProduct(scan, at + 1)) {
    const start = wishStart(scan, at);
    openWish(scan, start, start);
    return at + 1;
  }
  const continues = part.wish && part.unknown > 0 && !part.settled;
  endPart(scan, at, continues ? { ...newPart(at), wish: true, continues } : newPart(joins ? at : at + 1));
  return at + 1;
}

function isOtherProduct({ tokens, catalogue, found }: Scan, at: number): boolean {
  const match = longestMatch(tokens, at, catalogue);
  const last = found[found.length - 1];
  return match !== null && (last === undefined || !isMadeWith(last, match));
}

/** "1 kota only", "kota x1 only" */
function restrict(scan: Scan, token: string, at: number): void {
  const last = scan.found[scan.found.length - 1];
  if (RESTRICTING.has(token) && last?.change === 'add' && isCounted(last) && endsThere(scan, at + 1)) last.change = 'set';
}

/** "take the coke off", "take off the coke" */
function takeOff(scan: Scan, token: string, at: number): void {
  const last = scan.found[scan.found.length - 1];
  if (leaves(scan, token, at)) scan.change = 'remove';
  else if (TAKING.has(token)) scan.taking = true;
  // "Coke out"
  else if (AWAY.has(token) && last?.end === at && last.change === 'add' && !isCounted(last) && at > 0 && endsThere(scan, at + 1))
    last.change = 'remove';
  else if (scan.taking && AWAY.has(token)) {
    if (last?.end === at) last.change = 'remove';
    else scan.change = 'remove';
  }
}

/** "Leave the coke": none of it; "leave the coke at the gate" says where. */
function leaves({ tokens, catalogue, found }: Scan, token: string, at: number): boolean {
  if (token !== 'leave' || !POINTING.has(tokens[at + 1] ?? '') || found.length > 0) return false;
  const match = longestMatch(tokens, at + 2, catalogue);
  const behind = match === null ? '' : (tokens[at + 2 + match.words] ?? ',');
  return behind === ',' || isFiller(behind);
}

/** "make me a kota" and "maak vir my 'n kota" order, "only 2" counts anew, "don't remove the coke" leaves it as it is. */
function changeMeant({ tokens }: Scan, change: Change, at: number): Change {
  if (countsAnew(tokens, at) || (change === 'remove' && isRefused(tokens, at, false))) return 'set';
  const next = tokens[at + 1] ?? '';
  return change === 'set' && (PRONOUNS.has(next) || next === 'vir') ? 'add' : change;
}

/** Nothing but politeness follows. */
function endsThere({ tokens, catalogue }: Scan, at: number): boolean {
  const next = tokens[at] ?? ',';
  return next === ',' || (isFiller(next) && numberAt(tokens, at) === null && longestMatch(tokens, at + 1, catalogue) === null);
}

function isCounted({ before, after }: Found): boolean {
  return before !== null || after !== null;
}

function isWish({ noRefuses }: Scan, token: string): boolean {
  return WISHES.has(token) || REFUSALS.has(token) || (noRefuses && token === 'no');
}
