/** What it takes to compile a catalogue: a large shop renames a product while its thread serves all the others. Counted, not timed. */
import { expect, it } from 'vitest';
import { CatalogueIndex, compileCatalogue } from '../../../src/actors/conversation/text/catalogue/catalogue-index.ts';
import type { Product } from '../../../src/actors/tenant/protocol.ts';

const WORDS = ['Full', 'House', 'Kota', '2', 'Piece', 'Chicken', 'and', 'Chips'];

/** Products that count how often their name is read. */
function counting(count: number): { readonly products: Product[]; readonly reads: () => number } {
  let reads = 0;
  const products = Array.from({ length: count }, (_, i) => {
    const product = { id: `p${i}`, aliases: [] as string[] };
    const name = `${WORDS.slice(i % 4, 4 + (i % 4)).join(' ')} no${i}`;
    return Object.defineProperty(product, 'name', {
      get: () => {
        reads++;
        return name;
      },
    }) as unknown as Product;
  });
  return { products, reads: () => reads };
}

it('each name is taken apart once, whatever is made of its words', () => {
  const { products, reads } = counting(500);
  compileCatalogue(products);
  expect(reads()).toBe(500);
});

it('when one of five hundred products changes, its name is taken apart once, and of others only those whose words it is ranked beside', () => {
  const { products, reads } = counting(500);
  const changed = counting(501);
  const index = new CatalogueIndex();
  index.replace(products);
  const before = reads();
  index.replace(products.with(250, changed.products[500] as Product));
  expect(changed.reads()).toBe(1);
  expect(reads() - before).toBeLessThan(50);
});

it('a word that thousands of products have in their names means the first hundred of them, in the order of the catalogue', () => {
  const { products } = counting(2_000);
  const meant = compileCatalogue(products).phrases.get('kota');
  expect(meant).toEqual(products.filter((_product, i) => i % 4 <= 2).slice(0, 100));
});
