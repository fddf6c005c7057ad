/** Any sequence of commands, sensible or not, keeps the invariants of the specification. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationCommand, InboundContent } from '../../../src/actors/conversation/protocol.ts';
import { ORDER_STATUSES } from '../../../src/actors/order/protocol.ts';
import { Chat, HOUR_MS, replay, viewWith } from '../flow-harness.ts';

const words = fc.constantFrom(
  'hi',
  '2 kota',
  'a coke and 3 vetkoek',
  'remove kota',
  'make it 4 kota',
  'checkout',
  'yes',
  'no',
  'cancel',
  'menu',
  'cart',
  'clear cart',
  'track',
  'person',
  'stop',
  'start',
  'help',
  'language',
  'zulu',
  'thanks',
  'cash',
  'pick up',
  '0 coke',
  '1000 coke',
  '12 Vilakazi Street',
  'sawubona ngicela amagwinya amabili',
  '😀',
  '',
  '\u0000',
  'how much',
  '4',
);
const content: fc.Arbitrary<InboundContent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.oneof(words, fc.string({ maxLength: 30, unit: 'binary' })).map((text): InboundContent => ({ kind: 'text', text })),
  },
  {
    weight: 4,
    arbitrary: fc
      .oneof(
        fc.constantFrom(
          'menu',
          'more',
          'cart',
          'cat:Meals',
          'page:1:Meals',
          'prod:p_kota',
          'prod:p_pap',
          'prod:p_juice',
          'prod:none',
          'cancel:draft',
          'lang:zu',
          'lang:xx',
          'help',
          'person',
          'x',
          '::',
          'menu:-1',
          'menu:1e9',
          'rate:ord_15none:4',
          'rate:x:6',
        ),
        fc.tuple(fc.constantFrom('checkout', 'confirm', 'clear'), fc.nat(6)).map(([kind, version]) => `${kind}:${version}`),
        fc.string({ maxLength: 12 }),
      )
      .map((id): InboundContent => ({ kind: 'reply', id, title: id })),
  },
  fc
    .record({ lat: fc.constantFrom(-26.27, -20), lng: fc.constant(27.87) })
    .map((position): InboundContent => ({ kind: 'location', position, name: null, address: 'home' })),
  fc
    .array(
      fc.record({
        productId: fc.constantFrom('p_kota', 'p_coke', 'p_pap', 'nope'),
        quantity: fc.oneof(fc.integer({ min: -5, max: 80 }), fc.constantFrom(Number.NaN, 0.5, 1e300)),
      }),
      { maxLength: 6 },
    )
    .map((items): InboundContent => ({ kind: 'cart', items, note: null })),
  fc.constantFrom<InboundContent>(
    { kind: 'media', mediaKind: 'image', mediaId: null, caption: 'x' },
    { kind: 'reaction', messageId: 'm', emoji: null },
    { kind: 'other', originalType: 'poll' },
    { kind: 'system', event: 'user_changed_number', newWaId: '1', newUserId: null },
    { kind: 'revoke', originalId: 'm', text: null },
  ),
);
const junkResult = fc.constantFrom<unknown>(
  null,
  undefined,
  7,
  {},
  { ok: true, value: null },
  { ok: true, value: { id: 1 } },
  { ok: false },
  { ok: false, refusal: { code: 'order.out_of_stock', details: { lines: [null, { product_id: 3 }] } } },
);

type Step = (chat: Chat) => void;
const someId = (chat: Chat, n: number): string => chat.wire[n]?.input.opaqueId ?? chat.state.recent[n]?.id ?? 'none';
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: content.map(
      (value): Step =>
        (chat) =>
          chat.receive(value),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.nat(2).map(
      (n): Step =>
        (chat) =>
          void chat.taps(chat.ids()[n] ?? 'menu'),
    ),
  },
  { weight: 6, arbitrary: fc.constant<Step>((chat) => chat.deliver()) },
  { weight: 5, arbitrary: fc.constant<Step>((chat) => chat.answer()) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(null, 0, 1000, Number.NaN, 1e15).map(
      (retryAfterMs): Step =>
        (chat) => {
          const sent = chat.wire.shift();
          chat.tell({ type: 'send_failed', opaqueId: sent?.input.opaqueId ?? 'none', code: 'x.y', graphCode: null, retryAfterMs });
        },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constant<Step>((chat) => {
      const timer = chat.timers.get('send_retry');
      chat.timers.delete('send_retry');
      if (timer !== undefined) chat.tell(timer.command as ConversationCommand);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(3), fc.constantFrom('sent', 'delivered', 'read', 'failed', 'deleted', 'constructor')).map(
      ([n, status]): Step =>
        (chat) =>
          void chat.tell({ type: 'status', whatsappId: 'wamid.x', opaqueId: someId(chat, n), status, atMs: chat.nowMs, errorCode: 131026 }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(5), fc.constantFrom(...ORDER_STATUSES), fc.nat(6)).map(
      ([n, status, version]): Step =>
        (chat) =>
          void chat.tell({
            type: 'order_changed',
            orderId: chat.state.session.orders[n]?.id ?? `ord_15${n}`,
            code: 'K7F',
            status,
            version,
            reason: n === 1 ? 'no gas' : null,
            byDriver: n !== 1,
          }),
    ),
  },
  fc.tuple(fc.constantFrom('reserved', 'placed'), junkResult).map(
    ([type, result]): Step =>
      (chat) =>
        void chat.tell({ type, checkoutId: chat.state.session.checkout?.orderId ?? 'ord_15none', result } as ConversationCommand),
  ),
  junkResult.map(
    (result): Step =>
      (chat) =>
        void chat.tell({ type: 'cancel_answered', orderId: chat.state.session.orders[0]?.id ?? 'ord_15none', result }),
  ),
  junkResult.map(
    (result): Step =>
      (chat) =>
        void chat.tell({ type: 'rate_answered', orderId: 'ord_15none', result }),
  ),
  fc.constantFrom<Step>(
    (chat) => void chat.tell({ type: 'agent_reply', text: 'hi, Thandi here' }),
    (chat) => void chat.tell({ type: 'release' }),
    (chat) => void chat.tell({ type: 'session_due' }),
    (chat) => {
      chat.nowMs += 25 * HOUR_MS;
    },
    (chat) => {
      chat.nowMs += 1000;
    },
    (chat) => {
      chat.view = null;
    },
    (chat) => {
      chat.view = viewWith();
    },
    (chat) => {
      chat.view = viewWith({ products: [] });
    },
    (chat) => {
      chat.view = viewWith({ status: 'suspended' });
    },
  ),
);

describe('any sequence of commands', () => {
  it('never throws, keeps carts within 1..50, one message in flight, every list bounded, versions rising, and replays to the same state', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (sequence) => {
        const chat = new Chat();
        let cartVersion = 0;
        const orders = new Map<string, number>();
        for (const step of sequence) {
          const before = chat.events.length;
          step(chat);
          const { session, queue, head, recent } = chat.state;
          for (const line of session.cart.lines)
            expect(Number.isInteger(line.quantity) && line.quantity >= 1 && line.quantity <= 50).toBe(true);
          expect(new Set(session.cart.lines.map((line) => line.productId)).size).toBe(session.cart.lines.length);
          expect(session.cart.version).toBeGreaterThanOrEqual(cartVersion);
          cartVersion = session.cart.version;
          for (const mark of session.orders) {
            expect(mark.version).toBeGreaterThanOrEqual(orders.get(mark.id) ?? 0);
            orders.set(mark.id, mark.version);
          }
          expect(session.orders.length).toBeLessThanOrEqual(4);
          expect(recent.length).toBeLessThanOrEqual(16);
          expect(queue.length).toBeLessThanOrEqual(32);
          expect(queue.filter((message) => message.class === 'reply').length).toBeLessThanOrEqual(1);
          // Nothing waits behind nothing, and at most the head is on the wire.
          if (head === null) expect(queue).toHaveLength(0);
          expect(
            chat.wire.filter((sent) => sent.input.opaqueId === head?.message.id && head.retryAtMs === null).length,
          ).toBeLessThanOrEqual(1);
          for (const sent of chat.events.slice(before)) expect((sent.event.data.out ?? []).length).toBeLessThanOrEqual(2);
          for (const sent of chat.wire) expect(sent.input.body.text.length).toBeGreaterThan(0);
        }
        expect(chat.events.filter(({ event }) => event.data.defect !== undefined).map(({ event }) => event.data.defect)).toEqual([]);
        expect(replay(chat)).toEqual(chat.state);
        replay(chat, true);
      }),
      { numRuns: 300 },
    );
  });

  it('in every sequence the stock of a reservation that led to no order is given back', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 50 }), (sequence) => {
        const chat = new Chat();
        chat.order();
        for (const step of sequence) step(chat);
        chat.settle();
        const done = chat.done.map((effect) => ({
          type: (effect.command as { type: string }).type,
          id: (effect.command as { reservationId?: string }).reservationId ?? effect.to.id,
        }));
        for (const { id } of done.filter((effect) => effect.type === 'reserve')) {
          expect(done.some((effect) => (effect.type === 'place' || effect.type === 'release_reservation') && effect.id === id)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
