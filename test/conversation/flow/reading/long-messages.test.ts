/** One message with an order, a wish and a question, as it is spoken into a phone: nothing of it is lost, and nothing is ordered by asking. */
import { describe, expect, it } from 'vitest';
import { Chat, PRODUCTS, viewWith } from '../../flow-harness.ts';

function told(text: string): { readonly chat: Chat; readonly said: string } {
  const chat = new Chat();
  return { said: chat.says(text)?.text ?? '', chat };
}

describe('an order with a question behind it', () => {
  it.each<[string, Record<string, number>, string]>([
    [
      'hi can i get 2 kota one with no atchar and a coke how much is delivery to vilakazi street',
      { p_kota: 2, p_coke: 1 },
      'delivers up to 10 km, from R15',
    ],
    ['2 kota. how much is delivery?', { p_kota: 2 }, 'delivers up to 10 km'],
    ['i want 2 kota how long will it take', { p_kota: 2 }, 'depends on your address'],
    ['please send me 2 kota do you take card', { p_kota: 2 }, 'You pay cash on delivery'],
    ['i want 2 kota how much is the coke', { p_kota: 2 }, 'Coke: R18.'],
    // The cart adds it up.
    ['can i get 2 kota and a coke how much is it', { p_kota: 2, p_coke: 1 }, 'Subtotal: R108'],
  ])('%j', (text, cart, answer) => {
    const { chat, said } = told(text);
    expect(chat.cart()).toEqual(cart);
    expect(said).toContain(answer);
    expect(chat.phone).toHaveLength(1);
  });

  it('keeps the wish of one of them', () =>
    expect(told('hi can i get 2 kota one with no atchar and a coke how much is delivery').said).toContain('2 x Kota (one with no atchar)'));

  it('only asks when nothing is wanted', () => expect(told('i want to know how much is a kota').chat.cart()).toEqual({}));
});

describe('a size that nothing is sold in is said back as it was said', () => {
  const CHIPS = [
    { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_chips_l', name: 'Large Chips', aliases: [] },
    { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_chips_s', name: 'Small Chips', aliases: [] },
  ];

  it.each([
    ['ngicela ikota enkulu', 'Angikuzwanga lokhu: enkulu.'],
    ['ngicela amachips amakhulu nekota enkulu', 'Angikuzwanga lokhu: enkulu.'],
    ['ek wil n groot kota he', 'I did not get: groot.'],
    ['2 large kota', 'I did not get: large.'],
  ])('%j: %s', (text, expected) => {
    const chat = new Chat();
    chat.view = viewWith({ products: [...PRODUCTS, ...CHIPS] });
    expect(chat.says(text)?.text).toContain(expected);
    expect(chat.cart()).toHaveProperty('p_kota');
  });
});
