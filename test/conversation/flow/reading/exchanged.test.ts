/** Second thoughts right after something was added: what is wanted takes the place of what is wrong, in the right number, size and price. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { Chat, chatIn, NEAR, PRODUCTS } from '../../flow-harness.ts';

const sold = (id: string, name: string, category: string, priceMinor: number, aliases: readonly string[] = []): Product => ({
  ...(PRODUCTS[0] as Product),
  id,
  name,
  category,
  priceMinor,
  aliases,
});

const MENU: readonly Product[] = [
  sold('kota', 'Kota', 'Kota', 4_500),
  sold('full', 'Full house kota', 'Kota', 6_500, ['full house']),
  sold('russian-kota', 'Russian kota', 'Kota', 5_500),
  sold('russian', 'Russian', 'Sides', 1_800),
  sold('small', 'Small chips', 'Sides', 2_000),
  sold('large', 'Large chips', 'Sides', 3_500, ['chips']),
  sold('tripe', 'Mogodu and pap', 'Plates', 7_000, ['tripe', 'mogodu']),
  sold('stew', 'Pap and beef stew', 'Plates', 6_000, ['pap', 'stew']),
  sold('coke', 'Coke 500ml', 'Drinks', 1_600, ['coke']),
  sold('stoney', 'Stoney 500ml', 'Drinks', 1_600, ['stoney']),
  sold('mageu', 'Mageu 1l', 'Drinks', 2_200, ['mageu']),
  sold('water', 'Still water 500ml', 'Drinks', 1_000, ['water']),
];

const chatAfter = (...texts: readonly string[]): Chat => chatIn(MENU)('hi', ...texts);

const replyOf = ({ phone }: Chat): string => JSON.stringify(phone[phone.length - 1]);

describe('who corrects what was just added', () => {
  it.each([
    ['add a coke', 'no i want stoney', { stoney: 1 }],
    ['2 coke', 'i wanted a stoney', { stoney: 2 }],
    ['2 kota', 'no i want russian kota', { 'russian-kota': 2 }],
    ['2 kota', 'sorry i meant 2 full house', { full: 2 }],
    ['2 kota', 'no 3 full house', { full: 3 }],
    ['2 kota and a coke', 'no i want 3 kota', { kota: 3, coke: 1 }],
    ['2 kota and a coke', 'sorry i meant 1 kota and 2 stoney', { kota: 1, stoney: 2 }],
    ['2 coke', 'no i meant stoney and water', { stoney: 2, water: 1 }],
    ['coke', 'cha ngifuna i-stoney', { stoney: 1 }],
  ])('%j, then %j exchanges', (ordered, said, cart) => expect(chatAfter(ordered, said).cart()).toEqual(cart));

  it.each([
    // Not what was added last.
    ['coke and 2 kota', 'no i want stoney', { coke: 1, kota: 2, stoney: 1 }],
    ['coke', 'no i also want a stoney', { coke: 1, stoney: 1 }],
    ['coke', 'no i want a stoney as well', { coke: 1, stoney: 1 }],
    ['coke', 'i wanted to add a stoney', { coke: 1, stoney: 1 }],
  ])('%j, then %j adds', (ordered, said, cart) => expect(chatAfter(ordered, said).cart()).toEqual(cart));

  it('which of two of a kind goes is asked', () => {
    const chat = chatAfter('2 coke and 2 stoney', 'no i want water');
    expect(chat.cart()).toEqual({ coke: 2, stoney: 2 });
    expect(replyOf(chat)).toContain('What should Still water 500ml replace?');
  });

  it('a "no" to the quote exchanges nothing', () => {
    const chat = chatAfter('2 kota and a russian', 'checkout');
    chat.pins(NEAR);
    chat.says('no i want chips');
    expect(chat.cart()).toEqual({ kota: 2, russian: 1, large: 1 });
  });

  it.each([
    ['2 kota', 'one must be russian', { kota: 1, 'russian-kota': 1 }],
    ['2 kota', 'make it russian', { 'russian-kota': 2 }],
    ['kota and a coke', 'no, make it russian', { coke: 1, 'russian-kota': 1 }],
  ])('of %j %j is a kind of it', (ordered, said, cart) => expect(chatAfter(ordered, said).cart()).toEqual(cart));

  it.each([
    ['2 chips', 'small', { small: 2 }],
    ['2 chips', 'no small', { small: 2 }],
    ['2 chips', 'small ones please', { small: 2 }],
    ['2 chips', 'the small one', { small: 2 }],
    ['2 small chips', 'large', { large: 2 }],
    ['2 chips', 'and small', { large: 2, small: 1 }],
    ['1 small chips and 2 large chips', 'small', { small: 1, large: 2 }],
    ['a russian', 'small', { russian: 1, small: 1 }],
  ])('after %j a size alone, %j, is of the same', (ordered, said, cart) => expect(chatAfter(ordered, said).cart()).toEqual(cart));

  it.each(['coke no more', 'no more coke'])('%j takes away', (said) =>
    expect(chatAfter('2 kota and a coke', said).cart()).toEqual({ kota: 2 }),
  );
});

describe('what the menu has not so', () => {
  it.each([
    ['2 2l coke', '2l coke', 'Coke 500ml', { coke: 2 }],
    ['2 coke 2l', 'coke 2l', 'Coke 500ml', { coke: 2 }],
    ['stoney 1l', 'stoney 1l', 'Stoney 500ml', { stoney: 1 }],
    ['mageu 2 litre', 'mageu 2l', 'Mageu 1l', { mageu: 1 }],
    ['sparkling water', 'sparkling water', 'Still water 500ml', { water: 1 }],
  ])('%j is said not to be sold, and taken with a yes only', (said, what, offered, cart) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(replyOf(chat)).toContain(`we do not have ${what}`);
    expect(replyOf(chat)).toContain(offered);
    chat.says('yes');
    expect(chat.cart()).toEqual(cart);
  });

  it.each([
    ['coke 0.5l', { coke: 1 }],
    ['2 mageu 1l', { mageu: 2 }],
    ['2 1000ml mageu', { mageu: 2 }],
  ])('%j is the size that is sold', (said, cart) => expect(chatAfter(said).cart()).toEqual(cart));
});

describe('a price beside a number', () => {
  it.each([
    ['2 chips for R40', { small: 2 }],
    ['2 chips R20 each', { small: 2 }],
    ['2 chips for R70', { large: 2 }],
    ['2 kota for R110', { 'russian-kota': 2 }],
    ['2 kota R90', { kota: 2 }],
    ['2 kota and 1 coke R106', { kota: 2, coke: 1 }],
  ])('%j is what costs that', (said, cart) => expect(chatAfter(said).cart()).toEqual(cart));

  it('what fits nothing is answered with the price', () => {
    const chat = chatAfter('3 kota for R100');
    expect(chat.cart()).toEqual({ kota: 3 });
    expect(replyOf(chat)).toContain('Kota: R45');
    expect(replyOf(chatAfter('3 kota for R135'))).not.toContain('Kota: R45');
  });
});

describe('how it is spelt', () => {
  it.each([
    ['trip and pap', { tripe: 1 }],
    ['2 pap n trip', { tripe: 2 }],
    ['two full hous kotas', { full: 2 }],
    ['4 people kota each', { kota: 4 }],
    ['kota and coke each for 3 people', { kota: 3, coke: 3 }],
  ])('%j is %j', (said, cart) => expect(chatAfter(said).cart()).toEqual(cart));

  it.each(['1 000 kota', '10 000 kota', '1,000,000 kota'])('%j is no small number', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(replyOf(chat)).toContain('up to 50');
  });
});

describe('questions, tracking and second thoughts in the words of the street', () => {
  it('a newcomer who asks what nobody here knows is offered a person', () => {
    const chat = new Chat();
    chat.says('what time do you open');
    expect(replyOf(chat)).toContain('ask a person');
  });

  it.each([
    'isikuphi i-order yami',
    'umshayeli usekuphi',
    'niphi kanti',
    'iphi i-order yami',
    'angikakayitholi i-order yami',
    'iyephuza i-order yami',
    'im hungry where is it',
  ])('%j asks for the order', (said) => {
    const chat = placed();
    chat.says(said);
    expect(replyOf(chat)).toMatch(/K7F.*(?:waiting for the shop|ilinde isitolo)/);
  });

  it.each([
    'ngicela ukhansele',
    'ngicela uyikhansele',
    'ngicela ungikhanselele i-order',
    'angisayifuni i-oda',
    'yekela i-order',
    'musa ukuyithumela',
    'ningayithumeli',
    'cancel i will go somewhere else',
    'just cancel its taking too long',
  ])('%j cancels', (said) => {
    const chat = placed();
    const before = chat.commands().length;
    chat.says(said);
    expect(chat.commands().slice(before)).toEqual(['transition']);
  });

  it('"double the order" is of all of it', () =>
    expect(chatAfter('2 kota and a coke', 'double the order').cart()).toEqual({ kota: 4, coke: 2 }));
});

function placed(): Chat {
  const chat = chatAfter('2 kota', 'checkout');
  chat.pins(NEAR);
  chat.says('yes');
  return chat;
}
