/** "Which one?" answered in words, numbers that are taken back, and the words that mean yes on the street. */
import { describe, expect, it } from 'vitest';
import { Chat, chatAfter, PRODUCTS, replay, viewWith } from '../../flow-harness.ts';

const QUOTED = ['2 kota', 'checkout', '12 Main Road'];

describe('which one, answered in words', () => {
  it.each([
    ['2 kota or 3 coke', 'coke', { p_coke: 3 }],
    ['2 kota or 3 coke', 'the coke one please', { p_coke: 3 }],
    ['2 kota or 3 coke', '1 coke', { p_coke: 1 }],
    ['2 kota or 3 coke', 'the second one', { p_coke: 3 }],
    ['2 kota or 3 coke', 'eyokuqala', { p_kota: 2 }],
    ['2 kota or 3 coke', 'last one', { p_coke: 3 }],
    ['2 kota or 3 coke', 'number 2', { p_coke: 3 }],
    ['2 kota or 3 coke', 'both', { p_kota: 2, p_coke: 3 }],
    ['2 kota or 3 coke', 'ngicela kokubili', { p_kota: 2, p_coke: 3 }],
    ['kota or coke', '2 of each', { p_kota: 2, p_coke: 2 }],
    ['kota or coke', 'vetkoek', { p_vetkoek: 1 }],
    ['kota or coke', 'neither', {}],
    ['kota or coke', 'how much is coke?', {}],
  ])('%j, then %j', (asked, text, cart) => expect(chatAfter(asked, text).cart()).toEqual(cart));

  it.each(['2', 'yes', '👍', 'any'])('%j says not which: asked once more, with the same numbers', (text) => {
    const chat = chatAfter('2 kota or 3 coke', text);
    expect(chat.ids()).toEqual(['pick:2:p_kota', 'pick:3:p_coke']);
    expect(chatAfter('2 kota or 3 coke', text, 'the first').cart()).toEqual({ p_kota: 2 });
  });

  it('a whole name of several words means its own product, a single word one of those that were offered', () => {
    const [kota] = PRODUCTS;
    const named = (id: string, name: string) => ({ ...kota!, id, name, aliases: [] });
    const products = [
      named('p_zero', 'Coke Zero'),
      named('p_big', 'Coke 2l'),
      named('p_kota', 'Kota'),
      named('p_house', 'Full House Kota'),
      named('p_pie', 'Pie'),
    ];
    const cartAfter = (...said: readonly string[]) => {
      const chat = new Chat();
      chat.view = viewWith({ products });
      for (const text of said) chat.says(text);
      return chat.cart();
    };
    expect(cartAfter('pie or coke 2l', '4x Coke Zero')).toEqual({ p_zero: 4 });
    expect(cartAfter('pie or coke 2l', 'coke')).toEqual({ p_big: 1 });
    expect(cartAfter('pie or full house kota', 'the kota')).toEqual({ p_house: 1 });
  });

  it('only the very next message answers it', () => {
    const chat = chatAfter('2 kota or 3 coke', 'menu', 'the second one');
    expect(chat.cart()).toEqual({});
    expect(replay(chat)).toEqual(chat.state);
  });

  it('an address said with the answer is not lost', () => {
    const chat = chatAfter('kota or coke', 'coke to 12 Main Road');
    expect(chat.cart()).toEqual({ p_coke: 1 });
    expect(chat.get().step).toBe('confirm');
  });
});

describe('numbers for what is in the cart', () => {
  it.each([
    ['not 2, 3', 3],
    ['no not 2 but 4', 4],
    ['not 2 kota, 3 kota', 3],
    ['not 2 kota, 3', 3],
    ['double that', 4],
    ['triple it please', 6],
    ['i dont want 1 kota', 1],
    ['not 3 coke', 2],
  ])('2 kota, then %j', (text, quantity) => expect(chatAfter('2 kota', text).cart()).toEqual({ p_kota: quantity }));

  it('double of more than there may be is refused', () => expect(chatAfter('30 kota', 'double that').cart()).toEqual({ p_kota: 30 }));
});

describe('signs and digits for words', () => {
  it.each([
    ['kota ❌ coke ✅', { p_coke: 1 }],
    ['✅ 2 coke ❌ kota', { p_coke: 2 }],
    ['2 kota ✅ 1 coke ✅', { p_kota: 2, p_coke: 1 }],
    ['2 kota 🚫', {}],
    ['k0ta', { p_kota: 1 }],
    ['2 c0ke and a v3tkoek', { p_coke: 2, p_vetkoek: 1 }],
  ])('%j', (text, cart) => expect(chatAfter(text).cart()).toEqual(cart));

  it('a cross in front of what is in it is a wish', () =>
    expect(chatAfter('2 kota ❌ onions').get().cart).toMatchObject([{ quantity: 2, note: 'without onions' }]));

  it('a thumb with a cart shows the cart', () => expect(chatAfter('2 kota', '👍').ids()).toContain('checkout:1'));
});

it('"2 of these" under a picture names nothing: the picture is answered', () => {
  const chat = new Chat();
  chat.says('hi');
  const reply = chat.after(() => chat.receive({ kind: 'media', mediaKind: 'image', mediaId: '1', caption: '2 of these please' }));
  expect(reply?.text).toContain('I can only read text');
});

describe('the yes of the street', () => {
  it.each(['sho', 'sharp', 'Sharp sharp!', 'shap', 'eita', 'yebo', 'lekker', 'sho boss', 'sharp thanks', '👍', '👍🏾'])(
    '%j to the quote places the order',
    (text) => expect(chatAfter(...QUOTED, text).get().openOrderId).not.toBeNull(),
  );

  it.each(['sharp but no onions', 'sho, how long?', 'eita, another one', 'sharp make it 3', 'hola', 'no sharp', 'thanks'])(
    '%j places nothing',
    (text) => expect(chatAfter(...QUOTED, text).get().openOrderId).toBeNull(),
  );

  it('anywhere else it greets or thanks', () => {
    expect(chatAfter('2 kota', 'sharp').get().step).toBeNull();
    expect(chatAfter('eita').get().state).toBe('GREETING');
  });
});
