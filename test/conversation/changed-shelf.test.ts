/** What a customer's words mean follows the shop, though only what changed is indexed again. */
import { expect, it } from 'vitest';
import { shelfOf } from '../../src/actors/conversation/flow/steps/catalogue.ts';
import { understand } from '../../src/actors/conversation/text/meaning/understand.ts';
import type { Product } from '../../src/actors/tenant/protocol.ts';
import type { TenantView } from '../../src/actors/tenant/view.ts';

function viewOf(...products: readonly Partial<Product>[]): TenantView {
  const whole = products.map((product, i) => ({
    id: `p${i}`,
    aliases: [],
    category: 'all',
    priceMinor: 1_000,
    stock: null,
    available: true,
    ...product,
  }));
  return { tenantId: 77, products: whole as unknown as Product[] } as unknown as TenantView;
}

function itemsOf(view: TenantView, text: string): readonly (readonly [string, number])[] {
  const understood = understand(text, shelfOf(view).compiled, null);
  return understood.intent === 'items' ? understood.items.map(({ productId, quantity }) => [productId, quantity]) : [];
}

it('money buys as many as it does at the price of now', () => {
  expect(itemsOf(viewOf({ name: 'Vetkoek', priceMinor: 500 }), 'R10 vetkoek')).toEqual([['p0', 2]]);
  expect(itemsOf(viewOf({ name: 'Vetkoek', priceMinor: 200 }), 'R10 vetkoek')).toEqual([['p0', 5]]);
});

it('a view means its own products, also after a later one was asked', () => {
  const before = viewOf({ name: 'Kota' }, { name: 'Coke' });
  const after = viewOf({ name: 'Kota' }, { name: 'Fanta' });
  expect(itemsOf(before, '2 coke')).toEqual([['p1', 2]]);
  expect(itemsOf(after, '2 fanta')).toEqual([['p1', 2]]);
  expect(itemsOf(before, '2 coke')).toEqual([['p1', 2]]);
  expect(itemsOf(before, '2 fanta')).toEqual([]);
  expect(itemsOf(after, '2 fanta')).toEqual([['p1', 2]]);
});

it('what is not to be had today means nothing until it is', () => {
  const coke = { name: 'Coke' };
  expect(itemsOf(viewOf({ name: 'Kota' }, { ...coke, available: false }), '2 coke')).toEqual([]);
  expect(itemsOf(viewOf({ name: 'Kota' }, coke), '2 coke')).toEqual([['p1', 2]]);
});
