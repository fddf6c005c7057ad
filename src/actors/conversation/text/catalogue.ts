/** A catalogue as words: what a phrase of a customer may name. Compiled once, pure; knows no quantities. */
import type { Product } from '../../tenant/protocol.ts';
import { EVERYDAY, isOrderWord, JOINING } from './data/order-words.ts';
import { STYLES } from './data/style-words.ts';
import { SYNONYMS } from './data/synonyms.ts';
import { isFiller } from './fillers.ts';
import { normalise } from './normalise.ts';
import { readNumber } from './numbers.ts';
import { initialSound, singular, slipsBetween, spoken, squeezed } from './spelling.ts';

const NAME_WORDS_MAX = 5;

/** Remembered words of one catalogue. Customers of a shop use few different ones; beyond this the memory starts afresh. */
const WORDS_REMEMBERED_MAX = 4_000;

/** Products that one phrase may mean; one that means more says little. Keeps comparing them cheap. */
const PHRASE_PRODUCTS_MAX = 100;

const SLIP_MIN_CHARS = 3;

const SLIP_OF_NAME_MIN_CHARS = 4;
/** A "beer" is no slip of what has beef in it. */
const SLIP_OF_PART_MIN_CHARS = 5;

const TWO_SLIPS_MIN_CHARS = 7;

/** Shorter ones come out of any two words. */
const JOINED_MIN_CHARS = 6;

export interface CompiledCatalogue {
  /** Phrase (one to five words) to the products that it may mean, best first. */
  readonly phrases: ReadonlyMap<string, readonly Product[]>;
  /** Single words by how they begin, for slips: names of at least four letters, other words of names of five. */
  readonly wordsBySound: ReadonlyMap<string, readonly string[]>;
  /** First words of phrases of several words, with how many: only there is it worth to look for one. */
  readonly starts: ReadonlyMap<string, number>;
  /** Words of names that say only which one: "large", "500ml". Beside another product they name nothing. */
  readonly descriptors: ReadonlySet<string>;
  /** Words that belong to the number in front of them: "piece" of a "2 Piece Chicken". */
  readonly numbered: ReadonlySet<string>;
  /** What single words begin with: only behind one of these it is worth to look at two words as one. */
  readonly beginnings: ReadonlySet<string>;
  /** Names of several words written in one: "fullhouse" to "full house". */
  readonly together: ReadonlyMap<string, readonly string[]>;
  /** Pure memo of what one word names. */
  readonly remembered: Map<string, Match | null>;
}

export interface Match {
  readonly phrase: string;
  readonly products: readonly Product[];
  readonly words: number;
  readonly exact: boolean;
}

/** "full house kota" also answers to its words, but only where they are not another product's own name. O(words of all names). */
export function compileCatalogue(products: readonly Product[]): CompiledCatalogue {
  const named = products.map((product): Named => ({ product, words: nameWords(product.name).split(' ') }));
  const own = ownNames(named);
  const heads = headsOf(named);
  const partial = partsOfNames(named, own, numberedNames(named, own, heads));
  for (const group of SYNONYMS) addSynonyms(group, own, partial, heads);
  const phrases = new Map(partial);
  for (const [phrase, products] of own) phrases.set(phrase, products);
  const saysOnlyWhich = (phrase: string): boolean => !own.has(phrase) && !phrase.split(' ').some((word) => heads.has(word));
  const slipMinChars = (word: string): number => (own.has(word) || heads.has(word) ? SLIP_OF_NAME_MIN_CHARS : SLIP_OF_PART_MIN_CHARS);
  const [single, several] = [[...phrases.keys()].filter(isOneWord), [...phrases.keys()].filter((phrase) => !isOneWord(phrase))];
  return {
    phrases,
    wordsBySound: bySound(single.filter((word) => word.length >= slipMinChars(word))),
    starts: longestByStart(several),
    descriptors: new Set([...partial.keys()].filter(saysOnlyWhich)),
    numbered: new Set(numberedNames(named, own, heads).flatMap(({ word }) => forms(word))),
    beginnings: new Set(single.filter((word) => word.length >= JOINED_MIN_CHARS).flatMap(beginningsOf)),
    together: writtenTogether([...own.keys()], phrases),
    remembered: new Map(),
  };
}

function isOneWord(phrase: string): boolean {
  return !phrase.includes(' ');
}

interface Named {
  readonly product: Product;
  /** Of its name; one that is empty when the name has none. */
  readonly words: readonly string[];
}

/** Whole names and aliases, as they may be typed. */
function ownNames(named: readonly Named[]): Phrases {
  const own: Phrases = new Map();
  for (const { product, words } of named)
    for (const name of [words, ...product.aliases.map((alias) => nameWords(alias).split(' '))])
      for (const written of joinedForms(name)) for (const form of forms(written)) add(own, form, product);
  return own;
}

/** What the products are: "kota" of a "Full house kota". */
function headsOf(named: readonly Named[]): Set<string> {
  return new Set(named.flatMap(({ words }) => forms(headOf(words))));
}

/** Words of names that stand beside each other there, wherever they are no whole name. */
function partsOfNames(named: readonly Named[], own: Phrases, numbered: readonly Numbered[]): Phrases {
  const partial: Phrases = new Map();
  const addPart = (form: string, product: Product): void => {
    if (!own.has(form)) add(partial, form, product);
  };
  for (const { product, words } of named) {
    for (const form of eitherOrder(words)) addPart(form, product);
    for (const run of runsOf(words.filter((word) => !isFiller(word) && !JOINING.has(word) && readNumber(word) === null)))
      for (const form of forms(run)) addPart(form, product);
  }
  for (const { product, number, word } of numbered) for (const form of forms(`${number} ${word}`)) addPart(form, product);
  return partial;
}

interface Numbered {
  readonly product: Product;
  readonly number: string;
  readonly word: string;
}

/** "2 piece" of a "2 Piece Chicken", with the number as it stands there; "2 kota" of a "2 kota combo" counts what is sold by itself. */
function numberedNames(named: readonly Named[], own: Phrases, heads: ReadonlySet<string>): Numbered[] {
  return named.flatMap(({ product, words: [number = '', word = ''] }) => {
    const isPart =
      readNumber(number) !== null && word !== '' && !isFiller(word) && !JOINING.has(word) && !own.has(word) && !heads.has(word);
    return isPart ? [{ product, number, word }] : [];
  });
}

/** Every one to five words in a row. */
function runsOf(words: readonly string[]): string[] {
  const runs: string[] = [];
  for (let at = 0; at < words.length; at++) {
    let run = words[at] as string;
    runs.push(run);
    for (let next = at + 1; next < Math.min(words.length, at + NAME_WORDS_MAX); next++) {
      run = `${run} ${words[next]}`;
      runs.push(run);
    }
  }
  return runs;
}

/** Every word of a group names what is sold under one of them, or what has one in its name. */
function addSynonyms(group: readonly string[], own: Phrases, partial: Phrases, heads: Set<string>): void {
  const sold = group.flatMap((word) => [...(own.get(word) ?? [])]);
  const related = sold.length > 0 ? sold : group.flatMap((word) => [...(partial.get(word) ?? [])]);
  if (related.length === 0) return;
  for (const word of group) {
    heads.add(word);
    if (!own.has(word)) for (const product of related) add(partial, word, product);
  }
}

/** Of each phrase the first products that it may mean, PHRASE_PRODUCTS_MAX at most: no list made of these has more of any of them. */
type Phrases = Map<string, Product[]>;

function bySound(words: readonly string[]): Map<string, string[]> {
  const sounds = new Map<string, string[]>();
  for (const word of words) {
    const sound = initialSound(word);
    const known = sounds.get(sound);
    if (known === undefined) sounds.set(sound, [word]);
    else known.push(word);
  }
  return sounds;
}

/** "500ml" */
export const SIZE = /^\d+(?:\.\d+)?(?:ml|l|g|kg|cl)$/;

/** "Vetkoek with mince" is a vetkoek, "Coke 500ml" a coke, "Large chips" are chips. */
function headOf(named: readonly string[]): string {
  const joined = named.findIndex((word, at) => at > 0 && (JOINING.has(word) || word === 'of'));
  return (joined < 0 ? named : named.slice(0, joined)).findLast((word) => !SIZE.test(word) && readNumber(word) === null) ?? '';
}

/** "500 ml" is one word, "2 litres" are "2l". @param words normalised, with a digit in them. */
export function joinUnits(words: string): string {
  return words.replace(/(\d) ?(ml|cl|l|g|kg|lt|lit(?:re|er)s?|grams?|kilos?)\b/g, (_given, digit: string, unit: string) => {
    if (unit.startsWith('lit') || unit === 'lt') return `${digit}l`;
    return unit.startsWith('gram') ? `${digit}g` : unit.startsWith('kilo') ? `${digit}kg` : digit + unit;
  });
}

function nameWords(name: string): string {
  return joinUnits(normalise(name).words);
}

const JOINERS: readonly string[] = ['and', 'n'];

/** "pap and wors", "pap n wors" and "pap wors"; "&" is read as "n". */
function joinedForms(words: readonly string[]): string[] {
  const at = words.findIndex((word) => JOINERS.includes(word));
  if (at <= 0 || at === words.length - 1) return [words.join(' ')];
  const [left, right] = [words.slice(0, at).join(' '), words.slice(at + 1).join(' ')];
  return [...JOINERS.map((joiner) => `${left} ${joiner} ${right}`), `${left} ${right}`];
}

/** "Quarter chicken and pap" is also "pap and chicken": one plate, not two. */
function eitherOrder(words: readonly string[]): string[] {
  const at = words.findIndex((word) => JOINERS.includes(word));
  if (at <= 0 || at === words.length - 1) return [];
  const sides = [words.slice(0, at), words.slice(at + 1)].map((side) => [side.join(' '), side[side.length - 1] as string]);
  const [lefts = [], rights = []] = sides;
  return lefts.flatMap((left) =>
    rights.flatMap((right) => JOINERS.flatMap((joiner) => [`${left} ${joiner} ${right}`, `${right} ${joiner} ${left}`])),
  );
}

function writtenTogether(names: readonly string[], phrases: CompiledCatalogue['phrases']): Map<string, string[]> {
  const together = new Map<string, string[]>();
  for (const name of names) {
    const words = name.split(' ');
    const joint = words.join('');
    if (words.length > 1 && !phrases.has(joint)) together.set(joint, words);
    // "fullhouse" of a "Full House Kota"
    for (const [at, word] of words.entries()) {
      const pair = words.slice(at, at + 2);
      const both = pair.join('');
      if (words.length > 2 && pair.length === 2 && word.length > 2 && both.length >= JOINED_MIN_CHARS && !phrases.has(both))
        together.set(both, pair);
    }
  }
  return together;
}

function beginningsOf(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_none, at) => word.slice(0, at + 1));
}

function longestByStart(phrases: readonly string[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const phrase of phrases) {
    const words = phrase.split(' ');
    const [first = ''] = words;
    starts.set(first, Math.max(starts.get(first) ?? 1, Math.min(NAME_WORDS_MAX, words.length)));
  }
  return starts;
}

export function longestMatch(tokens: readonly string[], at: number, catalogue: CompiledCatalogue): Match | null {
  const token = tokens[at];
  if (token === undefined) return null;
  const longest = Math.min(catalogue.starts.get(token) ?? 1, tokens.length - at);
  for (let words = longest; words > 1; words--) {
    const phrase = tokens.slice(at, at + words).join(' ');
    const products = catalogue.phrases.get(phrase);
    if (products !== undefined) return { phrase, products, words, exact: true };
  }
  const { remembered } = catalogue;
  let match = remembered.get(token);
  if (match === undefined) {
    match = wordMatch(token, catalogue);
    if (remembered.size >= WORDS_REMEMBERED_MAX) remembered.clear();
    remembered.set(token, match);
  }
  return match ?? joined(tokens, at, catalogue);
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
  return { phrase: best.word, products: catalogue.phrases.get(best.word) ?? [], words: 1, exact: false };
}

/** A catalogue name as it may be typed: as it is, and in the plural or singular. */
function forms(phrase: string): string[] {
  if (phrase === '') return [];
  return phrase.endsWith('s') ? [phrase, ...singular(phrase)] : [phrase, `${phrase}s`];
}

function add(map: Phrases, phrase: string, product: Product): void {
  const known = map.get(phrase);
  if (known === undefined) map.set(phrase, [product]);
  else if (known.length < PHRASE_PRODUCTS_MAX && known[known.length - 1] !== product && !known.includes(product)) known.push(product);
}
