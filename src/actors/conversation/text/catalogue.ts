/** A catalogue as words: what a phrase of a customer may name. Compiled once, pure; knows no quantities. */
import type { Product } from '../../tenant/protocol.ts';
import { SYNONYMS } from './data/synonyms.ts';
import { isFiller } from './fillers.ts';
import { normalise } from './normalise.ts';
import { readNumber } from './numbers.ts';
import { singular, slipsBetween, soundsAlike, spoken } from './spelling.ts';

const NAME_WORDS_MAX = 5;

/** Remembered words of one catalogue. Customers of a shop use few different ones; beyond this the memory starts afresh. */
const WORDS_REMEMBERED_MAX = 4_000;

const SLIP_MIN_CHARS = 3;

const TWO_SLIPS_MIN_CHARS = 7;

export interface CompiledCatalogue {
  /** Phrase (one to five words) to the products that it may mean, best first. */
  readonly phrases: ReadonlyMap<string, readonly Product[]>;
  /** Single words of at least four letters, for slips. */
  readonly words: readonly string[];
  /** First words of phrases of several words: only there is it worth to look for one. */
  readonly starts: ReadonlySet<string>;
  /** Pure memo of what one word names. */
  readonly remembered: Map<string, Match | null>;
}

export interface Match {
  readonly phrase: string;
  readonly products: readonly Product[];
  readonly words: number;
  readonly exact: boolean;
}

/** "full house kota" also answers to its words, but only where they are not another product's own name. */
export function compileCatalogue(products: readonly Product[]): CompiledCatalogue {
  const own = new Map<string, Product[]>();
  const partial = new Map<string, Product[]>();
  for (const product of products) {
    for (const name of [product.name, ...product.aliases]) for (const form of forms(normalise(name).words)) add(own, form, product);
  }
  for (const group of SYNONYMS) {
    const sold = group.flatMap((word) => own.get(word) ?? []);
    const related =
      sold.length > 0
        ? sold
        : products.filter((product) => group.some((word) => ` ${normalise(product.name).words} `.includes(` ${word} `)));
    for (const word of group) for (const product of related) if (!own.has(word)) add(partial, word, product);
  }
  for (const product of products) {
    const words = normalise(product.name)
      .words.split(' ')
      .filter((word) => !isFiller(word) && readNumber(word) === null);
    for (let at = 0; at < words.length; at++)
      for (let end = at + 1; end <= Math.min(words.length, at + NAME_WORDS_MAX); end++)
        for (const form of forms(words.slice(at, end).join(' '))) if (!own.has(form)) add(partial, form, product);
  }
  const phrases = new Map<string, readonly Product[]>([...partial, ...own]);
  const several = [...phrases.keys()].filter((phrase) => phrase.includes(' '));
  return {
    phrases,
    words: [...phrases.keys()].filter((phrase) => !phrase.includes(' ') && phrase.length >= 4),
    starts: new Set(several.map((phrase) => phrase.slice(0, phrase.indexOf(' ')))),
    remembered: new Map(),
  };
}

export function longestMatch(tokens: readonly string[], at: number, catalogue: CompiledCatalogue): Match | null {
  const token = tokens[at];
  if (token === undefined) return null;
  const longest = catalogue.starts.has(token) ? Math.min(NAME_WORDS_MAX, tokens.length - at) : 1;
  for (let words = longest; words > 1; words--) {
    const phrase = tokens.slice(at, at + words).join(' ');
    for (const form of [phrase, phrase.replace(/ (\d+) (ml|l|g|kg)\b/, ' $1$2')]) {
      const products = catalogue.phrases.get(form);
      if (products !== undefined) return { phrase: form, products, words, exact: true };
    }
  }
  const { remembered } = catalogue;
  const known = remembered.get(token);
  if (known !== undefined) return known;
  const match = wordMatch(token, catalogue);
  if (remembered.size >= WORDS_REMEMBERED_MAX) remembered.clear();
  remembered.set(token, match);
  return match;
}

/** What one word alone names: as it stands, without its prefixes, or with a slip. */
function wordMatch(token: string, catalogue: CompiledCatalogue): Match | null {
  for (const form of spoken(token)) {
    const products = catalogue.phrases.get(form);
    if (products !== undefined) return { phrase: form, products, words: 1, exact: true };
  }
  return readNumber(token) !== null || isFiller(token) ? null : slip(token, catalogue);
}

/** One slip in up to six letters, two from seven on, the first letter right: short words are the danger. */
function slip(token: string, catalogue: CompiledCatalogue): Match | null {
  let best: { word: string; slips: number } | null = null;
  for (const form of spoken(token)) {
    if (form.length < SLIP_MIN_CHARS) continue;
    for (const word of catalogue.words) {
      if (!soundsAlike(word[0], form[0]) || Math.abs(word.length - form.length) > 2) continue;
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
  return [phrase, ...singular(phrase), phrase.endsWith('s') ? '' : `${phrase}s`].filter((form) => form !== '');
}

function add(map: Map<string, Product[]>, phrase: string, product: Product): void {
  const known = map.get(phrase);
  if (known === undefined) map.set(phrase, [product]);
  else if (!known.includes(product)) known.push(product);
}
