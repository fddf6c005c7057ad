/** What one shop costs does not depend on how many others the node serves. */
import { expect, it } from 'vitest';
import { shelfOf } from '../../src/actors/conversation/flow/steps/catalogue.ts';
import type { Product } from '../../src/actors/tenant/protocol.ts';
import type { TenantView } from '../../src/actors/tenant/view.ts';

/** The directory keeps views of so many unless it is told otherwise. */
const SHOPS_KEPT = 10_000;

/** Each call is a new view, as after a sale. */
function viewOf(tenantId: number, stock: number): TenantView {
  const product = { id: 'p1', name: 'Kota', category: 'Food', priceMinor: 1_000, stock, available: true, aliases: [], description: null };
  return { tenantId, products: [product as unknown as Product] } as unknown as TenantView;
}

it('a sale has no shop of five thousand indexed again', () => {
  const shops = Array.from({ length: 5_000 }, (_, n) => n + 1);
  const before = shops.map((id) => shelfOf(viewOf(id, 9)).compiled);
  expect(shops.filter((id, at) => shelfOf(viewOf(id, 8)).compiled !== before[at])).toEqual([]);
});

it('beyond the bound a shop in use keeps its index', () => {
  const { compiled } = shelfOf(viewOf(1, 9));
  for (let n = 0; n < SHOPS_KEPT + 1_000; n++) {
    shelfOf(viewOf(10_000 + n, 9));
    if (n % 1_000 === 0) expect(shelfOf(viewOf(1, n)).compiled).toBe(compiled);
  }
  expect(shelfOf(viewOf(1, 1)).compiled).toBe(compiled);
});
