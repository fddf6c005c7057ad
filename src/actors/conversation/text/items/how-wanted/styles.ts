/** Of what kind and how done an item is wanted, said right beside its name: "brown bread", "cold coke", "kota well done". Pure. */
import type { Product } from '../../../../tenant/protocol.ts';
import { longestMatch, type Match } from '../../catalogue/catalogue.ts';
import { hasIngredient, isIngredient } from '../../data/ingredient-words.ts';
import { ADDING, MORE, REFUSALS, WISHES } from '../../data/order-words.ts';
import {
  ALL_OF_IT,
  DISHES,
  INTENSIFIERS,
  isKind,
  MADE,
  MAKING,
  MEALS,
  MEASURING,
  OF_FOOD,
  SIZES,
  STYLES,
  VEGETARIAN,
  WANTED_ELSEWHERE,
  WELL_DONE,
} from '../../data/style-words.ts';
import { isFiller } from '../../words/fillers.ts';
import { normalise } from '../../words/normalise.ts';
import { numberAt } from '../../words/numbers.ts';
import { filledInNguni, isUnknown } from '../naming.ts';
import { type Found, newPart, type Scan } from '../scan.ts';
import { sizeAsWritten } from '../tokens.ts';
import { endPart, UNREAD_MAX } from './parts.ts';
import { isMadeWith, WISHES_MAX, wishStart } from './wishes.ts';

/** Words in front of a name that are looked at. */
const RUN_MAX = 4;
/** Behind one of these an ingredient is of what stands in front: "kota with cheese". */
const WITH: ReadonlySet<string> = new Set(['with', 'met', 'no', ...ADDING, ...REFUSALS, ...WISHES]);

/** Reads what stands in front of an item that was just found: a wish of it, a kind that narrows it, or one that it is not. */
export function takeInFront(scan: Scan, found: Found, at: number, counted: boolean): void {
  const { tokens, part, wishes } = scan;
  const previous = scan.found[scan.found.length - 2]?.end ?? 0;
  const least = Math.max(part.start, previous, at - RUN_MAX);
  let start = at;
  // "Coke egg kota" may be three things.
  const mayBeMadeWith = counted || previous <= part.start;
  while (start > least && isBeside(tokens[start - 1] as string, mayBeMadeWith)) start--;
  if (start === at) return;
  const run = tokens.slice(start, at);
  if (saysKind(scan, found, run, 'front', start, at + found.match.words)) return;
  const isOfOther = WITH.has(tokens[start - 1] ?? '') || part.wish;
  if (isOfOther || wishes.length >= WISHES_MAX || !run.some((word) => STYLES.has(word) || isIngredient(word))) return;
  wishes.push({ what: run.filter((word) => !SIZES.has(word) && !isKind(word, 'front')).join(' '), item: found });
}

/** "Remove the small fries" takes no large ones. */
export function takeSize(scan: Scan, found: Found, at: number): void {
  const { tokens } = scan;
  const size = [tokens[at - 1], tokens[found.end]].find((word) => SIZES.has(word ?? ''));
  if (size !== undefined) found.match = inSize(scan, found.match, size) ?? found.match;
}

function isBeside(word: string, mayBeMadeWith: boolean): boolean {
  return (
    isKind(word, 'front') ||
    SIZES.has(word) ||
    STYLES.has(word) ||
    word === 'very' ||
    word === 'super' ||
    (mayBeMadeWith && (isIngredient(word) || isTimes(word)))
  );
}

/** "Double cheese": how much of it, never how many. */
function isTimes(word: string): boolean {
  return word === 'double' || word === 'triple';
}

/** @returns whether the words name another kind than is sold; a kind that some are of narrows to those. */
function saysKind(scan: Scan, found: Found, run: readonly string[], where: 'front' | 'behind', from: number, to: number): boolean {
  const { match } = found;
  const kinds = run.filter((word) => isKind(word, where));
  const sizes = run.filter((word) => SIZES.has(word));
  if (kinds.length + sizes.length === 0) return false;
  const made = match.products.map((product) => ({ product, words: wordsOf(product) }));
  const fitting = made.filter(({ words }) => [...kinds, ...sizes].every((word) => words.has(word))).map(({ product }) => product);
  const [first] = fitting;
  if (first !== undefined) {
    found.match = { ...match, products: fitting };
    return false;
  }
  const [size, otherSize] = sizes;
  const resized = size !== undefined && otherSize === undefined && kinds.length === 0 ? inSize(scan, match, size) : null;
  if (resized !== null) {
    found.match = resized;
    return false;
  }
  const [kind, otherKind] = kinds;
  const named = kind !== undefined && otherKind === undefined && sizes.length === 0 ? ofKind(scan, match, kind) : null;
  if (named !== null) {
    found.match = named;
    return false;
  }
  const isOfSizes = made.some(({ words }) => [...SIZES].some((size) => words.has(size)));
  const isOfKinds = kinds.length > 0 && !made.some(({ words }) => kinds.every((word) => words.has(word)));
  if (isOfKinds || (sizes.length > 0 && isOfSizes)) {
    found.unsold = scan.tokens
      .slice(from, to)
      .map((token, at) => sizeAsWritten(token, scan.written, from + at))
      .filter((token) => token !== ',')
      .join(' ');
    return true;
  }
  for (const size of sizes) {
    const said = sizeAsWritten(size, scan.written, from + scan.tokens.slice(from, to).indexOf(size));
    if (scan.unread.length < UNREAD_MAX && !scan.unread.includes(said)) scan.unread.push(said);
  }
  return false;
}

/** "Small fries" where "fries" are Large chips and Small chips are sold, too. */
function inSize({ catalogue }: Scan, match: Match, size: string): Match | null {
  const [product, other] = match.products;
  if (product === undefined || other !== undefined) return null;
  const named = normalise(product.name).words.split(' ');
  if (!named.some((word) => SIZES.has(word))) return null;
  const phrase = named.map((word) => (SIZES.has(word) ? size : word)).join(' ');
  const products = catalogue.phrases.get(phrase);
  return products === undefined ? null : { ...match, phrase, products };
}

/** "Veg kota" where a "Veggie kota" is sold. */
function ofKind({ catalogue }: Scan, match: Match, kind: string): Match | null {
  for (const name of VEGETARIAN.has(kind) ? VEGETARIAN : []) {
    const products = catalogue.phrases.get(`${name} ${match.phrase.replace(/s$/, '')}`);
    if (products !== undefined) return { ...match, phrase: `${name} ${match.phrase}`, products };
  }
  return null;
}

/** Everything that the menu says of it. */
function wordsOf({ name, aliases, description }: Product): ReadonlySet<string> {
  return new Set(normalise([name, ...aliases, description ?? ''].join(' ')).words.split(' '));
}

/** @returns where the style ends that begins at `at`: "spicy", "very hot", "well done"; `at` itself when none does. */
function styleEnd(tokens: readonly string[], at: number): number {
  let end = at;
  while (INTENSIFIERS.has(tokens[end] ?? '')) end++;
  if (tokens[end] === 'well' && WELL_DONE.has(tokens[end + 1] ?? '')) return end + 2;
  const first = end;
  while (STYLES.has(tokens[end] ?? '')) end++;
  return end > first ? end : at;
}

/** "Kota spicy", "coke zero", "2 kota one spicy", "make it spicy", and "spicy please" alone. @returns where to go on, 0 for any other word. */
export function takeStyle(scan: Scan, token: string, at: number): number {
  const { tokens, found, quantity } = scan;
  const last = found[found.length - 1];
  if (MAKING.has(token)) return takeMaking(scan, at);
  // "Coke zero sugar" wishes no sugar in a coke.
  if (last !== undefined && last.unsold === undefined && isOrdered(last) && isPutOn(tokens, last, token, at)) {
    const filled = filledInNguni(last, token, scan.catalogue);
    if (filled !== null) {
      last.match = filled;
      if (last.end === at) last.end = at + 1;
      return at + 1;
    }
    return beginStyle(scan, at, at + 1);
  }
  if (ON.has(token) && last?.end === at && isOrdered(last)) return takeMadeOn(scan, at);
  if (last !== undefined && endsMeal(scan, last, token, at)) {
    return takeMeal(scan, last, at);
  }
  if (!mayBeginStyle(token)) return 0;
  const isOfLast = last !== undefined && quantity === null && isOrdered(last) && isJustBehind(tokens, last, at);
  if (isOfLast && (isKind(token, 'behind') || SIZES.has(token)) && !leadsToAny(scan, at + 1)) {
    const other = SIZES.has(tokens[at - 1] ?? '') && last.end === at && tokens[at - 1] !== token ? inSize(scan, last.match, token) : null;
    // "Chips small large" is one of each.
    if (other !== null && last.before === null && last.after === null) {
      found.push({ ...last, match: other, end: at + 1 });
      return at + 1;
    }
    saysKind(scan, last, [token], 'behind', last.end - last.match.words, at + 1);
    last.end = at + 1;
    return at + 1;
  }
  // "2 kota both spicy"
  const head = isOfAll(token) ? at + 1 : at;
  if (head === at && leadsToItem(scan, at)) return at + 1;
  const end = styleEnd(tokens, head);
  // "hot dog"
  if (end === head || namesMore(tokens, end)) return 0;
  const isCounted = quantity !== null && found.length > 0 && numberAt(tokens, at - 1) !== null;
  if (!isOfLast && !isCounted && !isAlone(scan, at, end)) return 0;
  const start = isCounted ? wishStart(scan, at) : at;
  scan.quantity = null;
  return beginStyle(scan, start, end);
}

/** Words between a dish and "combo". */
const MEAL_WORDS_MAX = 4;
const OF_MEAL: ReadonlySet<string> = new Set(['with', 'met', 'n', 'plus']);

/** "Kota with chips combo": all of it is one thing, whatever the kota is made with. */
function endsMeal({ tokens, quantity }: Scan, last: Found, token: string, at: number): boolean {
  if (!MEALS.has(token) || quantity !== null || !isOrdered(last) || at === last.end || at > last.end + MEAL_WORDS_MAX) return false;
  return OF_MEAL.has(tokens[last.end] as string) && !tokens.slice(last.end, at).includes(',');
}

/** What stood between is of the meal, and no wish. */
function takeMeal(scan: Scan, last: Found, at: number): number {
  let end = at + 1;
  while (MEALS.has(scan.tokens[end] ?? '')) end++;
  const between = scan.tokens[last.end] as string;
  const wished = scan.wishes.findIndex(({ item, what }) => item === last && what.startsWith(`${between} `));
  if (wished >= 0) scan.wishes.splice(wished, 1);
  saysKind(scan, last, scan.tokens.slice(at, end), 'behind', last.end - last.match.words, end);
  last.end = end;
  scan.part = newPart(end);
  scan.part.settled = true;
  return end;
}

/** "ikota enoshizi", "kota cheese" */
function isPutOn(tokens: readonly string[], last: Found, token: string, at: number): boolean {
  if (hasIngredient(token)) return last.end === at || isJustBehind(tokens, last, at);
  return last.end === at && isIngredient(token) && !isKind(token, 'behind');
}

/** What something is made on or with: "kota on brown bread", whatever bread is sold beside it. */
const ON: ReadonlySet<string> = new Set(['on', 'in', 'op', 'with', 'met']);

/** @returns where to go on, 0 when no kind of anything follows. */
function takeMadeOn(scan: Scan, at: number): number {
  const { tokens } = scan;
  const kind = tokens[at + 1] === 'a' || tokens[at + 1] === 'the' ? at + 2 : at + 1;
  if (!isKind(tokens[kind] ?? '', 'front')) return 0;
  const sold = longestMatch(tokens, kind, scan.catalogue) ?? longestMatch(tokens, kind + 1, scan.catalogue);
  // "Kota with brown bread" may be two things where bread is sold.
  if (sold !== null && WITH.has(tokens[at] as string)) return 0;
  const isNamed = sold !== null || isUnknown(tokens[kind + 1] ?? ',');
  return beginStyle(scan, at, isNamed ? kind + 2 : kind + 1);
}

/** "Kota orange juice": the kind is of what follows, whether that is sold or not. */
function leadsToAny({ tokens, catalogue }: Scan, at: number): boolean {
  return longestMatch(tokens, at, catalogue) !== null || WANTED_ELSEWHERE.has(tokens[at] ?? '');
}

function mayBeginStyle(token: string): boolean {
  return (
    isOfAll(token) ||
    STYLES.has(token) ||
    INTENSIFIERS.has(token) ||
    token === 'well' ||
    SIZES.has(token) ||
    isKind(token, 'front') ||
    isKind(token, 'behind')
  );
}

/** "It" begins too much else. */
function isOfAll(token: string): boolean {
  return ALL_OF_IT.has(token) && token !== 'it';
}

function isOrdered({ change }: Found): boolean {
  return change !== 'refuse' && change !== 'remove';
}

function beginStyle(scan: Scan, start: number, end: number): number {
  endPart(scan, start, { ...newPart(start), wish: true });
  scan.part.unknown = 1;
  return end;
}

/** A name that the style belongs to; "two" behind "kota spicy" counts the next item. */
function namesMore(tokens: readonly string[], at: number): boolean {
  return isUnknown(tokens[at] ?? ',') && numberAt(tokens, at) === null;
}

/** "Make it spicy", "make one extra hot" */
function takeMaking(scan: Scan, at: number): number {
  const { tokens } = scan;
  if (!MADE.has(tokens[at + 1] ?? '')) return 0;
  const end = styleEnd(tokens, at + 2);
  return end === at + 2 || namesMore(tokens, end) ? 0 : beginStyle(scan, at, end);
}

/** An item follows behind nothing but such words: it is read with them. */
function leadsToItem({ tokens, catalogue }: Scan, at: number): boolean {
  let end = at;
  while (end < at + RUN_MAX && tokens[end] !== undefined && isBeside(tokens[end] as string, true)) end++;
  return end > at && longestMatch(tokens, end, catalogue) !== null;
}

/** Nothing else is said between two separators. */
function isAlone({ tokens, part, quantity }: Scan, at: number, end: number): boolean {
  const next = tokens[end] ?? ',';
  if (quantity !== null || part.unknown > 0 || part.settled || part.wish || !(next === ',' || isFiller(next))) return false;
  return tokens.slice(part.start, at).every((word) => (isFiller(word) || ALL_OF_IT.has(word)) && !TOLD.has(word));
}

/** "Is it fresh?", "it's cold": asked or told, not wished. */
const TOLD: ReadonlySet<string> = new Set(['is', 's', 'its', 'are', 'was', 'were', 'do', 'does', 'did']);

/** "Bread brown", "2 kota both spicy", "2 bread, brown", "kota x2 spicy", "amanzi amabili abandayo". */
function isJustBehind(tokens: readonly string[], last: Found, at: number): boolean {
  const end = last.after === null ? last.end : last.end + (numberAt(tokens, last.end)?.words ?? 0);
  if (end === at - 1 && tokens[end] === ',')
    return !DISHES.has(tokens[at] as string) && ((tokens[at + 1] ?? ',') === ',' || isFiller(tokens[at + 1] as string));
  return end <= at && tokens.slice(end, at).every((word) => ALL_OF_IT.has(word));
}

const OF_FOOD_MAX = 3;

/** "Easy on the chilli", "plenty sauce": a wish. @returns where the food begins, 0 for anything else. */
export function takeMeasured(scan: Scan, token: string, at: number): number {
  if (!MEASURING.has(token)) return 0;
  const { tokens } = scan;
  // "2 double cheese kota": the number is of what is sold.
  if (scan.quantity !== null && isTimes(token)) return 0;
  let food = at + 1;
  while (food <= at + OF_FOOD_MAX && OF_FOOD.has(tokens[food] ?? '')) food++;
  const sold = longestMatch(tokens, food, scan.catalogue);
  if (sold !== null) return takePartMeasured(scan, sold, at, food + sold.words);
  if (!isIngredient(tokens[food] ?? '')) return 0;
  scan.quantity = null;
  endPart(scan, at, { ...newPart(at), wish: true });
  return food;
}

/** In front of a measure they belong to it. */
const OF_MEASURE: ReadonlySet<string> = new Set(['with', 'not', 'too', 'very', 'so']);
/** Between an item and how much of a part it is to have: "kota please but not too much atchar". */
const BEFORE_MEASURE: ReadonlySet<string> = new Set([...OF_MEASURE, 'please', 'pls', 'plz', 'but', 'kodwa', 'maar', ',']);

/** "Kota light on atchar", "kota with lots of chips": of one that is described with it. "Kota more chips" may order some. @returns `end`, 0 when it is no part. */
function takePartMeasured({ tokens, found, wishes, quantity, part }: Scan, sold: Match, at: number, end: number): number {
  const last = found[found.length - 1];
  if (last === undefined || quantity !== null || MORE.has(tokens[at] as string) || wishes.length >= WISHES_MAX) return 0;
  const between = tokens.slice(last.end, at);
  if (!between.every((word) => BEFORE_MEASURE.has(word)) || !isOrdered(last) || !isMadeWith(last, sold)) return 0;
  const start = last.end + between.findLastIndex((word) => !OF_MEASURE.has(word)) + 1;
  wishes.push({ what: tokens.slice(start, end).join(' '), item: last, end });
  part.settled = true;
  return end;
}

/** "Fanta", "fanta grape", "orange juice": asked for by name, without a number, and not sold. @returns where to go on, 0 for any other word. */
export function takeElsewhere(scan: Scan, token: string, at: number): number {
  const { tokens, part, unmatched, quantity } = scan;
  const named = isKind(token, 'front') && WANTED_ELSEWHERE.has(tokens[at + 1] ?? '') ? at + 1 : at;
  if (!WANTED_ELSEWHERE.has(tokens[named] as string)) return 0;
  if (quantity !== null || part.wish || part.unknown > 0 || unmatched.length >= UNREAD_MAX) return 0;
  const end = isKind(tokens[named + 1] ?? '', 'behind') ? named + 2 : named + 1;
  unmatched.push(tokens.slice(at, end).join(' '));
  part.settled = true;
  return end;
}
