/** A word of the menu that says something else where it stands, and what sounds like two things: nothing is ordered by chance, and no number goes astray. */
import { describe, expect, it } from 'vitest';
import { chatIn, last, NEAR } from '../../flow-harness.ts';
import { MENU } from './counter-menu.ts';

const chatAfter = chatIn(MENU);

describe('one common word of a name orders nothing where it says something else', () => {
  it.each<[string, Record<string, number>]>([
    ['full of hope', {}],
    ['full of hope 2 kota', { kota: 2 }],
    ['i am full', {}],
    ['i am full 1 coke', { coke: 1 }],
    ['quarter to 6', {}],
    ['quarter to 6 bring coke', {}],
  ])('%j', (said, cart) => {
    expect(chatAfter(said).cart()).toEqual(cart);
  });

  it.each<[string, Record<string, number>]>([
    ['full house', { full: 1 }],
    ['full', { full: 1 }],
    ['2 quarter', { chicken: 2 }],
    ['small', { 'chips-s': 1 }],
    ['large of chips', { chips: 1 }],
  ])('%j still orders', (said, cart) => {
    expect(chatAfter(said).cart()).toEqual(cart);
  });
});

describe('what is one letter from one thing and sounds like another is not taken', () => {
  it.each(['to codas', 'codas', 'two codas'])('%j', (said) => {
    expect(chatAfter(said).cart()).toEqual({});
  });

  it('counted, what it sounds like is asked about', () => {
    expect(last(chatAfter('two codas'))).toContain('Would you like Kota instead');
  });

  it.each<[string, Record<string, number>]>([
    ['2 cota', { kota: 2 }],
    ['2 coka', { coke: 2 }],
    ['2 kot', { kota: 2 }],
  ])('%j is a slip of one thing alone', (said, cart) => {
    expect(chatAfter(said).cart()).toEqual(cart);
  });
});

describe('of what kind, with the word between that isiZulu and Sesotho have', () => {
  it.each<[string, Record<string, number>]>([
    ['ngifuna i kota ye full house', { full: 1 }],
    ['ngicela ikota ye russian', { 'kota-russian': 1 }],
    ['kota ya full house 2', { full: 2 }],
    ['ikota ezimbili ye full house', { full: 2 }],
  ])('%j is one thing', (said, cart) => {
    expect(chatAfter(said).cart()).toEqual(cart);
  });
});

describe('numbers', () => {
  it.each<[string, Record<string, number>]>([
    ['zone 5 kota 2', { kota: 2 }],
    ['i stay at 1234 zone 5 kota 2', { kota: 2 }],
    ['ke kopa magwinya a le lesome', { vetkoek: 10 }],
    ['ke kopa magwinya a le leshome', { vetkoek: 10 }],
    ['re batla magwinya a masome a mabedi', { vetkoek: 20 }],
    ['2 kota 4 me n 1 4 my sis', { kota: 3 }],
    ['dichips tsa R20', { 'chips-s': 1 }],
  ])('%j', (said, cart) => {
    expect(chatAfter(said).cart()).toEqual(cart);
  });
});

describe('one or the other is asked about', () => {
  it.each(['if you have mogodu i want 2 otherwise 2 kota', 'mogodu otherwise kota'])('%j', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(last(chat)).toContain('Which one would you like: mogodu or kota');
  });
});

describe('what nobody may promise from a menu is for a person', () => {
  it.each([
    'are your kotas halal',
    'is there pork in the russian',
    'im allergic to peanuts is there any in the chakalaka',
    'are the drinks vegan',
    'is it halal?',
  ])('%j orders nothing and claims nothing', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(last(chat)).toContain('that I do not know');
    expect(last(chat)).not.toContain('do not have');
    expect(chat.ids()).toContain('person');
  });

  it('asked below the quote, the quote stands', () => {
    const chat = chatAfter('2 kota', 'done');
    chat.pins(NEAR);
    chat.says('is there pork in the kota');
    expect(chat.cart()).toEqual({ kota: 2 });
    expect(last(chat)).toContain('Shall I place the order?');
    expect(chat.commands()).not.toContain('place');
  });

  it('beside an order it loses nothing of it', () => {
    expect(chatAfter('2 kota is it halal').cart()).toEqual({ kota: 2 });
    expect(chatAfter('im allergic to nuts, 1 kota please').cart()).toEqual({ kota: 1 });
  });
});

describe('what fills it comes in its place', () => {
  it.each<[string, string, Record<string, number>]>([
    ['3 vetkoek', 'with mince', { 'vetkoek-mince': 3 }],
    ['3 vetkoek', '2 with mince', { vetkoek: 1, 'vetkoek-mince': 2 }],
    ['vetkoek and coke', 'with coke', { vetkoek: 1, coke: 2 }],
    ['2 kota', 'with chips', { kota: 2, chips: 1 }],
  ])('%j, %j', (ordered, said, cart) => {
    expect(chatAfter(ordered, said).cart()).toEqual(cart);
  });

  it.each<[string, Record<string, number>]>([
    ['10 amagwinya nemince', { 'vetkoek-mince': 10 }],
    ['amagwinya amane nemince', { 'vetkoek-mince': 4 }],
    ['amagwinya necoke', { vetkoek: 1, coke: 1 }],
  ])('%j in one text', (said, cart) => {
    expect(chatAfter(said).cart()).toEqual(cart);
  });
});

describe('what was asked about is taken, and what is asked orders nothing', () => {
  it.each(['i want it', 'nice i want it', 'ill take it', 'ok i ll take it'])('%j asks how many', (said) => {
    const chat = chatAfter('do you have coke?', said);
    expect(last(chat)).toContain('How many Coke 500ml');
    chat.says('2');
    expect(chat.cart()).toEqual({ coke: 2 });
  });

  it('how big it is', () => {
    const chat = chatAfter('i small chips ingakanani');
    expect(chat.cart()).toEqual({});
    expect(last(chat)).toContain('R20');
  });

  it('"hw much" with something in the cart is what it comes to', () => {
    expect(last(chatAfter('2 kota', 'hw much'))).toContain('R90');
  });
});

describe('who never got it, or wants the money back, is for a person', () => {
  it.each(['i never got my order', 'driver didnt give me change', 'refund', 'i want my refund'])('%j', (said) => {
    expect(chatAfter('hi', said).get().state).toBe('SUPPORT');
  });
});
