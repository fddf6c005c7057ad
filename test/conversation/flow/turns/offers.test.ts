/** What is not sold is said and something near offered; a row of the menu answers to its place; an address comes in parts; nothing is lost in silence. */
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../../src/actors/tenant/protocol.ts';
import { Chat, PRODUCTS, viewWith } from '../../flow-harness.ts';

const made = (id: string, name: string, category: string, more: Partial<Product> = {}): Product => ({
  ...(PRODUCTS[0] as Product),
  id,
  name,
  category,
  aliases: [],
  ...more,
});

function chatAfter(...said: string[]): Chat {
  const chat = new Chat();
  chat.view = viewWith({
    products: [
      ...PRODUCTS.map((product) => (product.id === 'p_kota' ? { ...product, description: 'Chips, polony, atchar' } : product)),
      made('p_bread', 'White bread', 'Bread', { aliases: ['bread'] }),
      made('p_atchar', 'Atchar', 'Sides'),
      made('p_chips_s', 'Small chips', 'Sides'),
      made('p_chips_l', 'Large chips', 'Sides', { aliases: ['chips', 'slap chips'] }),
      made('p_polony', 'Vetkoek with polony', 'Meals'),
    ],
  });
  for (const text of said) chat.says(text);
  return chat;
}

const text = (chat: Chat): string => chat.phone.at(-1)?.text ?? '';
const notes = (chat: Chat) => chat.get().cart.map((line) => line.note ?? null);
const address = (chat: Chat) => chat.state.session.place?.address ?? null;

describe('another kind', () => {
  it('is said not to be sold, and what there is is offered, in the number that was asked', () => {
    const chat = chatAfter('2 brown bread and a kota');
    expect([chat.cart(), text(chat)]).toEqual([{ p_kota: 1 }, expect.stringContaining('we do not have brown bread')]);
    expect(text(chat)).toContain('White bread');
    chat.says('yes please');
    expect(chat.cart()).toEqual({ p_kota: 1, p_bread: 2 });
  });

  it('offered, it may be counted anew, tapped, or declined', () => {
    expect(chatAfter('coke zero', '3').cart()).toEqual({ p_coke: 3 });
    expect(chatAfter('coke zero', 'no thanks').cart()).toEqual({});
    const chat = chatAfter('2 coke zero');
    chat.taps(chat.buttonStarting('pick:2:p_coke'));
    expect(chat.cart()).toEqual({ p_coke: 2 });
  });

  it('asked about, it is not taken for what is sold', () => {
    expect(text(chatAfter('how much is brown bread'))).toContain('we do not have brown bread');
  });
});

describe('a size by any name', () => {
  it.each([
    ['small fries', { p_chips_s: 1 }],
    ['2 slap chips small and large fries', { p_chips_s: 2, p_chips_l: 1 }],
    ['amachips amancane', { p_chips_s: 1 }],
    ['amachips amabili amancane', { p_chips_s: 2 }],
    ['chips x2 small', { p_chips_s: 2 }],
    ['2 large chips 1 small', { p_chips_s: 1, p_chips_l: 2 }],
    ['kota e kgolo', { p_kota: 1 }],
    ['ikota eyodwa enkulu', { p_kota: 1 }],
    ['chips', { p_chips_l: 1 }],
  ])('%j is what is sold in it', (said, cart) => expect(chatAfter(said).cart()).toEqual(cart));

  it('takes away what it names, and one that is not sold is said not to be', () => {
    expect(chatAfter('small chips and large chips', 'remove the small fries').cart()).toEqual({ p_chips_l: 1 });
    expect(text(chatAfter('medium fries'))).toContain('we do not have medium fries');
  });
});

describe('wishes', () => {
  it('made after the order are kept with the only line', () => {
    for (const wish of ['make it spicy', 'extra chilli', 'light on the sauce', 'no onions'])
      expect(notes(chatAfter('2 kota', wish)), wish).toEqual([wish]);
  });

  it('each is of what it was said of, also of parts that the menu names', () => {
    expect(notes(chatAfter('2 kotas, 1 with extra cheese, 1 no polony'))).toEqual(['1 with extra cheese, 1 no polony']);
    expect(notes(chatAfter('kota without the atchar and polony'))).toEqual(['without the atchar and polony']);
    expect(notes(chatAfter('kota no atchar extra polony'))).toEqual(['no atchar, extra polony']);
    expect(notes(chatAfter('2 kotas, 1 coke, make the kotas spicy and the coke cold'))).toEqual(['spicy', 'cold']);
  });
});

describe('what is said of the whole cart', () => {
  it.each([
    ['2 each', { p_kota: 2, p_coke: 2 }],
    ['one more of each', { p_kota: 2, p_coke: 2 }],
    ['same again', { p_kota: 2, p_coke: 2 }],
  ])('%j', (said, cart) => expect(chatAfter('kota and coke', said).cart()).toEqual(cart));

  it.each([
    ['one less', 2],
    ['add another', 4],
    ['another one', 4],
    ['make it 3', 3],
  ])('%j of the only line', (said, number) => expect(chatAfter('3 kota', said).cart()).toEqual({ p_kota: number }));
});

describe('a row of the menu', () => {
  it('answers to its place, of the very last message only', () => {
    const chat = chatAfter('menu');
    chat.says('2');
    expect(text(chat)).toContain('Drinks');
    chat.says('the first one');
    expect(chat.cart()).toEqual({ p_coke: 1 });
    chat.says('the first one');
    expect(chat.cart()).toEqual({ p_coke: 1 });
  });

  it('comes in a number, and one that is not there is none', () => {
    expect(chatAfter('meals', '2 of the last one').cart()).toEqual({ p_polony: 2 });
    expect(chatAfter('meals', '9').cart()).toEqual({});
    expect(chatAfter('meals', '2 kota').cart()).toEqual({ p_kota: 2 });
  });

  it('is as the menu stands when it is answered', () => {
    const chat = chatAfter('drinks');
    chat.view = viewWith({ products: PRODUCTS.filter(({ category }) => category !== 'Drinks') });
    chat.says('1');
    expect([chat.cart(), chat.phone.length]).toEqual([{}, 2]);
  });
});

describe('an address in parts', () => {
  it.each([
    [['12 Vilakazi Street', 'Orlando West', 'next to the church'], '12 Vilakazi Street, Orlando West, next to the church'],
    [['12 Main Road', 'White City Jabavu', 'by the robots'], '12 Main Road, White City Jabavu, by the robots'],
    [['house 1234', 'zone 6', 'diepkloof'], 'house 1234, zone 6, diepkloof'],
    [['12 Vilakazi Street', '14 Church Street'], '14 Church Street'],
    [['12 Vilakazi Street', 'no, next to the church'], 'next to the church'],
  ])('%j', (said, whole) => {
    const chat = chatAfter('2 kota', 'checkout', ...said);
    expect([address(chat), chat.get().step]).toEqual([whole, 'confirm']);
    expect(text(chat)).toContain(`📍 ${whole}`);
  });

  it('goes on only where it was typed for this order', () => {
    const chat = chatAfter('2 kota', 'checkout', '12 Main Road', 'yes');
    expect(chat.commands()).toContain('place');
    const next = chatAfter('to 12 Main Road', '2 kota', 'checkout', 'next to the church');
    expect(address(next)).toBe('next to the church');
  });

  it('said before anything is ordered is kept, and asked no more', () => {
    expect(address(chatAfter('letha ku 12 Main Road'))).toBe('12 Main Road');
    const chat = chatAfter('deliver to 12 Main Road');
    expect(text(chat)).toContain('12 Main Road');
    chat.says('1 kota');
    chat.says('checkout');
    expect([address(chat), chat.get().step]).toEqual(['12 Main Road', 'confirm']);
  });

  it('behind an order may be a zone and a house', () => {
    const chat = chatAfter('send kota to zone 6 house 12');
    expect([chat.cart(), address(chat)]).toEqual([{ p_kota: 1 }, 'zone 6 house 12']);
  });

  it('a door and a name with a capital are one unasked while something is in the cart', () => {
    expect(address(chatAfter('2 kota', '12 Vilakazi'))).toBe('12 Vilakazi');
    for (const said of ['12 burgers', '12 Burgers', '12 vilakazi']) expect(address(chatAfter('2 kota', said)), said).toBeNull();
  });

  it('small talk behind it is none', () => {
    for (const said of [
      'thanks',
      'yes?',
      'hurry',
      'how long',
      'ok maybe',
      'sounds good',
      'Lovely',
      'beautiful weather',
      'the driver must drive fast',
    ])
      expect(address(chatAfter('2 kota', 'checkout', '12 Main Road', said)), said).toBe('12 Main Road');
  });
});

describe('questions', () => {
  it('of several with numbers are answered with what they come to, and order nothing', () => {
    const chat = chatAfter('how much for 2 kota and a coke');
    expect([text(chat).replace(/\u00a0/g, ' '), chat.cart()]).toEqual([expect.stringMatching(/2 x Kota, 1 x Coke: R ?108/), {}]);
  });

  it('with a number alone behind it order what was asked about', () => {
    expect(chatAfter('is the kota R45? give me 2').cart()).toEqual({ p_kota: 2 });
    expect(chatAfter('is the kota R45? thanks').cart()).toEqual({});
  });

  it('about what is in it are answered with what the menu says', () => {
    expect(text(chatAfter('what is in the kota'))).toContain('Chips, polony, atchar');
  });

  it('that nobody here can answer are said to be, and offered a person', () => {
    const chat = chatAfter('2 kota', 'is it fresh');
    expect([text(chat), chat.ids()]).toEqual([expect.stringContaining('I do not know'), expect.arrayContaining(['person'])]);
  });
});

describe('isiZulu, long and polite', () => {
  it.each([
    'Ngihlala eMzimhlophe eduze kwesikole samabanga aphansi',
    'Ngise-Orlando West, emgwaqweni iVilakazi, inombolo yendlu yi-12',
    'Ngicela niyilethe kwa Mofolo, ngemuva kwesitolo sikaThabo',
  ])('%j says where to, unasked', (said) => {
    const chat = chatAfter('ngicela amakota amabili', said);
    expect([address(chat), chat.get().step]).toEqual([said, 'confirm']);
  });

  it.each(['Sengizobuza umzukulu wami ikheli', 'angilazi ikheli', 'ngithumelele umshayeli manje', 'Ngihlala kude'])(
    '%j is no address, asked or not',
    (said) => {
      expect(address(chatAfter('ngicela ikota', said))).toBeNull();
      if (said !== 'Ngihlala kude') expect(address(chatAfter('ngicela ikota', 'khokha', said))).toBeNull();
    },
  );

  it.each(['ngikhokhe malini', 'ngicela ukwazi ukuthi sekuyimalini', 'sekuyimalini konke?'])('%j is told from the cart', (said) =>
    expect(text(chatAfter('ngicela amakota amabili', said))).toContain('R90'),
  );

  it('counts anew what should have been, and takes away what the verb names', () => {
    expect(chatAfter('amakota amane', 'bekufanele kube amakota amahlanu').cart()).toEqual({ p_kota: 5 });
    expect(chatAfter('amakota amane', 'cha, amakota amahlanu').cart()).toEqual({ p_kota: 5 });
    expect(chatAfter('amakota amabili necoke', 'ngicela uwasuse amakota').cart()).toEqual({ p_coke: 1 });
  });

  it.each(['faka i-oda', 'ngiqedile', 'qedela'])('%j goes on to the checkout', (said) =>
    expect(chatAfter('ngicela ikota', said).get().step).toBe('address'),
  );

  it.each(['yebo faka i-oda', 'yes place the order'])('%j is a yes to the quote', (said) => {
    const chat = chatAfter('kota', 'checkout', '12 Vilakazi Street', said);
    expect(chat.get().step).not.toBe('confirm');
  });
});

describe('an order for several', () => {
  it('keeps what is more of a part with the item, in its number, unless that is sold by itself', () => {
    const chat = chatAfter('3 kota (1 no atchar, 1 extra polony)');
    expect([chat.cart(), notes(chat)]).toEqual([{ p_kota: 3 }, ['1 no atchar, 1 extra polony']]);
    for (const said of ['light on atchar', 'lots of chips', 'with lots of atchar'])
      expect([chatAfter(`kota ${said}`).cart(), notes(chatAfter(`kota ${said}`))], said).toEqual([{ p_kota: 1 }, [said]]);
    expect(chatAfter('kota and extra atchar').cart()).toEqual({ p_kota: 1, p_atchar: 1 });
  });

  it('orders once what is called by two of its names', () => {
    expect(chatAfter('2 coke coca cola').cart()).toEqual({ p_coke: 2 });
    expect(chatAfter('coke coke').cart()).toEqual({ p_coke: 2 });
  });

  it('keeps no budget as a note for the driver', () => {
    expect(text(chatAfter('2 kota', 'leave it at R700'))).not.toContain('📝');
    expect(text(chatAfter('2 kota', 'leave it at the gate'))).toContain('📝');
  });
});
