/** Whose a number is: of the item behind it, of the one in front, of all of them, or of no item at all. Pure. */
import { longestMatch } from '../../catalogue/catalogue.ts';
import { COUNTING_NEXT, SOUNDS_LIKE } from '../../data/number-words.ts';
import {
  ABOUT,
  ALTERNATIVES,
  DOORS,
  EACH,
  EVERYONE,
  EXCHANGED_FOR,
  JOINING,
  MEASURES,
  MORE,
  NUMBERED_PLACES,
  OF_SOMEBODY,
  PEOPLE,
  PERSONS,
  PRONOUNS,
  VERBS,
} from '../../data/order-words.ts';
import { isFiller } from '../../words/fillers.ts';
import { type NumberRead, numberAt, readNumber } from '../../words/numbers.ts';
import { unsureEnd } from '../how-wanted/alternatives.ts';
import { correctNumber } from '../how-wanted/corrections.ts';
import { endPart, endUnknown, UNREAD_MAX } from '../how-wanted/parts.ts';
import { takeNumberInstead } from '../how-wanted/refusals.ts';
import { takeStyle } from '../how-wanted/styles.ts';
import { isUnknown, stoodBeside } from '../naming.ts';
import { type Found, newPart, type Scan } from '../scan.ts';
import { isOfRands, isRate, takeMoney } from './money.ts';
import { takeShare } from './persons.ts';
import { isTelephone, soundsLikeTo, streetEnd, telephoneEnd } from './places.ts';

/** "kota 2 or coke 3" */
export function numberBehindAlternative(scan: Scan, end: number): NumberRead | null {
  const number = numberAt(scan.tokens, end);
  return number === null || longestMatch(scan.tokens, end + number.words, scan.catalogue) !== null ? null : number;
}

/** "kota 2 coke 3", "change kota to 3": a number behind an item that had none in front, unless another item follows that would be left without. */
export function takeNumberBehind(scan: Scan, end: number): number {
  const { tokens, found } = scan;
  const at = tokens[end] === 'to' ? end + 1 : end;
  const after = numberAt(tokens, at);
  const last = found[found.length - 1] as Found;
  // "not 2 kota, 3": the number was refused, not the kota.
  if (last.change === 'refuse' && last.before !== null) return takeNumberInstead(scan, last, end);
  if (after !== null && isOwnSize(last, tokens[at] as string)) return at + after.words;
  const twin = after === null ? 0 : twinEnd(tokens, at, after);
  if (after !== null && twin > 0) {
    scan.each = after.value;
    return twin;
  }
  if (after === null || last.before !== null || last.after !== null || last.change === 'refuse') return end;
  const next = tokens[at + after.words];
  // "Ikota nezimbili i-coke"
  if (COUNTING_NEXT.has(tokens[at] as string) && next !== undefined && next !== ',') return end;
  // "coke to 14 Vilakazi": where it goes, not how many.
  if (at > end && last.change === 'add' && next !== undefined && isUnknown(next)) return end;
  if (
    tokens[at] === 'zero' ||
    isTelephone(tokens[at] as string) ||
    streetEnd(scan, at + after.words) > 0 ||
    soundsLikeTo(scan, at, at + after.words) ||
    isRate(scan, at) ||
    eachEnd(tokens, at + after.words) > 0 ||
    (next !== undefined && MEASURES.has(next)) ||
    (tokens[at] === '4' && PRONOUNS.has(next ?? ''))
  )
    return end;
  if (!after.behind && belongsToNext(scan, at + after.words)) return end;
  const unsure = unsureEnd(scan, at + after.words);
  if (unsure > 0 && longestMatch(tokens, unsure, scan.catalogue) === null) {
    last.after = Number.NaN;
    return unsure;
  }
  last.after = after.value;
  // "Kota one for me one for my sister": whose the first is, is where the next are counted on.
  if (isForSomebody(tokens, at + after.words)) last.end = at + after.words;
  return at + after.words;
}

/** "Coke 500" where a Coke 500ml is sold: its size, not how many. */
function isOwnSize({ match: { products } }: Found, number: string): boolean {
  return products.length === 1 && /^\d{3,}$/.test(number) && products[0]?.name.toLowerCase().match(/\d+(?= ?(?:ml|g)\b)/)?.[0] === number;
}

/** "2 each", "2 of each", "2 more of everything". @returns the first token behind it, 0 when it is none. @param at behind the number. */
function eachEnd(tokens: readonly string[], at: number): number {
  const more = MORE.has(tokens[at] ?? '') ? at + 1 : at;
  const each = tokens[more] === 'of' || tokens[more] === 'from' ? more + 1 : more;
  return EACH.has(tokens[each] ?? '') ? each + 1 : 0;
}

/** A number directly followed by an item is that item's, once an earlier item had its number in front too. */
function belongsToNext({ tokens, found, catalogue, change }: Scan, at: number): boolean {
  const next = longestMatch(tokens, at, catalogue);
  if (next === null) return false;
  const before = found.slice(0, -1);
  if (change === 'swap') return true;
  return before.length === 0 ? numberAt(tokens, at + next.words) === null : before.some((item) => item.before !== null);
}

export function takeNumber(scan: Scan, number: NumberRead, at: number): number {
  const { tokens } = scan;
  endUnknown(scan);
  // "no onions 2 coke", "no cheese 12 Main Road"
  if (scan.part.wish && scan.part.unknown > 0) endPart(scan, at, newPart(at));
  const end = at + number.words;
  if (number.behind && countsUnknown(scan, at, end)) return end;
  if (isTelephone(tokens[at] as string)) return telephoneEnd(tokens, end);
  const street = streetEnd(scan, end);
  if (street > 0) {
    scan.part.settled = true;
    return street;
  }
  // "to no 5"
  if (tokens[at - 1] === 'no' && ABOUT.has(tokens[at - 2] ?? '') && !itemFollows(scan, end)) {
    scan.part.settled = true;
    return end;
  }
  const next = tokens[end];
  const us = usEnd(scan, at, end);
  if (us > 0) {
    scan.people = number.value;
    return us;
  }
  const each = eachEnd(tokens, end);
  if (each > 0) {
    scan.each = number.value;
    return each;
  }
  if (isRate(scan, at)) return at + 1;
  // "Quarter to 6 bring kota"
  if (TO_THE_HOUR.has(tokens[at - 1] ?? '') && PART_OF_HOUR.has(tokens[at - 2] ?? '')) return end;
  if (isOfRands(scan, at, end)) return takeMoney(scan, number.value, at, tokens[at - 1] === 'r' ? end : end + 1);
  if (next !== undefined && PEOPLE.has(next)) scan.people = number.value;
  if (next !== undefined && MEASURES.has(next)) return end + 1;
  // "For my 3 kids", "i have 2 kids"; "my 2 kids want kota" counts the kota.
  if (PERSONS.has(next ?? '') && (OF_SOMEBODY.has(tokens[at - 1] ?? '') || tokens[at - 1] === 'have') && !WANT.has(tokens[end + 1] ?? ''))
    return end + 1;
  if (NUMBERED_PLACES.has(tokens[at - 1] ?? '') && !stoodBeside(scan, at)) return end;
  // "to zone 6 house 12"; "full house 2" counts.
  if (DOORS.has(tokens[at - 1] ?? '') && !stoodBeside(scan, at) && (!itemFollows(scan, end) || isCountedBehind(scan, end))) return end;
  if (soundsLikeTo(scan, at, end)) return end;
  // "zone 6 house 1234"
  if (DOORS.has(tokens[at - 1] ?? '') && DOORS.has(next ?? '')) return end;
  if (tokens[at] === '4' && PRONOUNS.has(next ?? '')) return end;
  const shared = alsoFor(scan, number.value, at, end) || ownedBy(scan, number.value, at, end) || takeShare(scan, number.value, end);
  if (shared > 0) return shared;
  const twin = twinEnd(tokens, at, number);
  if (twin > 0) {
    scan.each = number.value;
    return twin;
  }
  // "2 of them", "1 of those"
  if (next === 'of' && THEM.has(tokens[end + 1] ?? '')) {
    scan.quantity = number.value;
    return end + 2;
  }
  if (leavesOpen(scan, at, end)) return end;
  const before = tokens[at - 1];
  // "coke zero"
  if (tokens[at] === 'zero' && stoodBeside(scan, at)) return takeStyle(scan, 'zero', at) || end;
  const open = before !== undefined && EXCHANGED_FOR.has(before) && scan.found.some((item) => item.change === 'swap');
  if (before !== undefined && ABOUT.has(before) && !open && !itemFollows(scan, end)) return end;
  if (correctNumber(scan, at, end, number.value)) return end;
  const unsure = unsureEnd(scan, end);
  if (scan.quantity !== null && scan.found.length === 0 && JOINING.has(before ?? '')) scan.loose = scan.quantity;
  scan.quantity = unsure > 0 ? Number.NaN : number.value;
  return unsure > 0 ? unsure : end;
}

const WANT: ReadonlySet<string> = new Set(['want', 'need']);
const TO_THE_HOUR: ReadonlySet<string> = new Set(['to', 'past', 'after']);
const PART_OF_HOUR: ReadonlySet<string> = new Set(['quarter', 'half']);

/** @returns the end of "we are 5" or "5 of us", where each or everyone is to have something; 0 for "we are 5 minutes away", which counts nobody. */
function usEnd({ tokens }: Scan, at: number, end: number): number {
  const isOfUs = tokens[end] === 'of' && tokens[end + 1] === 'us';
  const isWeAre = tokens[at - 2] === 'we' && (tokens[at - 1] === 'are' || tokens[at - 1] === 're');
  if (isOfUs) return tokens.includes('each', end) ? end + 2 : 0;
  const next = tokens[end] ?? ',';
  if (!isWeAre || (next !== ',' && !EVERYONE.has(next) && !EACH.has(next) && !isFiller(next))) return 0;
  return tokens.includes('each', end) || tokens.some((token) => EVERYONE.has(token)) ? end : 0;
}

/** How isiZulu and Sesotho nouns begin that are counted. */
const NOUN = /^(?:n[aeo])?(?:ama|izi|iz|imi|im|in|isi|aba|di|ma)/;

/** Between a counted noun and its kind; "le" and "ya" join in Sesotho. */
const OF_A_KIND: ReadonlySet<string> = new Set(['ze', 'ye', 'we', 'se', 'lwe']);

/** "Amapizza amabili nekota": a number behind a noun that is not sold is of that, not of the next item. */
function countsUnknown(scan: Scan, at: number, end: number): boolean {
  const { tokens, catalogue } = scan;
  const noun = tokens[at - 1] ?? ',';
  if (!isUnknown(noun) || !NOUN.test(noun) || stoodBeside(scan, at) || scan.part.wish || scan.unmatched.length >= UNREAD_MAX) return false;
  scan.part.settled = true;
  // It was counted as a word of nothing when it was read.
  scan.noise = Math.max(0, scan.noise - 1);
  // "Iziphuzo ezimbili ze-coke": two drinks of coke are two cokes.
  if (OF_A_KIND.has(tokens[end] ?? '') && longestMatch(tokens, end + 1, catalogue) !== null) return false;
  scan.unmatched.push(noun);
  return true;
}

/** In front of what sounds like a number they begin an order. */
const OPENING: ReadonlySet<string> = new Set([
  ',',
  'me',
  'us',
  'please',
  'pls',
  'plz',
  'hi',
  'hey',
  'hello',
  'eita',
  'heita',
  'sho',
  'yes',
  'yebo',
]);

/** "To kotas", "give me for kotas and too cokes": a number as it sounds, where nothing else fits. @returns null for any other word. */
export function heardNumber(scan: Scan, token: string, at: number): number | null {
  const heard = SOUNDS_LIKE.get(token);
  if (heard === undefined || scan.change !== 'add' || scan.quantity !== null || scan.part.wish) return null;
  const { tokens, catalogue, part } = scan;
  const before = tokens[at - 1] ?? ',';
  const match = OPENING.has(before) || JOINING.has(before) || VERBS.get(before) === 'add' ? longestMatch(tokens, at + 1, catalogue) : null;
  if (match === null || !match.exact || catalogue.descriptors.has(match.phrase) || part.unknown > 0) return null;
  // "For kota extra cheese", "to kota road": of it, or to it.
  const behind = tokens[at + 1 + match.words] ?? ',';
  return behind === ',' ||
    JOINING.has(behind) ||
    isFiller(behind) ||
    numberAt(tokens, at + 1 + match.words) !== null ||
    SOUNDS_LIKE.has(behind)
    ? heard
    : null;
}

/** "2 kota for me and 1 for my sister": more of the same, for somebody else. @returns the first token behind it, 0 when it is none. */
function alsoFor({ tokens, found, part }: Scan, value: number, at: number, end: number): number {
  const last = found[found.length - 1];
  if (last === undefined || last.change === 'refuse' || last.change === 'remove' || !isForSomebody(tokens, end)) return 0;
  if (!isForSomebody(tokens, last.end) || !(JOINING.has(tokens[at - 1] ?? '') || isOfOne(tokens, last.end, at))) return 0;
  const had = last.before ?? last.after ?? 1;
  last.before = had + value;
  part.settled = true;
  // With "my sister" as where the item ends, the next "and 1 for dad" adds, too.
  last.end = end;
  return end + 2;
}

/** "1 kota for me 1 for my sister": what stands in front of `at` is one person's, "2 kota for us, 1 for me" is not. */
function isOfOne(tokens: readonly string[], start: number, at: number): boolean {
  const between = tokens.slice(start + 1, at).filter((token) => token !== ',');
  return (
    between.length <= ONE_PERSON_WORDS_MAX && between[0] !== 'us' && between[0] !== 'them' && !between.some((token) => JOINING.has(token))
  );
}

/** "My sister" */
const ONE_PERSON_WORDS_MAX = 2;

/** "2 kota, 1 for me and 1 for thabo": whose they are. @returns the first token behind it, 0 when it is none. */
function ownedBy({ tokens, found, part }: Scan, value: number, at: number, end: number): number {
  const last = found[found.length - 1];
  if (last === undefined || last.change === 'refuse' || last.change === 'remove' || !isForAnyone(tokens, end)) return 0;
  if ((last.before ?? last.after) === null) {
    // "Coke for sipho, 2 for me"
    if (!isForAnyone(tokens, last.end)) return 0;
    last.before = 1 + value;
    part.settled = true;
    return end + 2;
  }
  // "2 kota for me, 1 for sipho": the two are one person's.
  const isNext = last.owned === undefined && isForSomebody(tokens, last.end) && isOfOne(tokens, last.end, at);
  const joined = (isNext || JOINING.has(tokens[at - 1] ?? '')) && last.owned?.joined !== false;
  last.owned = { number: (last.owned?.number ?? 0) + value, people: (last.owned?.people ?? 0) + 1, joined };
  part.settled = true;
  return end + 2;
}

/** "For me", "for the kids", "for sipho". */
function isForAnyone(tokens: readonly string[], at: number): boolean {
  const somebody = tokens[at + 1] ?? ',';
  return (
    tokens[at] === 'for' && (PRONOUNS.has(somebody) || somebody === 'the' || (isUnknown(somebody) && STARTS_WITH_LETTER.test(somebody)))
  );
}

const STARTS_WITH_LETTER = /^\p{L}/u;
const THEM: ReadonlySet<string> = new Set(['them', 'those', 'these']);

/** "two-two kota and coke": two of each. @returns the first token behind both, 0 when the number is said once. */
function twinEnd(tokens: readonly string[], at: number, { value, words }: NumberRead): number {
  const isWord =
    words === 1 && (tokens[at] ?? '').length > 2 && readNumber(tokens[at] as string) !== null && !/^\d/.test(tokens[at] as string);
  return isWord && value >= 1 && tokens[at + 1] === tokens[at] ? at + 2 : 0;
}

/** "2 kota or 3": how many is not said. */
function leavesOpen(scan: Scan, at: number, end: number): boolean {
  const { tokens, found } = scan;
  const last = found[found.length - 1];
  if (last === undefined || last.end !== at - 1 || !ALTERNATIVES.has(tokens[at - 1] ?? '') || (last.before ?? last.after) === null)
    return false;
  if (itemFollows(scan, end) || isUnknown(tokens[end] ?? ',')) return false;
  last.before = Number.NaN;
  return true;
}

function isForSomebody(tokens: readonly string[], at: number): boolean {
  return tokens[at] === 'for' && PRONOUNS.has(tokens[at + 1] ?? '');
}

/** "Zone 5 kota 2": the kota has a number of its own, and that is of nothing behind it. */
function isCountedBehind({ tokens, catalogue }: Scan, at: number): boolean {
  const item = longestMatch(tokens, at, catalogue);
  const number = item === null ? null : numberAt(tokens, at + item.words);
  return item !== null && number !== null && (tokens[at + item.words + number.words] ?? ',') === ',';
}

/** Directly, or behind one adjective. */
function itemFollows({ tokens, catalogue }: Scan, at: number): boolean {
  return longestMatch(tokens, at, catalogue) !== null || longestMatch(tokens, at + 1, catalogue) !== null;
}
