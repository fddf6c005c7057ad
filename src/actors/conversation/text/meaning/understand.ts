/** What a text means, offline: whole-message commands first, then phrases, then items of the catalogue. Pure; knows no state. */
import type { Language } from '../../../tenant/protocol.ts';
import { type CompiledCatalogue, longestMatch } from '../catalogue/catalogue.ts';
import {
  ALL_BUT,
  AT_HOUR,
  AT_TIME,
  BESIDE_YES,
  LATER,
  MAY_BE_AT_HOUR,
  MAY_BE_LATER,
  multiplierIn,
  STREET_YES,
  STREET_YES_PAIRS,
  takesAway,
  timesIn,
} from '../data/around-words.ts';
import type { LanguageScores, SimpleIntent } from '../data/intents.ts';
import { isOrderVerb } from '../data/order-words.ts';
import { PHRASES } from '../data/phrases.ts';
import { PLACE_MARKS } from '../data/place-words.ts';
import { asksAbout, asksWhatIsForbidden, isAboutDelivery, isComplaint, isQuestion, ruleFor, suggests, weakRuleFor } from '../data/rules.ts';
import { spelledOut } from '../data/short-words.ts';
import { counts, withoutNames } from '../items/beside-names.ts';
import { type Amount, MAX_LINE_QUANTITY, NOTHING_NAMED, type ParsedItems } from '../items/collected.ts';
import { parseItems } from '../items/parse-items.ts';
import { hearLanguages, leadingLanguage } from '../words/language.ts';
import { normalise, type PlainText } from '../words/normalise.ts';
import { numberAt } from '../words/numbers.ts';
import { withoutPictures } from '../words/pictures.ts';
import {
  deliverySaid,
  isAsking,
  isPlaceAlone,
  isSurelyAddress,
  leadsToPlace,
  looksLikeAddress,
  mayBeAddress,
  namesDoor,
  namesStreet,
  placeLedTo,
  speaksOfAddress,
  streetSaid,
} from './addresses.ts';
import { type Again, againIn } from './again.ts';
import { notEaten } from './not-eaten.ts';
import {
  addressed,
  answerTo,
  askedIn,
  beforeTotal,
  isForPerson,
  namesSomething,
  noteIn,
  noteStart,
  praised,
  questioned,
  type Reading,
  serviceAsked,
  withoutNoted,
} from './replies.ts';
import { spokenOf } from './telling.ts';
import { NEUTRAL, wholeMeaning } from './whole-messages.ts';

/** What is asked about. */
export interface Asked {
  readonly about: readonly string[];
  /** Named and of another kind than is sold: "brown bread". */
  readonly unsold?: readonly string[];
  /** "How much for 2 kota and a coke": how many of each. */
  readonly counted?: readonly { readonly productId: string; readonly quantity: number }[];
}

/** What is asked about the shop beside an order. */
export type Service = 'delivery' | 'how_long' | 'pay_cash' | 'pickup' | 'ask_person';

/** `heard`: what speaks for which language; null when there was nothing to hear. */
export type Understanding = { readonly heard: LanguageScores | null } & Understood;

export type Understood =
  | { readonly intent: SimpleIntent }
  /** "language" (null: ask which), or a language by name. */
  | { readonly intent: 'language'; readonly language: Language | null }
  /** Asked, not ordered: "how much is a kota". Empty: about nothing that is sold here. */
  | ({ readonly intent: 'price' } & Asked)
  /** Products were named, or a number for what is in the cart. `address`: said beside it, where one was asked for; `about`: asked beside it; `note`: for the driver; `again`: besides what was ordered last. */
  | ({
      readonly intent: 'items';
      readonly address?: string;
      readonly about?: readonly string[];
      readonly note?: string;
      readonly again?: Again;
      readonly service?: Service;
    } & ParsedItems)
  /** For the driver: "call me when you are here". `agreed`: behind the "yes" to our question. */
  | { readonly intent: 'note'; readonly text: string; readonly agreed: boolean }
  /** An address or a name was expected and the text is plausible as one, `agreed` behind a "yes"; or a street with its number, unasked. */
  | { readonly intent: 'answer'; readonly text: string; readonly agreed?: boolean }
  | { readonly intent: 'emoji_only' | 'empty' | 'too_long' | 'unknown' };

/** What the conversation has just asked for. */
export type Expectation = 'address' | 'yes_no' | 'name' | null;

/** Texts longer than this are no orders; they are answered with a hint. */
export const UNDERSTOOD_MAX_CHARS = 600;
/** Total; some microseconds for a chat line. @param text as it came. */
export function understand(text: string, catalogue: CompiledCatalogue, expect: Expectation): Understanding {
  const understood = understoodAs(text, catalogue, expect);
  // "2 kota is it halal": the order stands, and what is in it only a person knows.
  return understood.intent === 'items' && understood.service === undefined && isForPerson(text)
    ? { ...understood, service: 'ask_person' }
    : understood;
}

function understoodAs(text: string, catalogue: CompiledCatalogue, expect: Expectation): Understanding {
  const plain = writtenOut(normalise(expect === null ? withoutPictures(text, (word) => catalogue.phrases.has(word)) : text));
  const { words } = plain;
  if (words === '') return { heard: null, intent: wordless(plain, expect) };
  if (words.length > UNDERSTOOD_MAX_CHARS) return { heard: null, intent: 'too_long' };
  const heard = hearLanguages(words);
  // To "shall I place the order?" "wrong order" is a no.
  if (expect !== 'yes_no' && isComplaint(words, heard)) return { heard, intent: 'person' };
  if (expect === 'yes_no' && isStreetYes(words) && !text.includes('?')) return { heard, intent: 'yes' };
  const whole = wholeMeaning(words);
  if (whole !== null && !(expect === 'address' && speaksOfAddress(words))) {
    if (typeof whole === 'object') return { heard, intent: 'language', language: whole.language };
    // "Is it confirmed?", "yes?": who asks agrees to nothing.
    if (whole === 'yes' && expect === 'yes_no' && asksRather(text, words)) return { heard, intent: 'price', about: [] };
    // To "shall I place the order?" "order" is no wish to see the menu, and not plainly a yes.
    if (whole === 'menu' && expect === 'yes_no' && NEUTRAL.has(words)) return { heard, intent: 'price', about: [] };
    // "Yes place the order", "yebo faka i-oda"
    if (whole === 'checkout' && expect === 'yes_no' && YES_AND_PLACE.test(words)) return { heard, intent: 'yes' };
    return { heard, intent: whole };
  }
  const ofCart = saidOfCart(plain, catalogue);
  if (ofCart !== null) return { heard, ...ofCart };
  const language = leadingLanguage(heard)?.language;
  const reading = { catalogue, noRefuses: language !== 'zu' && language !== 'xh' };
  const again = againIn(plain, reading);
  if (again !== null) return { heard, intent: 'items', ...again };
  const rule = ruleFor(words, heard);
  const summed = rule === 'view_cart' ? beforeTotal(text, reading) : null;
  if (summed !== null) return summed.orders ? understand(summed.text, catalogue, expect) : { heard, ...pricedOf(summed.text, reading) };
  // "New address: 12 Vilakazi Street" says it at once where one can be taken, and "2 kota to another address" is an order first.
  const isGreeting = rule === 'menu' && WANTS.test(words) && counts(words, catalogue);
  const isLast = rule === 'change_address' && (expect === null || /\d/.test(words));
  if (rule !== null && !isLast && !isGreeting) return { heard, intent: rule };
  // A number alone marks no address: "12 Chris Hani", but not "2 kota and a coke".
  if (expect === 'address' && speaksOfAddress(words)) return { heard, intent: 'price', about: [] };
  const where = expect === 'address' ? withoutNames(words, catalogue) : words;
  const place = expect === 'address' && PLACE_MARKS.test(where) && looksLikeAddress(text, where);
  const noteAt = noteStart(words);
  const noted = place && isSurelyAddress(where) ? null : noteIn(plain, noteAt, expect, reading);
  if (noted !== null) return { heard, ...noted };
  if (place) return { heard, ...addressed(text, plain, reading) };
  const parsed = parseItems(plain.parts, catalogue, reading.noRefuses);
  const named = namesSomething(parsed);
  if (expect === 'address' && !(named && parsed.noise === 0) && looksLikeAddress(text, where, !named))
    return { heard, intent: 'answer', text: plain.text };
  if (asksWhatIsForbidden(text, words) && !counts(words, catalogue)) return { heard, intent: 'unknown' };
  if (!named && isAboutDelivery(words)) return { heard, intent: 'delivery' };
  if (named && isBareQuestion(text, words)) return { heard, intent: 'price', ...askedIn(parsed) };
  if (isQuestion(words) || (named && (asksAbout(plain.parts) || (suggests(words) && !counts(words, catalogue)))))
    return { heard, ...questioned(plain.parts, parsed, reading) };
  const kept = notEaten(plain.parts, reading);
  if (kept !== null) return { heard, intent: 'items', ...kept };
  const told = named ? (praised(words, plain.parts, reading) ?? spokenOf(plain.parts, parsed, reading, expect)) : null;
  if (told !== null) return { heard, ...told };
  const street = named && expect !== 'address' && parsed.noise <= STREET_NOISE_MAX ? streetBeside(plain, reading) : null;
  if (street !== null)
    return { heard, intent: 'items', ...withoutNoted({ ...parsed, ...noteBeside(words, noteAt, reading), ...placedAt(street, parsed) }) };
  if (!named && expect === null && namesDoor(text, words)) return { heard, intent: 'answer', text: plain.text };
  if (named || parsed.wishes.length > 0 || asksForUnknown(parsed, plain))
    return { heard, intent: 'items', ...withoutNoted({ ...parsed, ...(named ? besideOrder(words, noteAt, reading) : {}) }) };
  const answered = expect === 'yes_no' ? answerTo(plain, parsed) : null;
  if (answered !== null) return { heard, ...answered };
  // "1 for gogo": one of what?
  if (parsed.loose !== undefined && expect !== 'address') return { heard, intent: 'items', ...parsed };
  const asked = languageAsked(words);
  if (asked !== null) return { heard, intent: 'language', language: asked };
  // A "wrong order" is a no; behind it nothing but a complaint is left.
  const said = rule ?? weakRuleFor(words, heard) ?? (expect === 'yes_no' && isComplaint(words, heard) ? 'person' : null);
  return { heard, ...withoutNamed(plain, text, expect, said) };
}

/** Where nothing sold was named. @param said what a rule makes of it, null for none. */
function withoutNamed(plain: PlainText, text: string, expect: Expectation, said: SimpleIntent | null): Understood {
  const { words } = plain;
  // "Order it now, i'm hungry": the quote stands.
  if (said === 'menu' && expect === 'yes_no' && HUNGRY.test(words)) return { intent: 'price', about: [] };
  if (said === null && expect === 'address' && mayBeAddress(text, words)) return { intent: 'answer', text: plain.text };
  // With something in the cart nobody waits to be asked where to.
  if (said === null && expect === null && !isAsking(text, words)) {
    const delivery = deliverySaid(words);
    if (delivery === 'wish') return { intent: 'checkout' };
    if (delivery === 'place' || namesStreet(words) || leadsToPlace(words) || isPlaceAlone(words))
      return { intent: 'answer', text: plain.text };
  }
  if (said === null && words.length <= LAUGHTER_MAX_CHARS && LAUGHTER.test(words)) return { intent: 'emoji_only' };
  if (expect === 'name') return { intent: 'answer', text: plain.text };
  return { intent: said ?? 'unknown' };
}

/** "2 kota whats the total": what they come to together. */
function pricedOf(text: string, { catalogue, noRefuses }: Reading): Understood {
  return { intent: 'price', ...askedIn(parseItems(normalise(text).parts, catalogue, noRefuses)) };
}

/** "Double it", "remove it", "everything except the kota": of what is in the cart. */
function saidOfCart({ words, text }: PlainText, catalogue: CompiledCatalogue): Understood | null {
  const multiplied = multiplierIn(words);
  if (multiplied !== null) return { intent: 'items', ...NOTHING_NAMED, amount: { quantity: multiplied, change: 'multiply' } };
  const times = timesIn(words);
  const amount = times === null || namesDouble(words, catalogue) ? null : timesOf(times, catalogue);
  if (amount !== null) return { intent: 'items', ...NOTHING_NAMED, amount };
  if (takesAway(words)) return { intent: 'items', ...NOTHING_NAMED, amount: { quantity: MAX_LINE_QUANTITY, change: 'remove' } };
  return ALL_BUT.test(words) ? { intent: 'items', ...NOTHING_NAMED, unread: [text] } : null;
}

/** @returns null unless one thing alone is named, without a number of its own: "double cheese kota" names two. */
function timesOf({ factor, what }: NonNullable<ReturnType<typeof timesIn>>, catalogue: CompiledCatalogue): Amount | null {
  if (what === null) return { quantity: factor, change: 'multiply', of: 'all' };
  const { items, noise, ambiguous, removed, unread, unmatched, quantityProblems, exchanged, wishes } = parseItems(what, catalogue);
  const [item, other] = items;
  const more = [ambiguous, removed, unread, unmatched, quantityProblems, exchanged, wishes].some((list) => list.length > 0);
  if (item === undefined || other !== undefined || more || noise > 0 || counts(what, catalogue)) return null;
  return { quantity: factor, change: 'multiply', of: { productId: item.productId } };
}

/** A "Double Burger" is not the burger twice. */
function namesDouble(words: string, catalogue: CompiledCatalogue): boolean {
  const tokens = words.split(' ');
  return tokens.some((token, at) => TIMES_WORDS.has(token) && (longestMatch(tokens, at, catalogue)?.words ?? 0) > 1);
}

const TIMES_WORDS: ReadonlySet<string> = new Set(['double', 'twice', 'triple']);

const BARE_QUESTION = /^[^?]+\?+$/;
const BARE_QUESTION_WORDS_MAX = 4;

/** "Coke?" asks whether there is one; "2 kota?", "and a coke?" and "can i get kota?" order. */
function isBareQuestion(text: string, words: string): boolean {
  if (!text.includes('?') || !BARE_QUESTION.test(text)) return false;
  const tokens = words.split(' ', BARE_QUESTION_WORDS_MAX + 1);
  return tokens.length <= BARE_QUESTION_WORDS_MAX && tokens.every((token, at) => !isOrderVerb(token) && numberAt(tokens, at) === null);
}

/** As it came when nothing is shortened. */
function writtenOut(plain: PlainText): PlainText {
  const words = fewerAsRemoved(spelledOut(plain.words), plain.text);
  return words === plain.words ? plain : { ...plain, words, parts: fewerAsRemoved(spelledOut(plain.parts), plain.text) };
}

/** "Minus one", "less 1 please": so many of what is in the cart go. With a name behind it may be a list, whose dash was spoken. */
function fewerAsRemoved(words: string, text: string): string {
  return FEWER_FIRST.test(text) ? words.replace(FEWER_WORD, 'remove ') : words;
}

const FEWER_FIRST =
  /^\W*(?:(?:please|pls|no|ok|sorry)\W+)*(?:minus|less)\s+(?:one|two|three|four|five|\d{1,2})(?:\W+(?:please|pls|plz|thanks))*\W*$/iu;
const FEWER_WORD = /\b(?:minus|less) (?=\w)/;

/** "Do it" is a whole phrase and asks nothing. */
function asksRather(text: string, words: string): boolean {
  return text.includes('?') || (!PHRASES.has(words) && isAsking(text, words));
}

const HUNGRY = /\b(?:hungry|starving|ngilambile|silambile|ke lapile|honger)\b/;

/** As good as a picture. */
const LAUGHTER = /^(?:l+o+l+z*|lmao+|rofl|(?:b?w?a?(?:ha|he|hi){2,}h?)|eish|yoh+|wow+)$/;
const LAUGHTER_MAX_CHARS = 16;

const AGREEING = /[👍👌✅💯🆗]/u;
const DISAGREEING = /[👎❌🚫]/u;

/** A thumb answers a question; otherwise a picture says nothing about an order. */
function wordless({ hadEmoji, text }: PlainText, expect: Expectation): 'yes' | 'no' | 'emoji_only' | 'empty' {
  if (!hadEmoji) return 'empty';
  if (expect !== 'yes_no' || AGREEING.test(text) === DISAGREEING.test(text)) return 'emoji_only';
  return AGREEING.test(text) ? 'yes' : 'no';
}

/** "Whats good, let me get 2 kota": no wish to see the menu. */
const WANTS = /\b(?:i (?:want|need|ll have)|(?:give|get|send|bring) me|(?:let me|lemme) (?:get|have)|ngicela|ngifuna)\b/;
const YES_AND_PLACE = /^(?:yes|yebo|yeah|ja|ewe|ee) (?:place|faka) /;

/** What was not read of the place, or for something that is not sold, is read as the place: "2 kota ulethe ku 123 zone 6". */
function placedAt(
  street: string,
  { unread, unmatched }: ParsedItems,
): Pick<ParsedItems, 'unread' | 'unmatched'> & { readonly address: string } {
  const { words } = normalise(street);
  const isElsewhere = (name: string): boolean => !words.includes(name) && !name.endsWith(words);
  return { address: street, unread: unread.filter(isElsewhere), unmatched: unmatched.filter(isElsewhere) };
}

/** They ask for it in one of these words. */
const OF_SERVICE = /long|deliver|card|pay|swipe|eft|collect|fetch|pick|landa/;

/** "2 kota how long will it take" */
function besideOrder(words: string, noteAt: number, reading: Reading): { readonly note?: string; readonly service?: Service } {
  const service = OF_SERVICE.test(words) ? serviceAsked(words) : null;
  const note = noteBeside(words, noteAt, reading);
  return service === null ? note : { ...note, service };
}

const NO_NOTE: { readonly note?: string } = {};

/** "2 kota, call me when you are here": for the driver, beside the order. */
function noteBeside(words: string, at: number, { catalogue, noRefuses }: Reading): { readonly note?: string } {
  const note = at < 0 ? '' : words.slice(at);
  if (note !== '' && !namesSomething(parseItems(note, catalogue, noRefuses))) return { note };
  const said =
    (at < 0 ? null : AT_TIME.exec(words)) ??
    (MAY_BE_LATER.test(words) ? LATER.exec(words) : null) ??
    (MAY_BE_AT_HOUR.test(words) ? AT_HOUR.exec(words) : null);
  return said === null ? NO_NOTE : { note: said[0] };
}

/** Words of a place beside an order that the street does not take. */
const STREET_NOISE_MAX = 6;

/** "2 kota to 12 Vilakazi Street": where to, said with the order; none where something sold stands behind the street. */
function streetBeside({ text, words }: PlainText, { catalogue, noRefuses }: Reading): string | null {
  const street = namesStreet(words) ? streetSaid(text) : placeLedTo(text, words);
  // "2 kota, do you deliver to pimville" asks.
  if (street !== null && !isSurelyAddress(street.toLowerCase()) && isAboutDelivery(words)) return null;
  return street === null || namesSomething(parseItems(normalise(street).parts, catalogue, noRefuses)) ? null : street;
}

/** No door is so near the beginning of its street. */
const FEW_OF_SOMETHING = /^\d [a-z]/;

/** "2 pizza" asks for something; "5 minutes from the school" does not. */
function asksForUnknown({ unmatched, noise }: ParsedItems, { text, words }: PlainText): boolean {
  const isPlace = looksLikeAddress(text, words) && !(FEW_OF_SOMETHING.test(words) && !PLACE_MARKS.test(words));
  return unmatched.length > 0 && noise === 0 && !isPlace;
}

const SPEAKING =
  /\b(?:speak|talk|use|switch|change|prefer|understand|english|in|khuluma|ukhulume|khulume|sikhulume|shintsha|praat|bua|thetha|ngesi\w+)\b/;
const LANGUAGE_REQUEST_WORDS_MAX = 7;

/** "can we speak zulu", "ngicela ukhulume isizulu". */
function languageAsked(words: string): Language | null {
  const tokens = words.split(' ', LANGUAGE_REQUEST_WORDS_MAX + 1);
  if (tokens.length > LANGUAGE_REQUEST_WORDS_MAX || !SPEAKING.test(words)) return null;
  for (const token of tokens) {
    const meant = PHRASES.get(token);
    if (typeof meant === 'object' && meant.language !== null) return meant.language;
  }
  return null;
}

/** "Shall I place the order?" "Sharp, boss." Elsewhere these greet or thank. */
function isStreetYes(words: string): boolean {
  const tokens = words.split(' ', STREET_YES_WORDS_MAX + 1);
  const first = STREET_YES_PAIRS.has(`${tokens[0]} ${tokens[1]}`) ? 2 : STREET_YES.has(tokens[0] ?? '') ? 1 : 0;
  return (
    first > 0 &&
    tokens.length <= STREET_YES_WORDS_MAX &&
    tokens.slice(first).every((token) => STREET_YES.has(token) || BESIDE_YES.has(token))
  );
}

const STREET_YES_WORDS_MAX = 4;
