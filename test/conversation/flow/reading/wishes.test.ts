/** How an item is wished, what was named one instead of the other, and where to, all in one text: nothing is lost, guessed or ordered twice. */
import { describe, expect, it } from 'vitest';
import { type Chat, chatAfter, choices } from '../../flow-harness.ts';

const wishes = (chat: Chat) => chat.get().cart.map((line) => line.note ?? null);
const placed = (chat: Chat) => chat.done.find((effect) => (effect.command as { type: string }).type === 'place')?.command;

describe('a wish about an item stays with it and reaches the shop', () => {
  it.each([
    ['2 kota no onions', ['no onions']],
    ['kota without atchar', ['without atchar']],
    ['ikota ngaphandle kwe anyanisi', ['ngaphandle kwe anyanisi']],
    ['extra cheese kota', ['extra cheese']],
    ['kota with cheese and a coke no ice', ['with cheese', 'no ice']],
    ['2 kota, one without onions', ['one without onions']],
    ['1 kota no onions and 1 kota extra cheese', ['1 x no onions, 1 x extra cheese']],
    ['2 kota no onions 2 coke', ['no onions', null]],
  ] as const)('%j', (text, expected) => {
    const chat = chatAfter(text);
    expect(wishes(chat)).toEqual(expected);
    for (const wish of expected) if (wish !== null) expect(chat.phone.at(-1)?.text).toContain(wish);
  });

  it('is shown in the quote and goes with the order, beside the note to the driver', () => {
    const chat = chatAfter('2 kota no onions', 'leave it at the gate', 'checkout', '12 Main Road');
    expect(chat.phone.at(-1)?.text).toContain('2 x Kota (no onions)');
    chat.says('yes');
    expect(placed(chat)).toMatchObject({ dropoff: { address: '12 Main Road', note: 'Kota: no onions; leave it at the gate' } });
    expect(chatAfter('2 kota no onions', 'clear cart', '1 kota').get().cart[0]).not.toHaveProperty('note');
  });

  it('said after the order of the item, it orders nothing more', () => {
    for (const text of ['no onions', 'actually no onions on my kota', 'add cheese to the kota', 'extra sauce please'])
      expect([chatAfter('2 kota', text).cart(), wishes(chatAfter('2 kota', text))[0]], text).toEqual([{ p_kota: 2 }, expect.any(String)]);
  });

  it('said to the quote, it is neither a yes nor a no: the quote is shown with it', () => {
    for (const text of ['no onions', 'yes please no onions', 'yes but no cheese']) {
      const chat = chatAfter('2 kota', 'checkout', '12 Main Road', text);
      expect([chat.commands(), chat.phone.at(-1)?.text.includes('12 Main Road')], text).toEqual([[], true]);
      expect(wishes(chat)).not.toEqual([null]);
    }
  });

  it('is of as many as had it when more come', () => {
    expect(wishes(chatAfter('2 kota no onions', '1 more kota'))).toEqual(['2 x no onions']);
    expect(wishes(chatAfter('2 kota', '1 kota no onions'))).toEqual(['1 x no onions']);
  });

  it.each(['coke because we have not eaten since morning', 'no ways', 'no problem', 'no data', 'no rush'])('%j is none', (text) =>
    expect(wishes(chatAfter('coke', text))).toEqual([null]),
  );

  it('too late, a person is offered', () => {
    expect(choices(chatAfter('2 kota', '12 Main Road', 'yes').says('extra sauce please'))).toContain('person');
  });
});

describe('one or the other is asked, never both ordered', () => {
  it.each([
    ['kota or coke', ['prod:p_kota', 'prod:p_coke']],
    ['ikota noma icoke', ['prod:p_kota', 'prod:p_coke']],
    ['2 kota or 3 coke', ['pick:2:p_kota', 'pick:3:p_coke']],
    ['kota, or if you dont have kota a coke', ['prod:p_kota', 'prod:p_coke']],
    ['2 coke, if no coke then a vetkoek', ['pick:2:p_coke', 'prod:p_vetkoek']],
  ])('%j', (text, ids) => {
    const chat = chatAfter(text);
    expect([chat.cart(), chat.ids()]).toEqual([{}, ids]);
  });

  it('how many of one is asked, too', () => {
    const chat = chatAfter('2 or 3 kota');
    expect([chat.cart(), chat.phone.at(-1)?.text.includes('How many Kota')]).toEqual([{}, true]);
    chat.says('3');
    expect(chat.cart()).toEqual({ p_kota: 3 });
  });
});

describe('order, address and wishes in one text', () => {
  it.each([
    ['2 kota to 12 Main Street cash please', '12 Main Street', null],
    ['2 kota, 12 Main Street, Orlando West, cash', '12 Main Street, Orlando West', null],
    ['2 kota no cheese 12 Main Road leave it at the gate', '12 Main Road', 'Kota: no cheese; leave it at the gate'],
  ])('%j is quoted at once and placed by one yes', (text, address, note) => {
    const chat = chatAfter(text);
    expect([chat.get().step, chat.commands(), chat.cart()]).toEqual(['confirm', [], { p_kota: 2 }]);
    chat.says('yes');
    expect(placed(chat)).toMatchObject({ dropoff: { address, note } });
  });

  it('with an order under way no address is taken', () => {
    const chat = chatAfter('2 kota', '12 Main Road', 'yes', '1 coke to 14 Main Street');
    expect([chat.cart(), chat.get().step]).toEqual([{ p_coke: 1 }, null]);
  });
});

describe('a price and then a number', () => {
  it('orders what was asked about', () => expect(chatAfter('hi', 'how much is a kota', 'ok give me 2').cart()).toEqual({ p_kota: 2 }));
  it('"how much is that" shows the cart', () =>
    expect(chatAfter('2 kota', 'how much is that').phone.at(-1)?.text).toContain('Subtotal: R90'));
});
