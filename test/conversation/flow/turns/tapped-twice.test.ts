/** A row or button that reaches us twice within a moment was meant once. */
import { describe, expect, it } from 'vitest';
import { Chat } from '../../flow-harness.ts';

const DOUBLE_TAP_MS = 3_000;

function chatTwice(id: string, apartMs: number, between: (chat: Chat) => void = () => undefined): Chat {
  const chat = new Chat();
  chat.says('menu');
  chat.taps(id);
  between(chat);
  chat.nowMs += apartMs;
  chat.taps(id);
  return chat;
}

describe('the same row tapped twice', () => {
  it.each([
    ['prod:p_kota', { p_kota: 1 }],
    ['pick:2:p_kota', { p_kota: 2 }],
  ])('%s counts once within a moment, and the cart is shown again', (id, cart) => {
    const chat = chatTwice(id, DOUBLE_TAP_MS);
    expect(chat.cart()).toEqual(cart);
    expect(chat.phone.at(-1)?.text).not.toContain('Added');
    expect(chat.phone.at(-1)?.text).toContain('Your cart');
  });

  it('counts twice when time for a second choice went by', () => {
    expect(chatTwice('prod:p_kota', DOUBLE_TAP_MS + 1).cart()).toEqual({ p_kota: 2 });
  });

  it('counts twice when something else was said in between', () => {
    expect(chatTwice('prod:p_kota', 0, (chat) => chat.says('a coke')).cart()).toEqual({ p_kota: 2, p_coke: 1 });
  });

  it('counts once however often it comes in a row', () => {
    expect(chatTwice('prod:p_kota', 1_000, (chat) => chat.taps('prod:p_kota')).cart()).toEqual({ p_kota: 1 });
  });

  it('leaves another row alone', () => {
    expect(chatTwice('prod:p_kota', 0, (chat) => chat.taps('prod:p_coke')).cart()).toEqual({ p_kota: 2, p_coke: 1 });
  });
});
