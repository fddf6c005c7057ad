/** Products that are called like persons, numbers, streets and multipliers: nothing is ordered, multiplied or left out for it. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { chatIn, PRODUCTS } from '../../flow-harness.ts';

const named = (id: string, name: string, aliases: readonly string[] = []): Product => ({
  ...(PRODUCTS[0] as Product),
  id,
  name,
  aliases,
  description: null,
});

const MENU = [
  named('sipho', 'Sipho Special'),
  named('gogo', 'Gogo Special'),
  named('kids', 'Kids Meal'),
  named('everyone', 'Everyone Platter'),
  named('twelve', '12 Piece'),
  named('star', '5 Star'),
  named('street', 'Street Burger'),
  named('burger', 'Burger'),
  named('double', 'Double Burger'),
  named('triple', 'Triple Burger'),
  named('scone', 'Scone', ['scones', 'dikuku']),
  named('mince', 'Vetkoek with mince'),
  named('water', 'Water'),
  named('milk', 'Milk 1L'),
  named('coke', 'Coke 2L'),
];

const chatAfter = chatIn(MENU);

describe('a product called like a person', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['water for everyone'], { water: 1 }],
    [['sipho special for sipho'], { sipho: 1 }],
    [['1 5 star for me and 2 sipho special for sipho'], { star: 1, sipho: 2 }],
    [['1 gogo special for gogo'], { gogo: 1 }],
    [['the kids want 2 kids meal'], { kids: 2 }],
    [['2 kids meal for the kids'], { kids: 2 }],
    [['gogo special', 'water for gogo'], { gogo: 1, water: 1 }],
    [['2 gogo special', 'gogo wants 1 not 2'], { gogo: 1 }],
    // In front of nobody it is the product.
    [['gogo'], { gogo: 1 }],
    [['2 sipho and a water'], { sipho: 2, water: 1 }],
    [['2 water', 'swap the water for gogo special'], { gogo: 2 }],
    [['everyone platter'], { everyone: 1 }],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));
});

describe('a product called like a number, a place or a multiplier', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['2 12 piece and one 5 star'], { twelve: 2, star: 1 }],
    [['2 street burger'], { street: 2 }],
    [['double burger triple burger'], { double: 1, triple: 1 }],
    // Not the burger twice.
    [['2 burger', 'double burger please'], { burger: 2, double: 1 }],
    [['i want 2 coke, one litre'], { coke: 2 }],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));
});

describe('a person or a thing that is spelt almost like a product', () => {
  it.each<[string, Record<string, number>]>([
    ['2 water for my son', { water: 2 }],
    ['my son wants a water', { water: 1 }],
    ['2 water, one for me one for my son', { water: 2 }],
    ['2 water and that is mine', { water: 2 }],
  ])('%j puts %j in the cart', (text, cart) => expect(chatAfter(text).cart()).toEqual(cart));
});
