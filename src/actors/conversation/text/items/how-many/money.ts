/** For how much money something is wanted, "R10 magwinya": as many as the menu's price makes of it. Pure; a price that is only asked about never comes here. */
import type { Product } from '../../../../tenant/protocol.ts';
import type { CompiledCatalogue } from '../../catalogue/catalogue.ts';
import { isOrderWord, RANDS, VERBS } from '../../data/order-words.ts';
import { isFiller } from '../../words/fillers.ts';
import { readNumber } from '../../words/numbers.ts';
import type { Found, PricedOf, Scan } from '../scan.ts';

const MINOR_PER_RAND = 100;
const PRICE = /^r(\d+(?:\.\d{1,2})?)$/;
/** Money for so many is no price remembered wrongly. */
const SEVERAL_MIN = 2;
/** Words between money and what it is for: "i have R10 i want magwinya". */
const BESIDE_MAX = 4;
/** Between something and its money. */
const FOR_MONEY: ReadonlySet<string> = new Set([
  'for',
  'of',
  'at',
  'ka',
  'ya',
  'za',
  'ye',
  'yo',
  'wa',
  'e',
  'a',
  'nge',
  'vir',
  'tsa',
  'tse',
]);

/** In front of money they say what all of it comes to: "2 chips for R40". */
const TOTALLING: ReadonlySet<string> = new Set(['for', 'nge', 'vir']);

/** In front of money they say what one of them costs: "2 magwinya a R10", "2 kota @ R45". */
const EACH_AT: ReadonlySet<string> = new Set(['a', 'at', 'teen']);

/** "A R10": what is in front of money counts nothing. @param at of the word in front of it. */
export function isRate({ tokens }: Pick<Scan, 'tokens'>, at: number): boolean {
  if (!EACH_AT.has(tokens[at] as string)) return false;
  const next = tokens[at + 1] ?? '';
  return PRICE.test(next) || (readNumber(next) !== null && RANDS.has(tokens[at + 2] ?? ''));
}

/** "r10" as one word. @returns where to go on, 0 for any other word. */
export function takePrice(scan: Scan, token: string, at: number): number {
  if (token.charCodeAt(0) !== 0x72 || token.length < 2) return 0;
  const rands = PRICE.exec(token)?.[1];
  return rands === undefined ? 0 : takeMoney(scan, Number(rands), at, at + 1);
}

/** "10 rand", "r 10". */
export function isOfRands(scan: Scan, at: number, end: number): boolean {
  return RANDS.has(scan.tokens[end] ?? '') || scan.tokens[at - 1] === 'r';
}

/** The money belongs to the uncounted item in front of it, else to the one that follows. @param end behind it. @returns where to go on. */
export function takeMoney(scan: Scan, rands: number, at: number, end: number): number {
  const { tokens, found } = scan;
  const last = found[found.length - 1];
  const amountMinor = Math.round(rands * MINOR_PER_RAND);
  const isBehind = last !== undefined && (last.end === at || (last.end === at - 1 && FOR_MONEY.has(tokens[at - 1] as string)));
  if (isBehind && (last.before ?? last.after) === null && last.worthMinor === undefined) last.worthMinor = amountMinor;
  else if (isBehind && last.change === 'add')
    scan.priced = { found: last, amountMinor, of: last.end === at ? 'either' : pricedBy(tokens[at - 1] as string) };
  else scan.money = { amountMinor, end };
  return end;
}

function pricedBy(word: string): PricedOf {
  return TOTALLING.has(word) ? 'all' : EACH_AT.has(word) ? 'one' : 'either';
}

/** "R10 magwinya", "R10 of magwinya", "i have R10 i want magwinya": the money in front of an item, undefined for none. */
export function moneyBefore({ money, tokens }: Scan, at: number): number | undefined {
  if (money === null) return undefined;
  if (at - money.end > BESIDE_MAX) return undefined;
  return tokens.slice(money.end, at).every((word) => isFiller(word) || isOrderWord(word)) ? money.amountMinor : undefined;
}

/** "I have R100, i want kota and coke": what there is to spend, not what one of them is for. */
export function isPurse({ money, tokens }: Scan, at: number): boolean {
  return money !== null && tokens.slice(money.end, at).some((word) => VERBS.get(word) === 'add');
}

/** Turns money into the one product of that price, else into a number where none was said. What makes no whole number is marked. @param isShared whether other things are ordered beside it. */
export function countByMoney(found: Found, catalogue: CompiledCatalogue, isShared: boolean): void {
  const { worthMinor, match } = found;
  if (worthMinor === undefined || found.change === 'remove' || found.change === 'refuse') return;
  // "With R100 i want kota and coke": what there is for all of them.
  if (found.isPurse === true && isShared) return;
  const costs = ({ priceMinor }: Product): boolean => priceMinor === worthMinor;
  const [exact, second] = match.products.filter(costs);
  if (exact !== undefined) {
    if (second === undefined) found.match = { ...match, products: [exact] };
    return;
  }
  const [product, other] = match.products;
  if (product === undefined || other !== undefined) return;
  // "R55 kota" is the full house kota where that one costs R55.
  const [kind, another] = kindsOf(match.phrase, product, catalogue).filter(costs);
  if (kind !== undefined && another === undefined) found.match = { ...match, products: [kind] };
  // "The R20 chips x2"
  else if ((found.before ?? found.after) !== null) return;
  else if (product.priceMinor > 0 && worthMinor % product.priceMinor === 0) found.before = worthMinor / product.priceMinor;
  else found.misprices = worthMinor >= SEVERAL_MIN * product.priceMinor ? 'several' : 'one';
}

/** "2 chips for R40" are two of those that cost R20, whatever chips are called just that; what fits nothing sold is marked. */
export function fitPrice({ priced, found, catalogue, tokens }: Scan): void {
  if (priced === null) return;
  const { found: item, amountMinor } = priced;
  const count = item.before ?? item.after ?? 1;
  const [product, other] = item.match.products;
  if (product === undefined || other !== undefined) return;
  const of = tokens.includes('each') && priced.of === 'all' ? 'either' : priced.of;
  const costs = ({ priceMinor }: Product): boolean =>
    (of !== 'one' && priceMinor * count === amountMinor) || (of !== 'all' && priceMinor === amountMinor);
  if (costs(product)) return;
  const [kind, another] = kindsOf(item.match.phrase, product, catalogue).filter(costs);
  if (kind !== undefined && another === undefined) item.match = { ...item.match, products: [kind] };
  // Beside other things it may be what all of them come to.
  else if (found.length === 1) item.misprices = 'one';
}

/** By what was said or by its name: "ikota ka R55". O(phrases): money is rare. */
export function kindsOf(phrase: string, { name }: Product, { phrases }: CompiledCatalogue): readonly Product[] {
  const known = name.toLowerCase();
  // Called otherwise than the menu has it, "amachips": what ends in the same noun.
  const head = known.includes(phrase) ? [] : [` ${known.split(' ').pop()} `];
  const called = [` ${phrase} `, ` ${known} `, ...head];
  const met = new Set<Product>();
  for (const products of phrases.values()) for (const product of products) met.add(product);
  return [...met].filter((product) => {
    const words = ` ${product.name.toLowerCase()} `;
    return called.some((part) => words.includes(part));
  });
}
