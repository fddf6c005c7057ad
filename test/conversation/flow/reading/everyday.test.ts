/** What customers write in the middle of things: edits in few words, pictures for an answer, corrections, what is not sold. */
import { describe, expect, it } from 'vitest';
import { type Chat, chatAfter } from '../../flow-harness.ts';

const QUOTED = ['2 kota', 'checkout', '12 Main Road'];
const address = (chat: Chat) => chat.state.session.place?.address;

describe('edits in a few words', () => {
  it.each([
    ['add 2', ['2 kota'], { p_kota: 4 }],
    ['engeza amabili', ['2 kota'], { p_kota: 4 }],
    ['engeza amanye amabili', ['2 kota'], { p_kota: 4 }],
    ['remove 1', ['3 kota'], { p_kota: 2 }],
    ['susa amabili', ['3 kota'], { p_kota: 1 }],
    ['remove 1', ['3 kota and a coke'], { p_kota: 3, p_coke: 1 }],
    ['yenza ikota libe 3', ['2 kota'], { p_kota: 3 }],
    ['yenze zibe 4', ['2 kota'], { p_kota: 4 }],
    ['ngishintshe ikota libe ngu-2', ['5 kota'], { p_kota: 2 }],
    ['angisafuni i-coke', ['kota and 2 coke'], { p_kota: 1 }],
    ['3kota2coke', [], { p_kota: 3, p_coke: 2 }],
  ] as const)('%j after %j leaves %j', (text, before, expected) => {
    const chat = chatAfter('hi', ...before);
    chat.says(text);
    expect(chat.cart()).toEqual(expected);
  });

  it.each(['khansela konke', 'ngicela ukhansele'])('%j drops the draft', (text) => {
    const chat = chatAfter('2 kota', text);
    expect(chat.cart()).toEqual({});
  });

  it.each(['place order', 'place order please', 'qhubeka', 'proceed', 'nothing else', 'that will be all'])(
    '%j goes on to the checkout',
    (text) => {
      expect(chatAfter('2 kota', text).get().step).toBe('address');
    },
  );

  it('no order is placed by asking for it, only by agreeing to the quote', () => {
    expect(chatAfter(...QUOTED, 'place order').get().step).toBe('confirm');
    expect(chatAfter(...QUOTED, 'proceed').get().openOrderId).not.toBeNull();
  });

  it('"none" to "how many" takes none', () => {
    const chat = chatAfter('2 kota', '0 coke', 'none');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(chat.phone.at(-1)?.text).toContain('Your cart');
  });
});

describe('in the middle of a checkout', () => {
  it.each([
    ['🍔', ''],
    ['😂😂', ''],
    ['2 pizza', 'do not have pizza'],
    ['5 Main', 'do not have main'],
  ])('%j ends nothing: the question is asked again', (text, told) => {
    const chat = chatAfter('2 kota', 'checkout');
    expect(chat.says(text)).toMatchObject({ kind: 'location_request', text: expect.stringContaining(told) });
    expect(chat.get().step).toBe('address');
    const quoted = chatAfter(...QUOTED);
    expect(quoted.says(text)?.text).toMatch(new RegExp(`${told}[\\s\\S]*Shall I place the order`));
    expect(quoted.get().step).toBe('confirm');
  });

  it('a picture while the order is being placed gets no second answer', () => {
    const chat = chatAfter(...QUOTED);
    chat.receive({ kind: 'reply', id: chat.buttonStarting('confirm:'), title: '' });
    const before = chat.events.flatMap(({ event }) => event.data.out ?? []).length;
    chat.receive({ kind: 'text', text: '🍔' });
    expect(chat.events.flatMap(({ event }) => event.data.out ?? [])).toHaveLength(before);
    chat.settle();
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it.each([
    ['14 Church Street, Soweto', '14 Church Street, Soweto'],
    ['no, 14 Church Street', '14 Church Street'],
    ['the yellow house behind the clinic', 'the yellow house behind the clinic'],
    ['cha, eduze kwesikole section E', 'eduze kwesikole section E'],
  ])('%j instead of a yes is the better address, quoted anew', (text, expected) => {
    const chat = chatAfter(...QUOTED);
    const old = chat.buttonStarting('confirm:');
    expect(chat.says(text)?.text).toContain(`📍 ${expected}`);
    expect([address(chat), chat.get().step]).toEqual([expected, 'confirm']);
    chat.taps(old);
    expect(chat.commands()).toEqual([]);
    chat.says('yes');
    expect(chat.done[1]?.command).toMatchObject({ dropoff: { address: expected } });
  });

  it.each(['is it near the station 2?', 'how far is the school at 12 main road', 'the driver must drive fast', 'no', 'menu'])(
    '%j is no address',
    (text) => {
      const chat = chatAfter(...QUOTED);
      chat.says(text);
      expect(address(chat)).toBe('12 Main Road');
    },
  );

  it('a yes that names the address again is a yes', () => {
    expect(chatAfter(...QUOTED, 'yes to 12 main road').get().openOrderId).not.toBeNull();
  });
});
