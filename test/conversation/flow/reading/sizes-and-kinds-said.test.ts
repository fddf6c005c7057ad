/** A size or a kind that is said of what was spoken of last: in a message of its own, or behind "make one". */
import { describe, expect, it } from 'vitest';
import { Chat, last, PRODUCTS, viewWith } from '../../flow-harness.ts';

const KOTA = PRODUCTS[0] as (typeof PRODUCTS)[number];
const COKE = { ...KOTA, category: 'Drinks', aliases: [] };
const BOTTLES = [
  { ...COKE, id: 'p_coke_s', name: 'Coke 500ml', aliases: ['coke'] },
  { ...COKE, id: 'p_coke_l', name: 'Coke 2l' },
];
const FULL = { ...KOTA, id: 'p_full', name: 'Full House', description: 'Russian, cheese, egg', aliases: [] };
const RUSSIAN = { ...KOTA, id: 'p_russian', name: 'Russian', category: 'Sides', aliases: [] };
const RUSSIAN_KOTA = { ...KOTA, id: 'p_russian_kota', name: 'Russian Kota', aliases: [] };

function chatAt(products: typeof PRODUCTS, ...texts: readonly string[]): Chat {
  const chat = new Chat();
  chat.view = viewWith({ products });
  chat.says('hi');
  for (const text of texts) chat.says(text);
  return chat;
}

describe('a size alone is of what was added last', () => {
  it.each(['2l', '2 litre', 'the 2 liter one', 'the big one', 'the bigger one please'])('%j where it is sold', (text) => {
    expect(chatAt([KOTA, ...BOTTLES], 'kota', '3 coke', text).cart()).toEqual({ p_kota: 1, p_coke_l: 3 });
  });

  it.each([
    ['2l', '2l coke'],
    ['in a can', 'coke in a can'],
    ['in a can please', 'coke in a can'],
    ['the big one', 'big coke'],
    ['can i get a big one', 'big coke'],
  ])('%j where it is not sold is said, and the cart stays', (text, unsold) => {
    const chat = chatAt([KOTA, BOTTLES[0] as (typeof PRODUCTS)[number]], 'coke', text);
    expect(last(chat)).toContain(`we do not have ${unsold}`);
    expect(chat.cart()).toEqual({ p_coke_s: 1 });
  });

  it('changes nothing where it is of that size already', () => {
    expect(chatAt([...BOTTLES], 'coke', '500ml').cart()).toEqual({ p_coke_s: 1 });
  });

  it('is of what was asked about, and orders nothing', () => {
    const chat = chatAt([...BOTTLES], 'how much is coke 500ml', '2l');
    expect(last(chat)).toContain('Coke 2l: R45');
    expect(chat.cart()).toEqual({});
  });

  it('says nothing of what has no sizes', () => {
    expect(chatAt([...PRODUCTS], 'kota', '2l').cart()).toEqual({ p_kota: 1 });
    expect(last(chatAt([...PRODUCTS], 'kota', '2l'))).not.toContain('2l');
  });
});

describe('"make one russian" with kotas in the cart', () => {
  it('makes one of them a Russian kota where that is sold', () => {
    expect(chatAt([KOTA, RUSSIAN, RUSSIAN_KOTA], '2 kota', 'make one russian').cart()).toEqual({ p_kota: 1, p_russian_kota: 1 });
  });

  it('says that there is none and asks where only another kota has it', () => {
    const chat = chatAt([KOTA, FULL, RUSSIAN], '2 kota', 'make one russian');
    expect(last(chat)).toContain('we do not have russian kota. Would you like Russian instead?');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    chat.says('yes');
    expect(chat.cart()).toEqual({ p_kota: 2, p_russian: 1 });
  });

  it('orders another of the same part of the menu', () => {
    const stoney = { ...COKE, id: 'p_stoney', name: 'Stoney' };
    expect(chatAt([stoney, { ...COKE, id: 'p_coke', name: 'Coke' }], 'stoney', 'make one coke').cart()).toEqual({ p_stoney: 1, p_coke: 1 });
  });

  it('orders what is no kind of it', () => {
    expect(chatAt([...PRODUCTS], 'kota', 'make one coke').cart()).toEqual({ p_kota: 1, p_coke: 1 });
  });
});

describe('"combo" behind what it is made of', () => {
  it.each(['2 kota with chips combo', 'kota with chips meal deal'])('%j is said not to be sold, as a whole', (text) => {
    const chat = chatAt([{ ...KOTA, description: 'Chips, polony' }], text);
    expect(last(chat)).toContain(`we do not have ${text.replace('2 ', '')}. Would you like Kota instead?`);
    expect(chat.cart()).toEqual({});
  });
});
