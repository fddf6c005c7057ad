/** What people say around an order in a township's chat: who is answered by whom, and what is never taken for an order. */
import { describe, expect, it } from 'vitest';
import { Chat, PRODUCTS, viewWith } from './flow-harness.ts';

const MENU = [
  ...PRODUCTS,
  { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_full', name: 'Full House Kota', aliases: [] },
  { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_chips_s', name: 'Small Chips', aliases: [] },
  { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_chips_l', name: 'Large Chips', aliases: [] },
];

function after(...texts: readonly string[]): Chat {
  const chat = new Chat();
  chat.view = viewWith({ products: MENU });
  chat.says('hi');
  for (const text of texts) chat.says(text);
  return chat;
}

const last = (chat: Chat): string => chat.phone.at(-1)?.text ?? '';

describe('what went wrong is for a person, whatever it names', () => {
  it.each([
    'food poisoning from your kota',
    'there was a hair in my food',
    'i was short changed',
    'your kota made me sick',
    'my order was late yesterday',
    'i didnt order anything',
  ])('%j', (text) => {
    const chat = after(text);
    expect(last(chat)).toContain('A person from');
    expect(chat.cart()).toEqual({});
  });
});

describe('who puts it off is left alone', () => {
  it.each(['let me ask my mom first', "i'll get back to you", 'not now my sister', 'ngizobuya', 'ke tla reka hosane'])('%j', (text) => {
    const chat = after('2 kota', text);
    expect(last(chat)).toContain('take your time');
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('also in front of the quote, which places nothing', () => {
    const chat = after('2 kota', 'checkout', '12 Vilakazi Street', 'let me ask my mom first');
    expect(last(chat)).toContain('take your time');
    expect(chat.commands()).toEqual([]);
    expect(chat.get().step).toBe('confirm');
  });
});

describe('what says nothing is answered in kind', () => {
  it.each([
    ['lol', 'What can I get you?'],
    ['hahaha', 'What can I get you?'],
    ['good night', 'Thank you'],
    ['wrong number sorry', 'Thank you'],
    ['who am i talking to', 'Mama Thandi'],
  ])('%j: %s', (text, said) => expect(last(after(text))).toContain(said));
});

describe('questions', () => {
  it.each([
    ['can i pay when it comes', 'You pay cash on delivery'],
    ['can you deliver at 6pm', 'delivers up to 10 km'],
    ['ikota inani', 'Kota: R45.'],
    ['amakota anjani', 'Kota: R45.'],
    ['is julle nog oop', 'You can order from'],
  ])('%j: %s', (text, said) => {
    const chat = after(text);
    expect(last(chat)).toContain(said);
    expect(chat.cart()).toEqual({});
  });
});

describe('orders', () => {
  it.each<[string, Record<string, number>, string]>([
    ['i will collect 2 kota', { p_kota: 2 }, 'only delivers'],
    ['2 kota and pay on delivery', { p_kota: 2 }, 'You pay cash on delivery'],
    ['2 kota for 18:30 please', { p_kota: 2 }, 'for 18 30'],
    ['fullhouse x2', { p_full: 2 }, '2 x Full House Kota'],
    ['ke batla di-chips tse kgolo', { p_chips_l: 1 }, '1 x Large Chips'],
    ['ngifuna ama-vetkoek ayisithupha anenyama', { p_vetkoek: 6 }, '(anenyama)'],
    ['unjani 2 kota', { p_kota: 2 }, '2 x Kota'],
  ])('%j', (text, cart, said) => {
    const chat = after(text);
    expect(chat.cart()).toEqual(cart);
    expect(last(chat)).toContain(said);
  });
});
