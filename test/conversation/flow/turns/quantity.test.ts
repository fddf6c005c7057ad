/** "How many would you like?": the very next message that is only a number is the answer, and nothing else ever is. */
import { describe, expect, it } from 'vitest';
import type { OutboundBody } from '../../../../src/actors/conversation/protocol.ts';
import { countAlone } from '../../../../src/actors/conversation/text/meaning/count.ts';
import { Chat, HOUR_MS, PRODUCTS, replay, viewWith } from '../../flow-harness.ts';

/** In the middle of a chat, asked how many kota. */
function asked(...before: readonly string[]): Chat {
  const chat = new Chat();
  for (const text of ['hi', ...before]) chat.says(text);
  expect(chat.says('0 kota')?.text).toContain('How many Kota');
  return chat;
}

describe('the answer to "how many"', () => {
  it.each([
    ['3', 3],
    [' 3! ', 3],
    ['three', 3],
    ['kuthathu', 3],
    ['ezintathu', 3],
    ['ngicela ezimbili nje', 2],
    ['3 pls', 3],
    ['x3', 3],
    ['3x', 3],
    ['ok make it 3', 3],
    ['i want two of them please', 2],
    ['3\ufe0f\u20e3', 3],
    ['a dozen', 12],
    ['twenty five', 25],
    ['ishumi nambili', 12],
    ['tse tharo', 3],
  ])('%j is so many of what was asked about', (text, quantity) => {
    const chat = asked();
    expect(chat.says(text)?.text).toContain(`Added ${quantity} x Kota`);
    expect(chat.cart()).toEqual({ p_kota: quantity });
    expect(replay(chat)).toEqual(chat.state);
  });

  it('is the whole quantity of it, whatever the cart held of it or of others', () => {
    const chat = new Chat();
    for (const text of ['2 kota and a coke', 'half a kota', '3']) chat.says(text);
    expect(chat.cart()).toEqual({ p_kota: 3, p_coke: 1 });
    expect(asked('coke').says('make it 4')?.text).toContain('4 x Kota');
  });

  it.each(['a', '2 or 3', '2, 3', 'R35', '3 minutes', 'at 3', '3rd', 'cancel 3', 'not 3', 'yes', '3 vilakazi street', '🙏', ''])(
    '%j is no number alone',
    (text) => expect(countAlone(text)).toBeNull(),
  );

  it('under a picture counts, and a reaction comes between without harm', () => {
    const chat = asked();
    chat.receive({ kind: 'reaction', messageId: 'm', emoji: '👍' });
    chat.after(() => chat.receive({ kind: 'media', mediaKind: 'image', mediaId: 'm1', caption: '3' }));
    expect(chat.cart()).toEqual({ p_kota: 3 });
  });

  it('keeps the limits: too many is capped in words and may be answered again, zero is asked again', () => {
    for (const [text, told] of [
      ['1,000', 'up to 50'],
      ['1000', 'up to 50'],
      ['0', 'How many Kota'],
      ['-2', 'How many Kota'],
      ['1.5', 'How many Kota'],
    ] as const) {
      const chat = asked();
      expect(chat.says(text)?.text).toContain(told);
      expect(chat.cart()).toEqual({});
      chat.says('50');
      expect(chat.cart()).toEqual({ p_kota: 50 });
    }
    const chat = new Chat();
    for (const text of ['0 pap and wors', '5']) chat.says(text);
    expect(chat.cart()).toEqual({ p_pap: 3 });
  });

  it('is not taken for more of what is in the cart, when that would be too many', () => {
    const chat = new Chat();
    for (const text of ['30 kota', '30 kota', '20']) chat.says(text);
    expect(chat.cart()).toEqual({ p_kota: 30 });
  });
});

describe('a number with one line in the cart', () => {
  it.each([
    ['yes', 5],
    ['4', 4],
    ['no', 1],
  ])('is asked of that line by its name; %j makes it %d', (answer, quantity) => {
    const chat = new Chat();
    chat.says('kota');
    expect(chat.says('5')?.text).toBe('Do you want 5 x Kota in all?');
    expect(chat.cart()).toEqual({ p_kota: 1 });
    chat.says(answer);
    expect(chat.cart()).toEqual({ p_kota: quantity });
    expect(replay(chat)).toEqual(chat.state);
  });
});

describe('the question is over', () => {
  it.each<[string, (chat: Chat) => unknown]>([
    ['after any other words', (chat) => chat.says('what is your name')],
    ['after another order', (chat) => chat.says('a coke')],
    ['after its answer', (chat) => chat.says('2')],
    ['after a tap', (chat) => chat.taps('menu')],
    ['after a pin', (chat) => chat.pins({ lat: -26.27, lng: 27.87 })],
    ['after a voice note', (chat) => chat.after(() => chat.receive({ kind: 'media', mediaKind: 'voice', mediaId: 'm', caption: null }))],
    ['when the cart is cleared', (chat) => chat.says('clear cart')],
    ['when it is cancelled', (chat) => chat.says('cancel')],
    [
      'after an agent wrote',
      (chat) => {
        chat.after(() => chat.tell({ type: 'agent_reply', text: 'How many plates?' }));
        chat.after(() => chat.tell({ type: 'release' }));
      },
    ],
    [
      'after a quiet day',
      (chat) => {
        chat.nowMs += 25 * HOUR_MS;
        chat.after(() => chat.tell({ type: 'session_due' }));
      },
    ],
    [
      'when the product has gone',
      (chat) => {
        chat.view = viewWith({ products: PRODUCTS.filter(({ id }) => id !== 'p_kota') });
      },
    ],
    [
      'when the product is not on sale',
      (chat) => {
        chat.view = viewWith({
          products: PRODUCTS.map((product) => (product.id === 'p_kota' ? { ...product, available: false } : product)),
        });
      },
    ],
  ])('%s: a number means nothing', (_when, happens) => {
    const chat = asked();
    happens(chat);
    const before = chat.cart();
    chat.says('3');
    expect(chat.cart()).toEqual(before);
    expect(chat.state.session.quantityAsked ?? null).toBeNull();
    expect(replay(chat)).toEqual(chat.state);
  });

  it('with a product off the menu the number is not understood, with one off sale the reply names it', () => {
    const [gone, off] = [asked(), asked()];
    gone.view = viewWith({ products: PRODUCTS.filter(({ id }) => id !== 'p_kota') });
    expect(gone.says('3')?.text).toContain('did not get that');
    off.view = viewWith({ products: PRODUCTS.map((product) => ({ ...product, available: product.id !== 'p_kota' })) });
    expect(off.says('3')?.text).toContain('do not have Kota');
  });

  it('when the order that emptied the cart was placed meanwhile, or its checkout was dropped', () => {
    for (const cancelled of [false, true]) {
      const chat = new Chat();
      for (const text of ['2 kota', 'checkout', '12 Vilakazi Street']) chat.says(text);
      chat.receive({ kind: 'reply', id: chat.buttonStarting('confirm:'), title: '' });
      if (cancelled) chat.receive({ kind: 'text', text: 'cancel' });
      chat.receive({ kind: 'text', text: '0 coke' });
      expect(chat.state.session.quantityAsked).toBe('p_coke');
      chat.settle();
      expect(chat.state.session.quantityAsked).toBeNull();
      chat.says('3');
      expect(chat.cart()).toEqual({});
    }
  });
});

describe('with the question for stars', () => {
  const delivered = (chat: Chat, orderId: string): OutboundBody | null =>
    chat.after(() =>
      chat.tell({ type: 'order_changed', orderId, code: 'K7F', status: 'DELIVERED', version: 9, reason: null, byDriver: true }),
    );

  it('a digit answers the one asked last, and only that one', () => {
    const stars = new Chat();
    const id = stars.order();
    stars.says('0 coke');
    expect(delivered(stars, id)?.kind).toBe('list');
    stars.says('3');
    expect([stars.commands().includes('rate_driver'), stars.cart()]).toEqual([true, {}]);

    const neither = new Chat();
    const other = neither.order();
    neither.says('0 coke');
    delivered(neither, other);
    neither.says('seven');
    expect([neither.commands().includes('rate_driver'), neither.cart()]).toEqual([false, {}]);

    const quantity = new Chat();
    delivered(quantity, quantity.order());
    quantity.says('0 coke');
    quantity.says('3');
    expect([quantity.commands().includes('rate_driver'), quantity.cart()]).toEqual([false, { p_coke: 3 }]);
  });
});
