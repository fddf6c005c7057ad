/**
 * Products and quantities in free text: numbers before or after the item, names that narrow each other, refusals,
 * and things that are not sold. Pure.
 */
import { type CompiledCatalogue, longestMatch, type Match } from './catalogue.ts';
import { isFiller } from './fillers.ts';
import { numberAt, readNumber } from './numbers.ts';

export const MAX_LINE_QUANTITY = 50;
/** Words of one text that are looked at. */
const TOKENS_MAX = 120;

const CANDIDATES_MAX = 9;

const UNKNOWN_MIN_CHARS = 3;

/** Words of one unknown name: "2 cheese burgers". */
const UNKNOWN_WORDS_MAX = 3;

export interface ParsedItem {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** False when a slip was forgiven. */
  readonly exact: boolean;
}

export interface ParsedItems {
  readonly items: readonly ParsedItem[];
  /** Named only to be refused: "kota, no onions", "without coke". */
  readonly refused: readonly ParsedItem[];
  /** Names that were counted like an item ("2 pizza", "and a pizza") and are none that we know. */
  readonly unmatched: readonly string[];
  /** How many other words belonged to nothing. */
  readonly noise: number;
  readonly ambiguous: readonly { readonly phrase: string; readonly quantity: number; readonly candidates: readonly string[] }[];
  readonly quantityProblems: readonly {
    readonly productId: string;
    readonly name: string;
    readonly quantity: number;
    /** `not_countable`: zero, or a part of one. */
    readonly problem: 'not_countable' | 'too_many';
  }[];
}

/**
 * @param words normalised text
 * @param noRefuses whether "no" in front of an item refuses it, as in English; in Nguni languages it joins ("ikota no coke")
 */
export function parseItems(words: string, catalogue: CompiledCatalogue, noRefuses = true): ParsedItems {
  const tokens = tokenise(words);
  const scan: Scan = { tokens, catalogue, found: [], refused: [], unmatched: [], quantity: null, unknown: [], noise: 0 };
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] as string;
    const match = longestMatch(tokens, at, catalogue);
    const number = match === null || (match.words === 1 && readNumber(token) !== null) ? numberAt(tokens, at) : null;
    if (match !== null && number === null) at = takeMatch(scan, match, at, noRefuses);
    else if (number !== null) {
      endUnknown(scan);
      scan.quantity = number.value;
      at += number.words;
    } else {
      if (JOINING.has(token)) endUnknown(scan);
      else if (!isFiller(token) && token.length >= UNKNOWN_MIN_CHARS) takeUnknown(scan, token);
      at++;
    }
  }
  endUnknown(scan);
  return collect(scan);
}

/** One pass over a text. */
interface Scan {
  readonly tokens: readonly string[];
  readonly catalogue: CompiledCatalogue;
  readonly found: Found[];
  readonly refused: Match[];
  readonly unmatched: string[];
  /** A number that waits for its item. */
  quantity: number | null;
  /** Words between that number and an item: an adjective ("2 cold cokes"), or something that we do not sell ("2 pizza"). */
  unknown: string[];
  /** Words that belong to nothing. */
  noise: number;
}

interface Found extends Match {
  readonly before: number | null;
  after: number | null;
  /** First token behind it. */
  readonly end: number;
}

/** @returns where to go on */
function takeMatch(scan: Scan, match: Match, at: number, noRefuses: boolean): number {
  const { tokens, found } = scan;
  const end = at + match.words;
  const quantity = scan.quantity;
  scan.quantity = null;
  scan.unknown = [];
  if (isRefused(tokens, at, noRefuses)) {
    scan.refused.push(match);
    return end;
  }
  const last = found[found.length - 1];
  const narrowed = quantity === null && last !== undefined ? narrow(last, match, tokens, at) : null;
  if (narrowed === null) found.push({ ...match, before: quantity, after: null, end });
  else found[found.length - 1] = { ...narrowed, end };
  return takeNumberBehind(scan, end);
}

/** "kota 2 coke 3", "change kota to 3": a number behind an item that had none in front, unless another item follows that would be left without. */
function takeNumberBehind(scan: Scan, end: number): number {
  const { tokens, catalogue, found } = scan;
  const at = tokens[end] === 'to' ? end + 1 : end;
  const after = numberAt(tokens, at);
  const last = found[found.length - 1] as Found;
  if (after === null || last.before !== null || last.after !== null) return end;
  if (!after.behind && belongsToNext(tokens, at + after.words, catalogue, found)) return end;
  last.after = after.value;
  return at + after.words;
}

/** "500ml coke", "chips large", "loaves of bread": two names beside each other that share a product mean that one, once. */
function narrow(last: Found, match: Match, tokens: readonly string[], at: number): Found | null {
  const beside = last.end === at && last.after === null;
  const joined = last.end === at - 1 && tokens[at - 1] === 'of';
  if (!beside && !joined) return null;
  const shared = last.products.filter((product) => match.products.includes(product));
  if (shared.length === 0 || (beside && last.products.length === 1 && match.products.length === 1)) return null;
  return { ...last, phrase: shared.length === 1 ? match.phrase : last.phrase, products: shared, exact: last.exact && match.exact };
}

/** Looks back over small words: "i don t want any coke", "without the onions". */
function isRefused(tokens: readonly string[], at: number, noRefuses: boolean): boolean {
  let before = at - 1;
  while (before >= 0 && LOOKED_OVER.has(tokens[before] as string)) before--;
  const word = tokens[before];
  return word !== undefined && (REFUSALS.has(word) || (noRefuses && word === 'no'));
}

function takeUnknown(scan: Scan, token: string): void {
  if (scan.quantity === null || scan.unknown.length >= UNKNOWN_WORDS_MAX) scan.noise++;
  else scan.unknown.push(token);
}

/** The number found no item: what stood behind it is something that we do not know. */
function endUnknown(scan: Scan): void {
  if (scan.unknown.length === 0) return;
  scan.unmatched.push(scan.unknown.join(' '));
  scan.unknown = [];
  scan.quantity = null;
}

function collect({ found, refused, unmatched, noise }: Scan): ParsedItems {
  const items = new Map<string, ParsedItem>();
  const ambiguous: { phrase: string; quantity: number; candidates: string[] }[] = [];
  const quantityProblems: ParsedItems['quantityProblems'][number][] = [];
  for (const match of found) {
    const quantity = match.before ?? match.after ?? 1;
    const [product, ...others] = match.products;
    if (product === undefined) continue;
    if (others.length > 0) {
      const candidates = match.products.slice(0, CANDIDATES_MAX).map((candidate) => candidate.id);
      ambiguous.push({ phrase: match.phrase, quantity: clamp(quantity), candidates });
      continue;
    }
    const { id: productId, name } = product;
    const held = items.get(productId);
    const total = quantity + (held?.quantity ?? 0);
    if (quantity < 1 || !Number.isInteger(quantity)) quantityProblems.push({ productId, name, quantity, problem: 'not_countable' });
    else if (total > MAX_LINE_QUANTITY) quantityProblems.push({ productId, name, quantity: total, problem: 'too_many' });
    else items.set(productId, { productId, name, quantity: total, exact: match.exact && (held?.exact ?? true) });
  }
  return { items: [...items.values()], refused: productsOf(refused), unmatched, ambiguous, quantityProblems, noise };
}

/** Only what is meant without doubt. */
function productsOf(matches: readonly Match[]): ParsedItem[] {
  const items = new Map<string, ParsedItem>();
  for (const { products, exact } of matches) {
    const [product, ...others] = products;
    if (product !== undefined && others.length === 0)
      items.set(product.id, { productId: product.id, name: product.name, quantity: 1, exact });
  }
  return [...items.values()];
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

/** A name ends at these. */
const JOINING = new Set(['and', 'plus', 'with', 'kanye', 'futhi', 'en', 'met', 'na', 'le']);
const REFUSALS = new Set(['without', 'dont', 'don', 'not', 'hold', 'skip', 'minus', 'angifuni', 'ngaphandle', 'sonder']);
const LOOKED_OVER = new Set(['the', 'any', 'a', 'an', 't', 'want', 'need', 'add', 'more', 'kwe', 'i']);
