/** How an item is wished, "no onions", "extra cheese", "kota without chips": said to the shop in the customer's own words. Pure. */
import type { Match } from '../../catalogue/catalogue.ts';
import { hasIngredient, isIngredient } from '../../data/ingredient-words.ts';
import { ABOUT, ADDING, ALTERNATIVES, EXTRA, JOINING, PRONOUNS, TAKING, VERBS, WISHES } from '../../data/order-words.ts';
import { MADE, MEASURING, STYLES } from '../../data/style-words.ts';
import { isFiller, isHesitation } from '../../words/fillers.ts';
import { normalise } from '../../words/normalise.ts';
import { numberAt } from '../../words/numbers.ts';
import type { Found, Part, Scan } from '../scan.ts';

/** Of one text. */
export const WISHES_MAX = 5;
/** Unknown words of one wish: "no onions tomato or lettuce". */
const WISH_WORDS_MAX = 5;

/** In front of anything but food they tell a story: "we have not eaten since morning". */
const TELLING_TOO: ReadonlySet<string> = new Set(['not', 'don', 'dont', 'nie', 'moenie', 'hold', 'skip']);

/** "2 kota, one without onions": where the wish begins, with the number that stands in front of it. */
export function wishStart({ tokens, quantity }: Scan, at: number): number {
  if (quantity === null) return at;
  const end = tokens[at - 1] === 'with' || tokens[at - 1] === 'met' ? at - 1 : at;
  // "2 of them without chips"
  const number = tokens[end - 2] === 'of' ? end - 3 : end - 1;
  return numberAt(tokens, number)?.words === 1 ? number : at;
}

/**
 * Keeps a part that says how an item is wished. With nothing named, or without a word of wishing, only what food is made of is one.
 * @param item what it is about; null asks the flow to find out. @returns false when the part is none.
 */
export function keepWish(
  { tokens, wishes, found, change }: Scan,
  part: Part,
  end: number,
  unknown: readonly string[],
  item: Found | null,
): boolean {
  if (part.settled || unknown.length === 0 || unknown.length > WISH_WORDS_MAX) return false;
  const isOfFood = unknown.every(
    (word) => isIngredient(word) || hasIngredient(word) || STYLES.has(word) || MADE.has(word) || MEASURING.has(word) || word === 'well',
  );
  if (
    !isOfFood &&
    (part.talking ||
      !part.wish ||
      TELLING_TOO.has(tokens[part.start] ?? '') ||
      (found.length === 0 && !WISHES.has(tokens[part.start] ?? '')))
  )
    return false;
  const verb = tokens[part.start] ?? '';
  // "Take off the meat", "take the egg off"
  const isTakenOff = change === 'remove' && TAKING.has(verb);
  if (!part.wish && item === null && !ADDING.has(verb) && VERBS.get(verb) !== 'remove' && !isTakenOff) return false;
  const last = wishes[wishes.length - 1];
  const kept = trimmed(tokens.slice(part.start, end));
  const what = [...kept, ...ofHowMany(tokens, part.start + kept.length)].join(' ');
  if (part.continues && last !== undefined) last.what = `${last.what} ${what}`;
  else if (wishes.length < WISHES_MAX) wishes.push({ what, item });
  return true;
}

/** "no tomatoes on one", "no atchar on the other one" */
const OF_HOW_MANY =
  /^(?:on|for|in) (?:(?:the|my) )?(?:(?:other|first|second|last) )?(?:one|two|three|\d{1,2}|both|all)(?: of (?:them|those|these))?(?= |$)/;
const OF_HOW_MANY_WORDS_MAX = 7;

/** @returns the words that say of how many a wish is that ends at `end`; none when it is of all. */
function ofHowMany(tokens: readonly string[], end: number): readonly string[] {
  const behind = tokens.slice(end, end + OF_HOW_MANY_WORDS_MAX).join(' ');
  return OF_HOW_MANY.exec(behind)?.[0].split(' ') ?? [];
}

/** What is refused, in the customer's words. */
export function refusal({ tokens }: Scan, start: number, end: number): string {
  return [...tokens.slice(start, end), ...ofHowMany(tokens, end)].join(' ');
}

/** Words that only lead on to the item or are polite. */
function trimmed(words: readonly string[]): readonly string[] {
  let end = words.length;
  while (end > 1 && isEmptyWord(words[end - 1] as string)) end--;
  return words.slice(0, end);
}

function isEmptyWord(word: string): boolean {
  return (isFiller(word) || isHesitation(word) || ABOUT.has(word) || PRONOUNS.has(word) || BUT.has(word)) && word !== 'no';
}

/** The next thing begins. */
const BUT: ReadonlySet<string> = new Set(['but', 'kodwa', 'maar', 'mara']);

/** "kota with atchar", "kota no egg extra polony" of a kota that is described with it: no tub of it beside, whatever else is sold. */
export function hasPart({ tokens, wishes, found, part }: Scan, match: Match, at: number): boolean {
  const newest = found[found.length - 1];
  const before = tokens[at - 1] as string;
  if (newest === undefined || !(EXTRA.has(before) || WITH.has(before) || WITH.has(tokens[newest.end] ?? '') || newest.change === 'refuse'))
    return false;
  // "Kota, no chips, extra polony": of the kota.
  const last = newest.change === 'refuse' ? found.findLast(({ change }) => change !== 'refuse') : newest;
  if (last === undefined || last.change === 'remove' || wishes.length >= WISHES_MAX) return false;
  // "Replace the kota with chips" says what comes for it.
  if (last.change === 'swap') return false;
  const between = tokens.slice(last.end, at);
  // "Kota and extra polony" adds it to the kota where nothing is called just polony.
  const isExtra =
    EXTRA.has(before) && (!isSoldAlone(match) || !between.some((word) => word === ',' || (JOINING.has(word) && !WITH.has(word))));
  // "3 kota, 2 with atchar and 1 without"
  const isCounted = part.wish && part.unknown === 0 && WITH.has(before);
  const isWith =
    isCounted || (WITH.has(between[0] ?? '') && between.slice(1).every((word) => EXTRA.has(word) || word === 'more' || word === 'the'));
  if (!(isExtra || isWith) || !(isMadeWith(last, match) || (isExtra && isCalledWith(last, match)))) return false;
  // With the number of how many: "1 extra polony".
  const start = isWith && !isCounted ? last.end : part.wish ? part.start : at - 1;
  wishes.push({ what: tokens.slice(start, at + match.words).join(' '), item: last, end: at + match.words });
  return true;
}

/** By what the menu says of it. */
export function isMadeWith({ match: { products } }: Found, { phrase }: Match): boolean {
  const made = normalise(products[0]?.description ?? '').words.split(' ');
  return phrase.split(' ').some((word) => made.includes(word));
}

/** "Mogodu and pap with extra pap": more of what it is called, and no plate of something else with it. */
function isCalledWith({ match: { products } }: Found, { phrase, products: sold }: Match): boolean {
  const [product, other] = products;
  return (
    product !== undefined && other === undefined && !sold.includes(product) && normalise(product.name).words.split(' ').includes(phrase)
  );
}

/** They refuse all that follows: "without atchar and polony". */
const REFUSES_ALL = /^(?:(?:with|made|please) )*(?:without|ngaphandle|sonder|hold|skip)\b/;

/** "No atchar and polony": what is not sold by itself, or stands behind "without", is refused, too. */
export function refusesMore({ tokens, wishes, found }: Scan, match: Match, at: number): boolean {
  const last = found[found.length - 1];
  const wish = wishes[wishes.length - 1];
  const joint = tokens[at - 1] ?? '';
  if (last === undefined || wish === undefined || wish.item !== last || wish.end !== at - 1) return false;
  if (!(JOINING.has(joint) || ALTERNATIVES.has(joint)) || !isMadeWith(last, match)) return false;
  if (isSoldAlone(match) && !REFUSES_ALL.test(wish.what)) return false;
  wish.end = at + match.words;
  wish.what = `${wish.what} ${tokens.slice(at - 1, wish.end).join(' ')}`;
  return true;
}

/** Something is called just that. */
function isSoldAlone({ phrase, products }: Match): boolean {
  return products.some(({ name, aliases }) => [name, ...aliases].some((known) => normalise(known).words === phrase));
}

const WITH: ReadonlySet<string> = new Set(['with', 'met']);

/** "Pap with no stew" of a plate that is called both. */
function isOfPlate({ match: { products, phrase } }: Found, part: Match): boolean {
  const [product, other] = products;
  return (
    product !== undefined && other === undefined && part.products.length === 1 && part.products[0] === product && part.phrase !== phrase
  );
}

/** "kota no chips" of a kota that is described with chips: a wish about the kota, whatever else is sold. */
export function refusesPart(scan: Scan, match: Match, at: number): boolean {
  const { tokens, wishes, found, part } = scan;
  const last = found[found.length - 1];
  if (last === undefined || last.change === 'refuse' || last.change === 'remove' || wishes.length >= WISHES_MAX) return false;
  const words = tokens.slice(last.end, at);
  const made = normalise(last.match.products[0]?.description ?? '').words.split(' ');
  const named = match.phrase.split(' ');
  if (words.includes(',') || !(named.some((word) => made.includes(word)) || named.every(isIngredient) || isOfPlate(last, match)))
    return false;
  wishes.push({ what: refusal(scan, part.wish ? part.start : last.end, at + match.words), item: last, end: at + match.words });
  return true;
}
