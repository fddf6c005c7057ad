/** What a scan of a text comes to: each product once, within limits, with what is to become of it. Pure; reads no words. */
import type { Product } from '../../../tenant/protocol.ts';
import { MORE, TELLING } from '../data/order-words.ts';
import type { Choice, Found, Scan } from './scan.ts';
import { spreadShares } from './shares.ts';

export const MAX_LINE_QUANTITY = 50;

const CANDIDATES_MAX = 9;

interface ParsedItem {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** False when a slip was forgiven. */
  readonly exact: boolean;
  /** `set`: "make it 3 kota"; otherwise it comes on top of what the cart has. */
  readonly change: 'add' | 'set';
  /** Counted anew or pointed at without a number: "just the kota", "the coke". Of what the cart has, that says nothing. */
  readonly implied: boolean;
}

interface RemovedItem {
  readonly productId: string;
  readonly name: string;
  /** Null: all of it. */
  readonly quantity: number | null;
  /** Only refused ("kota, no coke"): of no account unless it is in the cart or nothing else was said. */
  readonly refused: boolean;
  /** Refused in these words: "no atchar on one". */
  readonly said?: string;
}

export interface ParsedItems {
  readonly items: readonly ParsedItem[];
  /** Instead of something in the cart that the text does not name. `quantity` null: as many as go; `instead` null: all of it goes. */
  readonly exchanged: readonly { readonly productId: string; readonly quantity: number | null; readonly instead: number | null }[];
  readonly removed: readonly RemovedItem[];
  /** Names that were counted like an item ("2 pizza", "and a pizza") and are none that we know. */
  readonly unmatched: readonly string[];
  /** Names without a number that nothing is known of, and wishes about nothing, as written: "pizza". */
  readonly unread: readonly string[];
  /** How an item is wished, as written: "no onions". Of no item, or of one that is asked about: null. */
  readonly wishes: readonly { readonly productId: string | null; readonly what: string }[];
  /** How many other words belonged to nothing. */
  readonly noise: number;
  readonly ambiguous: readonly {
    readonly phrase: string;
    readonly quantity: number;
    readonly candidates: readonly string[];
    /** Named one instead of the other, "2 kota or 3 coke": how many of each candidate. */
    readonly quantities?: readonly number[];
  }[];
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
  readonly amount: { readonly quantity: number; readonly change: 'add' | 'set' | 'remove' | 'multiply' } | null;
}

export const NOTHING_NAMED: ParsedItems = {
  items: [],
  exchanged: [],
  removed: [],
  unmatched: [],
  unread: [],
  wishes: [],
  noise: 0,
  ambiguous: [],
  quantityProblems: [],
  amount: null,
};

export function collect(scan: Scan): ParsedItems {
  spreadShares(scan);
  const items: ParsedItem[] = [];
  const exchanged: ParsedItems['exchanged'][number][] = [];
  const removed: RemovedItem[] = [];
  const ambiguous: ParsedItems['ambiguous'][number][] = [];
  const quantityProblems: ParsedItems['quantityProblems'][number][] = [];
  const from = exchangedItem(scan.found);
  // "No coke, stoney rather" names what goes.
  const refusesOther = scan.found.some(({ change }) => change === 'remove' || change === 'refuse');
  for (const found of scan.found) {
    const { match } = found;
    const [product] = match.products;
    if (product === undefined) continue;
    const { id: productId, name } = product;
    const said = withOwned(found) ?? scan.each;
    if (found.change === 'remove' || found.change === 'refuse' || found === from) {
      // Only what is meant without doubt.
      if (match.products.length === 1) takeAway(product, found, said, found === from ? [] : items, removed);
      continue;
    }
    const change = found.change === 'add' ? 'add' : 'set';
    // "change the kota" says no number; "change 2 kota to 3" says the last; what comes for something else comes in its number.
    const quantity = found.change === 'swap' ? (found.after ?? found.before ?? Number.NaN) : (said ?? from?.before ?? 1);
    if (match.products.length > 1 && found.choices !== undefined) {
      ambiguous.push(chosenFrom(found, found.choices));
      continue;
    }
    if (match.products.length > 1) {
      const candidates = match.products.slice(0, CANDIDATES_MAX).map((candidate) => candidate.id);
      ambiguous.push({ phrase: match.phrase, quantity: clamp(quantity), candidates });
      continue;
    }
    if (found.instead !== undefined && from === undefined && !refusesOther && (said === null || isCount(said))) {
      exchanged.push({ productId, quantity: said, instead: found.instead });
      continue;
    }
    const at = items.findIndex((item) => item.productId === productId);
    const isPointed = found.pointed === true && said === null && from === undefined;
    if (isPointed && at >= 0) continue;
    const held = change === 'add' && found.corrects !== true ? items[at] : undefined;
    const total = quantity + (held?.quantity ?? 0);
    if (!isCount(quantity)) quantityProblems.push({ productId, name, quantity, change, problem: 'not_countable' });
    else if (total > MAX_LINE_QUANTITY) quantityProblems.push({ productId, name, quantity: total, change, problem: 'too_many' });
    else
      items.splice(at < 0 ? items.length : at, 1, {
        productId,
        name,
        quantity: total,
        exact: match.exact && (held?.exact ?? true),
        change,
        implied: isPointed || (change === 'set' && said === null && from === undefined),
      });
  }
  const { unmatched, unread, noise } = scan;
  const named = items.length + exchanged.length + removed.length + ambiguous.length + quantityProblems.length > 0;
  const wishes = scan.wishes.map(({ what, item }) => wishOf(what, item, items));
  return {
    items,
    exchanged,
    removed,
    ambiguous,
    quantityProblems,
    unmatched,
    unread,
    wishes,
    noise,
    amount: named ? null : amountOf(scan),
  };
}

function isCount(quantity: number): boolean {
  return quantity >= 1 && Number.isInteger(quantity);
}

/** What the text itself ordered, "1 kota, 1 coke. remove the coke", is ordered no more; anything else is for the cart. */
function takeAway({ id: productId, name }: Product, found: Found, said: number | null, items: ParsedItem[], removed: RemovedItem[]): void {
  const at = items.findIndex((item) => item.productId === productId);
  const ordered = items[at];
  if (ordered === undefined) {
    if (said !== null && said < 1) return;
    const quantity = said === null ? null : Math.floor(said);
    const words = found.said === undefined ? {} : { said: found.said };
    removed.push({ productId, name, quantity, refused: found.change === 'refuse', ...words });
    return;
  }
  const left = said === null ? 0 : ordered.quantity - Math.floor(said);
  items.splice(at, 1, ...(left >= 1 ? [{ ...ordered, quantity: left }] : []));
  if (left < 1) removed.push({ productId, name, quantity: null, refused: true });
}

/** "2 kota and 1 for my sister" are three; of "2 kota, 1 for me and 1 for my sister" both belong to somebody. */
function withOwned({ before, after, owned }: Found): number | null {
  const number = before ?? after;
  return number === null || owned === undefined || !owned.joined || owned.number === number ? number : number + owned.number;
}

/** "1 kota no onions and 1 kota extra cheese": each wish is about as many as it was said of. */
function wishOf(what: string, item: Found | null, items: readonly ParsedItem[]): ParsedItems['wishes'][number] {
  const [product, other] = item?.match.products ?? [];
  if (item === null || product === undefined || other !== undefined) return { productId: null, what };
  const number = item.before ?? item.after ?? 1;
  const isPart = number < (items.find(({ productId }) => productId === product.id)?.quantity ?? 0);
  return { productId: product.id, what: isPart && !/^\d/.test(what) ? `${number} x ${what}` : what };
}

/** One of several that were named; the number of the first counts for those without their own. */
function chosenFrom({ match, before, after }: Found, choices: readonly Choice[]): ParsedItems['ambiguous'][number] {
  const quantity = clamp(choices[0]?.number ?? before ?? after ?? 1);
  const candidates = match.products.slice(0, CANDIDATES_MAX);
  const numberOf = (candidate: Product): number | null =>
    choices.find((choice) => choice.match.products.includes(candidate))?.number ?? null;
  return {
    phrase: match.phrase,
    quantity,
    candidates: candidates.map(({ id }) => id),
    quantities: candidates.map((candidate) => clamp(numberOf(candidate) ?? quantity)),
  };
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
