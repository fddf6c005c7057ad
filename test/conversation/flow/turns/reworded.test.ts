/** What a customer edits or takes back in WhatsApp changes what they were about to order, and never an order that is placed. */
import { describe, expect, it } from 'vitest';
import { Chat, choices, last, NEAR, replay, viewWith } from '../../flow-harness.ts';

/** The customer's only texts are numbered from 1 by the harness, taps and pins with them. */
const FIRST = 'wamid.in1';

const edits = (chat: Chat, text: string | null, originalId = FIRST) => chat.after(() => chat.receive({ kind: 'edit', originalId, text }));
const takesBack = (chat: Chat, originalId = FIRST) => chat.after(() => chat.receive({ kind: 'revoke', originalId, text: null }));

function chatAfter(...texts: readonly string[]): Chat {
  const chat = new Chat();
  for (const text of texts) chat.says(text);
  return chat;
}

describe('a message that was edited', () => {
  it.each([
    ['another number', '3 kota', { p_kota: 3 }],
    ['another product', '2 vetkoek', { p_vetkoek: 2 }],
    ['more', '2 kota and a coke', { p_kota: 2, p_coke: 1 }],
    ['the same in other words', '2 kotas please', { p_kota: 2 }],
  ])('orders what it says now: %s', (_name, text, cart) => {
    const chat = chatAfter('2 kota');
    expect(choices(edits(chat, text)).some((id) => id.startsWith('checkout:'))).toBe(true);
    expect(chat.cart()).toEqual(cart);
  });

  it('leaves alone what was in the cart before it', () => {
    const chat = chatAfter('1 coke', '2 kota');
    edits(chat, '1 vetkoek', 'wamid.in2');
    expect(chat.cart()).toEqual({ p_coke: 1, p_vetkoek: 1 });
  });

  it('may be edited again, and the last words count', () => {
    const chat = chatAfter('2 kota');
    edits(chat, '3 kota');
    edits(chat, '4 kota');
    expect(chat.cart()).toEqual({ p_kota: 4 });
  });

  it('is asked to be confirmed anew: the quote that was shown is gone', () => {
    const chat = chatAfter('2 kota');
    chat.taps(chat.buttonStarting('checkout:'));
    chat.pins(NEAR);
    const confirm = chat.buttonStarting('confirm:');
    edits(chat, '3 kota');
    chat.taps(confirm);
    expect(chat.commands()).toEqual([]);
    expect(chat.cart()).toEqual({ p_kota: 3 });
  });

  it.each(['how are you', 'xyz', '3'])('into words that order nothing takes nothing away: %s', (text) => {
    const chat = chatAfter('2 kota');
    expect(edits(chat, text)?.text).toContain('2 x Kota');
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it.each([
    ['is not the last that changed the cart', ['2 kota', '1 coke'], FIRST],
    ['changed no cart', ['hi', '2 kota'], FIRST],
    ['nobody knows', ['2 kota'], 'wamid.other'],
  ])('changes and says nothing when it %s', (_name, texts, originalId) => {
    const chat = chatAfter(...texts);
    const before = chat.cart();
    expect(edits(chat, '5 vetkoek', originalId)).toBeNull();
    expect(chat.cart()).toEqual(before);
  });

  it('may be the words under a picture', () => {
    const chat = new Chat();
    chat.after(() => chat.receive({ kind: 'media', mediaKind: 'image', mediaId: 'm', caption: '2 kota' }));
    edits(chat, '3 kota');
    expect(chat.cart()).toEqual({ p_kota: 3 });
  });

  it('changes and says nothing while the shop is suspended', () => {
    const chat = chatAfter('2 kota');
    chat.view = viewWith({ status: 'suspended' });
    expect(edits(chat, '3 kota')).toBeNull();
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('without words that can be read changes nothing', () => {
    const chat = chatAfter('2 kota');
    edits(chat, null);
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('is kept for the person who has taken over, without a word of the bot', () => {
    const chat = chatAfter('2 kota');
    chat.taps('person');
    expect(edits(chat, '3 kota')).toBeNull();
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });
});

describe('a message that was taken back', () => {
  it('orders nothing any more', () => {
    const chat = chatAfter('1 coke', '2 kota');
    expect(takesBack(chat, 'wamid.in2')?.text).toContain('1 x Coke');
    expect(chat.cart()).toEqual({ p_coke: 1 });
  });

  it('leaves an empty cart when it was all of it', () => {
    const chat = chatAfter('2 kota');
    expect(choices(takesBack(chat))).toEqual(['menu']);
    expect(chat.cart()).toEqual({});
  });
});

describe('an order that is placed', () => {
  it.each(['edit', 'revoke'] as const)('is not changed by an %s, and the customer is offered a person', (kind) => {
    const chat = new Chat();
    const id = chat.order();
    chat.after(() => chat.receive({ kind, originalId: FIRST, text: kind === 'edit' ? '5 kota' : null }));
    expect(last(chat)).toContain('A person can pass it on');
    expect(chat.ids()).toContain('person');
    expect(chat.get().openOrderId).toBe(id);
    expect(chat.cart()).toEqual({});
  });

  it('is answered by itself while it is being placed', () => {
    const chat = new Chat();
    chat.placing();
    chat.receive({ kind: 'edit', originalId: FIRST, text: '5 kota' });
    chat.settle();
    expect(last(chat)).toContain('is with the shop');
    expect(chat.cart()).toEqual({});
  });
});

it('what is remembered of a message the journal alone gives back, and it is nothing of the person', () => {
  const chat = chatAfter('2 kota');
  expect(replay(chat)).toEqual(chat.state);
  // Without the person's key the cart is gone, and with it what the note is about.
  const { cart, said } = replay(chat, true).session;
  expect(Object.values(said ?? {}).map((value) => typeof value)).toEqual(['number', 'number', 'number']);
  expect(said?.cartVersion).not.toBe(cart.version);
});

it.each([
  ['more of the same', ['2 kota', '1 kota'], { p_kota: 3 }],
  ['another number', ['2 kota', 'make it 3'], { p_kota: 3 }],
])('a message that changed a line (%s) is left for the customer to change', (_name, texts, cart) => {
  const chat = chatAfter(...texts);
  takesBack(chat, 'wamid.in2');
  expect(chat.cart()).toEqual(cart);
});
