/** Of which kind, how many and what not, as isiZulu and hasty thumbs say it. Nothing is ordered that was given up, and nothing of another kind. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { type Chat, chatIn, PRODUCTS } from '../../flow-harness.ts';

const sold = (id: string, name: string, category: string, aliases: readonly string[] = []): Product => ({
  ...(PRODUCTS[0] as Product),
  id,
  name,
  category,
  aliases,
});

const MENU: readonly Product[] = [
  sold('kota', 'Kota', 'Kota'),
  sold('veg', 'Veggie kota', 'Kota'),
  sold('vetkoek', 'Vetkoek', 'Vetkoek', ['amagwinya', 'igwinya']),
  sold('mince', 'Vetkoek with mince', 'Vetkoek'),
  sold('polony', 'Vetkoek with polony', 'Vetkoek'),
  sold('stew', 'Pap and beef stew', 'Plates', ['pap', 'papa', 'stew']),
  sold('tripe', 'Mogodu and pap', 'Plates', ['mogodu', 'ulusu']),
  sold('chicken', 'Quarter chicken and pap', 'Plates', ['chicken']),
  { ...sold('small', 'Small chips', 'Sides'), priceMinor: 2_000 },
  sold('large', 'Large chips', 'Sides', ['chips']),
  sold('coke', 'Coke', 'Drinks'),
];

const chatAfter = (...texts: readonly string[]): Chat => chatIn(MENU)('hi', ...texts);

const replyOf = ({ phone }: Chat): string => JSON.stringify(phone[phone.length - 1]);

describe('an order', () => {
  it.each([
    ['vetkoek mince x2 vetkoek plain x4', { mince: 2, vetkoek: 4 }],
    ['igwinya elinemince', { mince: 1 }],
    ['amagwinya amane anemince', { mince: 4 }],
    ['amagwinya anepolony amabili', { polony: 2 }],
    ['amagwinya amane ane mince', { mince: 4 }],
    ['igwinya eline mince', { mince: 1 }],
    ['ulusu olulodwa nopapa', { tripe: 1 }],
    ['2 veg kota', { veg: 2 }],
    ['2 big chips', { large: 2 }],
    ['stew only no pap', { stew: 1 }],
    ['ngifuna ama-veggie kota amathathu', { veg: 3 }],
    ['amakota amabili ama veggie', { veg: 2 }],
    ['amakota amabili ne veggie eyodwa', { kota: 2, veg: 1 }],
    ['amachips amakhulu amabili namancane amathathu', { large: 2, small: 3 }],
    ['amakota angu-5 coke angu-5', { kota: 5, coke: 5 }],
    ['vetkoek 2 plain 2 mince', { vetkoek: 2, mince: 2 }],
    ['vetkoek plain x2 mince x2', { vetkoek: 2, mince: 2 }],
    ['amagwinya e R90', { vetkoek: 2 }],
    ['amachips ka-R20', { small: 1 }],
    ['pap with no stew', { stew: 1 }],
  ])('%j is %j', (said, cart) => expect(chatAfter(said).cart()).toEqual(cart));

  it('what a plate is to come without is its wish', () => expect(chatAfter('pap with no stew').get().cart[0]?.note).toBe('no stew'));

  it.each(['full chicken', 'whole chicken'])('of %j a part is offered, not taken', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(replyOf(chat)).toContain(`we do not have ${said}`);
  });

  it.each(['2 to 3 kotas', 'many kotas'])('in %j no number is said: it is asked for', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({});
    expect(replyOf(chat)).toContain('How many Kota');
  });

  it('what is counted and too short to be known is said back', () => {
    const chat = chatAfter('2 kota n 1 ck');
    expect(chat.cart()).toEqual({ kota: 2 });
    expect(replyOf(chat)).toContain('we do not have ck');
  });
});

describe('what is given up', () => {
  it.each([
    ['ikota ngiyayeka', {}],
    ['ikota angisayifuni', {}],
    ['hhayi ikota ngifuna amagwinya', { vetkoek: 1 }],
    ['cha, amakota amathathu', { kota: 3 }],
  ])('after 2 kota %j leaves %j', (said, cart) => expect(chatAfter('2 kota', said).cart()).toEqual(cart));
});

describe('what is changed', () => {
  const BOTH = '2 kota and 3 chips';
  it.each([
    ['make both kotas veggie', { veg: 2, large: 3 }],
    ['make the kota veggie', { veg: 2, large: 3 }],
    ['make the chips small', { kota: 2, small: 3 }],
    ['ok but 3 kota', { kota: 3, large: 3 }],
    ['no small instead', { kota: 2, small: 3 }],
  ])('%j after both leaves %j', (said, cart) => expect(chatAfter(BOTH, said).cart()).toEqual(cart));

  it('a number behind a "yes but" is no more on top of what is quoted', () => {
    const chat = chatAfter('2 kota', '12 Main Road', 'yes but 3 kota');
    expect(chat.cart()).toEqual({ kota: 3 });
    expect(chat.commands()).not.toContain('place');
  });

  it('plain ones of nobody knows what are said back', () => {
    const chat = chatAfter('2 mince 2 plain');
    expect(chat.cart()).toEqual({ mince: 2 });
    expect(replyOf(chat)).toContain('we do not have plain');
  });
});

describe('where and how', () => {
  it('who says in isiZulu where they are, with two marks of a place, has said where to', () => {
    const chat = chatAfter('2 kota', 'ngilapha e Pimville zone 5 house 123');
    expect(replyOf(chat)).toContain('📍 Pimville zone 5 house 123');
  });

  it('an address that corrects is quoted without its "actually"', () => {
    const chat = chatAfter('2 kota', '12 Main Road', 'actually its 14 Main Road');
    expect(replyOf(chat)).toContain('📍 14 Main Road');
  });

  it.each(['free delivery?', 'ngioda kanjani', 'do u take capitec', 'are you open today', 'what can i buy for R30'])(
    '%j has an answer of its own',
    (said) => expect(replyOf(chatAfter(said))).not.toContain('that I do not know'),
  );
});
