/** What a text means, offline: whole-message commands first, then phrases, then items of the catalogue. Pure; knows no state. */
import type { Language } from '../../tenant/protocol.ts';
import type { CompiledCatalogue } from './catalogue.ts';
import { PHRASES } from './data/phrases.ts';
import { type ParsedItems, parseItems } from './items.ts';
import { type DetectedLanguage, detectLanguage } from './language.ts';
import { normalise } from './normalise.ts';

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
  | 'pay_cash'
  | 'pickup'
  | 'price';

export type Understanding = { readonly detected: DetectedLanguage | null } & (
  | { readonly intent: SimpleIntent }
  /** "language" (null: ask which), or a language by name. */
  | { readonly intent: 'language'; readonly language: Language | null }
  /** Products were named. `remove` and `set` come from words like "remove" and "make it". */
  | ({ readonly intent: 'items'; readonly mode: 'add' | 'remove' | 'set' } & ParsedItems)
  /** An address or a name was expected and the text is plausible as one. */
  | { readonly intent: 'answer'; readonly text: string }
  | { readonly intent: 'emoji_only' | 'empty' | 'too_long' | 'unknown' }
);

/** What the conversation has just asked for. */
export type Expectation = 'address' | 'yes_no' | 'name' | null;

/** Texts longer than this are no orders; they are answered with a hint. */
export const UNDERSTOOD_MAX_CHARS = 600;
const ADDRESS_MIN_CHARS = 5;
const REMOVE =
  /^(?:please |pls )?(?:remove|delete|take out|take off|without|no more|susa|khipha|ngaphandle|tlosa|verwyder|haal uit)\s+(.+)$/;
const SET = /^(?:please |pls )?(?:change|make|make it|set|shintsha|guqula|fetola|verander|maak)\s+(?:the |it )?(.+)$/;

/** Total; well under a millisecond for a chat line. @param text as it came. */
export function understand(text: string, catalogue: CompiledCatalogue, expect: Expectation): Understanding {
  const plain = normalise(text);
  if (plain.words === '') return { detected: null, intent: plain.hadEmoji ? 'emoji_only' : 'empty' };
  if (plain.words.length > UNDERSTOOD_MAX_CHARS) return { detected: null, intent: 'too_long' };
  const detected = detectLanguage(plain.words);
  const whole = PHRASES.get(plain.words) ?? PHRASES.get(stripPoliteness(plain.words));
  if (whole !== undefined) {
    if (typeof whole === 'object') return { detected, intent: 'language', language: whole.language };
    return { detected, intent: whole };
  }
  const rule = ruleFor(plain.words);
  if (rule !== null) return { detected, intent: rule };
  if (expect === 'address' && looksLikeAddress(plain.words)) return { detected, intent: 'answer', text: plain.text };
  const items = itemsIn(plain.words, catalogue, detected);
  if (items !== null) return { detected, ...items };
  if (expect === 'address' && plain.words.length >= ADDRESS_MIN_CHARS) return { detected, intent: 'answer', text: plain.text };
  if (expect === 'name') return { detected, intent: 'answer', text: plain.text };
  const greeting = leadingGreeting(plain.words);
  if (greeting) return { detected, intent: 'greet' };
  return { detected, intent: 'unknown' };
}

type ItemsUnderstood = { intent: 'items'; mode: 'add' | 'remove' | 'set' } & ParsedItems;

function itemsIn(words: string, catalogue: CompiledCatalogue, detected: DetectedLanguage | null): ItemsUnderstood | null {
  const removed = REMOVE.exec(words)?.[1];
  if (removed !== undefined) {
    const parsed = parseItems(removed, catalogue);
    if (parsed.items.length > 0) return { intent: 'items', mode: 'remove', ...parsed };
  }
  const set = SET.exec(words)?.[1];
  if (set !== undefined) {
    const parsed = parseItems(set, catalogue);
    if (parsed.items.length + parsed.quantityProblems.length > 0) return { intent: 'items', mode: 'set', ...parsed };
  }
  const nguni = detected?.language === 'zu' || detected?.language === 'xh';
  const parsed = parseItems(words, catalogue, !nguni);
  if (parsed.items.length + parsed.ambiguous.length + parsed.quantityProblems.length > 0)
    return { intent: 'items', mode: 'add', ...parsed };
  // "no coke", "i don't want the coke": nothing else was said.
  if (parsed.refused.length > 0) return { intent: 'items', mode: 'remove', ...parsed, items: parsed.refused };
  // "2 pizza" asks for something; "5 minutes from the school" does not.
  const asked = parsed.unmatched.length > 0 && parsed.noise === 0 && !looksLikeAddress(words);
  return asked ? { intent: 'items', mode: 'add', ...parsed } : null;
}

const POLITE =
  /^(?:please |pls |plz |can i |could i |i want to |i d like to |ngicela uku|ngicela |ke kopa |ndicela |asseblief )|(?: please| pls| plz| asb| asseblief| ngiyabonga| thanks)$/g;

function stripPoliteness(words: string): string {
  return words.replace(POLITE, '').trim();
}

/** Phrases that are recognised inside a longer text; an order of rules, most specific first. */
const RULES: readonly (readonly [RegExp, SimpleIntent])[] = [
  [
    /\b(?:where(?:s| is) (?:my|the) (?:order|food|driver|delivery)|track (?:my )?order|order status|status of my order|iphi i ?oda|ikuphi i ?oda|i ?oda yami iphi|uphi umshayeli|o ?kae oda|oda ya ka e kae|waar is my (?:bestelling|kos)|iphi i order)\b/,
    'track',
  ],
  [
    /\b(?:stop|cancel|khansela|hlikihla|kansela|kanselleer|hlakola|rhoxisa) (?:the |my |this |i ?|le ?)?(?:order|oda|bestelling)\b/,
    'cancel',
  ],
  [
    /\b(?:talk|speak|chat) (?:to|with) (?:a |the |some)?(?:person|human|agent|someone|owner|somebody)\b|\bngifuna ukukhuluma nomuntu\b|\bkhuluma nomuntu\b|\bbua le motho\b|\bpraat met iemand\b/,
    'person',
  ],
  [/\b(?:clear|empty|delete) (?:my |the )?(?:cart|basket|everything|all)\b|\bsusa konke\b|\bmaak leeg\b/, 'clear_cart'],
  [/\b(?:show|view|see|what s in|whats in|check) (?:me )?(?:my |the )?(?:cart|basket)\b/, 'view_cart'],
  [
    /\b(?:show|see|send|view) (?:me )?(?:the |your )?menu\b|\bwhat (?:do you|have you|can i) (?:have|sell|got|order|get|eat)\b|\bwhat s on the menu\b|\bunani\b|\bninani\b|\bkukhona ini\b|\bnithengisani\b|\bwat het julle\b/,
    'menu',
  ],
  [/^(?:how much|what(?: i)? ?s the price|price of|yimalini|kubiza malini|ke bokae|hoeveel)\b/, 'price'],
];

function ruleFor(words: string): SimpleIntent | null {
  for (const [pattern, intent] of RULES) if (pattern.test(words)) return intent;
  return null;
}

const GREETING =
  /^(?:hi+|hey+|hello|howzit|sawubona|sanibonani|molo|molweni|dumela|dumelang|hallo|heita|good (?:morning|afternoon|evening|day)|unjani|sharp)\b/;

function leadingGreeting(words: string): boolean {
  return GREETING.test(words);
}

/** A house number, or words that streets and places are made of. */
const ADDRESS =
  /\b(?:street|str|st|road|rd|ave|avenue|drive|dr|lane|close|crescent|cnr|corner|section|zone|ext|extension|block|unit|flat|house|stand|erf|shack|next to|near|opposite|behind|kwa|eduze|school|church|spaza|clinic|station|taxi rank|mall|soweto|orlando|meadowlands|diepkloof|tembisa|alexandra|khayelitsha|umlazi|mamelodi)\b/;

function looksLikeAddress(words: string): boolean {
  return words.length >= ADDRESS_MIN_CHARS && (ADDRESS.test(words) || /^\d+[a-z]?\s+[a-z]{3,}\s+[a-z]{2,}/.test(words));
}
