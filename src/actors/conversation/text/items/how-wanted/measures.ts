/** "2l coke" and "coke in a can" where it is sold in bottles of 500 ml only: another product than what is sold. Pure. */
import type { Product } from '../../../../tenant/protocol.ts';
import { SIZE } from '../../catalogue/catalogue.ts';
import type { Found, Scan } from '../scan.ts';

/** How many of the smallest unit, millilitres or grams, one of each is. */
const UNITS: Readonly<Record<string, { readonly of: 'ml' | 'g'; readonly many: number }>> = {
  ml: { of: 'ml', many: 1 },
  cl: { of: 'ml', many: 10 },
  l: { of: 'ml', many: 1_000 },
  g: { of: 'g', many: 1 },
  kg: { of: 'g', many: 1_000 },
};
const PARTS = /(\d+(?:[.,]\d+)?) ?(ml|cl|l|kg|g)\b/i;

/** @returns "500ml" for "0.5l" and "Coke 500ml", null where nothing is measured. */
export function measureIn(words: string): string | null {
  const [, number = '', written = ''] = PARTS.exec(words) ?? [];
  const unit = UNITS[written.toLowerCase()];
  return unit === undefined ? null : `${Math.round(Number(number.replace(',', '.')) * unit.many)}${unit.of}`;
}

/** The size in front of an item that was just found. */
export function takeMeasureInFront({ tokens, unread }: Scan, found: Found, at: number): void {
  const size = tokens[at - 1];
  if (size === 'of' && CANS.has(tokens[at - 2] ?? '') && !mayBeCanned(found)) {
    found.unsold = tokens.slice(at - 2, found.end).join(' ');
    return;
  }
  if (size === undefined || !(SIZE.test(size) ? isOfOther(found.match.products, size) : isWhole(found, size))) return;
  found.unsold = `${size} ${tokens.slice(at, found.end).join(' ')}`;
  if (unread[unread.length - 1] === size) unread.pop();
}

export const CANS: ReadonlySet<string> = new Set(['can', 'cans', 'tin', 'tins']);
/** "In a can", "in tins". */
const IN_CANS_WORDS_MAX = 3;
/** "2 coke can i get a kota": who asks. */
const WHO_CAN: ReadonlySet<string> = new Set(['i', 'we', 'you', 'u', 'it', 'they', 'he', 'she', 'that', 'this']);
/** Soft drinks of half a litre come in bottles. */
const CANNED_ML_MAX = 499;

/** "Coke in a can", "2 coke cans". @returns where to go on, 0 for any other word. */
export function takeCan({ tokens, found }: Scan, token: string, at: number): number {
  const last = found[found.length - 1];
  if (last?.end !== at || last.change === 'remove' || last.change === 'refuse') return 0;
  const said = tokens.slice(at, at + IN_CANS_WORDS_MAX);
  const words = token === 'in' ? said.findIndex((word) => CANS.has(word)) + 1 : 1;
  const isCan = token === 'in' ? words > 1 && (words === 2 || said[1] === 'a' || said[1] === 'the') : token === 'can' || token === 'cans';
  if (!isCan || WHO_CAN.has(tokens[at + words] ?? '')) return 0;
  if (!mayBeCanned(last))
    last.unsold = [last.unsold ?? tokens.slice(at - last.match.words, at).join(' '), ...said.slice(0, words)].join(' ');
  last.end = at + words;
  return last.end;
}

/** Unless it is sold in bottles only, as far as the menu says. */
function mayBeCanned({ match: { products } }: Found): boolean {
  return products.some(({ name, aliases, description }) => {
    const millilitres = Number(/^(\d+)ml$/.exec(measureIn(name) ?? '')?.[1] ?? 0);
    return millilitres <= CANNED_ML_MAX || /\b(?:cans?|tins?)\b/i.test([name, ...aliases, description ?? ''].join(' '));
  });
}

const WHOLE: ReadonlySet<string> = new Set(['full', 'whole']);
const PART_OF_ONE = /\b(?:quarter|half)\b/i;

/** "Full chicken" where a quarter is sold. */
function isWhole({ match: { products } }: Found, word: string): boolean {
  return WHOLE.has(word) && products.every(({ name }) => PART_OF_ONE.test(name));
}

/** The size right behind an item. @returns whether the item has it, as its own or as one that is not sold. */
export function takeMeasureBehind({ tokens, found }: Scan, size: string, at: number): boolean {
  const last = found[found.length - 1];
  if (last?.end !== at || last.change === 'remove' || last.change === 'refuse') return false;
  const { products } = last.match;
  const isOwn = products.some(({ name }) => measureIn(name) === measureIn(size));
  if (!isOwn && !isOfOther(products, size)) return false;
  if (!isOwn) last.unsold = `${tokens.slice(at - last.match.words, at).join(' ')} ${size}`;
  last.end = at + 1;
  return true;
}

/** All of it is sold in sizes of its own, and none in this one. */
function isOfOther(products: readonly Product[], size: string): boolean {
  const asked = measureIn(size);
  return products.every(({ name }) => {
    const sold = measureIn(name);
    return sold !== null && sold !== asked;
  });
}
