/** A small township menu for the tests of understanding, written here so that the demo shop may change. */

import { compileCatalogue } from '../../src/actors/conversation/text/catalogue.ts';
import type { Product } from '../../src/actors/tenant/protocol.ts';

const product = (id: string, name: string, aliases: readonly string[] = []): Product => ({
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
