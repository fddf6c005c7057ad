/** What is changed after it was ordered: one thing for another, a number of one of several, what is only spoken of. Nothing is ordered that was not asked for. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { type Chat, chatIn, NEAR, PRODUCTS, replay, viewWith } from '../../flow-harness.ts';

const like = (of: string, id: string, name: string, more: Partial<Product> = {}): Product => ({
  ...(PRODUCTS.find((known) => known.id === of) as Product),
  id,
  name,
  aliases: [],
  ...more,
});

/** A shop whose kotas are a part of the menu of their own, named like it. */
const MENU: readonly Product[] = [
  like('p_kota', 'p_kota', 'Kota', { category: 'Kota', description: 'Chips, polony, atchar' }),
  like('p_kota', 'p_full', 'Full house kota', { category: 'Kota', aliases: ['full house'] }),
  like('p_vetkoek', 'p_vetkoek', 'Vetkoek'),
  like('p_coke', 'p_coke', 'Coke'),
  like('p_coke', 'p_stoney', 'Stoney'),
  like('p_coke', 'p_fanta', 'Fanta', { stock: 0 }),
  like('p_coke', 'p_atchar', 'Atchar', { category: 'Sides' }),
];

const chatAfter = (...texts: readonly string[]): Chat => chatIn(MENU)('hi', ...texts);

function atQuote(): Chat {
  const chat = chatAfter('2 kota and a coke', 'checkout');
  chat.pins(NEAR);
  return chat;
}

const BOTH = '2 kota and a coke';
const isPlaced = (chat: Chat): boolean => chat.commands().includes('place');

describe('one thing comes instead of another of its kind', () => {
  it.each([
    [BOTH, 'stoney instead', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'rather stoney', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'i meant stoney', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'sorry i mean stoney', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'stoney i mean', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'ngisho stoney', { p_kota: 2, p_stoney: 1 }],
    ['2 kota', 'i mean the full house', { p_full: 2 }],
    [BOTH, 'make the coke a stoney', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'the coke must be a stoney', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'shintsha icoke ibe stoney', { p_kota: 2, p_stoney: 1 }],
    [BOTH, 'stoney rather than coke', { p_kota: 2, p_stoney: 1 }],
    ['2 kota', 'change to full house', { p_full: 2 }],
    ['2 kota', 'make it a full house', { p_full: 2 }],
    ['3 kota', 'make one of them a full house', { p_kota: 2, p_full: 1 }],
    ['3 kota', 'one of the kotas must be full house', { p_kota: 2, p_full: 1 }],
    ['coke', '3 kota and make one of them a full house', { p_coke: 1, p_kota: 2, p_full: 1 }],
    ['2 kota', '4 kotas instead', { p_kota: 4 }],
    // Nothing of its kind is there: it is ordered, and nothing goes.
    ['2 kota', 'stoney instead', { p_kota: 2, p_stoney: 1 }],
    // What is there already is only spoken of.
    ['2 kota', 'i said kota', { p_kota: 2 }],
    // With a number it is counted anew, and no other kind goes for it.
    ['2 kota and 1 full house', 'i meant 3 kota', { p_kota: 3, p_full: 1 }],
    ['2 kota and 1 full house', 'i mean 3 kota', { p_kota: 3, p_full: 1 }],
  ])('%j, then %j', (ordered, said, cart) => expect(chatAfter(ordered, said).cart()).toEqual(cart));

  it('what is sold out or too many takes nothing away', () => {
    expect(chatAfter(BOTH, 'fanta instead').cart()).toEqual({ p_kota: 2, p_coke: 1 });
    expect(chatAfter(BOTH, '60 stoney instead').cart()).toEqual({ p_kota: 2, p_coke: 1 });
  });

  it('with two of its kind it is asked which goes, and nothing changes', () => {
    const chat = chatAfter('1 kota and 1 coke and 1 stoney', 'add a kota');
    chat.view = viewWith({ products: MENU.map((product) => (product.id === 'p_fanta' ? { ...product, stock: null } : product)) });
    expect(chat.says('fanta instead')?.text).toContain('What should Fanta replace?');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1, p_stoney: 1 });
  });
});

describe('"cancel one" takes one of the only line away, and forgets nothing', () => {
  it.each(['cancel one', 'please cancel one', 'ok cancel one', 'cancel 1', 'remove one', 'only 1'])('%j', (said) =>
    expect(chatAfter('2 kota', said).cart()).toEqual({ p_kota: 1 }),
  );

  it('at the quote, too, which it does not agree to', () => {
    const chat = chatAfter('2 kota', 'checkout');
    chat.pins(NEAR);
    chat.says('cancel one');
    expect(chat.cart()).toEqual({ p_kota: 1 });
    expect(isPlaced(chat)).toBe(false);
  });

  it('of an order that is placed a person is offered, and nothing is cancelled', () => {
    const chat = atQuote();
    chat.says('yes');
    expect(chat.says('cancel one')?.text).toContain('K7F');
    expect(chat.ids()).toContain('person');
    expect(chat.commands()).not.toContain('transition');
  });

  it.each(['yes one', 'yes only one'])('%j places nothing', (said) => {
    const chat = atQuote();
    chat.says(said);
    expect(isPlaced(chat)).toBe(false);
  });
});

describe('one chosen instead of what the cart has not', () => {
  it('is ordered, and nothing is said of the other', () => {
    const chat = chatAfter('give me stoney instead of coke');
    expect(chat.cart()).toEqual({ p_stoney: 1 });
    expect(chat.phone.at(-1)?.text).not.toContain('There is no');
  });

  it('"i don\'t drink coke give me stoney" takes the coke of the cart away', () =>
    expect(chatAfter(BOTH, 'i dont drink coke give me stoney').cart()).toEqual({ p_kota: 2, p_stoney: 1 }));
});

describe('a number in front of "and" is of the only thing in the cart that is not named', () => {
  it.each([
    ['kota', 'make it 2 and a coke', { p_kota: 2, p_coke: 1 }],
    ['kota and coke', 'make it 2 and a coke', { p_kota: 2, p_coke: 1 }],
    ['2 kota', '1 for gogo and a coke', { p_kota: 2, p_coke: 1 }],
    ['with R100 i want kota and coke', 'thanks', { p_kota: 1, p_coke: 1 }],
  ])('%j, then %j', (ordered, said, cart) => expect(chatAfter(ordered, said).cart()).toEqual(cart));

  it('with several it is said back', () => {
    const chat = chatAfter('kota and coke', 'make it 2 and an atchar');
    expect(chat.phone.at(-1)?.text).toContain('I did not get: 2');
    expect(chat.cart()).toEqual({ p_kota: 1, p_coke: 1, p_atchar: 1 });
  });
});

describe('a number of one of several is asked of which, never dropped or guessed', () => {
  it.each([
    ['make it 3', 'the kota', { p_kota: 3, p_coke: 1 }],
    ['no make that 3', 'coke', { p_kota: 2, p_coke: 3 }],
    ['2 more', 'the second one', { p_kota: 2, p_coke: 3 }],
    ['remove 1', 'kota', { p_kota: 1, p_coke: 1 }],
    ['remove 1', 'coke', { p_kota: 2 }],
    ['cancel one', 'kota', { p_kota: 1, p_coke: 1 }],
    ['double that', 'both', { p_kota: 4, p_coke: 2 }],
  ])('%j, then %j', (said, which, cart) => {
    const chat = chatAfter(BOTH, said);
    expect(chat.phone[chat.phone.length - 1]?.text).toBe('Which one do you mean: Kota / Coke?');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
    chat.says(which);
    expect(chat.cart()).toEqual(cart);
    expect(replay(chat)).toEqual(chat.state);
  });

  it('a tap counts once: tapped again, or after the cart changed, it acts on nothing', () => {
    const chat = chatAfter(BOTH, 'make it 3');
    const row = chat.buttonStarting('count:');
    chat.taps(row);
    expect(chat.cart()).toEqual({ p_kota: 3, p_coke: 1 });
    chat.says('2 more kota');
    expect(chat.taps(row)?.text).toContain('from before');
    expect(chat.cart()).toEqual({ p_kota: 5, p_coke: 1 });
  });

  it.each(['count:9:0:p_kota', 'count:1:3:p_stoney', 'count:1', 'count:'])('%j, made up, changes nothing', (id) => {
    const chat = chatAfter(BOTH);
    chat.taps(id);
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
  });

  it('asked in front of a quote, the quote counts no more', () => {
    const chat = atQuote();
    chat.says('make it 3');
    chat.says('yes');
    expect(isPlaced(chat)).toBe(false);
  });
});

describe('what the cart has is spoken of, not ordered once more', () => {
  it.each([
    ['the coke', { p_kota: 2, p_coke: 1 }],
    ['what about the coke', { p_kota: 2, p_coke: 1 }],
    ['keep the kota', { p_kota: 2, p_coke: 1 }],
    ["don't remove the coke", { p_kota: 2, p_coke: 1 }],
    ["don't forget the coke", { p_kota: 2, p_coke: 1 }],
    ['did you get the coke', { p_kota: 2, p_coke: 1 }],
    ['do i have coke', { p_kota: 2, p_coke: 1 }],
    ['the coke must be cold', { p_kota: 2, p_coke: 1 }],
    ['forget the coke', { p_kota: 2 }],
    ["don't forget the stoney", { p_kota: 2, p_coke: 1, p_stoney: 1 }],
    ['add the coke', { p_kota: 2, p_coke: 2 }],
    ['no add stoney', { p_kota: 2, p_coke: 1, p_stoney: 1 }],
    ['no i want a stoney', { p_kota: 2, p_stoney: 1 }],
    ['no i want a stoney too', { p_kota: 2, p_coke: 1, p_stoney: 1 }],
    ['no more coke', { p_kota: 2 }],
  ])('%j', (said, cart) => expect(chatAfter(BOTH, said).cart()).toEqual(cart));

  it.each([
    ['kota must be 3', { p_kota: 3, p_coke: 1 }],
    ['amakota abe mathathu', { p_kota: 3, p_coke: 1 }],
    ['i-coke ibe 2', { p_kota: 2, p_coke: 2 }],
    ['1 kota only', { p_kota: 1, p_coke: 1 }],
    ['1 kota only please', { p_kota: 1, p_coke: 1 }],
    ['remove the coke, the kota must be 3', { p_kota: 3 }],
    ["i don't want 2 kota i want 3", { p_kota: 3, p_coke: 1 }],
  ])('%j counts anew', (said, cart) => expect(chatAfter(BOTH, said).cart()).toEqual(cart));
});

describe('the quote', () => {
  it.each([
    'yes if its hot',
    'yes when my money comes',
    'yes no',
    'yes once i get paid',
    'ok maybe',
    'yes 2 kota',
    'ok 2 kota 1 coke',
    'of course not',
  ])('%j places nothing and changes nothing', (said) => {
    const chat = atQuote();
    expect(chat.says(said)).not.toBeNull();
    expect(isPlaced(chat)).toBe(false);
    expect(chat.get().step).toBe('confirm');
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 1 });
  });

  it.each(['yes no problem', 'of course', 'order it', 'i agree'])('%j places it', (said) => {
    const chat = atQuote();
    chat.says(said);
    expect(isPlaced(chat)).toBe(true);
  });

  it('who has ordered nothing and speaks of their money is told how to pay, and the bot stays', () => {
    const chat = chatAfter('i have R200, do you have change for that');
    expect(chat.get().state).not.toBe('SUPPORT');
    expect(chat.phone.at(-1)?.text).toContain('cash on delivery');
  });

  it('a note to pay with is kept with the quote', () => {
    expect(atQuote().says('i have R200')?.text).toContain('i have R200');
  });
});

describe('one sensible reply', () => {
  it('a polite order of something that a part of the menu is named after is answered with the cart', () => {
    const chat = chatAfter('Hi, may I please have two kotas');
    expect(chat.ids()[0]).toMatch(/^checkout:/);
  });

  it.each([
    ['no atchar on one', 'no atchar on one'],
    ['one without atchar', 'one without atchar'],
    ['no tomatoes on one', 'no tomatoes on one'],
  ])('%j is a wish about the kota that has it, with of how many', (said, note) => {
    const chat = chatAfter('2 kota', said);
    expect(chat.state.session.cart.lines[0]?.note).toBe(note);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it.each(['what categories do you have', 'what do you recommend', 'food pls', 'ngifuna ukudla'])('%j gets the menu', (said) => {
    const chat = chatAfter(said);
    expect(chat.ids()[0]).toMatch(/^cat:/);
  });

  it('whether it is open is answered; until when, a person knows', () => {
    expect(chatAfter('is it open').phone.at(-1)?.text).toContain('You can order from');
    expect(chatAfter('are you open on sunday').ids()).toContain('person');
  });

  it('how long is answered by the quote, before it by when that is known', () => {
    expect(chatAfter('2 kota', 'how long').phone.at(-1)?.text).toContain('before you confirm');
    expect(atQuote().says('how long')?.text).toContain('Shall I place the order?');
  });

  it('"at home" to the address question ends no checkout', () => {
    expect(chatAfter('2 kota', 'checkout', 'at home').get().step).toBe('address');
  });

  it('a wish beside the address question is told once', () => {
    const said = chatAfter(BOTH, 'checkout', 'no onions').phone.at(-1)?.text ?? '';
    expect(said.split('no onions').length - 1).toBe(1);
  });
});
