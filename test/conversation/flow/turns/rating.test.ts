/** Stars for the driver: asked once with the notice of the delivery, answered by a tap or a digit, judged by the order. */
import { describe, expect, it } from 'vitest';
import type { OutboundBody } from '../../../../src/actors/conversation/protocol.ts';
import { toGraphBody } from '../../../../src/transport/whatsapp/sending/graph-body.ts';
import { graphBodyFault } from '../../../../src/transport/whatsapp/sending/graph-body-check.ts';
import { Chat, CUSTOMER, choices, HOUR_MS, replay } from '../../flow-harness.ts';

const DELIVERED_VERSION = 9;

function delivered(chat: Chat, orderId: string, version = DELIVERED_VERSION, byDriver = true): OutboundBody | null {
  return chat.after(() =>
    chat.tell({
      type: 'order_changed',
      orderId,
      code: 'K7F',
      status: 'DELIVERED',
      version,
      reason: null,
      ...(byDriver ? { byDriver } : {}),
    }),
  );
}

const rows = (orderId: string) => [5, 4, 3, 2, 1].map((stars) => `rate:${orderId}:${stars}`);
const ratings = (chat: Chat) => chat.done.filter(({ command }) => (command as { type: string }).type === 'rate_driver');

function asked(): { chat: Chat; id: string } {
  const chat = new Chat();
  const id = chat.order();
  delivered(chat, id);
  return { chat, id };
}

describe('the question', () => {
  it.each(['en', 'zu'] as const)('comes once, in %s, in the one message that tells of the delivery, and fits WhatsApp', (language) => {
    const chat = new Chat();
    chat.taps(`lang:${language}`);
    const id = chat.order();
    const before = chat.phone.length;
    const body = delivered(chat, id) as OutboundBody;
    expect(chat.phone).toHaveLength(before + 1);
    expect(body.text).toContain('K7F');
    expect(choices(body)).toEqual(rows(id));
    const sent = toGraphBody({ opaqueId: 'out1', to: { waId: '27820000001', userId: null }, body });
    expect(graphBodyFault(JSON.parse(JSON.stringify(sent)))).toBeNull();
    expect(delivered(chat, id)).toBeNull();
    expect(delivered(chat, id, DELIVERED_VERSION + 1)).toBeNull();
    expect(replay(chat)).toEqual(chat.state);
  });

  it.each<[string, (chat: Chat) => void]>([
    ['after an opt-out', (chat) => chat.says('stop')],
    ['while the next order is in the cart', (chat) => chat.says('a coke')],
    ['while a person has taken over', (chat) => chat.says('person')],
    [
      'a day after the last message, when free text is not allowed',
      (chat) => {
        chat.nowMs += 24 * HOUR_MS - 5 * 60_000;
      },
    ],
    ['while another order is under way', (chat) => chat.orderChanged('ord_15other', 'PREPARING', 2)],
  ])('is left out %s, and the delivery told all the same', (_when, happens) => {
    const chat = new Chat();
    const id = chat.order();
    happens(chat);
    const { cart, step, state } = chat.get();
    const told = delivered(chat, id);
    expect(told?.text).toContain('K7F');
    expect(choices(told).filter((choice) => choice.startsWith('rate:'))).toEqual([]);
    expect(chat.state.session.ratingAsked ?? null).toBeNull();
    if (state === 'SUPPORT' || cart.length > 0) expect(chat.get()).toMatchObject({ cart, step, state });
  });

  it('is left out when an order is being placed, even with its cart emptied meanwhile', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('checkout');
    expect(delivered(chat, 'ord_15other')).toMatchObject({ kind: 'text' });
    chat.says('12 Vilakazi Street');
    chat.receive({ kind: 'reply', id: chat.buttonStarting('confirm:'), title: '' });
    chat.receive({ kind: 'text', text: 'clear cart' });
    chat.tell({
      type: 'order_changed',
      orderId: 'ord_15third',
      code: 'B2C',
      status: 'DELIVERED',
      version: 9,
      reason: null,
      byDriver: true,
    });
    expect([chat.get().step, chat.state.session.cart.lines.length, chat.state.session.ratingAsked ?? null]).toEqual(['placing', 0, null]);
    chat.settle();
    expect(chat.get()).toMatchObject({ state: 'ORDER_TRACKING', step: null });
  });

  it('is left out when no driver brought it', () => {
    const chat = new Chat();
    expect(delivered(chat, chat.order(), DELIVERED_VERSION, false)).toMatchObject({ kind: 'text' });
  });

  it('still comes a moment before the five minutes that are left of the day', () => {
    const chat = new Chat();
    const id = chat.order();
    chat.nowMs += 24 * HOUR_MS - 5 * 60_000 - 1;
    expect(delivered(chat, id)?.kind).toBe('list');
  });
});

describe('the answer', () => {
  it('by a tap asks the order, and is thanked for in one message', () => {
    const { chat, id } = asked();
    const before = chat.phone.length;
    expect(chat.taps(`rate:${id}:4`)?.text).toContain('⭐⭐⭐⭐');
    expect(chat.phone).toHaveLength(before + 1);
    expect(ratings(chat)).toMatchObject([{ to: { kind: 'order', id }, command: { type: 'rate_driver', customerId: CUSTOMER, stars: 4 } }]);
    expect(replay(chat)).toEqual(chat.state);
  });

  it('by a bare digit right after the question is the same', () => {
    const { chat, id } = asked();
    chat.says(' 3 ');
    expect(ratings(chat)).toMatchObject([{ to: { id }, command: { stars: 3 } }]);
    chat.says('2');
    expect(ratings(chat)).toHaveLength(1);
  });

  it('by a digit counts only from 1 to 5, only right after the question, and past a reaction', () => {
    for (const words of ['0', '6', '45', '3 kota', 'menu']) {
      const { chat } = asked();
      chat.says(words);
      chat.says('5');
      expect(ratings(chat)).toEqual([]);
    }
    const { chat } = asked();
    chat.receive({ kind: 'reaction', messageId: 'm', emoji: '👍' });
    chat.says('5');
    expect(ratings(chat)).toHaveLength(1);
  });

  it('by a digit means nothing after an agent wrote, or after a quiet day; a tap still counts', () => {
    const { chat } = asked();
    chat.after(() => chat.tell({ type: 'agent_reply', text: 'How many plates, 1 to 5?' }));
    chat.after(() => chat.tell({ type: 'release' }));
    chat.says('5');
    expect(ratings(chat)).toEqual([]);
    const quiet = asked();
    quiet.chat.nowMs += 25 * HOUR_MS;
    quiet.chat.after(() => quiet.chat.tell({ type: 'session_due' }));
    quiet.chat.says('5');
    expect(ratings(quiet.chat)).toEqual([]);
    quiet.chat.taps(`rate:${quiet.id}:5`);
    expect(ratings(quiet.chat)).toHaveLength(1);
  });

  it('in the middle of the next order changes nothing of it', () => {
    const { chat, id } = asked();
    chat.says('2 kota');
    chat.says('checkout');
    chat.taps(`rate:${id}:5`);
    expect(chat.get()).toMatchObject({ step: 'address', cart: [{ productId: 'p_kota', quantity: 2 }] });
  });

  it('a second time says politely which stars count; a late or unreadable one that it is over', () => {
    const { chat, id } = asked();
    chat.rate = () => ({ ok: true, value: { outcome: 'rated_before', code: 'K7F', stars: 2 } });
    expect(chat.taps(`rate:${id}:5`)?.text).toMatch(/K7F.*already.*: ⭐⭐\. /);
    const nobody = new Chat();
    expect(nobody.tell({ type: 'rate_answered', orderId: id, result: { ok: true, value: null } })).toEqual([]);
    for (const result of [
      { ok: true as const, value: { outcome: 'closed' } },
      { ok: true as const, value: { outcome: 'rated', code: 'K7F', stars: 1e9 } },
      { ok: false as const, refusal: { code: 'order.not_found' } },
    ]) {
      chat.rate = () => result;
      expect(chat.taps(`rate:${id}:5`)?.text).toContain('cannot be rated');
    }
  });

  it.each(['rate:', 'rate:x:3', 'rate:ord_15a1', 'rate:ord_15a1:0', 'rate:ord_15a1:6', 'rate:ord_15a1:5:5', 'rate:cus_0001:3'])(
    'with the id %s asks nobody',
    (id) => {
      const { chat } = asked();
      expect(chat.taps(id)?.text).toContain('from before');
      expect(ratings(chat)).toEqual([]);
    },
  );
});
