/** A chat whose messages, sends, statuses, timers and orders cross, get lost, come twice, or start again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES } from '../../../src/actors/order/protocol.ts';
import { choices, NEAR, replay, viewWith } from '../flow-harness.ts';
import { Model } from './model.ts';

const HOUR_MS = 3_600_000;
const VIEWS = { open: viewWith(), suspended: viewWith({ status: 'suspended' }), empty: viewWith({ products: [] }), unknown: null } as const;

const at = fc.nat({ max: 5 });
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      goesOn: fc.boolean(),
      text: fc.constantFrom<string[]>(
        '2 kota',
        'checkout',
        'yes',
        'yes',
        'yes',
        'no',
        'cancel',
        'menu',
        '12 Vilakazi Street',
        'person',
        'stop',
        'start',
        'track',
        'clear cart',
        '5',
        'same as last time',
        'qwrtz',
        'kota no onions',
        'zulu',
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tap' as const), at, nth: fc.nat({ max: 2 }) }) },
  fc.record({ do: fc.constant('pin' as const) }),
  { weight: 7, arbitrary: fc.record({ do: fc.constant('sent' as const), at, how: fc.constantFrom('sent', 'sent', 'again', 'dead') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('status' as const),
      at,
      status: fc.constantFrom('sent', 'delivered', 'read', 'failed'),
      named: fc.boolean(),
      retryAfterMs: fc.constantFrom(null, 2_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('reply' as const), at, how: fc.constantFrom('yes', 'yes', 'dearer', 'no', 'junk') }),
  },
  fc.record({ do: fc.constant('repeat' as const), at }),
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('news' as const), at, status: fc.constantFrom(...ORDER_STATUSES), version: fc.nat({ max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('shop' as const), what: fc.constantFrom('agent', 'release', 'echo') }) },
  fc.record({ do: fc.constant('prefers' as const), isWanted: fc.boolean(), agoMs: fc.constantFrom(0, 1_000, HOUR_MS) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 1_000, 2_000, HOUR_MS, 25 * HOUR_MS) }) },
  fc.record({ do: fc.constant('view' as const), view: fc.constantFrom('open', 'open', 'suspended', 'empty', 'unknown') }),
  fc.record({ do: fc.constant('restart' as const), cut: fc.nat() }),
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const ACTS: { readonly [D in Step['do']]: (model: Model, one: Extract<Step, { readonly do: D }>) => void } = {
  say: (model, { text, goesOn }) => model.receive({ kind: 'text', text }, undefined, goesOn),
  tap: (model, { at: back, nth }) => {
    const ids = choices(model.phone[model.phone.length - 1 - back] ?? null);
    model.receive({ kind: 'reply', id: ids[nth] ?? 'menu', title: 'x' });
  },
  pin: (model) => model.receive({ kind: 'location', position: NEAR, name: null, address: null }),
  sent: (model, { at: nth, how }) => model.sendEnds(nth, how as 'sent'),
  status: (model, { at: nth, status, named, retryAfterMs }) => model.status(nth, status, named, retryAfterMs),
  reply: (model, { at: nth, how }) => model.reply(nth, how as 'yes'),
  repeat: (model, { at: nth }) => {
    const answer = model.answered[model.answered.length - 1 - nth];
    if (answer !== undefined) model.tell(answer);
  },
  news: (model, { at: nth, status, version }) => {
    const { orders, checkout } = model.state.session;
    const orderId = orders[nth]?.id ?? checkout?.orderId ?? `ord_15${nth}`;
    model.tell({ type: 'order_changed', orderId, code: 'K7F', status, version, reason: null, byDriver: nth % 2 === 0 });
  },
  shop: (model, { what }) => {
    if (what === 'agent') model.tell({ type: 'agent_reply', text: 'Thandi here' });
    else if (what === 'release') model.tell({ type: 'release' });
    else model.tell({ type: 'answered_elsewhere', whatsappId: `wamid.e${model.seq}`, atMs: model.nowMs, text: 'hello from the shop' });
  },
  prefers: (model, { isWanted, agoMs }) => void model.tell({ type: 'marketing_preference', isWanted, atMs: model.nowMs - agoMs }),
  pass: (model, { ms }) => model.pass(ms),
  view: (model, { view }) => {
    model.view = VIEWS[view as 'open'];
  },
  restart: (model, { cut }) => model.restart(cut),
  erase: (model) => model.erase(),
};

/** What it has found; runs are random otherwise. */
const SENT: Step = { do: 'sent', at: 0, how: 'sent' };
const say = (text: string, goesOn = false): Step => ({ do: 'say', goesOn, text });
const view = (of: keyof typeof VIEWS): Step => ({ do: 'view', view: of });
const FOUND: Step[][] = [
  [{ do: 'erase' }, say('yes')],
  [SENT, say('yes'), view('unknown'), { do: 'reply', at: 0, how: 'yes' }],
  [SENT, say('yes'), { do: 'erase' }, { do: 'reply', at: 0, how: 'yes' }],
  // The quote waits behind another message, and another reply takes its place.
  [say('menu'), say('checkout'), { do: 'shop', what: 'agent' }, { do: 'shop', what: 'release' }, SENT, SENT, SENT, say('yes')],
  [say('menu'), say('checkout'), view('suspended'), say('menu'), view('open'), SENT, SENT, say('yes')],
  [
    { do: 'status', at: 0, status: 'sent', named: false, retryAfterMs: null },
    { do: 'status', at: 0, status: 'failed', named: false, retryAfterMs: 2_000 },
    { do: 'pass', ms: HOUR_MS },
  ],
  // A failure that may pass overtakes the answer of its send, and does not name our id.
  [{ do: 'status', at: 0, status: 'failed', named: false, retryAfterMs: 2_000 }, SENT, { do: 'pass', ms: 25 * HOUR_MS }],
  // A day passes while the order is being placed, and then it costs more.
  [SENT, say('yes'), { do: 'pass', ms: 25 * HOUR_MS }, { do: 'reply', at: 0, how: 'dearer' }, SENT, { do: 'pass', ms: 25 * HOUR_MS }],
];

describe('a chat among crossing answers', () => {
  it('sends nothing twice without a cause, brings every message to an end, never hangs, and orders only what was seen and agreed to', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 70 }), fc.boolean(), (steps, isQuoted) => {
        const model = new Model();
        if (isQuoted) {
          for (const text of ['2 kota', 'checkout', '12 Vilakazi Street']) model.receive({ kind: 'text', text });
          model.sendEnds(0, 'sent');
        }
        for (const one of steps) ACTS[one.do](model, one as never);
        model.view = VIEWS.open;
        model.end();
        expect(model.events.filter(({ event }) => event.data.defect !== undefined)).toEqual([]);
        expect(replay(model)).toEqual(model.state);
        replay(model, true);
      }),
      { numRuns: 300, examples: FOUND.map((steps) => [steps, true]) },
    );
  });
});
