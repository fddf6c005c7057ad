/**
 * Products and quantities in free text: numbers before or after the item, names that narrow each other, what is to be
 * added, changed, taken away or refused, and what is not sold. Pure.
 */

import { type CompiledCatalogue, joinUnits, longestMatch, type Match, SIZE } from '../catalogue.ts';
import { isIngredient } from '../data/ingredient-words.ts';
import {
  ABOUT,
  ALTERNATIVES,
  AWAY,
  BEING,
  type Change,
  EXCHANGED_FOR,
  isOrderWord,
  JOINING,
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
import { isFiller } from '../fillers.ts';
import { numberAt, readNumber } from '../numbers.ts';
import { hasDigitsForLetters, withLetters } from '../spelling.ts';
import { alternativeTo, isAgain, joinAlternative } from './alternatives.ts';
import { collect, type ParsedItems } from './collected.ts';
import { correctedEnd, correctedFrom, countsAnew, isTakenBack } from './corrections.ts';
import { becomes, insteadAt } from './exchanges.ts';
import { isDoor, isUnknown, namesAlone, narrow, stoodBeside } from './naming.ts';
import { endPart, takeUnknown, UNREAD_MAX, unknownOf } from './parts.ts';
import { numberBehindAlternative, takeNumber, takeNumberBehind } from './quantities.ts';
import { isRefused } from './refusals.ts';
import { type Found, newPart, type Scan } from './scan.ts';
import { keepWish, refusal, refusesPart, wishStart } from './wishes.ts';

/** Words of one text that are looked at. */
const TOKENS_MAX = 120;

/**
 * @param parts normalised text with its separators
 * @param noRefuses whether "no" in front of an item refuses it, as in English; in Nguni languages it joins ("ikota no coke")
 */
export function parseItems(parts: string, catalogue: CompiledCatalogue, noRefuses = true): ParsedItems {
  const scan: Scan = {
    tokens: apart(tokenise(parts), catalogue),
    catalogue,
    noRefuses,
    found: [],
    unmatched: [],
    unread: [],
    wishes: [],
    change: 'add',
    quantity: null,
    each: null,
    unknown: [],
    noise: 0,
    taking: false,
    part: newPart(0),
  };
  const { tokens } = scan;
  const from = correctedFrom(tokens);
  if (from > 0) scan.change = 'set';
  for (let at = from; at < tokens.length; ) at = step(scan, tokens[at] as string, at);
  endPart(scan, tokens.length, newPart(tokens.length));
  return collect(scan);
}

/** "2xcoke", "x2", "kota2", "3kota2coke" become numbers and words; "500ml" stays one word. */
export function tokenise(parts: string): string[] {
  let words = parts;
  if (/\d/.test(parts)) {
    words = joinUnits(parts);
    if (words.includes('x'))
      words = words
        .replace(/([a-z]{3,})x(?=\d)/g, '$1 ')
        .replace(/\b(\d+)(?:x(?=[a-z ]|$)| x(?= |$))/g, '$1 ')
        .replace(/\bx ?(?=\d|minus)/g, ' ');
    if (GLUED.test(words)) words = words.replace(/([a-z]{3,})(?=\d)/g, '$1 ').replace(/\b(\d+)(?=[a-z]{3})/g, '$1 ');
  }
  const tokens = words.split(' ', TOKENS_MAX);
  return tokens.includes('') ? tokens.filter((token) => token !== '') : tokens;
}

/** As `normalise` leaves "1/4" and "1/2". */
const PARTS_IN_NAMES: Readonly<Record<string, string>> = { '0.25': 'quarter', '0.5': 'half' };

/** Names written in one, "fullhouse", parts of one, "1/4 chicken", and digits for letters, "k0ta", as the catalogue has them. */
function apart(tokens: string[], { together, phrases }: CompiledCatalogue): string[] {
  const lettered = tokens.some(hasDigitsForLetters) ? tokens.map((token) => withLetters(token, phrases)) : tokens;
  const plain = lettered.map((token, at) => {
    const part = PARTS_IN_NAMES[token];
    return part !== undefined && phrases.has(`${part} ${lettered[at + 1]}`) ? part : token;
  });
  return plain.some((token) => together.has(token)) ? plain.flatMap((token) => together.get(token) ?? token) : plain;
}

const GLUED = /\d[a-z]{3}|[a-z]{3}\d/;

/** @returns where to go on: always further. */
function step(scan: Scan, token: string, at: number): number {
  const { tokens } = scan;
  if (token === ',') {
    endPart(scan, at, newPart(at + 1));
    return at + 1;
  }
  const match = longestMatch(tokens, at, scan.catalogue);
  const number = match === null || (match.words === 1 && readNumber(token) !== null) ? numberAt(tokens, at) : null;
  if (number !== null) return takeNumber(scan, number, at);
  if (match === null || isDoor(scan, match, at)) return takeWord(scan, token, at);
  if (!scan.catalogue.descriptors.has(match.phrase) || namesAlone(scan, match, at)) return takeMatch(scan, match, at);
  const share = numberAt(tokens, at);
  if (share !== null) return takeNumber(scan, share, at);
  if (!stoodBeside(scan, at) && longestMatch(tokens, at + match.words, scan.catalogue) === null) takeUnknown(scan, token);
  return at + match.words;
}

function takeMatch(scan: Scan, match: Match, at: number): number {
  const { tokens, found, quantity } = scan;
  const end = at + match.words;
  scan.quantity = null;
  scan.unknown = [];
  const { part } = scan;
  const other = alternativeTo(scan, at);
  const refused = isRefused(tokens, at, scan.noRefuses) || other?.change === 'refuse';
  const last = found[found.length - 1];
  if (other !== null && isAgain(other, match)) {
    part.settled = true;
    other.open = true;
    other.end = end;
    return end;
  }
  if (refused && refusesPart(scan, match, at)) {
    part.settled = true;
    return end;
  }
  if (other !== null && !refused && other.change !== 'refuse' && other.change === scan.change) {
    const behind = quantity === null ? numberBehindAlternative(scan, end) : null;
    part.settled = true;
    joinAlternative(other, scan, match, quantity ?? behind?.value ?? null, end);
    return end + (behind?.words ?? 0);
  }
  const inPlace = refused ? undefined : insteadAt(tokens, at, end);
  if (last !== undefined && becomes(last, tokens, at)) {
    last.change = 'swap';
    scan.change = 'add';
  }
  const narrowed = refused || quantity !== null || last === undefined ? null : narrow(last, match, scan, at);
  if (narrowed === null || last === undefined)
    found.push({
      match,
      change: refused ? 'refuse' : scan.change,
      before: inPlace?.article === true ? null : quantity,
      after: null,
      end,
      ...(inPlace === undefined ? {} : { instead: inPlace.instead }),
      ...(refused && part.wish ? { said: refusal(scan, part.start, end) } : {}),
      corrects: last !== undefined && isTakenBack(tokens, last.end, at),
      pointed: quantity === null && POINTING.has(tokens[at - 1] ?? '') && !tokens.slice(part.start, at).some(orders),
    });
  else {
    last.match = narrowed;
    last.end = end;
  }
  keepWishInFront(scan, at, refused);
  part.settled = true;
  // "instead of" takes one item away, what follows is wanted.
  if (scan.change === 'remove' && tokens.includes('instead')) scan.change = 'add';
  return takeNumberBehind(scan, end);
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

function takeWord(scan: Scan, token: string, at: number): number {
  const { tokens, found } = scan;
  const last = found[found.length - 1];
  if (PLAIN.has(token) && takePlain(scan, token, at)) return at + 1;
  if (WORTH.has(token)) {
    // "R50 worth of chips", "chips worth R50"
    if (last?.end === at && !isCounted(last)) last.before = Number.NaN;
    else scan.quantity = Number.NaN;
    return at + 1;
  }
  if (!isOrderWord(token) && token !== 'no') {
    if (SIZE.test(token) && scan.unread.length < UNREAD_MAX) scan.unread.push(token);
    else if (isUnknown(token)) takeUnknown(scan, token);
    return at + 1;
  }
  if (token === 'not') {
    const end = correctedEnd(scan, at + 1);
    if (end > 0) return end;
  }
  if (scan.change === 'swap' && EXCHANGED_FOR.has(token)) {
    if (last === undefined) scan.change = 'set';
    else if (scan.quantity === null) scan.change = 'add';
    return at + 1;
  }
  // "1 kota only", "kota x1 only"
  if (RESTRICTING.has(token) && last?.change === 'add' && isCounted(last) && endsThere(scan, at + 1)) last.change = 'set';
  if (isWish(scan, token)) {
    if (BEING.has(token) && last !== undefined && last.end === at && !isCounted(last)) last.pointed = true;
    // "must be without onions" is one wish.
    if (scan.part.wish && scan.part.unknown === 0 && !scan.part.settled && BEING.has(tokens[at - 1] === 'be' ? (tokens[at - 2] ?? '') : ''))
      return at + 1;
    // "2 kota, one without onions": the number is of kota; "one with no atchar", of what the cart has.
    const ofItem = found.length > 0 || isIngredient(tokens[at + 1] ?? '');
    const start = ofItem ? wishStart(scan, at) : at;
    if (ofItem) scan.quantity = null;
    endPart(scan, at, { ...newPart(start), wish: true });
    return at + 1;
  }
  if (JOINING.has(token) || ALTERNATIVES.has(token)) {
    const { part } = scan;
    const joins = token === 'with' || token === 'met';
    // "2 kota, one with cheese"
    if (joins && scan.quantity !== null && isIngredient(tokens[at + 1] ?? '')) {
      const start = wishStart(scan, at);
      scan.quantity = null;
      endPart(scan, start, { ...newPart(start), wish: true });
      return at + 1;
    }
    const continues = part.wish && part.unknown > 0 && !part.settled;
    endPart(scan, at, continues ? { ...newPart(at), wish: true, continues } : newPart(joins ? at : at + 1));
    return at + 1;
  }
  if (TAKING.has(token)) scan.taking = true;
  else if (scan.taking && AWAY.has(token)) {
    if (last !== undefined && last.end === at) last.change = 'remove';
    else scan.change = 'remove';
  }
  const change = VERBS.get(token);
  if (change !== undefined) scan.change = changeMeant(scan, change, at);
  else if (TALK.has(token)) scan.part.talking = true;
  return at + 1;
}

/** "3 kota, 1 normal": a number of what was named first. */
function takePlain(scan: Scan, token: string, at: number): boolean {
  const { found, quantity, tokens, catalogue } = scan;
  const [first] = found;
  if (first === undefined || quantity === null || longestMatch(tokens, at + 1, catalogue) !== null) return false;
  found.push({ match: first.match, change: first.change, before: quantity, after: null, end: at + 1, plain: token });
  scan.quantity = null;
  scan.part.settled = true;
  return true;
}

/** "make me a kota" orders, "only 2" counts anew, "don't remove the coke" leaves it as it is. */
function changeMeant({ tokens }: Scan, change: Change, at: number): Change {
  if (countsAnew(tokens, at) || (change === 'remove' && isRefused(tokens, at, false))) return 'set';
  return change === 'set' && PRONOUNS.has(tokens[at + 1] ?? '') ? 'add' : change;
}

/** Nothing but politeness follows. */
function endsThere({ tokens, catalogue }: Scan, at: number): boolean {
  const next = tokens[at] ?? ',';
  return next === ',' || (isFiller(next) && numberAt(tokens, at) === null && longestMatch(tokens, at + 1, catalogue) === null);
}

function isCounted({ before, after }: Found): boolean {
  return before !== null || after !== null;
}

function orders(token: string): boolean {
  return VERBS.get(token) === 'add';
}

function isWish({ noRefuses }: Scan, token: string): boolean {
  return WISHES.has(token) || REFUSALS.has(token) || (noRefuses && token === 'no');
}
