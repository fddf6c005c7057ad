/** The demo shop is a shop as any other. */
import { describe, expect, it } from 'vitest';
import { DEMO_PRODUCTS, DEMO_TENANT } from '../../src/demo/demo-tenant.ts';
import { Shop } from './harness.ts';

describe('the demo shop', () => {
  it('is accepted by the tenant actor with its whole catalogue', () => {
    const shop = new Shop().open(DEMO_TENANT);
    for (const { id, ...product } of DEMO_PRODUCTS) expect(shop.send({ type: 'add_product', productId: id, product }).ok).toBe(true);
    expect(Object.keys(shop.state.products)).toHaveLength(DEMO_PRODUCTS.length);
    expect(shop.reserve('r', { KOTA: 2, 'COKE-500': 1 })).toMatchObject({ ok: true, reply: { subtotalMinor: 10_600, totalMinor: 12_100 } });
  });

  it('has whole prices, lower-case aliases that mean one product each, and some counted stock', () => {
    const aliases = DEMO_PRODUCTS.flatMap((product) => product.aliases);
    expect(new Set(aliases).size).toBe(aliases.length);
    for (const alias of aliases) expect(alias).toBe(alias.toLowerCase().trim());
    for (const { priceMinor } of DEMO_PRODUCTS) expect(Number.isInteger(priceMinor) && priceMinor > 0).toBe(true);
    expect(DEMO_PRODUCTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(DEMO_PRODUCTS.map(({ category }) => category)).size).toBe(6);
    expect(DEMO_PRODUCTS.some(({ stock }) => stock !== null)).toBe(true);
  });
});
