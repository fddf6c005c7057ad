/** An operator's terms count for an order of the chat: how long stock is held for it, and how long the shop has to accept it. */
import { expect, it } from 'vitest';
import type { conversationBehaviour } from '../../../../src/actors/conversation/actor.ts';
import { durableActors } from '../../../../src/actors/durable-actors.ts';
import type { PlaceOrder } from '../../../../src/actors/order/protocol.ts';
import { Chat } from '../../flow-harness.ts';

const TERMS = { acceptWithinMs: 7_000, reservationTtlMs: 9_000 };

it('of the actors as they run', () => {
  const chat = new Chat();
  chat.decide = (durableActors(TERMS).find(({ kind }) => kind === 'conversation') as unknown as typeof conversationBehaviour).decide;
  for (const text of ['2 kota', 'checkout', '12 Vilakazi Street']) chat.says(text);
  chat.receive({ kind: 'text', text: 'yes' });
  expect(chat.asked.map(({ command }) => command)).toMatchObject([{ type: 'reserve', ttlMs: 9_000 }]);
  let placed: PlaceOrder | undefined;
  const { place } = chat;
  chat.place = (orderId, command) => {
    placed = command;
    return place(orderId, command);
  };
  chat.settle();
  expect(placed).toMatchObject({ type: 'place', acceptWithinMs: 7_000 });
});
