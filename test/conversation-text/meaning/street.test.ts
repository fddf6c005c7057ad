/** Words as they are shortened and joined in the townships: what they order, and what they only ask. */
import { describe, expect, it } from 'vitest';
import { Chat } from '../../conversation/flow-harness.ts';

function cartAfter(...said: readonly string[]): Record<string, number> {
  const chat = new Chat();
  chat.says('hi');
  for (const words of said) chat.says(words);
  return chat.cart();
}

describe('asking orders nothing', () => {
  it.each(['hw much z kota', 'howmuch is the kota', 'wats the price of kota', 'do u hv kota', 'wat is the price of a kota'])(
    '%j',
    (said) => {
      expect(cartAfter(said)).toEqual({});
    },
  );
});

describe('what the cart has afterwards', () => {
  it.each<[string, Record<string, number>]>([
    ["sus' icoke", { p_kota: 2 }],
    ['khiph icoke', { p_kota: 2 }],
    ['less 1 kota', { p_kota: 1, p_coke: 1 }],
    ['swop the coke for 2 vetkoek', { p_kota: 2, p_vetkoek: 2 }],
    ['angisafuni lutho', {}],
    ['i dont want it anymore', {}],
    ['start over', {}],
    ['one with no atchar', { p_kota: 2, p_coke: 1 }],
    ['1 vetkoek for me and 2 for my sister', { p_kota: 2, p_coke: 1, p_vetkoek: 3 }],
    ['2 vetkoek, 1 for me and 1 for my sister', { p_kota: 2, p_coke: 1, p_vetkoek: 2 }],
    ['1 vetkoek for me and 1 coke for my sister', { p_kota: 2, p_coke: 2, p_vetkoek: 1 }],
  ])('%j', (said, expected) => {
    expect(cartAfter('2 kota and a coke', said)).toEqual(expected);
  });

  it('a wish about one of several reaches the shop with its number', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('one with no atchar');
    expect(JSON.stringify(chat.state.session)).toContain('one with no atchar');
  });

  it('a size in front of its product is no item of its own', () => {
    const chat = new Chat();
    const fanta = { id: 'p_fanta', name: 'Fanta Orange 500ml', priceMinor: 1700, category: 'Drinks' };
    chat.view = chat.view && {
      ...chat.view,
      products: [
        ...chat.view.products,
        { ...fanta, description: null, aliases: [], stock: null, options: [], imageUrl: null, available: true },
      ],
    };
    chat.says('500ml fanta x 2');
    expect(chat.cart()).toEqual({ p_fanta: 2 });
  });
});
