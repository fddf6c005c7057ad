/** What later rules must not take for a complaint, a question, a person or a number: an order stays the order that was said. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { type Chat, chatIn, NEAR, PRODUCTS } from '../../flow-harness.ts';

const more = (id: string, name: string, change: Partial<Product> = {}): Product => ({
  ...(PRODUCTS[0] as Product),
  id,
  name,
  aliases: [],
  ...change,
});
const MENU = [
  more('p_kota', 'Kota', { aliases: ['kotas'], description: 'Quarter bread, chips, polony, atchar' }),
  more('p_russian', 'Russian kota'),
  more('p_chips_s', 'Small chips'),
  more('p_chips_l', 'Large chips', { aliases: ['chips'] }),
  more('p_coke', 'Coke 500ml', { aliases: ['coke'] }),
  more('p_stoney', 'Stoney 500ml', { aliases: ['stoney'] }),
];

const chatAfter = chatIn(MENU);

function quoted(): Chat {
  const chat = chatAfter('2 kota');
  chat.taps(chat.buttonStarting('checkout:'));
  chat.pins(NEAR);
  return chat;
}

const isWithPerson = (chat: Chat): boolean => chat.state.session.state === 'SUPPORT';

describe('an order is no complaint', () => {
  it.each([
    'no onions it makes me sick, 2 kota please',
    '2 kota no onions they make my child sick',
    'my last order was late so please hurry, 2 kota',
    '2 kota please, last time the driver was late',
  ])('%j', (text) => {
    const chat = chatAfter(text);
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(isWithPerson(chat)).toBe(false);
  });

  it('keeps what is refused for its reason', () =>
    expect(chatAfter().says('2 kota no onions they make me sick')?.text).toContain('2 x Kota (no onions)'));

  it.each(['the driver was late', 'your food makes me sick', 'the food made me sick', 'my order was too late'])('%j is one', (text) =>
    expect(isWithPerson(chatAfter(text))).toBe(true),
  );

  it('asks nobody to complain who has not ordered yet', () => expect(isWithPerson(chatAfter("i didn't order yet"))).toBe(false));

  it('hands a complaint over in the middle of a checkout, too', () => {
    const chat = quoted();
    chat.says('you owe me R20');
    expect(isWithPerson(chat)).toBe(true);
    expect(chat.commands()).toEqual([]);
  });
});

describe('people who are counted', () => {
  it.each<[string, Record<string, number>]>([
    ['1 kota each for me and sipho and ice cream', { p_kota: 2 }],
    ['1 kota each for me and sipho and pizza', { p_kota: 2 }],
    ['1 kota each for me and my friend, cold please', { p_kota: 2 }],
    ['1 kota each for me, urgent', { p_kota: 1 }],
    ['1 kota each for john, peter, sam', { p_kota: 3 }],
    ['1 kota each for me and my bra and my wife', { p_kota: 3 }],
    ['1 kota each for me and my 2 kids', { p_kota: 3 }],
    // The two are shared.
    ['2 kota 1 each for me and mom', { p_kota: 2 }],
    ['everyone wants a kota we are 5', { p_kota: 5 }],
    ['we are 5 everyone wants a kota and 2 coke', { p_kota: 5, p_coke: 2 }],
    ['everyone wants a kota, we are 5 minutes away', { p_kota: 1 }],
    ['a russian kota for everyone, we are 4', { p_russian: 1 }],
  ])('%j puts %j in the cart', (text, cart) => expect(chatAfter(text).cart()).toEqual(cart));
});

describe('"1 for gogo" says not of what', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['2 kota', '1 for gogo'], { p_kota: 2 }],
    [['2 kota', 'add 1 for gogo'], { p_kota: 3 }],
    [['2 kota', 'also 1 for gogo'], { p_kota: 3 }],
    [['2 kota', 'remove 1 for gogo'], { p_kota: 1 }],
    [['how much is stoney', '1 for gogo'], { p_stoney: 1 }],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));

  it('is said back with the cart', () => {
    const said = chatAfter('2 kota').says('1 for gogo')?.text;
    expect(said).toContain('I did not get: 1.');
    expect(said).toContain('2 x Kota');
  });

  it('places nothing behind a yes', () => {
    const chat = quoted();
    chat.says('yes 1 for gogo');
    expect(chat.commands()).toEqual([]);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });
});

describe('a number without a name', () => {
  it('is not of what is named beside it', () =>
    expect(chatAfter('how much is coke', 'give me 2 and a coke').cart()).toEqual({ p_coke: 1 }));

  it('stays with what is sold when cheese is doubled', () => {
    const chat = chatAfter('2 double cheese kota');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(chat.phone[0]?.text).toContain('2 x Kota (double cheese)');
  });
});

describe('what comes instead', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['1 kota', 'replace the kota with chips'], { p_chips_l: 1 }],
    [['2 kota and a coke', 'turn the coke into a stoney'], { p_kota: 2, p_stoney: 1 }],
    [['2 kota', 'turn 2 kota to russian kota'], { p_russian: 2 }],
    [['its my turn to order 2 kota'], { p_kota: 2 }],
    [['coke and kota into the bag'], { p_coke: 1, p_kota: 1 }],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));
});

describe('a question beside an order', () => {
  it.each<[string, Record<string, number>]>([
    ['can i get 2 kota how much is it', { p_kota: 2 }],
    ['i want 2 kota whats the total', { p_kota: 2 }],
    ["i want 2 kota and a coke, what's the total price including delivery?", { p_kota: 2, p_coke: 1 }],
    ['hey do you have stoney if you do i want 2 with a kota whats the total', { p_kota: 1, p_stoney: 2 }],
    ['do you have stoney? if yes 2 please', { p_stoney: 2 }],
    ['how was your weekend? mine was long. please make me 2 kota and a coke', { p_kota: 2, p_coke: 1 }],
    ['is the kota fresh? 2 kota', { p_kota: 2 }],
    ['what time do you close? 2 kota please', { p_kota: 2 }],
    // Asked, not ordered.
    ['2 kota whats the total', {}],
    ['how much? 2 kota', {}],
    ['i want to know how much is a kota', {}],
    ['everyone wants to know if you have kota', {}],
    ['was it 2 kota? 1 coke', {}],
  ])('%j puts %j in the cart', (text, cart) => {
    const chat = chatAfter(text);
    expect(chat.cart()).toEqual(cart);
    expect(chat.phone).toHaveLength(1);
  });

  it('answers whether it is brought', () =>
    expect(chatAfter().says('2 kota do you deliver to pimville')?.text).toContain('delivers up to 10 km'));

  it.each(['how much will that be', 'How much will it be', 'how much will that be all together'])(
    '%j is the total of what is in the cart',
    (text) => expect(chatAfter('2 kota').says(text)?.text).toContain('2 x Kota'),
  );

  it.each(['2 kota at 6', '2 kota around 6 please'])('%j keeps the hour', (text) => {
    const chat = chatAfter();
    expect(chat.says(text)?.text).toMatch(/Note: (?:at|around) 6/);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('takes no door for an hour', () => expect(chatAfter().says('2 kota at 6 main road')?.text).not.toContain('Note'));
});

describe('two sizes behind a name', () => {
  it.each<[string, Record<string, number>]>([
    ['chips small large', { p_chips_s: 1, p_chips_l: 1 }],
    ['2 chips small', { p_chips_s: 2 }],
  ])('%j puts %j in the cart', (text, cart) => expect(chatAfter(text).cart()).toEqual(cart));
});
