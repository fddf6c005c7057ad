/** Money that somebody has, and a place that nobody asked for: what each is understood as, and what it never is. */
import { describe, expect, it } from 'vitest';
import { type Chat, choices, last, chatAfter as saidAll } from '../../flow-harness.ts';

const chatAfter = (...texts: readonly string[]): Chat => saidAll('hi', ...texts);

describe('money alone shows what there is for it', () => {
  it.each([
    'I have R50, what can I get',
    'what can i get for 50 rand',
    'ngine R50',
    'ke na le R50',
    'R50',
    'anything under R50',
    'i want something for 50 bucks',
  ])('%j', (text) => {
    const chat = chatAfter(text);
    expect(chat.ids()).toEqual(['prod:p_kota', 'prod:p_coke', 'prod:p_vetkoek']);
    expect(last(chat)).toContain('R50');
    expect(chat.cart()).toEqual({});
  });

  it('says what costs least when there is nothing for so little', () => {
    const chat = chatAfter('i have R5');
    expect(last(chat)).toContain('Vetkoek: R8');
    expect(chat.ids()).toEqual(['prod:p_vetkoek']);
  });

  it('is in front of an order no wish of it', () => {
    const chat = chatAfter('ngine R50 ngifuna ikota');
    expect(chat.get().cart).toMatchObject([{ productId: 'p_kota', quantity: 1 }]);
    expect(chat.get().cart[0]?.note).toBeUndefined();
  });

  it('is what somebody pays with as soon as there is something to pay', () => {
    expect(last(chatAfter('kota', 'i have R200'))).toContain('Note: i have R200');
  });

  it('speaks of nothing that is for sale when it is a question about change', () => {
    expect(last(chatAfter('do you have change for R200'))).not.toContain('For R200');
  });
});

describe('a place that nobody asked for is where the cart goes', () => {
  it.each([
    ['zone 6', 'zone 6'],
    ['orlando west', 'orlando west'],
    ['house 12', 'house 12'],
    ['deliver to orlando', 'orlando'],
    ['deliver to phomolong', 'phomolong'],
  ])('%j', (text, address) => {
    expect(last(chatAfter('2 kota', text))).toContain(`📍 ${address}\n`);
  });

  it.each([
    ['2 kota deliver to orlando', 'orlando'],
    ['2 kota to orlando west cash please', 'orlando west'],
    ['tlisa kota ko orlando', 'orlando'],
    ['kota zone 3', 'zone 3'],
    ['2 kota 1234 zone 6', '1234 zone 6'],
    ['kota and coke, im at jabulani mall', 'jabulani mall'],
    ['stuur vir my 2 kotas na 12 kerkstraat', '12 kerkstraat'],
  ])('beside an order, too: %j', (text, address) => {
    expect(last(chatAfter(text))).toContain(`📍 ${address}\n`);
    expect(last(chatAfter(text))).not.toContain('did not get');
  });

  it.each(['deliver it', 'please deliver it to my house', 'send it to me'])('%j asks where to', (text) => {
    expect(last(chatAfter('kota', text))).toContain('Where should we bring it?');
  });

  it.each(['bring it in a box', 'send it to a friend', 'deliver at 5', 'deliver tomorrow'])('%j names none', (text) => {
    expect(last(chatAfter('kota', text))).not.toContain('📍');
  });

  it('is no question for the address of what is on its way: "bring it please" shows that', () => {
    const chat = chatAfter();
    chat.order();
    chat.says('bring it please');
    expect(last(chat)).toContain('Order *K7F*');
  });

  it('is kept for what comes before anything is ordered', () => {
    const chat = chatAfter('zone 6', '2 kota', 'checkout');
    expect(last(chat)).toContain('📍 zone 6\n');
  });

  it('is asked about, not taken, in a question', () => {
    expect(last(chatAfter('2 kota do you deliver to orlando'))).toContain('delivers up to 10 km');
  });
});

describe('a bare number below the quote', () => {
  const quoted = (): Chat => chatAfter('kota', 'checkout', '12 main road orlando');

  it('is asked what it means, orders nothing and keeps the question', () => {
    const chat = quoted();
    chat.says('5');
    expect(last(chat)).toContain('"make it 5 kota"');
    expect(last(chat)).toContain('Shall I place the order?');
    expect(chat.cart()).toEqual({ p_kota: 1 });
    expect(choices(chat.phone.at(-1) ?? null)[0]).toMatch(/^confirm:/);
  });

  it('leads where the answer says', () => {
    const chat = quoted();
    chat.says('5');
    chat.says('make it 5 kota');
    expect(chat.cart()).toEqual({ p_kota: 5 });
  });

  it('leaves a yes behind it what it is', () => {
    const chat = quoted();
    chat.says('5');
    chat.says('yes');
    expect(chat.commands()).toContain('place');
  });
});

describe('who is hungry or waits, with nothing on its way', () => {
  it('keeps the quote', () => {
    expect(last(chatAfter('kota', 'checkout', '12 main road', "order it now i'm hungry"))).toContain('Shall I place the order?');
  });

  it('sees the cart', () => {
    expect(last(chatAfter('kota', 'hurry up im hungry'))).toContain('Your cart');
  });
});

describe("a number behind a place is the place's, whatever follows", () => {
  it.each([
    ['zone 3 kota 2 coke', { p_kota: 1, p_coke: 2 }],
    ['block 4 kota', { p_kota: 1 }],
    ['flat 3 kota and coke', { p_kota: 1, p_coke: 1 }],
    ['extension 3 kota', { p_kota: 1 }],
    ['phase 2 2 kota', { p_kota: 2 }],
    ['section 2 kota 3', { p_kota: 3 }],
    ['2 kota zone 6', { p_kota: 2 }],
  ])('%j', (text, cart) => {
    expect(chatAfter(text).cart()).toEqual(cart);
  });
});
