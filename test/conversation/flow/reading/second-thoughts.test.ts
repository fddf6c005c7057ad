/** What customers say when they change their mind, doubt, or speak of the way: nothing is ordered, counted or overwritten that they did not mean. */
import { describe, expect, it } from 'vitest';
import { Chat, chatAfter, choices, NEAR } from '../../flow-harness.ts';

const QUOTED = ['2 kota', 'checkout', '12 Main Road'] as const;
const address = (chat: Chat) => chat.state.session.place?.address ?? null;

describe('a correction counts anew, it adds nothing', () => {
  it.each([
    ['sorry i meant 3 kota', 3],
    ['i mean 3 kota', 3],
    ['no 3 kota', 3],
    ['no sorry, 4 kota', 4],
    ['sorry 3', 3],
    ['only 1 kota', 1],
    ['just 1', 1],
    ['just the kota', 2],
    ['i want 3 not 2', 3],
    ['3 kota not 2 kota', 3],
    ['3 instead', 3],
    ['cha ngifuna amathathu', 3],
    ['nee drie kotas', 3],
  ])('%j', (text, quantity) => expect(chatAfter('2 kota', text).cart()).toEqual({ p_kota: quantity }));

  it.each(['sorry, can i get another kota', 'sorry a kota please', 'no worries, 1 more kota'])('%j is one more', (text) =>
    expect(chatAfter('2 kota', text).cart()).toEqual({ p_kota: 3 }),
  );

  it.each(['no 1 is here', 'no one is here', 'wait 5 minutes', 'just 1 sec', 'sorry im late', 'i will come now'])(
    '%j counts nothing',
    (text) => expect(chatAfter('2 kota', text).cart()).toEqual({ p_kota: 2 }),
  );

  it.each(['remove everything except the kota', 'delete all but the kota', 'clear cart except kota'])(
    '%j takes nothing away, and says so',
    (text) => {
      const chat = chatAfter('2 kota and 2 coke', text);
      expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 2 });
      expect(chat.phone.at(-1)?.text).toContain(text);
    },
  );
});

describe('only a plain yes places an order', () => {
  it.each([
    'ok how long will it take',
    'ok but is the kota fresh?',
    'yes 3',
    'yes but wait',
    'yebo kodwa ngifuna amathathu',
    'right next to the shop',
    'sure, do you have cold drinks?',
    'yes i am at house 14 near the church',
    'yes please no onions',
    'thanks',
  ])('%j does not', (text) => {
    const chat = chatAfter(...QUOTED);
    expect(chat.says(text)).not.toBeNull();
    expect([chat.commands(), chat.cart()]).toEqual([[], { p_kota: 2 }]);
  });

  it.each(['yes', 'ok thanks', 'yes please hurry', 'yebo mfethu', 'yes to 12 main road'])('%j does', (text) =>
    expect(chatAfter(...QUOTED, text).commands()).toEqual(['reserve', 'place']),
  );

  it('thanks, questions of time and of the price of the way show the quote again', () => {
    const chat = chatAfter(...QUOTED);
    for (const text of ['thanks', 'how long will it take', 'how much is delivery']) expect(chat.says(text)?.text).toContain('12 Main Road');
  });
});

describe('what is no address is not taken for one', () => {
  it.each([
    'how long will it take?',
    'do you deliver to soweto?',
    'how much is delivery to orlando',
    'actually make it 3',
    'my name is Thabo',
    'i am allergic to peanuts',
    'for 6pm',
    'tomorrow please',
    'you are useless',
    '0821234567',
    'same address as last time',
    'sorry wrong number',
    'i will be home in 10 minutes',
    'leave it at the gate',
  ])('%j', (text) => {
    const chat = chatAfter('2 kota', 'checkout');
    expect(chat.says(text)).not.toBeNull();
    expect([address(chat), chat.commands()]).toEqual([null, []]);
  });

  it.each([
    ['Mandela Park', 'Mandela Park'],
    ['i stay at mandela hostel', 'mandela hostel'],
    ['the big yellow house', 'the big yellow house'],
    ['kwa Mabhida ngasesikoleni', 'kwa Mabhida ngasesikoleni'],
    ['come to mzimhlophe', 'mzimhlophe'],
  ])('%j is one', (text, place) => expect(address(chatAfter('2 kota', 'checkout', text))).toBe(place));

  it('asked twice in vain, the question still stands beside the person', () => {
    const chat = chatAfter('2 kota', 'checkout', 'you are useless', 'tomorrow');
    expect(chat.phone.at(-1)?.text).toContain('I still need the address');
    expect(chat.ids()).toContain('person');
  });

  it('an order beside it is ordered, and the address is the rest', () => {
    const chat = chatAfter('2 kota', 'checkout', '14 Main Road, and add a coke');
    expect([chat.cart(), address(chat), chat.get().step]).toEqual([{ p_kota: 2, p_coke: 1 }, '14 Main Road', 'confirm']);
    const list = chatAfter('2 kota', 'checkout', '3 vetkoek\n1 coke\n12 Main Road Orlando');
    expect([list.cart(), address(list)]).toEqual([{ p_kota: 2, p_vetkoek: 3, p_coke: 1 }, '12 Main Road Orlando']);
  });

  it('a street with its number is taken unasked while something is in the cart, and with an order under way is for a person', () => {
    expect(address(chatAfter('2 kota', '14 Church Street'))).toBe('14 Church Street');
    const chat = new Chat();
    chat.order();
    expect(choices(chat.pins(NEAR))).toContain('person');
    chat.says('14 Church Street');
    expect(chat.state.session.place).toBeNull();
  });
});

describe('a note to the driver', () => {
  it('is shown in the quote, goes with the order, and not with the next one', () => {
    const chat = chatAfter(...QUOTED);
    expect(chat.says('call me when you are outside')?.text).toContain('Note: call me when you are outside');
    chat.says('yes');
    expect(chat.done[1]?.command).toMatchObject({ dropoff: { address: '12 Main Road', note: 'call me when you are outside' } });
    expect(chat.state.session.note).toBeNull();
  });

  it('behind the yes goes with the order that it places', () => {
    const chat = chatAfter(...QUOTED, 'yes please leave it at the gate');
    expect(chat.done[1]?.command).toMatchObject({ type: 'place', dropoff: { note: 'please leave it at the gate' } });
  });

  it.each(['leave the kota at the gate', 'call me on 082 555 1234 when you are here', 'bring change for R200'])(
    '%j orders nothing',
    (text) => {
      const chat = chatAfter('2 kota', text);
      expect([chat.cart(), chat.state.session.note, chat.get().state]).toEqual([{ p_kota: 2 }, text, 'CUSTOMER_FLOW']);
    },
  );

  it('is dropped with the draft, and for an order under way a person is offered', () => {
    expect(chatAfter('2 kota', 'leave it at the gate', 'cancel').state.session.note).toBeNull();
    const chat = new Chat();
    chat.order();
    expect(choices(chat.says('call me when you are here'))).toContain('person');
    expect(chat.get().state).toBe('ORDER_TRACKING');
  });
});

describe('a question beside an order', () => {
  it('is answered with the price, and only the order is ordered', () => {
    const chat = chatAfter('2 kota and how much is a coke');
    expect([chat.cart(), chat.phone.at(-1)?.text]).toEqual([{ p_kota: 2 }, expect.stringContaining('Coke: R18')]);
  });

  it.each(['is the kota nice', 'how much is kota, coke', 'allergic to egg, does kota have egg?', 'do you have kota, coke'])(
    '%j orders nothing',
    (text) => expect(chatAfter(text).cart()).toEqual({}),
  );
});

describe('stars in other words', () => {
  it.each([
    ['4 stars', 4],
    ['5/5', 5],
    ['⭐⭐⭐', 3],
  ])('%j right after the question', (text, stars) => {
    const chat = new Chat();
    const orderId = chat.order();
    chat.after(() =>
      chat.tell({ type: 'order_changed', orderId, code: 'K7F', status: 'DELIVERED', version: 9, reason: null, byDriver: true }),
    );
    chat.says(text);
    expect(chat.done.at(-1)?.command).toMatchObject({ type: 'rate_driver', stars });
  });
});
