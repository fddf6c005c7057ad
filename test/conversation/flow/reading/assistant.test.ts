/** What an attentive shop assistant makes of numbers, money and names: nothing is doubled, counted or taken away that was not said. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { Chat, chatIn, PRODUCTS, viewWith } from '../../flow-harness.ts';

const sold = (id: string, name: string, priceMinor: number, category: string, more: Partial<Product> = {}): Product => ({
  ...(PRODUCTS[0] as Product),
  aliases: [],
  id,
  name,
  priceMinor,
  category,
  ...more,
});

const MENU: readonly Product[] = [
  sold('kota', 'Kota', 4_500, 'Meals', { description: 'Quarter bread, chips, polony, atchar' }),
  sold('full', 'Full house kota', 6_500, 'Meals'),
  sold('piece', '2 Piece Chicken', 5_000, 'Meals'),
  sold('plate', '7 colours plate', 8_500, 'Meals'),
  sold('magwinya', 'Magwinya', 200, 'Meals'),
  sold('chips-s', 'Small chips', 2_000, 'Sides'),
  sold('chips-l', 'Large chips', 3_500, 'Sides'),
  sold('atchar', 'Atchar', 800, 'Sides'),
  sold('cheese', 'Cheese', 500, 'Sides'),
  sold('coke', 'Coke 500ml', 1_600, 'Drinks', { aliases: ['coke'] }),
  sold('coke-2l', 'Coke 2l', 2_800, 'Drinks'),
  sold('stoney', 'Stoney 500ml', 1_600, 'Drinks', { aliases: ['stoney'] }),
  sold('loaf', 'Loaf', 1_800, 'Bread'),
];

const chatAfter = chatIn(MENU);

const BOTH = '2 kota and 2 coke';

describe('as many times what is in the cart', () => {
  it.each([
    ['double the kota', { kota: 4, coke: 2 }],
    ['double the kotas please', { kota: 4, coke: 2 }],
    ['twice as many cokes', { kota: 2, coke: 4 }],
    ['triple the coke', { kota: 2, coke: 6 }],
    ['double everything', { kota: 4, coke: 4 }],
  ])('%j', (text, expected) => expect(chatAfter(BOTH, text).cart()).toEqual(expected));

  it('of what the cart has not, it is asked how many', () => {
    const chat = chatAfter('double the kota');
    expect([chat.cart(), chat.phone.at(-1)?.text]).toEqual([{}, expect.stringContaining('How many Kota')]);
    chat.says('2');
    expect(chat.cart()).toEqual({ kota: 2 });
  });
});

describe('for so much money there are as many as the price makes of it', () => {
  it.each([
    ['R10 magwinya', { magwinya: 5 }],
    ['magwinya for R10', { magwinya: 5 }],
    ['10 rand magwinya please', { magwinya: 5 }],
    ['r 20 magwinya and a coke', { magwinya: 10, coke: 1 }],
    ['kota R45', { kota: 1 }],
    ['2 kota for R90', { kota: 2 }],
    ['R65 kota', { full: 1 }],
    ['R20 chips', { 'chips-s': 1 }],
  ])('%j', (text, expected) => expect(chatAfter(text).cart()).toEqual(expected));

  it('money that makes no whole number of several asks how many, and tells the price', () => {
    const chat = chatAfter('R7 magwinya');
    const asked = chat.phone.at(-1)?.text;
    expect([chat.cart(), asked]).toEqual([{}, expect.stringContaining('How many Magwinya')]);
    expect(asked).toContain('Magwinya: R2.');
    chat.says('3');
    expect(chat.cart()).toEqual({ magwinya: 3 });
  });

  it('a price remembered wrongly is put right beside it', () => {
    const chat = chatAfter('R40 kota');
    expect([chat.cart(), chat.phone.at(-1)?.text]).toEqual([{ kota: 1 }, expect.stringContaining('Kota: R45.')]);
  });
});

describe('a number in a name is no quantity', () => {
  it.each([
    ['2 piece', { piece: 1 }],
    ['2 piece and a coke', { piece: 1, coke: 1 }],
    ['2 pieces of chicken', { piece: 1 }],
    ['2 x 2 piece', { piece: 2 }],
    ['7 colours', { plate: 1 }],
    ['3 7 colours', { plate: 3 }],
    ['2l coke', { 'coke-2l': 1 }],
    ['2 2 litre coke', { 'coke-2l': 2 }],
    ['zone 6 house 2233, 2 kota', { kota: 2 }],
    ['ngihlala e zone 6 house 1234', {}],
    ['what about 2 Piece Chicken?', {}],
    ['what about 2 kota', { kota: 2 }],
    ['cooldrink 2l', {}],
    ['load shedding here', {}],
  ])('%j', (text, expected) => expect(chatAfter(text).cart()).toEqual(expected));

  it('another number of pieces than they are sold in is asked about', () => {
    const chat = chatAfter('4 piece chicken');
    expect([chat.cart(), chat.phone.at(-1)?.text]).toEqual([{}, expect.stringContaining('How many 2 Piece Chicken')]);
  });

  it('a bare number with several things in the cart asks of which, and a tap counts that one anew', () => {
    const chat = chatAfter(BOTH, '3');
    expect([chat.cart(), chat.phone.at(-1)?.text]).toEqual([{ kota: 2, coke: 2 }, expect.stringContaining('Kota / Coke 500ml')]);
    chat.taps(chat.buttonStarting('count:'));
    expect(chat.cart()).toEqual({ kota: 3, coke: 2 });
  });

  it('a bare number changes nothing, be it of a door or of nothing', () => {
    for (const text of ['3', 'its 14 not 12'])
      expect(chatAfter('2 kota', 'checkout', '12 Main Road', text).cart(), text).toEqual({ kota: 2 });
    expect(chatAfter('2 kota', 'i want 3 not 2').cart()).toEqual({ kota: 3 });
  });
});

describe('what comes instead comes in the number of what goes', () => {
  it.each([
    ['stoney instead of coke', { kota: 2, stoney: 2 }],
    ['stoney instead of the coke', { kota: 2, stoney: 2 }],
    ['rather stoney than coke', { kota: 2, stoney: 2 }],
    ['not coke, stoney', { kota: 2, stoney: 2 }],
    ['1 stoney instead of coke', { kota: 2, stoney: 1 }],
    ['stoney instead of 1 coke', { kota: 2, coke: 1, stoney: 1 }],
    ['just kota no coke', { kota: 2 }],
    ['i didnt order coke', { kota: 2, coke: 2 }],
    ['thats too much coke', { kota: 2, coke: 2 }],
    ['you put 2 coke, i want 1', { kota: 2, coke: 2 }],
  ])('%j', (text, expected) => expect(chatAfter(BOTH, text).cart()).toEqual(expected));
});

describe('what a kota is made with is no tub beside it', () => {
  const notes = (chat: Chat) => chat.get().cart.map(({ productId, note }) => [productId, note]);

  it.each([
    ['kota with atchar', [['kota', 'with atchar']]],
    ['2 kota with extra atchar', [['kota', 'with extra atchar']]],
    ['kota with chips', [['kota', 'with chips']]],
    ['2 kota 1 with no cheese', [['kota', '1 with no cheese']]],
  ])('%j', (text, expected) => expect(notes(chatAfter(text))).toEqual(expected));

  it.each([
    ['kota and atchar', { kota: 1, atchar: 1 }],
    ['kota with 2 atchar', { kota: 1, atchar: 2 }],
    ['kota with coke', { kota: 1, coke: 1 }],
    ['kota with cheese', { kota: 1, cheese: 1 }],
  ])('%j orders both', (text, expected) => expect(chatAfter(text).cart()).toEqual(expected));
});

describe('what is no address is not taken for one', () => {
  it.each([
    'the driver knows',
    'ask thabo',
    'sending now',
    'angazi',
    'askies',
    'not 12 Main Road',
    'i used to live at 12 Main Road',
    'do you deliver to zone 6?',
  ])('%j', (text) => expect(chatAfter('2 kota', 'checkout', text).state.session.place?.address ?? null).toBeNull());
});

describe('every form that is filled in is answered', () => {
  const FORM = { kind: 'other', originalType: 'interactive.nfm_reply' } as const;

  it('also the second, while what a program sends is answered once', () => {
    const chat = chatAfter('hi');
    const sent = (originalType: string) => chat.after(() => chat.receive({ kind: 'other', originalType }));
    expect([chat.after(() => chat.receive(FORM)), chat.after(() => chat.receive(FORM))]).not.toContain(null);
    expect(sent('unsupported')).toBeNull();
  });

  it('it ends no checkout', () => {
    const chat = chatAfter('2 kota', 'checkout', '12 Main Road');
    expect(chat.after(() => chat.receive(FORM))?.text).toContain('12 Main Road');
  });
});

describe('when it is wanted, and with what money, stands beside an order and replaces none', () => {
  const noted = (text: string) => {
    const chat = chatAfter(text);
    return [chat.cart(), chat.state.session.note ?? null];
  };

  it.each([
    ['deliver at 5 pm 1 kota', { kota: 1 }, 'at 5 pm'],
    ['tomorrow i want 2 kota', { kota: 2 }, 'tomorrow'],
    ['2 kota tomorrow at 10', { kota: 2 }, 'tomorrow at 10'],
    ['2 kota in 30 minutes', { kota: 2 }, 'in 30 minutes'],
    ['ngifuna ikota kusasa', { kota: 1 }, 'kusasa'],
    ['i only have R50, 1 kota please', { kota: 1 }, null],
    ['i have R10 i want magwinya', { magwinya: 5 }, null],
  ])('%j', (text, cart, note) => expect(noted(text)).toEqual([cart, note]));
});

describe('a question is no order, and what was asked about stays open', () => {
  it.each(['kota?', 'kota and coke?'])('%j orders nothing', (text) => expect(chatAfter(text).cart()).toEqual({}));
  it.each(['2 kota?', 'can i get 2 kota?', 'and a coke?'])('%j orders', (text) => expect(chatAfter(text).cart()).not.toEqual({}));

  it('a yes to what is sold asks how many, and begins no checkout', () => {
    const chat = chatAfter('2 kota', 'do you have coke', 'yes please');
    expect([chat.phone.at(-1)?.text, chat.get().step]).toEqual([expect.stringContaining('How many Coke 500ml'), null]);
    chat.says('2');
    expect(chat.cart()).toEqual({ kota: 2, coke: 2 });
  });

  it('its price keeps it open', () => expect(chatAfter('u got kota?', 'how much', 'ok 2').cart()).toEqual({ kota: 2 }));
});

describe('a refusal and a number of people are read as they are meant', () => {
  it.each([
    ['my kota must not have atchar', { kota: 2 }],
    ["if you don't have coke then stoney", { kota: 2, stoney: 1 }],
    ['better make it 3', { kota: 3 }],
    ['1 coke each for 3 people', { kota: 2, coke: 3 }],
    ['4 people, 1 coke each', { kota: 2, coke: 4 }],
  ])('%j', (text, expected) => expect(chatAfter('2 kota', text).cart()).toEqual(expected));
});

describe('what is asked about', () => {
  const asked = (text: string, products = MENU) => {
    const chat = new Chat();
    chat.view = viewWith({ products });
    chat.says('hi');
    return { reply: chat.says(text), chat };
  };

  it.each([
    ['how much is a stoney', 'Stoney 500ml: R16.'],
    ['do you have stoney', 'Stoney 500ml: R16.'],
    ['how much is stoney and cheese', 'Stoney 500ml: R16.\nCheese: R5.'],
  ])('%j is answered with its price, not only with a list to open', (text, said) => {
    const { reply, chat } = asked(text);
    expect(reply?.text).toBe(said);
    expect(chat.cart()).toEqual({});
  });

  it('and sold out today is told so, and is nothing to choose', () => {
    const { reply, chat } = asked('do you have stoney', [
      ...MENU.filter(({ id }) => id !== 'stoney'),
      sold('stoney', 'Stoney', 1_600, 'Drinks', { stock: 0 }),
    ]);
    expect(reply?.text).toBe('Sorry, Stoney is sold out today.');
    expect(chat.ids()).toEqual(['menu']);
    chat.says('2');
    expect(chat.cart()).toEqual({});
  });
});

describe('"it" of what is in the cart', () => {
  const TAKEN = ['remove it', 'please remove that', 'take it off', 'take out this please', 'susa lokho'];

  it.each(TAKEN)('%j takes the only thing away', (text) => expect(chatAfter('2 kota', text).cart()).toEqual({}));

  it.each(TAKEN)('%j of several asks which, and takes only that', (text) => {
    const chat = chatAfter(BOTH, text);
    expect(chat.cart()).toEqual({ kota: 2, coke: 2 });
    chat.says('the coke');
    expect(chat.cart()).toEqual({ kota: 2 });
  });

  it('with nothing in it changes nothing', () => expect(chatAfter('hi', 'remove it').cart()).toEqual({}));
});
