/** What a scan of a text comes to: each product once, within limits, with what is to become of it. Pure; reads no words. */
import { MORE, TELLING } from './data/order-words.ts';
import type { Found, Scan } from './scan.ts';

export const MAX_LINE_QUANTITY = 50;

const CANDIDATES_MAX = 9;

export interface ParsedItem {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** False when a slip was forgiven. */
  readonly exact: boolean;
  /** `set`: "make it 3 kota"; otherwise it comes on top of what the cart has. */
  readonly change: 'add' | 'set';
  /** Counted anew without a number: "just the kota". Of what the cart has, that says nothing. */
  readonly implied: boolean;
}

export interface RemovedItem {
  readonly productId: string;
  readonly name: string;
  /** Null: all of it. */
  readonly quantity: number | null;
  /** Only refused ("kota, no coke"): of no account unless it is in the cart or nothing else was said. */
  readonly refused: boolean;
}

export interface ParsedItems {
  readonly items: readonly ParsedItem[];
  readonly removed: readonly RemovedItem[];
  /** Names that were counted like an item ("2 pizza", "and a pizza") and are none that we know. */
  readonly unmatched: readonly string[];
  /** Wishes and names without a number that nothing is known of, as written: "no onions", "pizza". */
  readonly unread: readonly string[];
  /** How many other words belonged to nothing. */
  readonly noise: number;
  readonly ambiguous: readonly { readonly phrase: string; readonly quantity: number; readonly candidates: readonly string[] }[];
  readonly quantityProblems: readonly {
    readonly productId: string;
    readonly name: string;
    /** NaN when a number is missing ("change the kota"). */
    readonly quantity: number;
    readonly change: 'add' | 'set';
    /** `not_countable`: zero, below, a part of one, or missing. */
    readonly problem: 'not_countable' | 'too_many';
  }[];
  /** A number for something that was not named: "make it 3", "2 more", "remove 1". */
  readonly amount: { readonly quantity: number; readonly change: 'add' | 'set' | 'remove' } | null;
}

export const NOTHING_NAMED: ParsedItems = {
  items: [],
  removed: [],
  unmatched: [],
  unread: [],
  noise: 0,
  ambiguous: [],
  quantityProblems: [],
  amount: null,
};

export function collect(scan: Scan): ParsedItems {
  const items: ParsedItem[] = [];
  const removed: RemovedItem[] = [];
  const ambiguous: ParsedItems['ambiguous'][number][] = [];
  const quantityProblems: ParsedItems['quantityProblems'][number][] = [];
  const from = exchangedItem(scan.found);
  for (const found of scan.found) {
    const { match } = found;
    const [product] = match.products;
    if (product === undefined) continue;
    const { id: productId, name } = product;
    const said = found.before ?? found.after ?? scan.each;
    if (found.change === 'remove' || found.change === 'refuse' || found === from) {
      // Only what is meant without doubt.
      if (match.products.length === 1 && (said === null || said >= 1))
        removed.push({ productId, name, quantity: said === null ? null : Math.floor(said), refused: found.change === 'refuse' });
      continue;
    }
    const change = found.change === 'add' ? 'add' : 'set';
    // "change the kota" says no number; "change 2 kota to 3" says the last; what comes for something else comes in its number.
    const quantity = found.change === 'swap' ? (found.after ?? found.before ?? Number.NaN) : (said ?? from?.before ?? 1);
    if (match.products.length > 1) {
      const candidates = match.products.slice(0, CANDIDATES_MAX).map((candidate) => candidate.id);
      ambiguous.push({ phrase: match.phrase, quantity: clamp(quantity), candidates });
      continue;
    }
    const at = items.findIndex((item) => item.productId === productId);
    const held = change === 'add' ? items[at] : undefined;
    const total = quantity + (held?.quantity ?? 0);
    if (!(quantity >= 1) || !Number.isInteger(quantity))
      quantityProblems.push({ productId, name, quantity, change, problem: 'not_countable' });
    else if (total > MAX_LINE_QUANTITY) quantityProblems.push({ productId, name, quantity: total, change, problem: 'too_many' });
    else
      items.splice(at < 0 ? items.length : at, 1, {
        productId,
        name,
        quantity: total,
        exact: match.exact && (held?.exact ?? true),
        change,
        implied: change === 'set' && said === null && from === undefined,
      });
  }
  const { unmatched, unread, noise } = scan;
  const named = items.length + removed.length + ambiguous.length + quantityProblems.length > 0;
  return { items, removed, ambiguous, quantityProblems, unmatched, unread, noise, amount: named ? null : amountOf(scan) };
}

/** What goes in "swap 2 kota for coke"; none in "change kota to 3", which only counts anew. */
function exchangedItem(found: readonly Found[]): Found | undefined {
  const from = found.find((item) => item.change === 'swap');
  return from !== undefined && found.some((item) => item.change === 'add' && item.end > from.end) ? from : undefined;
}

/** "make it 3", "2 more", "remove 1": of what is in the cart. */
function amountOf({ tokens, quantity, change, noise, unmatched }: Scan): ParsedItems['amount'] {
  if (quantity === null || noise > 0 || unmatched.length > 0 || tokens.some((token) => TELLING.has(token))) return null;
  if (change === 'set' || change === 'swap' || tokens.includes('instead')) return { quantity, change: 'set' };
  if (change === 'remove') return quantity >= 1 ? { quantity, change } : null;
  return tokens.some((token) => MORE.has(token)) ? { quantity, change: 'add' } : null;
}

function clamp(quantity: number): number {
  return Number.isFinite(quantity) ? Math.min(MAX_LINE_QUANTITY, Math.max(1, Math.floor(quantity))) : 1;
}
