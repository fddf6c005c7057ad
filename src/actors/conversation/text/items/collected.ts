/** What a scan of a text comes to: each product once, within limits, with what is to become of it. Pure; reads no words. */
import type { Product } from '../../../tenant/protocol.ts';
import { MORE, ONE_MORE, TELLING, TOO } from '../data/order-words.ts';
import { SIZES } from '../data/style-words.ts';
import { isFiller } from '../words/fillers.ts';
import { eachOf } from './how-many/everyone.ts';
import { countByMoney, fitPrice } from './how-many/money.ts';
import { sharedNumber, withOwned } from './how-many/persons.ts';
import { spreadShares } from './how-many/shares.ts';
import type { Choice, Corrected, Found, Scan } from './scan.ts';

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
  /** "swap the coke for stoney": as many as the cart has of this, which goes. Absent: in its own number. */
  readonly insteadOf?: string | undefined;
  /** "R50 kota" of one that does not cost that: they should hear what it costs; `several`: how many is open. */
  readonly misprices?: 'one' | 'several';
  /** "Make one russian": of what the cart has so many are to become it, perhaps. */
  readonly made?: true;
  /** "Sipho wants 1 kota not 2": so many of the line were somebody's, and are counted anew. */
  readonly wrong?: number;
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
  /** Sold in sizes, and none was said: "remove the chips" may be of another size. */
  readonly unsized?: true;
  /** As it was called: "pap". */
  readonly phrase?: string;
}

/** `of`: of one thing or of all that the cart has; absent: of the only thing in it. `wrong`: instead of this number. */
export interface Amount {
  readonly quantity: number;
  readonly change: 'add' | 'set' | 'remove' | 'multiply';
  readonly of?: { readonly productId: string } | 'all';
  readonly wrong?: number;
  /** The numbers are somebody's, who may have only some of a line. */
  readonly person?: boolean;
}

export interface ParsedItems {
  readonly items: readonly ParsedItem[];
  /** Instead of something in the cart that the text does not name. `quantity` null: as many as go; `instead` null: all of it goes. */
  readonly exchanged: readonly {
    readonly productId: string;
    readonly quantity: number | null;
    readonly instead: number | null;
    /** "No, i want a stoney": only of what was added last; with anything else it comes on top. */
    readonly last: boolean;
    /** "Small", and nothing else: only of the same in another size. */
    readonly resized: boolean;
  }[];
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
    /** Of another kind than is sold, as written: the candidates are what there is. */
    readonly unsold?: string;
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
  /** "2 and a coke": in front of what is named, of nothing that is. */
  readonly loose?: number;
  /** Nobody's share: "make it 2 and a coke" may be of what the cart has. */
  readonly looseOfCart?: true;
  /** A number for something that was not named: "make it 3", "2 more", "remove 1". */
  readonly amount: Amount | null;
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

/** What was read so far, each in the list of what is to become of it. */
type Collected = { readonly [List in 'items' | 'exchanged' | 'removed' | 'ambiguous' | 'quantityProblems']: ParsedItems[List][number][] };

/** What the whole text says about each thing that it names. */
interface Around {
  readonly corrected: Corrected | null;
  /** What goes in "swap 2 kota for coke". */
  readonly goes: Found | undefined;
  /** "2 each" */
  readonly each: number | null;
  /** "No coke, stoney rather" names what goes. */
  readonly refuses: boolean;
  /** What goes in "stoney instead of coke", all of it. */
  readonly replaced: Product | undefined;
}

export function collect(scan: Scan): ParsedItems {
  const shared = sharedNumber(scan);
  spreadShares(scan);
  const isShared = scan.found.length > 1;
  for (const found of scan.found) if (found.worthMinor !== undefined) countByMoney(found, scan.catalogue, isShared);
  fitPrice(scan);
  const into: Collected = { items: [], exchanged: [], removed: [], ambiguous: [], quantityProblems: [] };
  const times = eachOf(scan);
  const around: Around = {
    corrected: scan.corrected,
    goes: exchangedItem(scan.found),
    each: scan.each === null ? null : scan.each * times,
    refuses: scan.found.some(isUnwanted),
    replaced: replacedIn(scan),
  };
  for (const found of scan.found) take(into, found, around);
  const { items, exchanged, removed, quantityProblems } = into;
  const { unread, noise } = scan;
  // "Coke zero, if not then coke": what would be offered is ordered already.
  const isOrdered = ({ unsold, candidates }: ParsedItems['ambiguous'][number]): boolean =>
    unsold !== undefined && items.some(({ productId }) => candidates.includes(productId));
  const ambiguous = into.ambiguous.filter((entry) => !isOrdered(entry));
  const unmatched = [...scan.unmatched, ...into.ambiguous.filter(isOrdered).map(({ unsold }) => unsold as string)];
  const named = items.length + exchanged.length + removed.length + ambiguous.length + quantityProblems.length > 0;
  const wishes = scan.wishes.map(({ what, item }) => wishOf(what, item, items));
  const amount = named ? null : amountOf(scan, shared);
  const isLoose = scan.loose !== null && amount === null && (named || (scan.shares.length === 1 && noise === 0));
  const parsed = { items, exchanged, removed, ambiguous, quantityProblems, unmatched, unread, wishes, noise, amount };
  if (!isLoose) return parsed;
  return { ...parsed, loose: scan.loose as number, ...(scan.shares.length === 0 ? { looseOfCart: true } : {}) };
}

/** Two things, one wanted instead of the other. */
function replacedIn({ found, tokens }: Scan): Product | undefined {
  const [one, two, more] = found;
  const gone = one !== undefined && isUnwanted(one) ? one : two;
  if (one === undefined || two === undefined || more !== undefined || gone === undefined || isUnwanted(one) === isUnwanted(two))
    return undefined;
  const [product, other] = gone.match.products;
  const isInstead = tokens.some((token) => INSTEAD.has(token));
  return isInstead && other === undefined && (gone.before ?? gone.after) === null ? product : undefined;
}

const INSTEAD: ReadonlySet<string> = new Set(['instead', 'than', 'not']);

function isUnwanted({ change }: Found): boolean {
  return change === 'remove' || change === 'refuse';
}

function take(into: Collected, found: Found, around: Around): void {
  const [product, other] = found.match.products;
  if (product === undefined) return;
  const isSure = other === undefined;
  // Only what is meant without doubt is taken away.
  if (found === around.goes) {
    if (isSure) takeFromCart(into, product, found, around);
  } else if (isUnwanted(found)) {
    if (isSure) takeAway(into, product, found, around);
  } else if (found.unsold !== undefined) into.ambiguous.push({ ...anyOf(found, around), unsold: found.unsold });
  else if (!isSure) into.ambiguous.push(found.choices === undefined ? anyOf(found, around) : chosenFrom(found, found.choices));
  else if (isExchange(found, around)) takeExchange(into, product, found, around);
  else order(into, product, found, around);
}

/** The number that was said of it; null when none was. */
function saidOf(found: Found, { each }: Around): number | null {
  return withOwned(found) ?? each;
}

/** "change the kota" says no number; "change 2 kota to 3" says the last; what comes for something else comes in its number. */
function quantityOf(found: Found, around: Around): number {
  return found.change === 'swap' ? (found.after ?? found.before ?? Number.NaN) : (saidOf(found, around) ?? around.goes?.before ?? 1);
}

/** Instead of something that the text does not name. */
function isExchange(found: Found, around: Around): boolean {
  const said = saidOf(found, around);
  return found.instead !== undefined && around.goes === undefined && !around.refuses && (said === null || isCount(said));
}

function takeExchange({ exchanged }: Collected, { id: productId }: Product, found: Found, around: Around): void {
  exchanged.push({
    productId,
    quantity: saidOf(found, around),
    instead: found.instead ?? null,
    last: around.corrected === 'last',
    resized: found.resized === true,
  });
}

function moreOf({ wrong, misprices, made }: Found): Pick<ParsedItem, 'wrong' | 'misprices' | 'made'> {
  return {
    ...(wrong === undefined ? {} : { wrong }),
    ...(misprices === undefined ? {} : { misprices }),
    ...(made === true ? { made } : {}),
  };
}

/** On top of what the text ordered of it, unless it is counted anew or only spoken of. */
function order({ items, quantityProblems }: Collected, { id: productId, name }: Product, found: Found, around: Around): void {
  const saysNumber = saidOf(found, around) !== null || around.goes !== undefined;
  const isPointed = found.pointed === true && !saysNumber;
  const at = items.findIndex((item) => item.productId === productId);
  if (isPointed && at >= 0) return;
  const change = found.change === 'add' ? 'add' : 'set';
  const quantity = quantityOf(found, around);
  const held = change === 'add' && found.corrects !== true ? items[at] : undefined;
  const total = quantity + (held?.quantity ?? 0);
  if (!isCount(quantity)) quantityProblems.push({ productId, name, quantity, change, problem: 'not_countable' });
  else if (total > MAX_LINE_QUANTITY) quantityProblems.push({ productId, name, quantity: total, change, problem: 'too_many' });
  else {
    const exact = found.match.exact && (held?.exact ?? true);
    const implied = isPointed || (change === 'set' && !saysNumber);
    const insteadOf = held === undefined ? wholeLine(found, around) : undefined;
    const item = { productId, name, quantity: total, exact, change, implied, insteadOf } as const;
    // Hardly any item has more, and every spread costs.
    const isPlain = found.wrong === undefined && found.misprices === undefined && found.made === undefined;
    items.splice(at < 0 ? items.length : at, 1, isPlain ? item : { ...item, ...moreOf(found) });
  }
}

/** What goes without a number goes as it stands in the cart; so does the number in which the other comes. */
function wholeLine(found: Found, around: Around): string | undefined {
  const { goes, replaced } = around;
  if (replaced !== undefined && saidOf(found, around) === null && replaced.category === found.match.products[0]?.category)
    return replaced.id;
  const [product, other] = goes?.match.products ?? [];
  if (product === undefined || other !== undefined || goes?.before != null || saidOf(found, around) !== null) return undefined;
  return product.id;
}

/** One name of several products. */
function anyOf(found: Found, around: Around): ParsedItems['ambiguous'][number] {
  const { phrase, products } = found.match;
  return { phrase, quantity: clamp(quantityOf(found, around)), candidates: products.slice(0, CANDIDATES_MAX).map(({ id }) => id) };
}

function isCount(quantity: number): boolean {
  return quantity >= 1 && Number.isInteger(quantity);
}

/** What the text itself ordered, "1 kota, 1 coke. remove the coke", is ordered no more; anything else is for the cart. */
function takeAway(into: Collected, product: Product, found: Found, around: Around): void {
  const { items, removed } = into;
  const at = items.findIndex((item) => item.productId === product.id);
  const ordered = items[at];
  if (ordered === undefined) {
    takeFromCart(into, product, found, around);
    return;
  }
  const said = saidOf(found, around);
  const left = said === null ? 0 : ordered.quantity - Math.floor(said);
  items.splice(at, 1, ...(left >= 1 ? [{ ...ordered, quantity: left }] : []));
  if (left < 1) removed.push({ productId: product.id, name: product.name, quantity: null, refused: true });
}

function takeFromCart({ removed }: Collected, { id: productId, name }: Product, found: Found, around: Around): void {
  const said = saidOf(found, around);
  if (said !== null && said < 1) return;
  const quantity = said === null ? null : Math.floor(said);
  const words = found.said === undefined ? {} : { said: found.said };
  // What the cart has not, "water instead of coke" only does not want.
  removed.push({
    productId,
    name,
    quantity,
    refused: found.change === 'refuse' || around.replaced !== undefined,
    ...words,
    ...unsizedOf(name, found),
    phrase: found.match.phrase,
  });
}

/** Nothing for most: few things are sold in sizes. */
function unsizedOf(name: string, { match: { phrase } }: Found): { readonly unsized?: true } {
  const isSized = (words: string): boolean => words.split(' ').some((word) => SIZES.has(word));
  return isSized(name.toLowerCase()) && !isSized(phrase) ? { unsized: true } : {};
}

/** "1 kota no onions and 1 kota extra cheese": each wish is about as many as it was said of. */
function wishOf(what: string, item: Found | null, items: readonly ParsedItem[]): ParsedItems['wishes'][number] {
  const [product, other] = item?.match.products ?? [];
  if (item === null || product === undefined || other !== undefined) return { productId: null, what };
  // "Make the kotas spicy": all of them.
  const number = item.before ?? item.after ?? (item.pointed === true || item.change === 'set' ? Number.POSITIVE_INFINITY : 1);
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

/** "make it 3", "2 more", "remove 1", "2 each", "add another": of what is in the cart. */
function amountOf(
  { tokens, quantity, each, change, noise, unmatched, wrong, person, shares }: Scan,
  shared: number | null,
): ParsedItems['amount'] {
  if (noise > 0 || unmatched.length > 0 || tokens.some((token) => TELLING.has(token))) return null;
  if (shared !== null) return { quantity: shared, change: 'set' };
  const isMore = tokens.some((token) => MORE.has(token));
  const [share, otherShare] = shares;
  // "Add 1 for gogo", "remove 1 for gogo"; "1 for gogo" alone may be of what there is.
  if (share !== undefined && otherShare === undefined && quantity === null) {
    if (change === 'remove') return { quantity: share, change };
    return change === 'add' && tokens.some((token) => MORE.has(token) || TOO.has(token)) ? { quantity: share, change } : null;
  }
  if (each !== null) return { quantity: each, change: change === 'remove' ? 'remove' : isMore ? 'add' : 'set', of: 'all' };
  if (quantity === null) return isOneMore(tokens) ? { quantity: 1, change: 'add' } : null;
  if (change === 'set' || change === 'swap' || tokens.includes('instead'))
    return { quantity, change: 'set', ...(wrong === null ? {} : { wrong, ...(person ? { person } : {}) }) };
  // "Sipho also wants one"
  if (person && change === 'add') return tokens.some((token) => TOO.has(token)) ? { quantity, change } : null;
  if (change === 'remove') return quantity >= 1 ? { quantity, change } : null;
  return isMore ? { quantity, change: 'add' } : null;
}

/** "Another", "please add another" */
function isOneMore(tokens: readonly string[]): boolean {
  return tokens.some((token) => ONE_MORE.has(token)) && tokens.every((token) => token === ',' || MORE.has(token) || isFiller(token));
}

function clamp(quantity: number): number {
  return Number.isFinite(quantity) ? Math.min(MAX_LINE_QUANTITY, Math.max(1, Math.floor(quantity))) : 1;
}
