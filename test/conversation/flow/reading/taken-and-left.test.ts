/** Second thoughts in few words, money by its note, questions of what is in it beside an order, and what only looks like an order. */
import { describe, expect, it } from 'vitest';
import { DEMO_PRODUCTS } from '../../../../src/demo/demo-tenant.ts';
import { Chat, NEAR, viewWith } from '../../flow-harness.ts';

const shelf = viewWith({ products: DEMO_PRODUCTS.map((product) => ({ ...product, available: true })) });

function said(...texts: readonly string[]): Chat {
  const chat = new Chat();
  chat.view = shelf;
  for (const text of texts) chat.says(text);
  return chat;
}

const cartOf = (chat: Chat): Record<string, number> =>
  Object.fromEntries(chat.get().cart.map(({ productId, quantity }) => [productId, quantity]));
const lastText = (chat: Chat): string => String(chat.phone.at(-1)?.text ?? '');

describe('so many go', () => {
  it.each([
    [['2 kota', 'minus one'], { KOTA: 1 }],
    [['3 kota', 'minus 1'], { KOTA: 2 }],
    [['3 kota', 'less one please'], { KOTA: 2 }],
    [['2 kota and a coke', 'leave the coke'], { KOTA: 2 }],
    [['2 kota and a coke', 'coke out'], { KOTA: 2 }],
    // A dash is no minus, where it is put says where, and without a number it is a wish.
    [['- 2 kota - 1 coke'], { KOTA: 2, 'COKE-500': 1 }],
    [['2 kota and a coke', 'leave the coke at the gate'], { KOTA: 2, 'COKE-500': 1 }],
    [['2 kota', 'less chilli'], { KOTA: 2 }],
    [['2 kota', 'leave it'], { KOTA: 2 }],
  ])('%j leaves %j', (texts, cart) => expect(cartOf(said(...texts))).toEqual(cart));
});

describe('money by its note', () => {
  it.each(['2 kota i have 200 note', '2 kota paying with 200 note', '2 kota with a two hundred note'])(
    '%j orders two and tells the driver',
    (text) => {
      const chat = said(text);
      expect(cartOf(chat)).toEqual({ KOTA: 2 });
      expect(lastText(chat)).toContain('📝');
      expect(lastText(chat)).not.toContain('do not have');
    },
  );

  it('"i have 200 note" at the quote is noted and places nothing', () => {
    const chat = said('2 kota', 'done');
    chat.pins(NEAR);
    chat.says('i have 200 note');
    expect(lastText(chat)).toContain('📝 Note: i have 200 note');
    expect(chat.commands()).not.toContain('place');
  });
});

describe('a question of what is in it, beside an order', () => {
  it.each(['2 kota is it halal', '2 kota is it halal?', 'can i get 2 kota, is the meat halal'])(
    '%j orders, and leads to a person',
    (text) => {
      const chat = said(text);
      expect(cartOf(chat)).toEqual({ KOTA: 2 });
      expect(lastText(chat)).toContain("write 'person'");
    },
  );
  it('an allergy is a wish, no question', () => expect(lastText(said('2 kota im allergic to eggs'))).not.toContain("write 'person'"));
});

describe('what only looks like an order, and what only looks like none', () => {
  it.each(['the kota i got had no cheese', 'the kota you gave me was cold', 'u charged me for 3 kota i got 2'])(
    '%j orders nothing and goes to a person',
    (text) => {
      const chat = said(text);
      expect(cartOf(chat)).toEqual({});
      expect(chat.get().state).toBe('SUPPORT');
    },
  );

  it.each([
    ['yo whats good lemme get uhh three kota no wait four', { KOTA: 4 }],
    ['show me the menu i want 2 kota', { KOTA: 2 }],
    ['what can i get for 2 kota', {}],
    ['hm is kota', {}],
    // Who wants it is called like what is sold.
    ['papa wants 2 magwinya', { VETKOEK: 2 }],
    ['papa 2', { 'PAP-STEW': 2 }],
  ])('%j puts %j in the cart', (text, cart) => expect(cartOf(said(text))).toEqual(cart));

  it.each([
    ['2 kota before 7 pls', 'before 7'],
    ['2 kota at half past 5', 'at half past 5'],
  ])('%j is wanted %s', (text, when) => expect(lastText(said(text))).toContain(`Note: ${when}`));
});
