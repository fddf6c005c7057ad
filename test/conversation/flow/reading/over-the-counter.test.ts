/** A kota shop's full menu, and what people say about it as they would over the counter: no order that was not asked for, none that is lost. */
import { describe, expect, it } from 'vitest';
import { type Chat, chatIn, last, NEAR } from '../../flow-harness.ts';
import { MENU } from './counter-menu.ts';

const chatAfter = chatIn(MENU);

function atQuote(...texts: readonly string[]): Chat {
  const chat = chatAfter(...texts, 'done');
  chat.pins(NEAR);
  return chat;
}

const isPlaced = (chat: Chat): boolean => chat.commands().includes('place');
const notes = (chat: Chat): readonly (string | undefined)[] => chat.get().cart.map(({ note }) => note);

describe('a township yes to the quote places the order', () => {
  it.each([
    'bet',
    'bet bet',
    'say less',
    'say less my bra',
    'shap',
    'sho',
    'sharp sharp',
    'fede',
    'aite',
    'no problem',
    'bring it',
    'thats right',
    'confrim',
  ])('%j', (said) => {
    const chat = atQuote('2 kota');
    chat.says(said);
    expect(isPlaced(chat)).toBe(true);
  });

  it.each(['bet?', 'bet it will be late', 'say less atchar', 'bring it tomorrow', 'no problem leave it'])('%j is none', (said) => {
    const chat = atQuote('2 kota');
    chat.says(said);
    expect(isPlaced(chat)).toBe(false);
    expect(chat.cart()).toEqual({ kota: 2 });
  });
});

describe('who cancels the food cancels', () => {
  it.each([
    'cancel the food',
    'cancel my food',
    'cancel the food please',
    'cancel everything',
    'forget everything',
    'cancel the whole order',
  ])('%j, before and at the quote', (said) => {
    expect(chatAfter('2 kota and a coke', said).cart()).toEqual({});
    const chat = atQuote('2 kota and a coke');
    chat.says(said);
    expect(chat.cart()).toEqual({});
    expect(isPlaced(chat)).toBe(false);
  });

  it.each(['cancel the coke', 'cancel the drinks'])('%j takes the coke alone', (said) => {
    expect(chatAfter('2 kota and a coke', said).cart()).toEqual({ kota: 2 });
  });
});

describe('what is in the food and not in the cart is taken out of the food', () => {
  it.each(['take off the meat', 'take out the meat', 'take the egg off'])('%j is a note', (said) => {
    const chat = chatAfter('2 kota', said);
    expect(chat.cart()).toEqual({ kota: 2 });
    expect(notes(chat)).toEqual([said]);
  });
});

describe('a number and a size: two of two litres', () => {
  it.each(['2x2 litre coke', 'gimme 2x2l coke', '2 x 2l coke'])('%j is asked about, for no such size is sold', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(last(chat)).toContain('we do not have 2l coke');
  });

  it('is ordered where it is sold', () => {
    expect(chatAfter('2x500ml coke').cart()).toEqual({ coke: 2 });
  });
});

describe('who finds out whether there is any orders none', () => {
  it.each(['good day i would like to find out if you still have mogodu today', 'just checking if you have mogodu'])('%j', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(last(chat)).toContain('Mogodu and pap: R70');
  });
});

describe('what goes by a word of another name is that one, or is asked about', () => {
  it.each<[string, string, Record<string, number>]>([
    ['russian kota and coke', 'remove the kota', { coke: 1 }],
    ['2 full house kota', 'remove one kota', { full: 1 }],
    ['vetkoek with mince and coke', 'take off the vetkoek', { coke: 1 }],
    ['pap and wors and stew', 'remove the pap', { wors: 1 }],
  ])('%j, %j', (ordered, said, left) => {
    expect(chatAfter(ordered, said).cart()).toEqual(left);
  });

  it.each<[string, string, Record<string, number>]>([
    ['pap and wors', 'remove the pap', { wors: 1 }],
    ['pap and wors', 'cancel the pap', { wors: 1 }],
    ['pap and wors and mogodu', 'remove the pap', { wors: 1, mogodu: 1 }],
    ['full house kota and russian kota', 'remove the kota', { full: 1, 'kota-russian': 1 }],
  ])('%j, %j is asked about, and the cart stays', (ordered, said, left) => {
    const chat = chatAfter(ordered, said);
    expect(last(chat)).toContain('Which one do you mean');
    expect(chat.cart()).toEqual(left);
  });

  it.each<[string, Record<string, number>]>([
    ['yes', { coke: 1 }],
    ['pap and wors', { coke: 1 }],
    ['no', { wors: 1, coke: 1 }],
  ])('asked about the only plate, %j decides', (answer, left) => {
    expect(chatAfter('pap and wors and coke', 'remove the pap', answer).cart()).toEqual(left);
  });

  it('a name that sounds like a place answers which one, too', () => {
    expect(chatAfter('full house kota and russian kota', 'remove the kota', 'full house').cart()).toEqual({ 'kota-russian': 1 });
  });

  it('what is no part of anything in the cart is still said not to be there', () => {
    const chat = chatAfter('2 kota', 'remove the coke');
    expect(last(chat)).toContain('There is no Coke 500ml in your cart');
    expect(chat.cart()).toEqual({ kota: 2 });
    // A kota has chips in it, and no large ones.
    const sized = chatAfter('2 kota', 'remove the large chips');
    expect(last(sized)).toContain('There is no Large chips in your cart');
    expect(notes(sized)).toEqual([undefined]);
  });
});

describe('a part of the food that goes is a note, whatever is sold by itself', () => {
  it.each([
    ['take out the polony', 'no polony'],
    ['remove atchar', 'no atchar'],
    ['leave out the atchar please', 'no atchar'],
    ['no atchar', 'no atchar'],
  ])('%j of a kota that has it', (said, note) => {
    const chat = chatAfter('2 kota', said);
    expect(chat.cart()).toEqual({ kota: 2 });
    expect(notes(chat)).toEqual([note]);
  });

  it.each(['no pap', 'without pap'])('%j of "Mogodu and pap"', (said) => {
    const chat = chatAfter('mogodu', said);
    expect(chat.cart()).toEqual({ mogodu: 1 });
    expect(notes(chat)).toEqual([said]);
  });

  it('what is ordered beside it goes itself', () => {
    expect(chatAfter('2 kota and atchar', 'remove atchar').cart()).toEqual({ kota: 2 });
  });

  it('what is to come instead is no note', () => {
    expect(notes(chatAfter('2 kota', 'change the chips to coke'))).toEqual([undefined, undefined]);
  });
});

describe('a part of the menu is given up for something else', () => {
  it.each([
    'i dont want a drink, i want chips',
    'i dont want a drink i want chips',
    'dont want a drink i want chips',
    'no drinks just chips',
    'cancel the drinks and give me chips',
  ])('%j', (said) => {
    expect(chatAfter('2 kota and a coke', said).cart()).toEqual({ kota: 2, chips: 1 });
    expect(chatAfter('2 kota', said).cart()).toEqual({ kota: 2, chips: 1 });
  });

  it('several of them go together where none is wanted, but the one that is', () => {
    expect(chatAfter('2 kota and coke and stoney', 'no drinks just chips').cart()).toEqual({ kota: 2, chips: 1 });
    expect(chatAfter('2 kota and coke and stoney', 'no drinks just coke').cart()).toEqual({ kota: 2, coke: 1 });
  });
});
