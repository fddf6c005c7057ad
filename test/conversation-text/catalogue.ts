/** A small township menu for the tests of understanding, written here so that the demo shop may change, and what a text told us in short. */

import { compileCatalogue } from '../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import { type Expectation, understand } from '../../src/actors/conversation/text/meaning/understand.ts';
import type { Product } from '../../src/actors/tenant/protocol.ts';

/** One that costs ten and is there. */
export const product = (id: string, name: string, aliases: readonly string[] = []): Product => ({
  id,
  name,
  aliases,
  priceMinor: 1_000,
  category: 'all',
  description: null,
  stock: null,
  options: [],
  imageUrl: null,
  available: true,
});

export const PRODUCTS: readonly Product[] = [
  product('kota', 'Kota'),
  product('kota-full', 'Full house kota', ['full house']),
  product('vetkoek', 'Vetkoek', ['amagwinya']),
  product('vetkoek-mince', 'Vetkoek with mince'),
  product('coke', 'Coke 500ml', ['coke']),
  product('stoney', 'Stoney 500ml', ['stoney']),
  product('chips-s', 'Small chips'),
  product('chips-l', 'Large chips'),
  product('bread', 'White bread', ['bread', 'loaf']),
  product('russian', 'Russian'),
  product('chicken', 'Quarter chicken', ['chicken']),
  product('seven', '7 colours plate', ['7 colours']),
];

export const CATALOGUE = compileCatalogue(PRODUCTS);

/**
 * "2 kota, 1 coke": added. "=3 kota": counted anew. "~coke": taken away, all of it; "~2 coke": two of it. "?2 chips": asked which. "^2 brown bread": not sold, offered what is.
 * "!kota": a quantity that cannot be. "-pizza": counted, not sold. "#pizza": not read. "(kota: no onions)": wished. "*3": of what is in the cart, "=*3" and "~*3" likewise.
 */
export function told(text: string, expect: Expectation = null): string {
  const understood = understand(text, CATALOGUE, expect);
  if (understood.intent === 'language') return `language ${understood.language ?? '?'}`;
  if (understood.intent === 'price') return `asks ${understood.about.join(' ')}`.trim();
  if (understood.intent !== 'items') return understood.intent;
  const sign = (change: 'add' | 'set' | 'remove' | 'multiply'): string =>
    change === 'multiply' ? 'x' : change === 'set' ? '=' : change === 'remove' ? '~' : '';
  return [
    ...(understood.amount === null ? [] : [`${sign(understood.amount.change)}*${understood.amount.quantity}`]),
    ...understood.removed.map((item) => `~${item.quantity === null ? '' : `${item.quantity} `}${item.productId}`),
    ...understood.items.map((item) => `${sign(item.change)}${item.quantity} ${item.productId}`),
    ...understood.ambiguous.map(({ unsold, quantity, phrase }) =>
      unsold === undefined ? `?${quantity} ${phrase}` : `^${quantity} ${unsold}`,
    ),
    ...understood.quantityProblems.map((entry) => `!${entry.productId}`),
    ...understood.unmatched.map((name) => `-${name}`),
    ...understood.unread.map((name) => `#${name}`),
    ...understood.wishes.map(({ productId, what }) => `(${productId ?? ''}: ${what})`),
  ].join(', ');
}
