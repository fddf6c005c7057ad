/** What a basket costs, its delivery included. */
import { describe, expect, it } from 'vitest';
import { priceQuote } from '../../src/actors/tenant/pricing.ts';
import type { LineRequest, Position, Product } from '../../src/actors/tenant/protocol.ts';
import { input, SETTINGS } from './harness.ts';

const kota: Product = { ...input(0, 4_500), id: 'kota', name: 'Kota', available: true };
const coke: Product = { ...input(null, 1_600), id: 'coke', name: 'Coke', available: true };
const gone: Product = { ...input(5, 100), id: 'gone', available: false };
const many: Product[] = Array.from({ length: 51 }, (_, i) => ({ ...input(null), id: `p${i}`, available: true }));

function price(lines: readonly LineRequest[], dropoff: Position | null = null): ReturnType<typeof priceQuote> {
  return priceQuote({ settings: SETTINGS, products: [kota, coke, gone, ...many], lines, dropoff });
}

/** A point whose road distance (straight line x 1.3) from the shop at 0,0 is `roadM`. */
function at(roadM: number): Position {
  return { lat: 0, lng: (roadM / 1.3 / 6_371_008.8) * (180 / Math.PI) };
}

describe('what a basket costs', () => {
  it('adds up lines of one product and the base fee without a position', () => {
    const lines = [
      { productId: 'kota', quantity: 1 },
      { productId: 'coke', quantity: 2 },
      { productId: 'kota', quantity: 1 },
    ];
    expect(price(lines)).toEqual({
      ok: true,
      quote: {
        lines: [
          { productId: 'kota', name: 'Kota', quantity: 2, unitPriceMinor: 4_500, totalMinor: 9_000 },
          { productId: 'coke', name: 'Coke', quantity: 2, unitPriceMinor: 1_600, totalMinor: 3_200 },
        ],
        subtotalMinor: 12_200,
        deliveryFeeMinor: 1_500,
        totalMinor: 13_700,
        currency: 'ZAR',
        distanceM: null,
        etaS: 900,
      },
    });
  });

  // Base 15.00, 5.00 for each begun kilometre beyond 2 km, at most 10 km; 15 minutes and then 20 km/h, whole minutes.
  it.each([
    [0, 1_500, 15],
    [1_900, 1_500, 21],
    [2_100, 2_000, 21],
    [2_900, 2_000, 24],
    [3_100, 2_500, 24],
    [9_900, 5_500, 45],
  ])('a road of %i m costs %i and takes %i minutes', (roadM, feeMinor, minutes) => {
    const priced = price([{ productId: 'kota', quantity: 1 }], at(roadM));
    expect(priced).toMatchObject({
      ok: true,
      quote: { deliveryFeeMinor: feeMinor, totalMinor: 4_500 + feeMinor, distanceM: roadM, etaS: minutes * 60 },
    });
  });

  it('does not deliver beyond the furthest kilometre', () => {
    const refusal = { code: 'order.too_far', details: { max_km: 10, distance_m: 10_100 } };
    expect(price([{ productId: 'kota', quantity: 1 }], at(10_100))).toEqual({ ok: false, refusal });
  });

  it.each<[string, LineRequest[], string]>([
    ['nothing', [], 'order.empty'],
    ['zero units', [{ productId: 'kota', quantity: 0 }], 'order.quantity_invalid'],
    ['fewer than zero', [{ productId: 'kota', quantity: -1 }], 'order.quantity_invalid'],
    ['half a unit', [{ productId: 'kota', quantity: 1.5 }], 'order.quantity_invalid'],
    ['no number', [{ productId: 'kota', quantity: Number.NaN }], 'order.quantity_invalid'],
    ['51 units', [{ productId: 'kota', quantity: 51 }], 'order.quantity_invalid'],
    ['51 units in two lines', [1, 50].map((quantity) => ({ productId: 'kota', quantity })), 'order.quantity_invalid'],
    ['51 products', many.map(({ id }) => ({ productId: id, quantity: 1 })), 'order.quantity_invalid'],
    ['a product that is not there', [{ productId: 'none', quantity: 1 }], 'product.not_found'],
    ['a product that is off the menu', [{ productId: 'gone', quantity: 1 }], 'order.product_unavailable'],
  ])('refuses %s', (_name, lines, code) => {
    expect(price(lines)).toMatchObject({ ok: false, refusal: { code } });
  });

  it('takes 50 units and 50 products', () => {
    expect(price([{ productId: 'kota', quantity: 50 }]).ok).toBe(true);
    expect(price(many.slice(0, 50).map(({ id }) => ({ productId: id, quantity: 1 }))).ok).toBe(true);
  });
});
