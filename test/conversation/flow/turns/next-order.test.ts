/** One open order a customer: what they say of another one meanwhile is kept, explained, and offered when the first is over. */
import { describe, expect, it } from 'vitest';
import { Chat, choices, HOUR_MS, NEAR, replay } from '../../flow-harness.ts';

/** Two kota are under way, and a coke is in the cart. */
function waiting(): { readonly chat: Chat; readonly id: string } {
  const chat = new Chat();
  const id = chat.order();
  chat.says('a coke');
  return { chat, id };
}

it('an order names its customer by every key that is known: by chat the user id may be the only one', () => {
  const chat = new Chat();
  chat.after(() => chat.receive({ kind: 'text', text: 'hi' }, { waId: '27820000001', userId: 'ZA.1', name: 'Sipho' }));
  chat.order();
  expect(chat.done[1]?.command).toMatchObject({ type: 'place', customer: { waId: '27820000001', userId: 'ZA.1', name: 'Sipho' } });
});

describe('while an order is open', () => {
  it('the first item of the next one is said to be of the next one, once', () => {
    const chat = new Chat();
    chat.order();
    expect(chat.says('a coke')?.text).toContain('new order, for when *K7F* is done');
    expect(chat.says('2 vetkoek')?.text).not.toContain('new order');
  });

  it.each([
    ['checkout', (chat: Chat) => chat.says('checkout')],
    ['yes', (chat: Chat) => chat.says('yes')],
    ['an address', (chat: Chat) => chat.says('14 Mooki Street')],
    ['a pin', (chat: Chat) => chat.pins(NEAR)],
    ['add it to my first order', (chat: Chat) => chat.says('can you add it to my first order')],
    ['bring it with the other order', (chat: Chat) => chat.says('bring it with the other order')],
  ])('%s orders nothing, keeps the cart, and says what happens and who can add to it', (_what, happens) => {
    const { chat, id } = waiting();
    const told = happens(chat);
    expect(told?.text).toMatch(/K7F\* is still open.*has to wait.*ask a person/s);
    expect(choices(told)).toEqual([`track:${id}`, 'person', 'menu']);
    expect(chat.cart()).toEqual({ p_coke: 1 });
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('an address is kept for the next order and asked no more', () => {
    const { chat, id } = waiting();
    expect(chat.says('14 Mooki Street')?.text).toContain('📍 14 Mooki Street');
    chat.orderChanged(id, 'DELIVERED', 9);
    expect(chat.says('checkout')?.text).toContain('14 Mooki Street');
    expect(chat.get().step).toBe('confirm');
    expect(replay(chat)).toEqual(chat.state);
  });

  it('so is one beside the items', () => {
    const chat = new Chat();
    const id = chat.order();
    expect(chat.says('2 coke to 14 Mooki Street')?.text).toContain('📍 14 Mooki Street');
    chat.orderChanged(id, 'DELIVERED', 9);
    expect(chat.says('checkout')?.text).toContain('14 Mooki Street');
  });

  it('an address without a next order is of the open one, which a person changes', () => {
    const chat = new Chat();
    const id = chat.order();
    const told = chat.says('14 Mooki Street');
    expect(told?.text).toContain('*K7F* already has an address');
    expect(choices(told)).toEqual(['person', `track:${id}`]);
  });

  it('waiting is thanked for', () => {
    const { chat } = waiting();
    chat.says('checkout');
    expect(chat.says('ok I will wait')?.text).toContain('Thank you');
  });

  it('what came too late for an order is told with it', () => {
    const chat = new Chat();
    chat.placing();
    chat.receive({ kind: 'text', text: 'a coke' });
    chat.settle();
    expect(chat.phone[chat.phone.length - 1]?.text).toMatch(/K7F\* is with the shop.*1 x Coke: not part of it/s);
  });
});

describe('when it is over', () => {
  it.each(['DELIVERED', 'CANCELLED', 'EXPIRED'] as const)('by %s, the kept cart is offered in the same message', (status) => {
    const { chat, id } = waiting();
    const before = chat.phone.length;
    const told = chat.orderChanged(id, status, 9);
    expect(chat.phone).toHaveLength(before + 1);
    expect(told?.text).toMatch(/K7F.*1 x Coke/s);
    expect(choices(told)[0]).toMatch(/^checkout:/);
    expect(chat.says('yes')?.kind).toBe('location_request');
  });

  it.each<[string, (chat: Chat, id: string) => void]>([
    ['after an opt-out', (chat) => chat.says('stop')],
    ['past a person who has taken over', (chat) => chat.says('person')],
    [
      'a day later',
      (chat) => {
        chat.nowMs += 24 * HOUR_MS;
      },
    ],
    ['while another order is under way', (chat) => chat.orderChanged('ord_15other', 'PREPARING', 2)],
  ])('it is not offered %s', (_when, happens) => {
    const { chat, id } = waiting();
    happens(chat, id);
    expect(chat.orderChanged(id, 'DELIVERED', 9)).toMatchObject({ kind: 'text', text: expect.not.stringContaining('Coke') });
    expect(chat.cart()).toEqual({ p_coke: 1 });
  });
});
