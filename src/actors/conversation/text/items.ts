/**
 * Products and quantities in free text: numbers before or after the item, names that narrow each other, what is to be
 * added, changed, taken away or refused, and what is not sold. Pure.
 */
import { type CompiledCatalogue, joinUnits, longestMatch, type Match, SIZE, sharedBy } from './catalogue.ts';
import { collect, type ParsedItems } from './collected.ts';
import { correctedEnd, correctedFrom, countsAnew } from './corrections.ts';
import {
  ABOUT,
  AWAY,
  CORRECTING,
  DOORS,
  EXCHANGED_FOR,
  isOrderWord,
  JOINING,
  LOOKED_OVER,
  MEASURES,
  PRONOUNS,
  REFUSALS,
  TAKING,
  TALK,
  VERBS,
  WISHES,
} from './data/order-words.ts';
import { PHRASES } from './data/phrases.ts';
import { isFiller } from './fillers.ts';
import { type NumberRead, numberAt, readNumber } from './numbers.ts';
import { isTelephone, streetEnd, telephoneEnd } from './places.ts';
import { type Found, newPart, type Part, type Scan } from './scan.ts';

/** Words of one text that are looked at. */
const TOKENS_MAX = 120;

const UNKNOWN_MIN_CHARS = 3;

/** Words of one unknown name: "2 cheese burgers". */
const UNKNOWN_WORDS_MAX = 3;

/** "R35" */
const PRICE = /^r\d/;

/** Wishes and unknown names that are said back. */
const UNREAD_MAX = 5;

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

function apart(tokens: string[], { together }: CompiledCatalogue): string[] {
  return tokens.some((token) => together.has(token)) ? tokens.flatMap((token) => together.get(token) ?? token) : tokens;
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

/** "large" names the large chips, unless it stands beside another product ("large kota"), something unknown ("large pizza"), or is put on top ("kota with mince"). */
function namesAlone({ tokens, found, catalogue }: Scan, match: Match, at: number): boolean {
  const end = at + match.words;
  // "to my house"
  if (PRONOUNS.has(tokens[at - 1] ?? '')) return false;
  const last = found[found.length - 1];
  if (last !== undefined && last.end === at)
    return sharedBy(last.match, match).length > 0 || reordered(last.match, match, catalogue) !== null;
  if (last !== undefined && last.end === at - 1 && (tokens[at - 1] === 'with' || tokens[at - 1] === 'met')) return false;
  const next = longestMatch(tokens, end, catalogue);
  if (next !== null) return sharedBy(match, next).length > 0;
  const behind = tokens[end];
  return behind === undefined || !isUnknown(behind) || numberAt(tokens, end) !== null;
}

/** "to house 12", "at house 12": no full house kota. */
function isDoor({ tokens }: Scan, { words }: Match, at: number): boolean {
  return words === 1 && DOORS.has(tokens[at] as string) && ABOUT.has(tokens[at - 1] ?? '');
}

function stoodBeside({ found }: Scan, at: number): boolean {
  return found[found.length - 1]?.end === at;
}

function takeMatch(scan: Scan, match: Match, at: number): number {
  const { tokens, found, quantity } = scan;
  const end = at + match.words;
  scan.quantity = null;
  scan.unknown = [];
  scan.part.settled = true;
  const refused = isRefused(tokens, at, scan.noRefuses);
  const last = found[found.length - 1];
  const narrowed = refused || quantity !== null || last === undefined ? null : narrow(last, match, scan, at);
  if (narrowed === null || last === undefined)
    found.push({ match, change: refused ? 'refuse' : scan.change, before: quantity, after: null, end });
  else {
    last.match = narrowed;
    last.end = end;
  }
  // "instead" takes one item away, what follows is wanted.
  if (scan.change === 'remove' && tokens.includes('instead')) scan.change = 'add';
  return takeNumberBehind(scan, end);
}

/** "kota 2 coke 3", "change kota to 3": a number behind an item that had none in front, unless another item follows that would be left without. */
function takeNumberBehind(scan: Scan, end: number): number {
  const { tokens, found } = scan;
  const at = tokens[end] === 'to' ? end + 1 : end;
  const after = numberAt(tokens, at);
  const last = found[found.length - 1] as Found;
  if (after === null || last.before !== null || last.after !== null || last.change === 'refuse') return end;
  const next = tokens[at + after.words];
  // "coke to 14 Vilakazi": where it goes, not how many.
  if (at > end && last.change === 'add' && next !== undefined && isUnknown(next)) return end;
  if (
    tokens[at] === 'zero' ||
    isTelephone(tokens[at] as string) ||
    streetEnd(scan, at + after.words) > 0 ||
    next === 'each' ||
    (next !== undefined && MEASURES.has(next)) ||
    (tokens[at] === '4' && PRONOUNS.has(next ?? ''))
  )
    return end;
  if (!after.behind && belongsToNext(scan, at + after.words)) return end;
  last.after = after.value;
  return at + after.words;
}

/** A number directly followed by an item is that item's, once an earlier item had its number in front too. */
function belongsToNext({ tokens, found, catalogue, change }: Scan, at: number): boolean {
  const next = longestMatch(tokens, at, catalogue);
  if (next === null) return false;
  const before = found.slice(0, -1);
  if (change === 'swap') return true;
  return before.length === 0 ? numberAt(tokens, at + next.words) === null : before.some((item) => item.before !== null);
}

/** "500ml coke", "chips large", "loaves of bread": two names beside each other that share a product mean that one, once. */
function narrow(last: Found, match: Match, { tokens, catalogue }: Scan, at: number): Match | null {
  if (last.change === 'refuse' || last.after !== null) return null;
  const beside = last.end === at;
  if (!beside && !(last.end === at - 1 && tokens[at - 1] === 'of')) return null;
  const named = last.match;
  const whole = beside ? reordered(named, match, catalogue) : null;
  if (whole !== null) return whole;
  const shared = sharedBy(named, match);
  if (shared.length === 0 || (beside && named.products.length === 1 && match.products.length === 1)) return null;
  return {
    phrase: shared.length === 1 ? match.phrase : named.phrase,
    products: shared,
    words: match.words,
    exact: named.exact && match.exact,
  };
}

/** "kota full house" is the full house kota. */
function reordered(last: Match, match: Match, catalogue: CompiledCatalogue): Match | null {
  const phrase = `${match.phrase} ${last.phrase}`;
  const products = catalogue.phrases.get(phrase);
  return products === undefined ? null : { phrase, products, words: last.words + match.words, exact: last.exact && match.exact };
}

/** Looks back over small words: "i don t want any coke", "without the onions". */
function isRefused(tokens: readonly string[], at: number, noRefuses: boolean): boolean {
  let before = at - 1;
  while (before >= 0 && LOOKED_OVER.has(tokens[before] as string)) before--;
  const word = tokens[before];
  return word !== undefined && (REFUSALS.has(word) || (noRefuses && word === 'no'));
}

function takeNumber(scan: Scan, number: NumberRead, at: number): number {
  const { tokens } = scan;
  endUnknown(scan);
  const end = at + number.words;
  if (isTelephone(tokens[at] as string)) return telephoneEnd(tokens, end);
  const street = streetEnd(scan, end);
  if (street > 0) {
    scan.part.settled = true;
    return street;
  }
  const next = tokens[end];
  const each = next === 'of' ? tokens[end + 1] : next;
  if (each === 'each') {
    scan.each = number.value;
    return next === 'of' ? end + 2 : end + 1;
  }
  if (next !== undefined && MEASURES.has(next)) return end + 1;
  if (DOORS.has(tokens[at - 1] ?? '') && (ABOUT.has(tokens[at - 2] ?? '') || DOORS.has(tokens[at - 2] ?? '')) && !itemFollows(scan, end))
    return end;
  if (tokens[at] === '4' && PRONOUNS.has(next ?? '')) return end;
  const before = tokens[at - 1];
  // A price, or "coke zero".
  if (before === 'r' || (tokens[at] === 'zero' && stoodBeside(scan, at))) return end;
  const open = before !== undefined && EXCHANGED_FOR.has(before) && scan.found.some((item) => item.change === 'swap');
  if (before !== undefined && ABOUT.has(before) && !open && !itemFollows(scan, end)) return end;
  scan.quantity = number.value;
  return end;
}

/** Directly, or behind one adjective. */
function itemFollows({ tokens, catalogue }: Scan, at: number): boolean {
  return longestMatch(tokens, at, catalogue) !== null || longestMatch(tokens, at + 1, catalogue) !== null;
}

function takeWord(scan: Scan, token: string, at: number): number {
  const { tokens, found } = scan;
  if (!isOrderWord(token) && token !== 'no') {
    if (SIZE.test(token) && scan.unread.length < UNREAD_MAX) scan.unread.push(token);
    else if (isUnknown(token)) takeUnknown(scan, token);
    return at + 1;
  }
  const last = found[found.length - 1];
  if (token === 'not') {
    const end = correctedEnd(scan, at + 1);
    if (end > 0) return end;
  }
  if (scan.change === 'swap' && EXCHANGED_FOR.has(token)) {
    if (last === undefined) scan.change = 'set';
    else if (scan.quantity === null) scan.change = 'add';
    return at + 1;
  }
  if (isWish(scan, token)) {
    // "2 kota, one without onions": the number is of kota.
    if (found.length > 0) scan.quantity = null;
    endPart(scan, at, { ...newPart(at), wish: true });
    return at + 1;
  }
  if (JOINING.has(token)) {
    endPart(scan, at, newPart(at + 1));
    return at + 1;
  }
  if (TAKING.has(token)) scan.taking = true;
  else if (scan.taking && AWAY.has(token)) {
    if (last !== undefined && last.end === at) last.change = 'remove';
    else scan.change = 'remove';
  }
  const change = VERBS.get(token);
  if (change !== undefined)
    scan.change = countsAnew(tokens, at) ? 'set' : change === 'set' && PRONOUNS.has(tokens[at + 1] ?? '') ? 'add' : change;
  else if (TALK.has(token)) scan.part.settled = true;
  return at + 1;
}

function isWish({ noRefuses }: Scan, token: string): boolean {
  return WISHES.has(token) || REFUSALS.has(token) || (noRefuses && token === 'no');
}

function isUnknown(token: string): boolean {
  return (
    token !== ',' &&
    token.length >= UNKNOWN_MIN_CHARS &&
    !isFiller(token) &&
    !isOrderWord(token) &&
    !CORRECTING.has(token) &&
    !PHRASES.has(token) &&
    !PRICE.test(token)
  );
}

function takeUnknown(scan: Scan, token: string): void {
  if (scan.quantity !== null && scan.unknown.length < UNKNOWN_WORDS_MAX) {
    scan.unknown.push(token);
    scan.part.settled = true;
  } else {
    scan.noise++;
    scan.part.unknown++;
  }
}

/** The number found no item: what stood behind it is something that we do not know. */
function endUnknown(scan: Scan): void {
  if (scan.unknown.length === 0) return;
  if (scan.unmatched.length < UNREAD_MAX) scan.unmatched.push(scan.unknown.join(' '));
  scan.unknown = [];
  scan.quantity = null;
}

function waits({ before, after, change }: Found): boolean {
  return after === null && (before === null || change === 'swap') && change !== 'refuse';
}

/** A separator: a number alone belongs to the item in front of it ("kota, 2"), an unknown name or wish alone is remembered. */
function endPart(scan: Scan, at: number, next: Part): void {
  endUnknown(scan);
  const { part, found, tokens } = scan;
  scan.part = next;
  const last = found[found.length - 1];
  if (scan.quantity !== null && last !== undefined && waits(last)) {
    last.after = scan.quantity;
    scan.quantity = null;
  }
  if (part.unknown === 0 || part.unknown > UNKNOWN_WORDS_MAX || part.settled || scan.unread.length >= UNREAD_MAX) return;
  // Before the first item people say hello; "pizza and kota" names two things.
  const names = part.wish || found.length > 0 || JOINING.has(tokens[at] ?? '');
  if (names) scan.unread.push(tokens.slice(part.start, at).join(' '));
}
