/** Several messages of a customer in one post: one view at the end, and nothing that was told or asked is lost. */
import { describe, expect, it } from 'vitest';
import type { InboundContent } from '../../../src/actors/conversation/protocol.ts';
import { Chat, NEAR, PRODUCTS, replay, viewWith } from '../flow-harness.ts';

const said = (text: string): InboundContent => ({ kind: 'text', text });
const THUMB: InboundContent = { kind: 'reaction', messageId: 'wamid.x', emoji: '👍' };

const chatOf = (...contents: readonly InboundContent[]): Chat => {
  const chat = new Chat();
  chat.receiveTogether(...contents);
  return chat;
};
const shownOut = (chat: Chat) =>
  chat.rows.filter(({ op, row }) => op === 'message.insert' && row.direction === 'out').map(({ row }) => row.seq);

describe('one reply for one post', () => {
  it.each([
    ['what was added by each', [said('2 kota'), said('a coke')], /2 x Kota[\s\S]*1 x Coke[\s\S]*Subtotal/],
    ['what was added by all of three', [said('2 kota'), said('2 vetkoek'), said('a coke')], /2 x Kota[\s\S]*2 x Vetkoek[\s\S]*1 x Coke/],
    ['the greeting above the cart', [said('hi'), said('2 kota')], /Mama Thandi[\s\S]*2 x Kota/],
    ['the cart behind a reaction', [said('2 kota'), THUMB], /2 x Kota/],
    ['the cart around a reaction', [said('2 kota'), THUMB, said('a coke')], /2 x Kota[\s\S]*1 x Coke/],
    ['the cart in the question where to', [said('2 kota'), said('checkout')], /2 x Kota/],
  ] as [string, InboundContent[], RegExp][])('says %s', (_name, contents, expected) => {
    const chat = chatOf(...contents);
    expect(chat.wire).toHaveLength(1);
    expect(chat.timers.has('rest_of_post')).toBe(false);
    chat.settle();
    expect(chat.phone).toHaveLength(1);
    expect(chat.phone[0]!.text).toMatch(expected);
    expect(shownOut(chat)).toHaveLength(1);
    expect(replay(chat)).toEqual(chat.state);
  });
});

describe('what tells or asks something is said by itself', () => {
  it.each([
    ['before the cart, at once', [said('track'), said('2 kota')]],
    ['behind the cart that waited for it', [said('2 kota'), said('person')]],
    ['behind the menu that waited for it', [said('menu'), said('person')]],
  ] as [string, InboundContent[]][])('%s', (_name, contents) => {
    const chat = chatOf(...contents);
    const alone = contents.map((_content, at) => {
      const other = new Chat();
      for (const content of contents.slice(0, at + 1)) other.after(() => other.receive(content));
      return other.phone[at]?.text;
    });
    chat.settle();
    expect(chat.phone.map((body) => body.text)).toEqual(alone);
    expect(chat.timers.has('rest_of_post')).toBe(false);
  });

  it('a quote never waits, so that it counts as seen', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('checkout');
    chat.receive({ kind: 'location', position: NEAR, name: null, address: null }, undefined, true);
    expect(chat.wire.map(({ input }) => input.body)).toMatchObject([
      { kind: 'buttons', buttons: [{ id: expect.stringMatching(/^confirm:/) }, {}, {}] },
    ]);
  });

  it('nor does a question which of several was meant', () => {
    const chat = new Chat();
    const [kota] = PRODUCTS;
    chat.view = viewWith({ products: ['Beef Kota', 'Bean Kota'].map((name, at) => ({ ...kota!, id: `p_${at}`, name, aliases: [] })) });
    chat.receive(said('kota'), undefined, true);
    expect(chat.wire.map(({ input }) => input.body.kind)).toEqual(['list']);
  });

  it('what it had to report is carried on when it is replaced behind the view', () => {
    const chat = chatOf(said('menu'), { kind: 'cart', items: [{ productId: 'samp', quantity: 1 }], note: null });
    chat.receive(said('2 kota'));
    chat.settle();
    expect(chat.phone.map((body) => body.kind)).toEqual(['list', 'buttons']);
    expect(chat.phone[1]?.text).toMatch(/samp[\s\S]*2 x Kota/);
  });
});

describe('a rest that never comes', () => {
  it('keeps nobody waiting for more than two seconds, also after a restart', () => {
    const chat = new Chat();
    chat.receive(said('2 kota'), undefined, true);
    expect(chat.wire).toEqual([]);
    expect(shownOut(chat)).toEqual([]);
    const timer = chat.timers.get('rest_of_post');
    expect(timer).toMatchObject({ durable: true, dueAtMs: chat.nowMs + 2_000, command: { type: 'reply_due' } });
    chat.state = replay(chat);
    chat.tell({ type: 'reply_due' });
    expect(chat.timers.has('rest_of_post')).toBe(false);
    chat.settle();
    expect(chat.phone.map((body) => body.text)).toEqual([expect.stringContaining('2 x Kota')]);
    expect(shownOut(chat)).toEqual([1]);
    chat.tell({ type: 'reply_due' });
    expect(chat.wire).toEqual([]);
  });

  it('is no reason to wait for the shop: what it says now goes out behind the reply', () => {
    const chat = new Chat();
    chat.receive(said('2 kota'), undefined, true);
    chat.tell({ type: 'agent_reply', text: 'Thandi here' });
    chat.settle();
    expect(chat.phone.map((body) => body.text)).toEqual([expect.stringContaining('2 x Kota'), 'Thandi here']);
    expect(chat.timers.has('rest_of_post')).toBe(false);
  });

  it('waits behind nothing: with a message in flight the reply waits for that alone', () => {
    const chat = new Chat();
    chat.receive(said('hi'));
    chat.receive(said('2 kota'), undefined, true);
    expect(chat.timers.has('rest_of_post')).toBe(false);
    chat.settle();
    expect(chat.phone).toHaveLength(2);
  });
});
