/**
 * Products and quantities in free text: numbers before or after the item, names that narrow each other, what is to be
 * added, changed, taken away or refused, and what is not sold. Pure.
 */

import { type CompiledCatalogue, longestMatch, type Match, SIZE } from '../catalogue/catalogue.ts';
import { ABOUT, EACH, JOINING, POINTING, RESTRICTING, VERBS } from '../data/order-words.ts';
import { MAKING } from '../data/style-words.ts';
import { normalise } from '../words/normalise.ts';
import { type NumberRead, numberAt, readNumber } from '../words/numbers.ts';
import { collect, type ParsedItems } from './collected.ts';
import { isPurse, kindsOf, moneyBefore } from './how-many/money.ts';
import { isNamesake, takePerson } from './how-many/persons.ts';
import { heardNumber, numberBehindAlternative, takeNumber, takeNumberBehind } from './how-many/quantities.ts';
import { alternativeTo, isAgain, joinAlternative } from './how-wanted/alternatives.ts';
import { correctedFrom, correctionOf, isTakenBack } from './how-wanted/corrections.ts';
import { becomes, insteadAt, isSizeAlone, resizes } from './how-wanted/exchanges.ts';
import { takeMeasureBehind, takeMeasureInFront } from './how-wanted/measures.ts';
import { endPart, takeUnknown, UNREAD_MAX, unknownOf } from './how-wanted/parts.ts';
import { isRefused, isRefusedBehind } from './how-wanted/refusals.ts';
import { takeInFront, takeSize, takeStyle } from './how-wanted/styles.ts';
import { hasPart, keepWish, refusal, refusesMore, refusesPart } from './how-wanted/wishes.ts';
import { filledTwice, isDoor, joinedPlate, namesAlone, narrow, platedSlip, reordered, stoodBeside } from './naming.ts';
import { type Found, newPart, type Scan } from './scan.ts';
import { asNamed, tokenise } from './tokens.ts';
import { takeWord } from './words.ts';

/**
 * @param parts normalised text with its separators
 * @param noRefuses whether "no" in front of an item refuses it, as in English; in Nguni languages it joins ("ikota no coke")
 */
export function parseItems(parts: string, catalogue: CompiledCatalogue, noRefuses = true): ParsedItems {
  const written = tokenise(parts);
  const tokens = asNamed(written, catalogue);
  const from = correctedFrom(tokens);
  const scan: Scan = {
    tokens,
    written,
    catalogue,
    noRefuses,
    found: [],
    unmatched: [],
    unread: [],
    wishes: [],
    change: from > 0 ? 'set' : 'add',
    corrected: from > 0 ? correctionOf(tokens, from) : null,
    quantity: null,
    money: null,
    priced: null,
    people: null,
    shares: [],
    loose: null,
    person: false,
    wrong: null,
    each: null,
    unknown: [],
    noise: 0,
    taking: false,
    part: newPart(0),
  };
  for (let at = from; at < tokens.length; ) at = step(scan, tokens[at] as string, at);
  endPart(scan, tokens.length, newPart(tokens.length));
  return collect(scan);
}

/** @returns where to go on: always further. */
function step(scan: Scan, token: string, at: number): number {
  const { tokens } = scan;
  if (token === ',') {
    endPart(scan, at, newPart(at + 1));
    return at + 1;
  }
  const match = longestMatch(tokens, at, scan.catalogue);
  const heard = match === null ? heardNumber(scan, token, at) : null;
  if (heard !== null) {
    scan.quantity = heard;
    return at + 1;
  }
  const number = match === null || (match.words === 1 && readNumber(token) !== null) ? numberOutside(scan, at) : null;
  if (number !== null) return takeNumber(scan, number, at);
  if (match === null) {
    const plated = platedSlip(scan, token, at);
    return plated === null ? takeWord(scan, token, at) : takeMatch(scan, plated, at);
  }
  if (isDoor(scan, match, at)) return takeWord(scan, token, at);
  if (isNamesake(scan, match, at)) return takePerson(scan, token, at) || at + 1;
  if (!scan.catalogue.descriptors.has(match.phrase) || namesAlone(scan, match, at) || isSizeAlone(scan, at))
    return takeMatch(scan, match, at);
  const share = numberAt(tokens, at);
  if (share !== null) return takeNumber(scan, share, at);
  const styled = takeStyle(scan, token, at);
  if (styled > 0) return styled;
  // "2l cokes" where those are sold in one size only.
  if (SIZE.test(match.phrase)) takeMeasure(scan, match.phrase, at);
  else if (!stoodBeside(scan, at) && longestMatch(tokens, at + match.words, scan.catalogue) === null) takeUnknown(scan, token);
  return at + match.words;
}

function takeMeasure(scan: Scan, size: string, at: number): void {
  if (!takeMeasureBehind(scan, size, at) && scan.unread.length < UNREAD_MAX) scan.unread.push(size);
}

/** "A 7 up" is one: the second number belongs to a name. */
function numberOutside({ tokens, catalogue }: Scan, at: number): NumberRead | null {
  const number = numberAt(tokens, at);
  if (number === null || number.words === 1 || readNumber(tokens[at + 1] as string) === null) return number;
  const first = readNumber(tokens[at] as string);
  const isNamed = first !== null && (longestMatch(tokens, at + 1, catalogue)?.words ?? 1) > 1;
  return isNamed ? { value: first, words: 1, behind: false } : number;
}

function takeMatch(scan: Scan, match: Match, at: number): number {
  const { tokens, found } = scan;
  const kinds = eachKindAt(scan, match, at);
  if (kinds > 0) return kinds;
  // "4 piece chicken" where pieces are sold by two: how many of those?
  const quantity = scan.quantity !== null && scan.catalogue.numbered.has(tokens[at] as string) ? Number.NaN : scan.quantity;
  const end = at + match.words;
  scan.quantity = null;
  scan.unknown = [];
  const { part } = scan;
  const other = alternativeTo(scan, at);
  const resized = quantity === null && isSizeAlone(scan, at);
  const refused = !resized && (isRefused(tokens, at, scan.noRefuses) || isRefusedBehind(tokens, at, end) || other?.change === 'refuse');
  const last = found[found.length - 1];
  if (other !== null && isAgain(other, match)) {
    part.settled = true;
    other.open = true;
    other.end = end;
    takePlainInstead(scan, other);
    return end;
  }
  if (refused ? refusesPart(scan, match, at) : quantity === null && (hasPart(scan, match, at) || refusesMore(scan, match, at))) {
    part.settled = true;
    return end;
  }
  if (other !== null && !refused && other.change !== 'refuse' && other.change === scan.change) {
    const behind = quantity === null ? numberBehindAlternative(scan, end) : null;
    part.settled = true;
    joinAlternative(other, scan, match, quantity ?? behind?.value ?? null, end);
    return end + (behind?.words ?? 0);
  }
  const inPlace = refused ? undefined : resized ? { instead: null, article: false } : insteadAt(scan, at, end);
  const named = last === undefined ? match : becomingOf(scan, last, match, at);
  const narrowed = refused || quantity !== null ? null : narrowedAt(scan, last, match, at);
  if (last !== undefined && !refused && isMeantInstead(scan, last, at)) {
    last.match = match;
    if (quantity !== null) last.before = quantity;
    last.end = end;
    scan.change = last.change === 'refuse' ? 'add' : last.change;
  } else if (narrowed === null || last === undefined)
    found.push({
      match: named,
      change: refused ? 'refuse' : scan.change,
      before: inPlace?.article === true ? null : quantity,
      after: null,
      end,
      worthMinor: quantity === null ? moneyBefore(scan, at) : undefined,
      // Named also when there is nothing to tell: all that is found has one shape.
      instead: inPlace === undefined ? undefined : inPlace.instead,
      said: refused && part.wish ? refusal(scan, part.start, end) : undefined,
      corrects: last !== undefined && isTakenBack(tokens, last.end, at),
      pointed: quantity === null && isPointedAt(tokens, part.start, at),
      resized,
    });
  else {
    if (resizes(last, tokens, at)) Object.assign(last, { instead: null, resized: true });
    last.match = narrowed;
    last.end = end;
  }
  const newest = found[found.length - 1];
  if (newest?.end === end && newest.change === 'set' && quantity !== null && MAKING.has(tokens[at - 2] as string)) newest.made = true;
  if (newest?.worthMinor !== undefined && newest.end === end) newest.isPurse = isPurse(scan, at);
  takeBeside(scan, at, { end, refused, counted: quantity !== null });
  keepWishInFront(scan, at, refused);
  part.settled = true;
  // "instead of" takes one item away, what follows is wanted.
  if (scan.change === 'remove' && tokens.includes('instead')) scan.change = 'add';
  // "The small one"
  return resized && tokens[end] === 'one' ? end + 1 : takeNumberBehind(scan, end);
}

/** What "must be" and its like turn the last into: that one goes. @returns what comes, or the name as it is. */
function becomingOf(scan: Scan, last: Found, match: Match, at: number): Match {
  if (!becomes(last, scan.tokens, at)) return match;
  last.change = 'swap';
  scan.change = 'add';
  // "Make the kota russian" where that is a kota of its own.
  return reordered(last.match, match, scan.catalogue) ?? match;
}

/** @returns what it is together with the name in front of it, null where it is another thing. */
function narrowedAt(scan: Scan, last: Found | undefined, match: Match, at: number): Match | null {
  if (last === undefined || last.change === 'swap') return null;
  const narrowed = narrow(last, match, scan, at) ?? joinedPlate(last, match, scan, at);
  if (narrowed !== null) return narrowed;
  const both = filledTwice(last, match, scan, at);
  if (both !== null) last.unsold = `${normalise(last.match.products[0]?.name ?? '').words} and ${match.phrase}`;
  return both;
}

/** The size, kind and style right in front of what was just named. */
function takeBeside(scan: Scan, at: number, { end, refused, counted }: { end: number; refused: boolean; counted: boolean }): void {
  const newest = scan.found[scan.found.length - 1];
  if (newest === undefined || newest.end !== end) return;
  if (refused || scan.change === 'remove') {
    takeSize(scan, newest, at);
    return;
  }
  takeInFront(scan, newest, at, counted);
  takeMeasureInFront(scan, newest, at);
}

/** More of them, and nobody means every one. */
const KINDS_MAX = 9;

/** "2 of each kota" where there are several; "2 of each kota and coke" lists what each is of. @returns the first token behind it, 0 when it is none. */
function eachKindAt(scan: Scan, match: Match, at: number): number {
  const { tokens, found, catalogue, each, quantity, part } = scan;
  const end = at + match.words;
  if (each === null || quantity !== null || !EACH.has(tokens[at - 1] as string) || tokens[at - 2] !== 'of') return 0;
  const goesOn = JOINING.has(tokens[end] ?? '') || tokens[end] === ',';
  if (found.length > 0 || longestMatch(tokens, goesOn ? end + 1 : end, catalogue) !== null) return 0;
  const [product, other] = match.products;
  const kinds = product === undefined || other !== undefined ? match.products : kindsOf(match.phrase, product, catalogue);
  if (kinds.length < 2 || kinds.length > KINDS_MAX) return 0;
  for (const kind of kinds)
    found.push({ match: { ...match, products: [kind] }, change: scan.change, before: each, after: null, worthMinor: undefined, end });
  part.settled = true;
  return end;
}

/** "2 kota i mean full house", "a coke, sorry i meant a stoney": in place of what was just ordered. */
function isMeantInstead({ tokens }: Scan, last: Found, at: number): boolean {
  const between = tokens.slice(last.end, at);
  return (
    last.change === 'add' &&
    between.length <= MEANT_WITHIN &&
    between.some((token, place) => MEANT.has(token) && between[place - 1] === 'i')
  );
}

const MEANT: ReadonlySet<string> = new Set(['mean', 'meant']);
/** "Oh sorry i meant a", with the number. */
const MEANT_WITHIN = 6;

/** "Coke zero, if not then coke": the plain one is wanted, the other is only said not to be sold. */
function takePlainInstead({ unmatched }: Scan, other: Found): void {
  if (other.unsold === undefined) return;
  unmatched.push(other.unsold);
  delete other.unsold;
}

/** "extra cheese kota" is ordered; "no onions on my kota" and "add cheese to the kota" speak of one that may be in the cart already. */
function keepWishInFront(scan: Scan, at: number, refused: boolean): void {
  const { part, found, tokens } = scan;
  const last = found[found.length - 1];
  const previous = found[found.length - 2];
  // "kota no onions coke": of what stands right in front of it.
  const item = previous !== undefined && previous.end === part.start ? previous : last;
  const refers = ABOUT.has(tokens[at - 2] ?? '') && POINTING.has(tokens[at - 1] ?? '');
  if (item === undefined || refused || (item === last && item.before !== null) || (!part.wish && !refers)) return;
  if (keepWish(scan, part, at, unknownOf(scan, part.start, at), item) && refers && item === last) item.change = 'set';
}

/** "The coke", and "just kota" with nothing else asked for: only spoken of when there is one already. */
function isPointedAt(tokens: readonly string[], start: number, at: number): boolean {
  const before = tokens[at - 1] ?? '';
  if (RESTRICTING.has(before)) return !tokens.slice(start, at - 1).some(orders);
  return POINTING.has(before) && !tokens.slice(start, at).some(orders);
}

function orders(token: string): boolean {
  return VERBS.get(token) === 'add';
}
