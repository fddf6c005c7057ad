/** "Same as last time": the last order is remembered and comes into the cart again, as far as it is still sold. */
import { describe, expect, it } from 'vitest';
import { Chat, NEAR, PRODUCTS, replay, viewWith } from '../../flow-harness.ts';

const ADDRESS = '14 Church Street';

/** Ordered, delivered, and the talk goes on. */
function chatAfterOrder(...said: string[]): Chat {
  const chat = new Chat();
  for (const text of ['2 kota without onions and a coke', 'checkout', ADDRESS, 'yes']) chat.says(text);
  chat.orderChanged(chat.get().openOrderId as string, 'DELIVERED', 9);
  for (const text of said) chat.says(text);
  return chat;
}

const LAST = { p_kota: 2, p_coke: 1 };
const address = (chat: Chat) => chat.state.session.place?.address ?? null;

describe('the last order once more', () => {
  it.each([
    'same as last time',
    'the usual please',
    'Can I have the same as yesterday?',
    'repeat my order',
    'reorder',
    'same again',
    'ngicela okufanayo',
    'ngifuna njengayizolo',
    'phinda i-oda yami',
    'ke kopa tse tshwanang',
    'dieselfde as laas asb',
  ])('%j brings it, with its wishes', (text) => {
    const chat = chatAfterOrder(text);
    expect(chat.cart()).toEqual(LAST);
    expect(chat.get().cart.find((line) => line.productId === 'p_kota')?.note).toBe('without onions');
  });

  it.each([
    ['same as last time but no coke', { p_kota: 2 }],
    ['the same but 3 kota', { p_kota: 3, p_coke: 1 }],
    ['the usual and 2 vetkoek', { p_kota: 2, p_coke: 1, p_vetkoek: 2 }],
  ])('%j changes it', (text, cart) => expect(chatAfterOrder(text).cart()).toEqual(cart));

  it('asked twice, it comes once', () => expect(chatAfterOrder('same as last time', 'same as last time').cart()).toEqual(LAST));

  it.each([
    'not the usual',
    'is it the same as last time?',
    'same price as last time?',
    'same time tomorrow',
    'what did i order last time',
  ])('%j orders nothing', (text) => expect(chatAfterOrder(text).cart()).toEqual({}));

  it('what is not sold any more is named and left out, and what is short comes as far as it goes', () => {
    const chat = chatAfterOrder();
    const left = PRODUCTS.filter(({ id }) => id !== 'p_coke');
    chat.view = viewWith({ products: left.map((product) => (product.id === 'p_kota' ? { ...product, stock: 1 } : product)) });
    const reply = chat.says('same as last time');
    expect(chat.cart()).toEqual({ p_kota: 1 });
    expect(reply?.text).toContain('Sorry, we do not have Coke');
  });

  it('with nothing ordered before, it is said', () => {
    const chat = new Chat();
    chat.says('hi');
    expect(chat.says('the usual')?.text).toContain('do not know of an earlier order');
    expect(chat.cart()).toEqual({});
  });

  it('survives a quiet day and a replay, and goes with the person', () => {
    const chat = chatAfterOrder();
    chat.nowMs += 30 * 3_600_000;
    chat.tell({ type: 'session_due' });
    expect(replay(chat)).toEqual(chat.state);
    expect(replay(chat, true).session.lastOrder ?? null).toBeNull();
    chat.says('the usual');
    expect(chat.cart()).toEqual(LAST);
  });

  it('an order that was cancelled while it was made is not remembered', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.taps(chat.buttonStarting('checkout:'));
    chat.pins(NEAR);
    chat.receive({ kind: 'reply', id: chat.buttonStarting('confirm:'), title: 'Yes' });
    chat.says('cancel');
    expect(chat.state.session.lastOrder ?? null).toBeNull();
  });
});

describe('where the last order went', () => {
  it.each(['same address', 'same place please', 'same as last time', 'to the same address as last time'])('%j answers where to', (text) => {
    const chat = chatAfterOrder('2 vetkoek', 'checkout', text);
    expect(address(chat)).toBe(ADDRESS);
    expect(chat.get().step).toBe('confirm');
    expect(chat.cart()).toEqual({ p_vetkoek: 2 });
  });

  it('beside an order, too', () => {
    expect(chatAfterOrder('the usual to the same address').get()).toMatchObject({ step: 'confirm' });
    expect(address(chatAfterOrder('same as last time, 12 Main Road'))).toBe('12 Main Road');
  });

  it('unknown, it is asked', () => {
    const chat = new Chat();
    for (const text of ['2 kota', 'checkout', 'same address']) chat.says(text);
    expect(chat.get().step).toBe('address');
  });
});

describe('what changes in the shop while something is in the cart', () => {
  it('a product that left the menu leaves the cart at the checkout and is named; the rest can be ordered', () => {
    const chat = new Chat();
    chat.says('2 kota and a coke');
    chat.view = viewWith({ products: PRODUCTS.filter(({ id }) => id !== 'p_coke') });
    chat.says('checkout');
    const reply = chat.pins(NEAR);
    expect(reply?.text).toContain('we do not have Coke');
    expect(chat.cart()).toEqual({ p_kota: 2 });
    chat.says('checkout');
    chat.pins(NEAR);
    chat.says('yes');
    expect(chat.get().openOrderId).not.toBeNull();
  });

  it('more of what is short by now is never said to be added below zero', () => {
    const chat = new Chat();
    chat.says('4 kota');
    chat.view = viewWith({ products: PRODUCTS.map((product) => (product.id === 'p_kota' ? { ...product, stock: 1 } : product)) });
    const reply = chat.says('kota');
    expect(reply?.text).toContain('only have 1 of Kota left');
    expect(reply?.text).not.toContain('Added');
    expect(chat.cart()).toEqual({ p_kota: 1 });
  });
});

describe('what is said back', () => {
  it('a line that is counted anew is not said to be added', () => {
    const chat = new Chat();
    chat.says('2 kota');
    expect(chat.says('make it 4')?.text).toContain('Now 4 x Kota');
    expect(chat.says('and 1 kota')?.text).toContain('Added 1 x Kota');
  });

  it('START after STOP opts in again, and greets anybody else', () => {
    const chat = new Chat();
    chat.says('stop');
    expect(chat.state.session.optedOut).toBe(true);
    expect(chat.says('START')?.text).toContain('Welcome back');
    expect(chat.state.session.optedOut).toBe(false);
    expect(chat.says('start')?.text).not.toContain('specials');
  });
});

it('a cart of thirty long names keeps its subtotal, its question and its buttons', () => {
  const chat = new Chat();
  const [some] = PRODUCTS;
  const many = Array.from({ length: 30 }, (_, at) => ({
    ...some,
    id: `p${at}`,
    name: `Number ${at} with quite a long name to read`,
    aliases: [],
  }));
  chat.view = viewWith({ products: many as unknown as typeof PRODUCTS });
  const items = many.map(({ id }) => ({ productId: id, quantity: 2 }));
  const reply = chat.after(() => chat.receive({ kind: 'cart', items, note: null }));
  expect(reply?.text).toMatch(/Subtotal: R2700$/);
  expect(reply?.text.length).toBeLessThanOrEqual(1_000);
  expect(chat.ids()).toHaveLength(3);
});
