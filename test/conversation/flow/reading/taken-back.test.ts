/** What is taken back without its name: "forget that, i want pap", "remove the drink". */
import { describe, expect, it } from 'vitest';
import { Chat, chatAfter, choices, last, PRODUCTS, SETTINGS, viewWith } from '../../flow-harness.ts';

describe('who forgets "that" and wants something else gets that in the place of what was added last', () => {
  it.each([
    'nah forget that, i want pap and wors',
    'forget that i want pap and wors',
    'scrap that, give me pap and wors',
    'leave it can i get pap and wors',
    'cancel that and give me pap and wors',
    'yekela lokho ngifuna pap and wors',
  ])('%s', (text) => {
    const chat = chatAfter('2 kota', text);
    expect(chat.cart()).toEqual({ p_pap: 1 });
    expect(last(chat)).toContain('Removed Kota.');
  });

  it('leaves what was there before', () => {
    expect(chatAfter('2 kota', 'coke', 'forget that, i want pap and wors').cart()).toEqual({ p_kota: 2, p_pap: 1 });
  });

  it('takes all of it away when all of it is said', () => {
    expect(chatAfter('2 kota', 'coke', 'forget everything, i want pap and wors').cart()).toEqual({ p_pap: 1 });
  });

  it('counts anew what is the same', () => {
    expect(chatAfter('2 kota', 'forget that, i want 3 kota').cart()).toEqual({ p_kota: 3 });
  });

  it.each(['dont forget that i want pap and wors', 'i want pap and wors'])('%s: nothing is taken back', (text) => {
    expect(chatAfter('2 kota', text).cart()).toEqual({ p_kota: 2, p_pap: 1 });
  });

  it.each(['leave it, add pap and wors', 'leave that, i want pap and wors too', 'forget that, i also want pap and wors'])(
    '%s: it comes on top',
    (text) => {
      expect(chatAfter('2 kota', text).cart()).toEqual({ p_kota: 2, p_pap: 1 });
    },
  );

  it('takes nothing away for what is not sold', () => {
    expect(chatAfter('2 kota', 'forget that, i want 2 pizza').cart()).toEqual({ p_kota: 2 });
  });

  it('"scrap that" alone takes away the only line', () => {
    expect(chatAfter('2 kota', 'scrap that').cart()).toEqual({});
  });
});

describe('a part of the menu that one line belongs to is that line', () => {
  it.each(['remove the drink', 'no drink', 'without the drinks', 'i dont want the drinks', 'take off the drink please', 'susa isiphuzo'])(
    '%s',
    (text) => {
      const chat = chatAfter('2 kota and a coke', text);
      expect(chat.cart()).toEqual({ p_kota: 2 });
      expect(last(chat)).toContain('Removed Coke.');
    },
  );

  it('asks which of several goes, and takes that one', () => {
    const chat = new Chat();
    chat.view = viewWith({
      products: PRODUCTS.map((product) => (product.id === 'p_juice' ? { ...product, stock: 9 } : product)),
      settings: SETTINGS,
    });
    chat.says('kota, coke and 2 orange juice');
    chat.says('remove the drink');
    expect(chat.cart()).toEqual({ p_kota: 1, p_coke: 1, p_juice: 2 });
    expect(choices(chat.phone.at(-1) ?? null).filter((id) => id.startsWith('count:'))).toHaveLength(2);
    chat.says('the coke');
    expect(chat.cart()).toEqual({ p_kota: 1, p_juice: 2 });
  });

  it('changes and offers nothing where the cart has none of it', () => {
    const chat = chatAfter('2 kota', 'no drinks');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(chat.ids().some((id) => id.startsWith('checkout:'))).toBe(true);
  });

  it('still shows it to who asks for it', () => {
    expect(chatAfter('2 kota', 'drinks').ids()).toContain('prod:p_coke');
  });
});
