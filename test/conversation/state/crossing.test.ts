/** News that comes when it is no longer, or not yet, expected. */
import { describe, expect, it } from 'vitest';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import { Chat, choices, NEAR } from '../flow-harness.ts';

/** Two kotas, quoted and agreed to; neither the shop nor the order has answered. */
function agreed(): Chat {
  const chat = new Chat();
  chat.says('2 kota');
  chat.says('checkout');
  chat.pins(NEAR);
  chat.receive({ kind: 'text', text: 'yes' });
  return chat;
}

const placedNotices = (chat: Chat) => chat.phone.filter((body) => choices(body).some((id) => id.startsWith('track:'))).length;

describe('an order whose end overtakes the answer to its placing', () => {
  it('is not announced as placed after the customer was told that it is over', () => {
    const chat = agreed();
    chat.answer();
    const orderId = chat.state.session.checkout?.orderId as string;
    chat.tell({ type: 'order_changed', orderId, code: 'K7F', status: 'CANCELLED', version: 3, reason: 'no gas' });
    chat.settle();
    expect(chat.phone.at(-1)?.text).toContain('no gas');
    expect(placedNotices(chat)).toBe(0);
    expect(chat.get()).toMatchObject({ openOrderId: null, cart: [], step: null, state: 'CUSTOMER_FLOW' });
  });
});

describe('an order that can no longer be placed', () => {
  it('gives its stock back and ends the checkout when the shop is not known any more', () => {
    const chat = agreed();
    chat.view = null;
    chat.settle();
    expect(chat.commands()).toEqual(['reserve', 'release_reservation']);
    expect(chat.state.session.checkout).toBeNull();
  });
});

describe('what the shop wrote in the Business app', () => {
  it('does not make a delivery forgotten that overtook the answer of the message in flight', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const sent = chat.wire.shift()!;
    chat.tell({ type: 'status', whatsappId: 'wamid.mine', opaqueId: null, status: 'delivered', atMs: chat.nowMs, errorCode: null });
    chat.tell({ type: 'answered_elsewhere', whatsappId: 'wamid.echo', atMs: chat.nowMs, text: 'one moment' });
    chat.tell({ type: 'send_succeeded', opaqueId: sent.input.opaqueId, whatsappId: 'wamid.mine' });
    expect(chat.state.recent.find(({ id }) => id === sent.input.opaqueId)?.status).toBe('delivered');
  });
});

describe('a chat that a person has taken over', () => {
  const BROKEN = (view: TenantView): TenantView => ({
    ...view,
    get products(): never {
      throw new TypeError('planted');
    },
  });

  it.each([
    ['suspended', (view: TenantView): TenantView => ({ ...view, status: 'suspended' })],
    ['broken', BROKEN],
  ])('stays with that person, without a word of the bot, when the shop is %s', (_how, changed) => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('person');
    chat.view = changed(chat.view!);
    expect(chat.says('are you there?')).toBeNull();
    expect(chat.state.session.state).toBe('SUPPORT');
  });
});

describe('a shop that is suspended while an order is under way', () => {
  it('leaves the customer the order: it can be asked about and cancelled, nothing else is sold', () => {
    const chat = new Chat();
    const orderId = chat.order();
    chat.view = { ...chat.view!, status: 'suspended' };
    expect(choices(chat.says('where is my order'))).toContain(`cancel:${orderId}`);
    chat.says('cancel');
    chat.taps(`cancel:${orderId}`);
    expect(chat.commands().filter((type) => type === 'transition')).toHaveLength(2);
    expect(chat.says('2 kota')?.kind).toBe('text');
    expect(chat.cart()).toEqual({});
  });

  it('takes a cancellation while the order is being placed', () => {
    const chat = agreed();
    chat.view = { ...chat.view!, status: 'suspended' };
    chat.receive({ kind: 'text', text: 'cancel' });
    chat.settle();
    expect(chat.commands()).toEqual(['reserve', 'release_reservation']);
  });
});
