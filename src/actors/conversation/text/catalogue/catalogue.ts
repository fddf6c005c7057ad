/** A catalogue as words: what a phrase of a customer may name. Pure; knows no quantities, nor how it came to be (`catalogue-index.ts`). */
import type { Product } from '../../../tenant/protocol.ts';
import { EVERYDAY, isOrderWord } from '../data/order-words.ts';
import { STYLES } from '../data/style-words.ts';
import { isFiller } from '../words/fillers.ts';
import { readNumber } from '../words/numbers.ts';
import { initialSound, isOneOff, slipsBetween, spoken, squeezed } from '../words/spelling.ts';
import { soundAlike } from './sounds-alike.ts';

export const NAME_WORDS_MAX = 5;

/** Remembered words of one catalogue. Customers of a shop use few different ones; beyond this the memory starts afresh. */
const WORDS_REMEMBERED_MAX = 4_000;

const SLIP_MIN_CHARS = 3;
/** In longer words one letter more or less leaves no doubt. */
const UNSURE_MAX_CHARS = 5;

const TWO_SLIPS_MIN_CHARS = 7;

/** Shorter last words of a name are too near each other. */
const SLIP_IN_NAME_MIN_CHARS = 4;

/** Shorter ones come out of any two words. */
export const JOINED_MIN_CHARS = 6;

type Words = Pick<ReadonlySet<string>, 'has'>;

export interface CompiledCatalogue {
  /** Phrase (one to five words) to the products that it may mean, best first. */
  readonly phrases: ReadonlyMap<string, readonly Product[]>;
  /** Single words by how they begin, for slips: names of at least four letters, other words of names of five. */
  readonly wordsBySound: ReadonlyMap<string, readonly string[]>;
  /** First words of phrases of several words, with how many: only there is it worth to look for one. */
  readonly starts: ReadonlyMap<string, number>;
  /** Words of names that say only which one: "large", "500ml". Beside another product they name nothing. */
  readonly descriptors: Words;
  /** Words that belong to the number in front of them: "piece" of a "2 Piece Chicken". */
  readonly numbered: Words;
  /** What single words begin with: only behind one of these it is worth to look at two words as one. */
  readonly beginnings: Words;
  /** Names of several words written in one: "fullhouse" to "full house". */
  readonly together: Pick<ReadonlyMap<string, readonly string[]>, 'has' | 'get'>;
  /** Pure memo of what one word names, and a phrase that is nearly a name. */
  readonly remembered: Map<string, Match | null>;
}

export interface Match {
  readonly phrase: string;
  readonly products: readonly Product[];
  readonly words: number;
  readonly exact: boolean;
}

/** "500ml" */
export const SIZE = /^\d+(?:\.\d+)?(?:ml|l|g|kg|cl)$/;

/** "500 ml" is one word, "2 litres" are "2l". @param words normalised, with a digit in them. */
export function joinUnits(words: string): string {
  return words.replace(/(\d) ?(ml|cl|l|g|kg|lt|lit(?:re|er)s?|grams?|kilos?)\b/g, (_given, digit: string, unit: string) => {
    if (unit.startsWith('lit') || unit === 'lt') return `${digit}l`;
    return unit.startsWith('gram') ? `${digit}g` : unit.startsWith('kilo') ? `${digit}kg` : digit + unit;
  });
}

export function longestMatch(tokens: readonly string[], at: number, catalogue: CompiledCatalogue): Match | null {
  const token = tokens[at];
  if (token === undefined) return null;
  const longest = Math.min(catalogue.starts.get(token) ?? 1, tokens.length - at);
  for (let words = longest; words > 1; words--) {
    const phrase = tokens.slice(at, at + words).join(' ');
    const products = catalogue.phrases.get(phrase);
    if (products !== undefined) return { phrase, products, words, exact: true };
    const last = tokens[at + words - 1] as string;
    const meant = EVERYDAY.has(last) ? slipAtEnd(tokens, at, words, catalogue) : slipInName(tokens, at, words, phrase, last, catalogue);
    if (meant !== null) return meant;
  }
  const { remembered } = catalogue;
  let match = remembered.get(token);
  if (match === undefined) {
    match = wordMatch(token, catalogue);
    remember(catalogue, token, match);
  }
  return match ?? joined(tokens, at, catalogue);
}

/** "Pap and worse": behind the rest of a name an everyday word is a slip of its last. */
function slipAtEnd(tokens: readonly string[], at: number, words: number, catalogue: CompiledCatalogue): Match | null {
  const last = slip(tokens[at + words - 1] as string, catalogue);
  if (last === null) return null;
  const phrase = [...tokens.slice(at, at + words - 1), last.phrase].join(' ');
  const products = catalogue.phrases.get(phrase);
  return products === undefined ? null : { phrase, products, words, exact: false };
}

/** "Full hause": the rest of the name speaks for a word that by itself is too far from any. O(words that begin alike), once for each such phrase. */
function slipInName(
  tokens: readonly string[],
  at: number,
  words: number,
  phrase: string,
  last: string,
  catalogue: CompiledCatalogue,
): Match | null {
  if (last.length < SLIP_IN_NAME_MIN_CHARS || isOrderWord(last) || isFiller(last) || readNumber(last) !== null) return null;
  const known = catalogue.remembered.get(phrase);
  if (known !== undefined) return known;
  const rest = tokens.slice(at, at + words - 1).join(' ');
  const names = (catalogue.wordsBySound.get(initialSound(last)) ?? []).filter(
    (word) => isOneOff(last, word) && catalogue.phrases.has(`${rest} ${word}`),
  );
  const [name, other] = catalogue.phrases.has(last) ? [] : names;
  const meant = name === undefined || other !== undefined ? null : `${rest} ${name}`;
  const match = meant === null ? null : { phrase: meant, products: catalogue.phrases.get(meant) ?? [], words, exact: false };
  remember(catalogue, phrase, match);
  return match;
}

function remember({ remembered }: CompiledCatalogue, said: string, match: Match | null): void {
  if (remembered.size >= WORDS_REMEMBERED_MAX) remembered.clear();
  remembered.set(said, match);
}

/** An everyday word as a slip of something sold, for where its neighbours speak for it. */
export function everydaySlip(token: string, catalogue: CompiledCatalogue): Match | null {
  return EVERYDAY.has(token) ? slip(token, catalogue) : null;
}

/** What both may mean. */
export function sharedBy(one: Match, other: Match): Match['products'] {
  return one.products.filter((product) => other.products.includes(product));
}

/** "vet koek" for what is written in one word. */
function joined(tokens: readonly string[], at: number, { phrases, beginnings }: CompiledCatalogue): Match | null {
  if (!beginnings.has(tokens[at] as string)) return null;
  const phrase = `${tokens[at]}${tokens[at + 1] ?? ''}`;
  const products = phrase.length >= JOINED_MIN_CHARS && tokens[at + 1] !== undefined ? phrases.get(phrase) : undefined;
  return products === undefined ? null : { phrase, products, words: 2, exact: true };
}

/** What one word alone names: as it stands, without its prefixes, or with a slip. */
function wordMatch(token: string, catalogue: CompiledCatalogue): Match | null {
  for (const form of [token, ...squeezed(token)].flatMap(spoken)) {
    const products = catalogue.phrases.get(form);
    if (products !== undefined) return { phrase: form, products, words: 1, exact: true };
  }
  return readNumber(token) !== null || isFiller(token) || isOrderWord(token) || EVERYDAY.has(token) || STYLES.has(token)
    ? null
    : slip(token, catalogue);
}

/** One slip in up to six letters, two from seven on, the first letter right: short words are the danger. */
function slip(token: string, catalogue: CompiledCatalogue): Match | null {
  let best: { word: string; slips: number } | null = null;
  for (const form of spoken(token)) {
    if (form.length < SLIP_MIN_CHARS) continue;
    for (const word of catalogue.wordsBySound.get(initialSound(form)) ?? []) {
      if (Math.abs(word.length - form.length) > 2) continue;
      const slips = slipsBetween(form, word);
      const allowed = Math.min(word.length, form.length) >= TWO_SLIPS_MIN_CHARS ? 2 : 1;
      if (slips <= allowed && (best === null || slips < best.slips)) best = { word, slips };
    }
  }
  if (best === null) return null;
  // "Codas" is one letter from the "coca" of a cola, and sounds like kotas: nobody knows.
  const [meant] = catalogue.phrases.get(best.word) ?? [];
  const heard = token.length <= UNSURE_MAX_CHARS ? soundAlike([token], catalogue)?.products[0] : undefined;
  if (heard !== undefined && heard !== meant) return null;
  return { phrase: best.word, products: catalogue.phrases.get(best.word) ?? [], words: 1, exact: false };
}
