/**
 * Products and quantities in free text: numbers before or after the item, noun-class prefixes stripped, typing
 * slips forgiven within strict limits. Pure; compile once per catalogue.
 */
import { distance } from 'fastest-levenshtein';
import type { Product } from '../../tenant/protocol.ts';
import { NUMBER_PARTICLES, NUMBER_WORDS, POSTPOSED } from './data/number-words.ts';
import { SYNONYMS } from './data/synonyms.ts';
import { normalise } from './normalise.ts';

export const MAX_LINE_QUANTITY = 50;
/** Words of one text that are looked at. */
const TOKENS_MAX = 120;
const NAME_WORDS_MAX = 5;
const CANDIDATES_MAX = 9;

export interface ParsedItem {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** False when a slip was forgiven. */
  readonly exact: boolean;
}

export interface ParsedItems {
  readonly items: readonly ParsedItem[];
  /** Words that look like an item and are none that we know. */
  readonly unmatched: readonly string[];
  readonly ambiguous: readonly { readonly phrase: string; readonly quantity: number; readonly candidates: readonly string[] }[];
  readonly quantityProblems: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
    readonly problem: 'zero' | 'too_many';
  }[];
}

export interface CompiledCatalogue {
  /** Phrase (one to five words) to the products that it may mean, best first. */
  readonly phrases: ReadonlyMap<string, readonly Product[]>;
  /** Single words of at least four letters, for slips. */
  readonly words: readonly string[];
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
  return { phrases, words: [...phrases.keys()].filter((phrase) => !phrase.includes(' ') && phrase.length >= 4) };
}

export function parseItems(text: string, catalogue: CompiledCatalogue): ParsedItems {
  const tokens = tokenise(normalise(text).words);
  const found: Found[] = [];
  const unmatched: string[] = [];
  let quantity: number | null = null;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] as string;
    const match = longestMatch(tokens, at, catalogue);
    if (match !== null && !(match.words === 1 && readNumber(token) !== null)) {
      found.push({ ...match, before: quantity, after: null });
      quantity = null;
      at += match.words;
      const after = numberAt(tokens, at);
      // "kota 2 coke 3": a number behind an item that had none in front, unless another item follows that would be left without.
      const last = found[found.length - 1] as Found;
      if (after !== null && last.before === null && (after.behind || !belongsToNext(tokens, at + after.words, catalogue, found))) {
        last.after = after.value;
        at += after.words;
      }
      continue;
    }
    const number = numberAt(tokens, at);
    if (number !== null) {
      quantity = number.value;
      at += number.words;
      continue;
    }
    if (!isFiller(token) && token.length >= 3) unmatched.push(token);
    at++;
  }
  return collect(found, unmatched);
}

interface Match {
  readonly phrase: string;
  readonly products: readonly Product[];
  readonly words: number;
  readonly exact: boolean;
}

interface Found extends Match {
  readonly before: number | null;
  after: number | null;
}

function collect(found: readonly Found[], unmatched: readonly string[]): ParsedItems {
  const items = new Map<string, ParsedItem>();
  const ambiguous: { phrase: string; quantity: number; candidates: string[] }[] = [];
  const quantityProblems: ParsedItems['quantityProblems'][number][] = [];
  for (const match of found) {
    const quantity = match.before ?? match.after ?? 1;
    const [product, ...others] = match.products;
    if (product === undefined) continue;
    if (others.length > 0) {
      ambiguous.push({
        phrase: match.phrase,
        quantity: clamp(quantity),
        candidates: match.products.slice(0, CANDIDATES_MAX).map((candidate) => candidate.id),
      });
      continue;
    }
    const total = quantity + (items.get(product.id)?.quantity ?? 0);
    if (quantity < 1) quantityProblems.push({ productId: product.id, name: product.name, quantity, problem: 'zero' });
    else if (total > MAX_LINE_QUANTITY)
      quantityProblems.push({ productId: product.id, name: product.name, quantity: total, problem: 'too_many' });
    else
      items.set(product.id, {
        productId: product.id,
        name: product.name,
        quantity: total,
        exact: match.exact && (items.get(product.id)?.exact ?? true),
      });
  }
  return { items: [...items.values()], unmatched, ambiguous, quantityProblems };
}

function clamp(quantity: number): number {
  return Math.min(MAX_LINE_QUANTITY, Math.max(1, quantity));
}

/** A number directly followed by an item is that item's, once an earlier item had its number in front too. */
function belongsToNext(tokens: readonly string[], at: number, catalogue: CompiledCatalogue, found: readonly Found[]): boolean {
  const next = longestMatch(tokens, at, catalogue);
  if (next === null) return false;
  const before = found.slice(0, -1);
  return before.length === 0 ? numberAt(tokens, at + next.words) === null : before.some((item) => item.before !== null);
}

function longestMatch(tokens: readonly string[], at: number, catalogue: CompiledCatalogue): Match | null {
  for (let words = Math.min(NAME_WORDS_MAX, tokens.length - at); words >= 1; words--) {
    const phrase = tokens.slice(at, at + words).join(' ');
    for (const form of words === 1 ? spoken(phrase) : [phrase, phrase.replace(/ (\d+) (ml|l|g|kg)\b/, ' $1$2')]) {
      const products = catalogue.phrases.get(form);
      if (products !== undefined) return { phrase: form, products, words, exact: true };
    }
  }
  const token = tokens[at] as string | undefined;
  return token === undefined || readNumber(token) !== null || isFiller(token) ? null : slip(token, catalogue);
}

/** One slip in four to six letters, two from seven on, first letter right: short words are the danger. */
function slip(token: string, catalogue: CompiledCatalogue): Match | null {
  let best: { word: string; slips: number } | null = null;
  for (const form of spoken(token)) {
    if (form.length < 3) continue;
    for (const word of catalogue.words) {
      if (word[0] !== form[0] || Math.abs(word.length - form.length) > 2) continue;
      const allowed = Math.min(word.length, form.length) >= 7 ? 2 : 1;
      const slips = distance(form, word);
      if (slips <= allowed && (best === null || slips < best.slips)) best = { word, slips };
    }
  }
  if (best === null) return null;
  return { phrase: best.word, products: catalogue.phrases.get(best.word) ?? [], words: 1, exact: false };
}

/** Joining and noun-class prefixes, longest first: necoke = ne + coke, ama-vetkoek, dikota. */
const PREFIXES = [
  'nama',
  'nezi',
  'neza',
  'noku',
  'ngama',
  'ama',
  'izi',
  'ezi',
  'aba',
  'isi',
  'imi',
  'nge',
  'neli',
  'ne',
  'no',
  'na',
  'le',
  'di',
  'ma',
  'li',
  'i',
  'u',
];
const STEM_MIN_CHARS = 3;

/** The word itself, then without its prefixes, once or twice. */
function spoken(word: string): string[] {
  const tried = new Set([word]);
  for (const known of [...tried])
    for (const stem of stems(known)) {
      tried.add(stem);
      for (const again of stems(stem)) tried.add(again);
    }
  return [...tried].flatMap((form) => [form, ...singular(form)]);
}

function stems(word: string): string[] {
  return PREFIXES.filter((prefix) => word.startsWith(prefix) && word.length - prefix.length >= STEM_MIN_CHARS).map((prefix) =>
    word.slice(prefix.length),
  );
}

function singular(word: string): string[] {
  if (word.length < 4 || !word.endsWith('s')) return [];
  return word.endsWith('es') && word.length > 4 ? [word.slice(0, -1), word.slice(0, -2)] : [word.slice(0, -1)];
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

/** "2xcoke", "x2", "1x" become numbers and words; "500ml" stays one word. */
function tokenise(words: string): string[] {
  return words
    .replace(/\b(\d+)\s*x\s*(?=[a-z])/g, '$1 ')
    .replace(/\bx\s*(\d+)\b/g, ' $1 ')
    .replace(/\b(\d+)\s*x\b/g, '$1 ')
    .replace(/\b(\d+)(?!(?:ml|l|lt|g|kg|cl)\b)([a-z]{3,})\b/g, '$1 $2')
    .split(' ')
    .filter((token) => token !== '')
    .slice(0, TOKENS_MAX);
}

/** @returns the number that starts here, how many words it takes, and whether it belongs behind its noun; "half a dozen", "a mabedi", "tse tharo". */
function numberAt(tokens: readonly string[], at: number): { value: number; words: number; behind: boolean } | null {
  const first = tokens[at];
  if (first === undefined) return null;
  const second = tokens[at + 1];
  if (first === 'half' && (second === 'dozen' || (second === 'a' && tokens[at + 2] === 'dozen')))
    return { value: 6, words: second === 'a' ? 3 : 2, behind: false };
  if (second !== undefined && (NUMBER_PARTICLES.has(first) || first === 'a')) {
    const behind = readNumber(second);
    if (behind !== null && second !== 'a')
      return { value: behind, words: second === 'couple' && tokens[at + 2] === 'of' ? 3 : 2, behind: POSTPOSED.has(second) };
  }
  const value = readNumber(first);
  return value === null ? null : { value, words: 1, behind: POSTPOSED.has(first) };
}

function readNumber(token: string): number | null {
  if (/^\d{1,9}$/.test(token)) return Number(token);
  return NUMBER_WORDS.get(token) ?? null;
}

const FILLERS = new Set(
  (
    'please pls plz and with the of for me i want to get can have you my some more also add order buy give send like would d id ll im need on in at it is this that just ' +
    'hi hey hello sawubona dumela molo hallo thanks thank ngicela ngifuna ngiyabonga ndicela ndifuna kanye futhi no na le ke kopa batla ek wil asseblief asb en met die ' +
    'we our us let s t m us one s sharp boss bra sisi mama baba bhuti ausi ml litre size'
  ).split(' '),
);

function isFiller(token: string): boolean {
  return FILLERS.has(token);
}
