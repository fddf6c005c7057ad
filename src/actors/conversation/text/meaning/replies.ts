/**
 * What a text comes to when an order is not all it says: a note to the driver, a question beside an order, an order
 * beside an address, and a "yes" with second thoughts. Pure; knows no state.
 */

import { type CompiledCatalogue, longestMatch } from '../catalogue/catalogue.ts';
import { AT_TIME, CONDITION, NOTE, ORDERING, PAYING_WITH, SECOND_THOUGHT } from '../data/around-words.ts';
import { ARTICLES, NUMBER_WORDS } from '../data/number-words.ts';
import { CORRECTING } from '../data/order-words.ts';
import { PHRASES } from '../data/phrases.ts';
import { PLACE_MARKS } from '../data/place-words.ts';
import { asks, asksWhatIsForbidden, isAboutDelivery, isQuestion, praises, weakRuleFor } from '../data/rules.ts';
import { WANTED_ELSEWHERE } from '../data/style-words.ts';
import { counts, namesPlace } from '../items/beside-names.ts';
import { MAX_LINE_QUANTITY, NOTHING_NAMED, type ParsedItems } from '../items/collected.ts';
import { parseItems } from '../items/parse-items.ts';
import { normalise, type PlainText } from '../words/normalise.ts';
import { hasHeldLetter } from '../words/spelling.ts';
import { isAsking, isSurelyAddress } from './addresses.ts';
import { countAlone } from './count.ts';
import type { Asked, Expectation, Service, Understood } from './understand.ts';

const FIRST_WORD = /^[^\p{L}\p{N}]*\p{L}+[^\p{L}\p{N}]*/u;
/** Between what is ordered and where it goes. */
const PIECES = /[,;\n]+|\band (?=(?:i|we) (?:stay|live|am)\b|add\b|remove\b|deliver\b|bring\b|send\b)/i;
const COUNTED = /\d|^(?:and |please |pls |also )*(?:add|remove|a|an|one|two|three|four|five|no|without|make|engeza|susa|faka)\b/;

/** Of everything that is named. */
const IN_ALL = /\b(?:total|together|altogether|all in all|in all|sekukonke|konke)\b/;

export interface Reading {
  readonly catalogue: CompiledCatalogue;
  readonly noRefuses: boolean;
}

export function namesSomething({ items, exchanged, removed, ambiguous, quantityProblems, amount }: ParsedItems): boolean {
  return amount !== null || items.length + exchanged.length + removed.length + ambiguous.length + quantityProblems.length > 0;
}

/** Where a note for whoever makes or brings it begins; below zero without one. */
export function noteStart(words: string): number {
  const at = words.search(NOTE);
  return at >= 0 || !/\d/.test(words) ? at : words.search(AT_TIME);
}

/** @param at where the note begins. "yes please call me when you are here"; none behind an order: "2 kota, call me when you are here". */
export function noteIn({ words, text }: PlainText, at: number, expect: Expectation, { catalogue, noRefuses }: Reading): Understood | null {
  if (at < 0) return null;
  const before = words.slice(0, at);
  if (before !== '' && namesSomething(parseItems(before, catalogue, noRefuses))) return null;
  if (ordersBehind(words, words.slice(at), { catalogue, noRefuses })) return null;
  const agreed =
    expect === 'yes_no' && !AT_TIME.test(words) && leadingAnswer(words) === 'yes' && !isDoubtful(before) && !isAsking(text, before);
  const answered = agreed || (AT_TIME.test(words) && leadingAnswer(words) === 'yes');
  return { intent: 'note', text: answered ? text.replace(FIRST_WORD, '') : text, agreed };
}

/** "At 5pm 2 kota", "i have R50, 1 kota please": when and with what money, in front of an order. */
function ordersBehind(words: string, note: string, { catalogue, noRefuses }: Reading): boolean {
  if (!AT_TIME.test(note) && !PAYING_WITH.test(note)) return false;
  return (ORDERING.test(note) || counts(words, catalogue)) && namesSomething(parseItems(note, catalogue, noRefuses));
}

/** The address, with what was ordered beside it: "14 Main Road, and add a coke". */
export function addressed(given: string, { text }: PlainText, { catalogue, noRefuses }: Reading): Understood {
  const pieces = given.split(PIECES).filter((piece) => piece.trim() !== '');
  if (pieces.length < 2) return { intent: 'answer', text };
  const ordered: string[] = [];
  const where: string[] = [];
  for (const piece of pieces) {
    const { parts, words } = normalise(piece);
    const parsed = namesPlace(words, catalogue) || !COUNTED.test(words) ? null : parseItems(parts, catalogue, noRefuses);
    if (parsed !== null && parsed.noise === 0 && namesSomething(parsed)) ordered.push(parts);
    else where.push(piece.trim());
  }
  if (ordered.length === 0 || where.length === 0) return { intent: 'answer', text };
  return { intent: 'items', ...parseItems(ordered.join(' , '), catalogue, noRefuses), address: where.join(', ') };
}

/** What is noted is not said back as not read. */
export function withoutNoted<Items extends Pick<ParsedItems, 'unread'> & { readonly note?: string }>(items: Items): Items {
  const { note, unread } = items;
  return note === undefined || unread.length === 0 ? items : { ...items, unread: unread.filter((name) => !note.includes(name)) };
}

/** What is asked about; with an order in front or clearly beside it, the order, too. */
export function questioned(parts: string, parsed: ParsedItems, { catalogue, noRefuses }: Reading): Understood {
  // "2 kota + 2 coke, how much all together?": all of it is asked about.
  if (IN_ALL.test(parts) && !ORDERING.test(parts)) return { intent: 'price', ...askedIn(parsed) };
  const all = piecesOf(parts);
  const first = all.findIndex(asks);
  const asked = all.filter(asks);
  const others = all.filter((part) => !asks(part));
  const rest = others.filter((part) => all.indexOf(part) < first || ORDERING.test(part) || IF_SO.test(part)).map(withoutIfSo);
  const counted = countedOf(asked, rest, { catalogue, noRefuses });
  if (counted !== null) return counted;
  const elsewhere = elsewhereIn(asked.join(' , '), catalogue);
  if (rest.length > 0) {
    const wanted = parseItems(rest.join(' , '), catalogue, noRefuses);
    const spoken = parseItems(asked.join(' , '), catalogue, noRefuses);
    const about = namedIn(spoken);
    const service = asked.map(serviceAsked).find((intent) => intent !== null);
    // "Can i get 2 kota how much is it": the cart says it.
    if (
      namesSomething(wanted) &&
      (about.length + elsewhere.length > 0 || service !== undefined || rest.some((part) => ORDERING.test(part)))
    )
      return {
        intent: 'items',
        ...withoutElsewhere(withLoose(wanted, spoken), elsewhere),
        about,
        ...(service === undefined ? {} : { service }),
      };
  }
  const beside = besideSmallTalk(asked, others, { catalogue, noRefuses });
  if (beside !== null) return beside;
  const { counted: numbers, ...named } = askedIn(parsed);
  const unsold = [...(named.unsold ?? []), ...elsewhere];
  return {
    intent: 'price',
    ...named,
    ...(unsold.length === 0 ? {} : { unsold }),
    ...(counts(parts, catalogue) && numbers !== undefined ? { counted: numbers } : {}),
  };
}

/** "Do you have fanta", "ninayo i-fanta": what is asked for by a name that many shops know, and not sold here. */
function elsewhereIn(parts: string, catalogue: CompiledCatalogue): readonly string[] {
  const tokens = parts.split(' ');
  const isSold = (at: number): boolean => longestMatch(tokens, at, catalogue) !== null;
  return tokens.flatMap((token, at) => {
    const name = WANTED_ELSEWHERE.has(token) ? token : token.replace(NGUNI_NOUN, '');
    // "Chicken wings" and "fish and chips" are answered as what is sold of them.
    return WANTED_ELSEWHERE.has(name) && !isSold(at) && !(at > 0 && isSold(at - 1)) ? [name] : [];
  });
}

/** "2 kota, do you have fanta": said not to be sold, beside the order. */
function withoutElsewhere(wanted: ParsedItems, elsewhere: readonly string[]): ParsedItems {
  return elsewhere.length === 0 ? wanted : { ...wanted, unmatched: [...wanted.unmatched, ...elsewhere] };
}

const NGUNI_NOUN = /^(?:ama|i|u)(?=[a-z]{4})/;

/** Where a question begins in the middle of what somebody wants, without a mark: "can i get 2 kota how much is delivery". */
const ASKED_BEHIND =
  / (?=(?:and )?(?:how (?:much|long|far)|what ?s the|what is the|(?:do|can|are|r) (?:you|u) (?:deliver\w*|take|accept|have|sell)|can i pay|yimalini|malini|hoeveel)\b)/;

/** What is asked for when the answer is yes: "do you have stoney if you do i want 2". */
const IF_SO = /^if (?:(?:you|u|they) (?:do|have|got)|yes|so|available|there (?:is|are))\b(?: (?:it|them|any|some))? /;
const IF_SO_BEHIND = / (?=if (?:(?:you|u|they) (?:do|have|got)|yes|so|available|there (?:is|are))\b)/;

function piecesOf(parts: string): readonly string[] {
  const said = parts.split(/ ,(?: |$)| and (?=how |what |do (?:you|u|they) |have (?:you|u) |is |are )/).filter((part) => part !== '');
  return said.flatMap((part) => (ORDERING.test(part) ? part.split(IF_SO_BEHIND).flatMap((piece) => piece.split(ASKED_BEHIND)) : [part]));
}

function withoutIfSo(part: string): string {
  return part.replace(IF_SO, '');
}

/** "Do you have stoney, if you do i want 2 with a kota": a number that nothing has is of what was asked about. */
function withLoose(wanted: ParsedItems, { items: [item, other] }: ParsedItems): ParsedItems {
  const { loose, ...rest } = wanted;
  if (loose === undefined || item === undefined || other !== undefined || namedIn(wanted).includes(item.productId)) return wanted;
  if (!(Number.isInteger(loose) && loose >= 1 && loose <= MAX_LINE_QUANTITY)) return wanted;
  return { ...rest, items: [...rest.items, { ...item, quantity: loose }] };
}

/** "How was your weekend? 2 kota please", "is it fresh? 1 kota": what is asked is of no price and no number. */
function besideSmallTalk(asked: readonly string[], others: readonly string[], { catalogue, noRefuses }: Reading): Understood | null {
  if (others.length === 0 || asked.some(isQuestion)) return null;
  const said = others.join(' , ');
  if (!counts(said, catalogue) || asked.some((part) => counts(part, catalogue))) return null;
  const wanted = parseItems(said, catalogue, noRefuses);
  return namesSomething(wanted) ? { intent: 'items', ...wanted } : null;
}

/** What the whole comes to, asked behind it. */
const TOTAL_BEHIND =
  /[\s,.!?;]+(?:and\s+)?(?:what\s?['’]?s|what\s+is|how\s+much\s?['’]?s|how\s+much\s+is)\s+(?:my|our|the)\s+total(?:\s+(?:price|cost|amount))?(?:\s+(?:for (?:that|everything|all)|(?:including|with|plus) (?:the )?delivery|altogether|now))?(?:\s+(?:please|pls|plz))?[\s?!.]*$/iu;

/** "I want 2 kota whats the total": an order, which the cart adds up. @returns the text in front of the question, null when that asks for nothing sold. */
export function beforeTotal(text: string, { catalogue, noRefuses }: Reading): { readonly text: string; readonly orders: boolean } | null {
  const before = text.replace(TOTAL_BEHIND, '');
  if (before === text) return null;
  const { words, parts } = normalise(before);
  return namesSomething(parseItems(parts, catalogue, noRefuses)) ? { text: before, orders: ORDERING.test(words) } : null;
}

/** "Is the kota R45? give me 2": a number alone behind the question is of what was asked about. */
function countedOf(asked: readonly string[], rest: readonly string[], { catalogue, noRefuses }: Reading): Understood | null {
  const quantity = rest.length === 1 ? countAlone(rest[0] as string) : null;
  if (quantity === null) return null;
  const parsed = parseItems(asked.join(' , '), catalogue, noRefuses);
  const [item, other] = parsed.items;
  if (item === undefined || other !== undefined || namedIn(parsed).length !== 1 || !(quantity >= 1 && quantity <= MAX_LINE_QUANTITY))
    return null;
  const price = { about: [item.productId] };
  return Number.isInteger(quantity)
    ? { intent: 'items', ...NOTHING_NAMED, items: [{ ...item, quantity }], ...price }
    : { intent: 'price', ...price };
}

/** "Thanks for the kota" orders none; what is said beside it is read without it. @returns null when nothing is praised, or when what is praised cannot be told from an order. */
export function praised(words: string, parts: string, { catalogue, noRefuses }: Reading): Understood | null {
  if (!praises(words) || counts(words, catalogue)) return null;
  const rest = parts.split(' , ').filter((part) => !praises(part));
  const parsed = rest.length === 0 ? null : parseItems(rest.join(' , '), catalogue, noRefuses);
  return parsed !== null && namesSomething(parsed) ? { intent: 'items', ...parsed } : { intent: 'thanks' };
}

/** To "shall I place the order?": an order is only placed by a "yes" without a number, a place, a wish or a doubt behind it. */
export function answerTo({ text, words }: PlainText, parsed: ParsedItems): Understood | null {
  const answer = leadingAnswer(words);
  const sure = isSurelyAddress(words) && !isAsking(text, words);
  if (answer !== 'yes') {
    if (sure) return { intent: 'answer', text: answer === null ? text : text.replace(FIRST_WORD, '') };
    return answer === null ? null : { intent: answer };
  }
  if (sure && /\d/.test(words)) return { intent: 'answer', text: text.replace(FIRST_WORD, ''), agreed: true };
  if (parsed.unread.length > 0) return { intent: 'items', ...parsed };
  const rest = words.slice(words.indexOf(' ') + 1);
  const doubtful =
    text.includes('?') || /\d/.test(rest) || isDoubtful(rest) || PLACE_MARKS.test(rest) || countsSomething(rest) || ONE_ONLY.test(rest);
  return doubtful ? null : { intent: 'yes' };
}

/** "Yes one", but not "yes that one". */
const ONE_ONLY = /^(?:(?:only|just|but|make it) )*one(?: (?:please|pls|plz))?$/;

/** A "but" or an "if". */
function isDoubtful(words: string): boolean {
  return SECOND_THOUGHT.test(words) || CONDITION.test(words);
}

/** "Yes if you have coke": what is named without a number is only what the yes depends on. */
export function agreesIf(words: string, catalogue: CompiledCatalogue): boolean {
  return leadingAnswer(words) === 'yes' && CONDITION.test(words) && !counts(words, catalogue);
}

function countsSomething(words: string): boolean {
  return words.split(' ').some((word) => NUMBER_WORDS.has(word) && !ARTICLES.has(word));
}

/** Beside an order the shop's settings answer it. */
export function serviceAsked(part: string): Service | null {
  if (isAboutDelivery(part)) return 'delivery';
  const asked = weakRuleFor(part, null);
  return asked === 'pay_cash' || asked === 'how_long' || asked === 'pickup' ? asked : null;
}

/** What a question names, as it names it. */
export function askedIn(parsed: ParsedItems): Asked {
  const unsold = parsed.ambiguous.flatMap((entry) => entry.unsold ?? []);
  const isSure = parsed.ambiguous.length + parsed.quantityProblems.length + parsed.unmatched.length === 0 && parsed.items.length > 0;
  return {
    about: namedIn(parsed),
    ...(unsold.length === 0 ? {} : { unsold }),
    ...(isSure ? { counted: parsed.items.map(({ productId, quantity }) => ({ productId, quantity })) } : {}),
  };
}

export function namedIn({ items, ambiguous, quantityProblems }: ParsedItems): readonly string[] {
  const ids = [...items, ...quantityProblems].map((item) => item.productId);
  return [...new Set([...ids, ...ambiguous.flatMap((entry) => entry.candidates)])];
}

/** "No, 14 Church Street", "sorry zone 6": what was said before is wrong. */
export function correctsAnswer(text: string): boolean {
  const { words } = normalise(text);
  return leadingAnswer(words) === 'no' || CORRECTING.has(words.split(' ', 1)[0] ?? '') || /\b(?:instead|rather)\b/.test(words);
}

/** Yes in Sesotho and Setswana, and "it" in front of a verb: "e tlogele" leaves it. */
const ONLY_ALONE: ReadonlySet<string> = new Set(['e']);

const HELD = /([a-z])\1{2,}/g;
/** What is left of a word with a letter held down. */
const HELD_MIN_CHARS = 2;

/** To a question of ours, a first "yes" or "no" is the answer: "yebo faka i-oda". */
export function leadingAnswer(words: string): 'yes' | 'no' | null {
  const [first = ''] = words.split(' ', 1);
  const short = hasHeldLetter(first) ? first.replace(HELD, '$1') : first;
  // "Kkk" laughs.
  const said = short.length < HELD_MIN_CHARS ? first : short;
  const meant = ONLY_ALONE.has(said) ? undefined : PHRASES.get(said);
  return meant === 'yes' || meant === 'no' ? meant : null;
}

/** "Are your kotas halal": no list of kotas answers that. @param text as it came. */
export function isForPerson(text: string): boolean {
  return asksWhatIsForbidden(text, normalise(text).words);
}
