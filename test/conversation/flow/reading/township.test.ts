/** What people say around an order in a township's chat: who is answered by whom, and what is never taken for an order. */
import { describe, expect, it } from 'vitest';
import { Chat, chatIn, choices, last, PRODUCTS, viewWith } from '../../flow-harness.ts';

const MENU = [
  ...PRODUCTS,
  { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_full', name: 'Full House Kota', aliases: [] },
  { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_chips_s', name: 'Small Chips', aliases: [] },
  { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id: 'p_chips_l', name: 'Large Chips', aliases: [] },
];

const chatAfter = (...texts: readonly string[]): Chat => chatIn(MENU)('hi', ...texts);

describe('what went wrong is for a person, whatever it names', () => {
  it.each([
    'food poisoning from your kota',
    'there was a hair in my food',
    'i was short changed',
    'where is my change',
    'u owe me R20',
    'your kota made me sick',
    'my order was late yesterday',
    'i didnt order anything',
  ])('%j', (text) => {
    const chat = chatAfter(text);
    expect(last(chat)).toContain('A person from');
    expect(chat.cart()).toEqual({});
  });
});

describe('chips by no size are those of the cart', () => {
  it.each<[string, string, Record<string, number>]>([
    ['2 small chips', 'remove the chips', {}],
    ['2 small chips', 'remove 1 chips', { p_chips_s: 1 }],
    ['2 small chips', 'remove the large chips', { p_chips_s: 2 }],
  ])('%j, then %j', (ordered, said, cart) => {
    const chat = new Chat();
    const menu = MENU.map((product) => (product.id === 'p_chips_l' ? { ...product, aliases: ['chips'] } : product));
    chat.view = viewWith({ products: menu });
    for (const text of ['hi', ordered, said]) chat.says(text);
    expect(chat.cart()).toEqual(cart);
  });
});

describe('who puts it off is left alone', () => {
  it.each(['let me ask my mom first', "i'll get back to you", 'not now my sister', 'ngizobuya', 'ke tla reka hosane'])('%j', (text) => {
    const chat = chatAfter('2 kota', text);
    expect(last(chat)).toContain('take your time');
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('also in front of the quote, which places nothing', () => {
    const chat = chatAfter('2 kota', 'checkout', '12 Vilakazi Street', 'let me ask my mom first');
    expect(last(chat)).toContain('take your time');
    expect(chat.commands()).toEqual([]);
    expect(chat.get().step).toBe('confirm');
  });
});

describe('what says nothing is answered in kind', () => {
  it.each([
    ['lol', 'What can I get you?'],
    ['hahaha', 'What can I get you?'],
    ['good night', 'Thank you'],
    ['wrong number sorry', 'Thank you'],
    ['who am i talking to', 'Mama Thandi'],
  ])('%j: %s', (text, said) => expect(last(chatAfter(text))).toContain(said));
});

describe('questions', () => {
  it.each([
    ['can i pay when it comes', 'You pay cash on delivery'],
    ['can you deliver at 6pm', 'delivers up to 10 km'],
    ['ikota inani', 'Kota: R45.'],
    ['amakota anjani', 'Kota: R45.'],
    ['is julle nog oop', 'You can order from'],
  ])('%j: %s', (text, said) => {
    const chat = chatAfter(text);
    expect(last(chat)).toContain(said);
    expect(chat.cart()).toEqual({});
  });
});

describe('orders', () => {
  it.each<[string, Record<string, number>, string]>([
    ['i will collect 2 kota', { p_kota: 2 }, 'only delivers'],
    ['2 kota and pay on delivery', { p_kota: 2 }, 'You pay cash on delivery'],
    ['2 kota for 18:30 please', { p_kota: 2 }, 'for 18 30'],
    ['fullhouse x2', { p_full: 2 }, '2 x Full House Kota'],
    ['ke batla di-chips tse kgolo', { p_chips_l: 1 }, '1 x Large Chips'],
    ['ngifuna ama-vetkoek ayisithupha anenyama', { p_vetkoek: 6 }, '(anenyama)'],
    ['unjani 2 kota', { p_kota: 2 }, '2 x Kota'],
  ])('%j', (text, cart, said) => {
    const chat = chatAfter(text);
    expect(chat.cart()).toEqual(cart);
    expect(last(chat)).toContain(said);
  });
});

describe('where to, in words of five languages', () => {
  it.each([
    ['ngihlala ku 45 Mooki Street eduze kwesikole', '📍 45 Mooki Street eduze kwesikole'],
    ['tlisa ho 14 Mooki Street', '📍 14 Mooki Street'],
    ['12 Kerk Straat', '📍 12 Kerk Straat'],
    ['ek bly by 12 Kerk Straat', '📍 12 Kerk Straat'],
    ['ndihlala e 12 NY 50 Gugulethu', '📍 12 NY 50 Gugulethu'],
    ['we stay at 1234 zone 6 diepkloof', '📍 1234 zone 6 diepkloof'],
    ['kwa mashu section d 123', '📍 kwa mashu section d 123'],
    ['house 45 corner shop mofolo', '📍 house 45 corner shop mofolo'],
    ['deliver at 12 main road', '📍 12 main road'],
    ['please deliver it at house 45 mofolo', '📍 house 45 mofolo'],
    ['deliver here house 45 mofolo', '📍 house 45 mofolo'],
    ['bring it to us at house 45 mofolo', '📍 house 45 mofolo'],
    ['deliver 12 main road', '📍 12 main road'],
    ['ngicela ungilethele ku 12 Main Road', '📍 12 Main Road'],
    ['to house 45 mofolo please deliver', '📍 house 45 mofolo'],
    ['12 main road, deliver there please', '📍 12 main road'],
    ['house 45 zone 6 mofolo is my address', '📍 house 45 zone 6 mofolo'],
  ])('%j is read unasked, and the driver reads %j', (text, place) => expect(last(chatAfter('2 kota', text))).toContain(place));

  it('in front of an order, too', () =>
    expect(last(chatAfter('2 kota to kwa mashu section d 123'))).toContain('📍 kwa mashu section d 123'));

  it.each([
    '2 kota deliver to 123 zone 6 diepkloof',
    '2 kota to 123 zone 6 diepkloof and 1 coke',
    'ngicela 2 kota ulethe ku 123 zone 6 diepkloof',
    'can you deliver 2 kota to 123 zone 6 diepkloof?',
  ])('%j says where to, door first, and nothing of it is asked for', (said) => {
    const answer = last(chatAfter(said));
    expect(answer).toContain('📍 123 zone 6 diepkloof\n');
    expect(answer).not.toContain('zone.');
  });

  it.each(['2 kota deliver house 45 zone 6', 'please bring 2 kota here house 45 zone 6'])('%j says where to', (said) => {
    const chat = chatAfter(said);
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(last(chat)).toContain('📍 house 45 zone 6');
  });

  it('"2" in front of a house with its number is "to"', () => {
    const chat = chatAfter('3 kota n 2 coke 2 house 22 zone 2 diepkloof');
    expect(chat.cart()).toEqual({ p_kota: 3, p_coke: 2 });
    expect(last(chat)).toContain('📍 house 22 zone 2 diepkloof');
  });

  it.each([['checkout'], ['12 main road']])('what is asked for and not sold is said, after %j, too', (said) => {
    const chat = chatAfter('2 kota', said);
    const before = last(chat);
    expect(chat.says('do you have fanta')?.text).toBe(`Sorry, we do not have fanta.\n\n${before}`);
  });

  it('a driver who passed one is at none', () =>
    expect(last(chatAfter('2 kota', 'the driver passed house 45 section d'))).not.toContain('📍'));

  it('a wrong one is replaced by the right one alone', () =>
    expect(last(chatAfter('2 kota', 'checkout', '14 Mooki Street', 'no its 15 Mooki Street'))).toContain('📍 15 Mooki Street'));

  it('what is said of a picture is none, a street below it is one', () => {
    const chat = chatAfter('2 kota', 'checkout');
    const pictured = (caption: string) => chat.after(() => chat.receive({ kind: 'media', mediaKind: 'image', mediaId: 'm1', caption }));
    expect(pictured('this is my house')?.text).toContain('Where should we bring it?');
    expect(chat.get().step).toBe('address');
    expect(pictured('14 Mooki Street')?.text).toContain('📍 14 Mooki Street');
  });

  it('a card sent in the middle of it leaves the question standing', () => {
    const chat = chatAfter('2 kota', 'checkout');
    const told = chat.after(() => chat.receive({ kind: 'other', originalType: 'contacts' }));
    expect(told?.kind).toBe('location_request');
    expect(chat.get().step).toBe('address');
  });
});

describe('in the middle of an order', () => {
  it('a correction of what is so already shows it', () => {
    const chat = chatAfter('2 kota', 'no 3', 'i said 3 not 2');
    expect(chat.cart()).toEqual({ p_kota: 3 });
    expect(choices(chat.phone.at(-1) ?? null)[0]).toMatch(/^checkout:/);
  });

  it.each(['hoeveel is dit alles saam', 'yimalini yonke'])('%j shows what it comes to', (text) =>
    expect(last(chatAfter('2 kota', text))).toContain('Subtotal: R90'),
  );

  it('"ukudla kuzofika nini" asks after the order', () => {
    const chat = new Chat();
    chat.order();
    expect(chat.says('ukudla kuzofika nini')?.text).toContain('*K7F*');
  });
});

describe('second thoughts', () => {
  it.each<[readonly string[], Record<string, number>]>([
    [['2 kota, 1 coke', 'my friend doesnt want the coke anymore'], { p_kota: 2 }],
    [['2 kota', 'replace one with full house'], { p_kota: 1, p_full: 1 }],
    [['2 kota', 'replace it with full house'], { p_full: 2 }],
    [['2 kota', 'make that 4 theres more people now'], { p_kota: 4 }],
    [['2 kota', 'sipho also wants one'], { p_kota: 3 }],
    [['2 kota', 'sipho wants one'], { p_kota: 2 }],
    [['how much is kota', 'ok give me 2 and a coke'], { p_kota: 2, p_coke: 1 }],
  ])('after %j the cart has %j', (texts, cart) => expect(chatAfter(...texts).cart()).toEqual(cart));

  it('a number of nothing that is known is said back', () =>
    expect(last(chatAfter('give me 2 and a coke'))).toContain('I did not get: 2.'));

  it.each(["don't order yet", "i'll wait for my sister to confirm", 'order'])(
    '%j to the quote places nothing and leaves it open',
    (text) => {
      const chat = chatAfter('2 kota', 'checkout', '12 Vilakazi Street', text);
      expect(chat.commands()).toEqual([]);
      expect(chat.get().step).toBe('confirm');
    },
  );
});

describe('a first message of one verb is answered in its language', () => {
  it.each(['nivala nini', 'nisavulile?', 'niyaletha e-orlando west?', 'ushayeli ukuphi', 'susa i-coke', 'ngizothatha ikota'])(
    '%s',
    (text) => {
      const chat = new Chat();
      expect(chat.says(text)?.text).toContain('Siyakwamukela');
      expect(chat.state.session.language).toBe('zu');
    },
  );
});

it('with an order open, "where is it" and "iphi" tell where it is', () => {
  for (const text of ['where is it', 'iphi', 'umshayeli ukuphi']) {
    const chat = new Chat();
    chat.order();
    expect(chat.says(text)?.text).toContain('K7F');
  }
});
