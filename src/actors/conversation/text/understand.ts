/** What a text means, offline: whole-message commands first, then phrases, then items of the catalogue. Pure; knows no state. */
import type { Language } from '../../tenant/protocol.ts';
import type { CompiledCatalogue } from './catalogue.ts';
import type { ParsedItems } from './collected.ts';
import { type Meant, PHRASES } from './data/phrases.ts';
import { isComplaint, isQuestion, ruleFor, weakRuleFor } from './data/rules.ts';
import { isFiller } from './fillers.ts';
import { parseItems } from './items.ts';
import { hearLanguages, type LanguageScores, leadingLanguage } from './language.ts';
import { normalise, type PlainText } from './normalise.ts';

/** Simple intents, without parts. `yes` and `no` also answer questions. */
export type SimpleIntent =
  | 'menu'
  | 'cancel'
  | 'help'
  | 'person'
  | 'stop'
  | 'start'
  | 'greet'
  | 'thanks'
  | 'yes'
  | 'no'
  | 'checkout'
  | 'view_cart'
  | 'clear_cart'
  | 'track'
  /** Said or asked: cash on delivery is the only way. */
  | 'pay_cash'
  | 'pickup'
  | 'change_address';

/** `heard`: what speaks for which language; null when there was nothing to hear. */
export type Understanding = { readonly heard: LanguageScores | null } & (
  | { readonly intent: SimpleIntent }
  /** "language" (null: ask which), or a language by name. */
  | { readonly intent: 'language'; readonly language: Language | null }
  /** Asked, not ordered: "how much is a kota". Empty: about nothing that is sold here. */
  | { readonly intent: 'price'; readonly about: readonly string[] }
  /** Products were named, or a number for what is in the cart. */
  | ({ readonly intent: 'items' } & ParsedItems)
  /** An address or a name was expected and the text is plausible as one. */
  | { readonly intent: 'answer'; readonly text: string }
  | { readonly intent: 'emoji_only' | 'empty' | 'too_long' | 'unknown' }
);

/** What the conversation has just asked for. */
export type Expectation = 'address' | 'yes_no' | 'name' | null;

/** Texts longer than this are no orders; they are answered with a hint. */
export const UNDERSTOOD_MAX_CHARS = 600;
const ADDRESS_MIN_CHARS = 5;
/** Words of a message that is nothing but phrases: "yes thanks", "hi menu please". */
const COMBINED_WORDS_MAX = 5;

/** Total; some microseconds for a chat line. @param text as it came. */
export function understand(text: string, catalogue: CompiledCatalogue, expect: Expectation): Understanding {
  const plain = normalise(text);
  const { words } = plain;
  if (words === '') return { heard: null, intent: wordless(plain, expect) };
  if (words.length > UNDERSTOOD_MAX_CHARS) return { heard: null, intent: 'too_long' };
  const heard = hearLanguages(words);
  // To "shall I place the order?" "wrong order" is a no.
  if (expect !== 'yes_no' && isComplaint(words)) return { heard, intent: 'person' };
  const whole = wholeMeaning(words);
  if (whole !== null) {
    if (typeof whole === 'object') return { heard, intent: 'language', language: whole.language };
    return { heard, intent: whole };
  }
  const rule = ruleFor(words);
  // "New address: 12 Vilakazi Street" says it at once where one can be taken, and "2 kota to another address" is an order first.
  const isLast = rule === 'change_address' && (expect === null || /\d/.test(words));
  if (rule !== null && !isLast) return { heard, intent: rule };
  const place = expect === 'address' && ADDRESS.test(words) && words.length >= ADDRESS_MIN_CHARS;
  if (place) return { heard, intent: 'answer', text: plain.text };
  const language = leadingLanguage(heard)?.language;
  const nguni = language === 'zu' || language === 'xh';
  const parsed = parseItems(plain.parts, catalogue, !nguni);
  // "12 Chris Hani", but not "2 kota and a coke".
  const ordered = parsed.noise === 0 && namesSomething(parsed);
  if (expect === 'address' && !ordered && looksLikeAddress(words)) return { heard, intent: 'answer', text: plain.text };
  if (isQuestion(words)) return { heard, intent: 'price', about: namedIn(parsed) };
  if (namesSomething(parsed) || asksForUnknown(parsed, words)) return { heard, intent: 'items', ...parsed };
  const answer = expect === 'yes_no' ? leadingAnswer(words) : null;
  if (answer !== 'yes' && expect === 'yes_no' && correctsAddress(text, words))
    return { heard, intent: 'answer', text: answer === null ? plain.text : plain.text.replace(FIRST_WORD, '') };
  if (answer !== null) return { heard, intent: answer };
  const named = languageAsked(words);
  if (named !== null) return { heard, intent: 'language', language: named };
  const said = rule ?? weakRuleFor(words);
  if (said === null && expect === 'address' && words.length >= ADDRESS_MIN_CHARS) return { heard, intent: 'answer', text: plain.text };
  if (expect === 'name') return { heard, intent: 'answer', text: plain.text };
  return { heard, intent: said ?? 'unknown' };
}

const AGREEING = /[👍👌✅💯🆗]/u;
const DISAGREEING = /[👎❌🚫]/u;

/** A thumb answers a question; otherwise a picture says nothing about an order. */
function wordless({ hadEmoji, text }: PlainText, expect: Expectation): 'yes' | 'no' | 'emoji_only' | 'empty' {
  if (!hadEmoji) return 'empty';
  if (expect !== 'yes_no' || AGREEING.test(text) === DISAGREEING.test(text)) return 'emoji_only';
  return AGREEING.test(text) ? 'yes' : 'no';
}

/** The whole message as one phrase: as it is, without politeness, with "yesss" shortened, or phrase after phrase. */
function wholeMeaning(words: string): Meant | null {
  const known = PHRASES.get(words);
  if (known !== undefined) return known;
  const short = stripPoliteness(/([a-z])\1\1/.test(words) ? words.replace(/([a-z])\1{2,}/g, '$1') : words);
  return PHRASES.get(short) ?? combined(short);
}

/** What an answer may be about: alone it asks for the menu, in "confirm order" it says nothing. */
const NEUTRAL: ReadonlySet<string> = new Set(['order', 'oda']);

/** How much a word says beside others: "ok thanks" is yes, "hi menu" the menu. */
const WEIGHT: Readonly<Partial<Record<SimpleIntent, number>>> = { greet: 0, thanks: 0, start: 0, yes: 1, no: 1 };
const FULL_WEIGHT = 2;

function combined(words: string): Meant | null {
  const tokens = words.split(' ', COMBINED_WORDS_MAX + 1);
  if (tokens.length < 2 || tokens.length > COMBINED_WORDS_MAX) return null;
  let best: { meant: Meant; weight: number } | null = null;
  for (const token of tokens) {
    if (NEUTRAL.has(token)) continue;
    const meant = PHRASES.get(token);
    if (meant === undefined) {
      if (isFiller(token)) continue;
      return null;
    }
    const weight = typeof meant === 'object' ? FULL_WEIGHT : (WEIGHT[meant] ?? FULL_WEIGHT);
    if (best !== null && weight === best.weight && meant !== best.meant) {
      if (weight > 0) return null;
    } else if (best === null || weight > best.weight) best = { meant, weight };
  }
  if (!tokens.some((token) => NEUTRAL.has(token))) return best?.meant ?? null;
  // "stop the order" is no "stop".
  return best === null ? 'menu' : best.weight < FULL_WEIGHT ? best.meant : null;
}

function namesSomething({ items, removed, ambiguous, quantityProblems, amount }: ParsedItems): boolean {
  return amount !== null || items.length + removed.length + ambiguous.length + quantityProblems.length > 0;
}

/** "2 pizza" asks for something; "5 minutes from the school" does not. */
function asksForUnknown({ unmatched, noise }: ParsedItems, words: string): boolean {
  return unmatched.length > 0 && noise === 0 && !looksLikeAddress(words);
}

function namedIn({ items, ambiguous, quantityProblems }: ParsedItems): readonly string[] {
  const ids = [...items, ...quantityProblems].map((item) => item.productId);
  return [...new Set([...ids, ...ambiguous.flatMap((entry) => entry.candidates)])];
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

/** To a question of ours, a first "yes" or "no" is the answer, whatever else is said: "yebo faka i-oda". */
function leadingAnswer(words: string): 'yes' | 'no' | null {
  const [first = ''] = words.split(' ', 1);
  const meant = PHRASES.get(first);
  return meant === 'yes' || meant === 'no' ? meant : null;
}

const POLITE =
  /^(?:please |pls |plz |can i |could i |i want to |i d like to |ngicela uku|ngicela |ke kopa |ndicela |asseblief )|(?: please| pls| plz| asb| asseblief| ngiyabonga| thanks)$/g;

function stripPoliteness(words: string): string {
  return words.replace(POLITE, '').trim();
}

/** A house number, or words that streets and places are made of. */
const ADDRESS =
  /\b(?:street|str|st|road|rd|ave|avenue|drive|dr|lane|close|crescent|cnr|corner|section|zone|ext|extension|block|unit|flat|house|stand|erf|shack|next to|near|opposite|behind|kwa|eduze|school|church|spaza|clinic|station|taxi rank|mall|soweto|orlando|meadowlands|diepkloof|tembisa|alexandra|khayelitsha|umlazi|mamelodi)\b/;

const ADDRESS_WORDS = new RegExp(ADDRESS, 'g');
/** A single one is also in "drive fast" and "close the gate"; a number counts as one. */
const CORRECTION_MARKS_MIN = 2;
const FIRST_WORD = /^[^\p{L}\p{N}]*\p{L}+[^\p{L}\p{N}]*/u;
const ASKING = /^(?:is|are|do|does|did|can|could|will|would|how|what|where|when|why|who|which)\b/;

/** To the question whether all is right, another address is what is not. */
function correctsAddress(text: string, words: string): boolean {
  if (text.includes('?') || ASKING.test(words)) return false;
  const marks = (words.match(ADDRESS_WORDS) ?? []).length + (/\d/.test(words) ? 1 : 0);
  return marks >= CORRECTION_MARKS_MIN;
}

function looksLikeAddress(words: string): boolean {
  return words.length >= ADDRESS_MIN_CHARS && (ADDRESS.test(words) || /^\d+[a-z]?\s+[a-z]{3,}\s+[a-z]{2,}/.test(words));
}
