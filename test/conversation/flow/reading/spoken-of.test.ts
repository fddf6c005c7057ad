/** What is praised, asked about or only a condition orders nothing; a name's own number and its own words are no quantity and no place. */
import { describe, expect, it } from 'vitest';
import { Chat, NEAR, PRODUCTS, viewWith } from '../../flow-harness.ts';

function named(id: string, name: string): (typeof PRODUCTS)[number] {
  return { ...(PRODUCTS[0] as (typeof PRODUCTS)[number]), id, name, aliases: [] };
}

function shopWith(...names: readonly (readonly [string, string])[]): Chat {
  const chat = new Chat();
  chat.view = viewWith({ products: [...PRODUCTS, ...names.map(([id, name]) => named(id, name))] });
  chat.says('hi');
  return chat;
}

function atAddress(chat: Chat): Chat {
  chat.says('1 kota');
  chat.taps(chat.buttonStarting('checkout:'));
  return chat;
}

function atQuote(chat: Chat): Chat {
  atAddress(chat).pins(NEAR);
  return chat;
}

describe('a number that belongs to a name is no quantity', () => {
  it.each([
    ['a 7 up', { p_up: 1 }],
    ['can i get a 7 up and 2 coke', { p_up: 1, p_coke: 2 }],
    ['seven up', { p_up: 1 }],
    ['2 seven up', { p_up: 2 }],
    ['two six wings', { p_wings: 2 }],
    ['six wings', { p_wings: 1 }],
    ['two piece chicken', { p_piece: 1 }],
    ['2 2 piece chicken', { p_piece: 2 }],
    ['7 colours', { p_colours: 1 }],
    ['2 7 colours', { p_colours: 2 }],
    ['a dozen vetkoek', { p_vetkoek: 12 }],
  ])('%j', (said, cart) => {
    const chat = shopWith(['p_up', '7 Up'], ['p_wings', '6 Wings'], ['p_piece', '2 Piece Chicken'], ['p_colours', 'Seven Colours']);
    chat.says(said);
    expect(chat.cart()).toEqual(cart);
  });

  it('one of several becomes one, not as many as the name says', () => {
    const chat = shopWith(['p_up', '7 Up']);
    chat.says('3 kota');
    chat.says('make one of them a 7 up');
    expect(chat.cart()).toEqual({ p_kota: 2, p_up: 1 });
  });
});

describe('to the address question the name of a product is no place', () => {
  it.each([
    ['2 full house kota', { p_kota: 1, p_full: 2 }],
    ['add a full house', { p_kota: 1, p_full: 1 }],
    ['5 coke at R35 each', { p_kota: 1, p_coke: 5 }],
    ['2 full house, 1 for me and 1 for my sister', { p_kota: 1, p_full: 2 }],
  ])('%j is ordered', (said, cart) => {
    const chat = atAddress(shopWith(['p_full', 'Full House Kota']));
    chat.says(said);
    expect(chat.cart()).toEqual(cart);
    expect(chat.state.session.place).toBeNull();
  });

  it.each(['house 12 Kota Street', '14 Coke Road', 'the house opposite the school'])('%j is still one', (said) => {
    const chat = atAddress(shopWith(['p_full', 'Full House Kota']));
    chat.says(said);
    expect(chat.state.session.place?.address).toBe(said);
    expect(chat.cart()).toEqual({ p_kota: 1 });
  });

  it('an order beside the address is taken, whatever its name is made of', () => {
    const chat = atAddress(shopWith(['p_full', 'Full House Kota']));
    chat.says('2 full house kota, 12 Main Road');
    expect(chat.cart()).toEqual({ p_kota: 1, p_full: 2 });
    expect(chat.state.session.place?.address).toBe('12 Main Road');
  });
});

describe('a yes with a condition places nothing and orders nothing', () => {
  it.each([
    'yes in case its free',
    'yes provided its hot',
    'yes so long as its hot',
    'yes assuming the driver has change',
    'yes depending on the time',
    'yes after i get money',
    'ok but only after the rain',
    'yes if you have coke',
    'yes only if you have coke',
    'yes as long as the coke is cold',
    'ja mits dit warm is',
  ])('%j', (said) => {
    const chat = atQuote(new Chat());
    expect(chat.says(said)).not.toBeNull();
    expect(chat.commands()).not.toContain('place');
    expect(chat.cart()).toEqual({ p_kota: 1 });
  });

  it('what is counted or added beside it is ordered', () => {
    const chat = atQuote(new Chat());
    chat.says('yes and add a coke if you have');
    expect(chat.cart()).toEqual({ p_kota: 1, p_coke: 1 });
  });
});

describe('praise and questions order nothing', () => {
  it.each([
    'thanks for the coke',
    'i love your coke',
    'the coke was nice last time',
    'how many coke can i order',
    'what about coke?',
    'what about a coke',
  ])('%j', (said) => {
    const chat = new Chat();
    chat.says('1 kota');
    expect(chat.says(said)).not.toBeNull();
    expect(chat.cart()).toEqual({ p_kota: 1 });
  });

  it("a name's own number counts nothing there, either", () => {
    const chat = atQuote(shopWith(['p_colours', '7 Colours']));
    chat.says('thanks for the 7 colours');
    chat.says('yes if you have 7 colours');
    expect(chat.cart()).toEqual({ p_kota: 1 });
    expect(chat.commands()).not.toContain('place');
  });

  it.each(['thanks for the kota, i want a coke', 'thanks for the kota, a coke', 'i love your coke, one more please', 'what about 1 coke'])(
    '%j orders what is wanted beside it',
    (said) => {
      const chat = new Chat();
      chat.says('1 kota');
      chat.says(said);
      expect(chat.cart()).toEqual({ p_kota: 1, p_coke: 1 });
    },
  );
});

describe('asked of which line a number is', () => {
  it.each(['add 2 coke', '2 more coke'])('%j comes on top instead of answering', (said) => {
    const chat = new Chat();
    chat.says('1 kota and 1 coke');
    chat.says('make it 3');
    chat.says(said);
    expect(chat.cart()).toEqual({ p_kota: 1, p_coke: 3 });
  });
});

describe('what is exchanged by name comes in the number of what goes', () => {
  it.each([
    ['swap the coke for stoney', { p_kota: 1, p_stoney: 3 }],
    ['change coke to stoney', { p_kota: 1, p_stoney: 3 }],
    ['swap the coke for 2 stoney', { p_kota: 1, p_stoney: 2 }],
    ['swap 1 coke for stoney', { p_kota: 1, p_coke: 2, p_stoney: 1 }],
    ['swap the coke for vetkoek and stoney', { p_kota: 1, p_vetkoek: 1, p_stoney: 1 }],
  ])('%j', (said, cart) => {
    const chat = shopWith(['p_stoney', 'Stoney']);
    chat.says('1 kota and 3 coke');
    chat.says(said);
    expect(chat.cart()).toEqual(cart);
  });
});
