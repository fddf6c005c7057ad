/** The table of C1, cell by cell; the expectation is written from the specification. */
import { describe, expect, it } from 'vitest';
import type { InboundContent } from '../../../src/actors/conversation/protocol.ts';
import { TABLE } from '../../../src/actors/conversation/table.ts';
import { Chat, HOUR_MS } from '../flow-harness.ts';

const STATES = [
  'IDLE',
  'GREETING',
  'INTENT_DETECTION',
  'CUSTOMER_FLOW',
  'VENDOR_FLOW',
  'DRIVER_FLOW',
  'ORDER_TRACKING',
  'SUPPORT',
  'ERROR',
] as const;
const EVENTS = [
  'text',
  'tap',
  'location',
  'cart',
  'media',
  'other',
  'silent',
  'menu',
  'cancel',
  'help',
  'person',
  'language',
  'stop',
  'order_changed',
  'reserved',
  'placed',
  'cancel_answered',
  'rate_answered',
  'agent_reply',
  'release',
  'session_due',
  'defect',
] as const;

const expected = (state: (typeof STATES)[number], event: (typeof EVENTS)[number]): string => {
  const everywhere = {
    silent: 'store',
    stop: 'opt_out',
    order_changed: 'note_order',
    reserved: 'take_reservation',
    placed: 'take_order',
    cancel_answered: 'take_cancellation',
    rate_answered: 'take_rating',
    agent_reply: 'speak_for_agent',
  } as Record<string, string>;
  if (everywhere[event] !== undefined) return everywhere[event];
  if (event === 'session_due') return state === 'IDLE' ? 'ignore' : 'expire';
  if (event === 'release') return state === 'SUPPORT' ? 'take_back' : 'ignore';
  if (event === 'defect') return state === 'ERROR' || state === 'SUPPORT' ? 'store' : 'apologise';
  if (state === 'SUPPORT') return 'store';
  if (event === 'text') return state === 'IDLE' ? 'begin' : 'understand';
  return {
    tap: 'tap',
    location: 'locate',
    cart: 'fill_cart',
    media: 'hint',
    other: 'hint_once',
    menu: 'show_menu',
    cancel: 'cancel',
    help: 'show_help',
    person: 'hand_over',
    language: 'choose_language',
  }[event as string] as string;
};

describe('the table of states and events', () => {
  it('has exactly the states and events of the specification', () => {
    expect(Object.keys(TABLE).sort()).toEqual([...STATES].sort());
    for (const row of Object.values(TABLE)) expect(Object.keys(row).sort()).toEqual([...EVENTS].sort());
  });

  for (const state of STATES) {
    it(`says what ${state} does about every event`, () => {
      const actual = Object.fromEntries(EVENTS.map((event) => [event, TABLE[state][event]]));
      expect(actual).toEqual(Object.fromEntries(EVENTS.map((event) => [event, expected(state, event)])));
    });
  }
});

const CONTENTS: readonly (readonly [string, InboundContent, number])[] = [
  ['a text', { kind: 'text', text: '2 kota' }, 1],
  ['a tap', { kind: 'reply', id: 'cart', title: 'Cart' }, 1],
  ['an unknown tap', { kind: 'reply', id: 'zz:9', title: '?' }, 1],
  ['a pin', { kind: 'location', position: { lat: 1, lng: 1 }, name: null, address: null }, 1],
  ['a WhatsApp cart', { kind: 'cart', items: [], note: null }, 1],
  ['a picture', { kind: 'media', mediaKind: 'image', mediaId: 'm', caption: null }, 1],
  ['a voice note', { kind: 'media', mediaKind: 'voice', mediaId: 'm', caption: null }, 1],
  ['a sticker', { kind: 'media', mediaKind: 'sticker', mediaId: null, caption: null }, 1],
  ['something unsupported', { kind: 'other', originalType: 'poll' }, 1],
  ['a reaction', { kind: 'reaction', messageId: 'x', emoji: '👍' }, 0],
  ['a removed reaction', { kind: 'reaction', messageId: 'x', emoji: null }, 0],
  ['a system message', { kind: 'system', event: 'user_changed_number', newWaId: '27820000099', newUserId: null }, 0],
  ['an edit', { kind: 'edit', originalId: 'x', text: '3 kota' }, 0],
  ['a revocation', { kind: 'revoke', originalId: 'x', text: null }, 0],
  ['an empty text', { kind: 'text', text: '' }, 1],
  ['blanks', { kind: 'text', text: ' \n ' }, 1],
  ['emoji', { kind: 'text', text: '😀🎉' }, 1],
  ['the longest text', { kind: 'text', text: 'x'.repeat(4096) }, 1],
  ['NUL', { kind: 'text', text: '\u0000\u0000' }, 1],
  ['lone surrogates', { kind: 'text', text: '\ud83d \udc00 2 kota' }, 1],
  ['markup', { kind: 'text', text: '{name} <b>$[1]</b> %s' }, 1],
];

describe('every kind of message', () => {
  for (const [name, content, replies] of CONTENTS) {
    it(`${name} gets ${replies === 0 ? 'no reply' : 'exactly one reply'}, as a first message and in a conversation`, () => {
      for (const before of [[], ['2 kota']]) {
        const chat = new Chat();
        for (const words of before) chat.says(words);
        chat.after(() => chat.receive(content));
        expect(chat.phone.length - before.length).toBe(replies);
        expect(chat.rows.filter((row) => row.op === 'message.insert' && row.row.direction === 'in')).toHaveLength(before.length + 1);
      }
    });
  }

  it('unsupported types are hinted at once in a session', () => {
    const chat = new Chat();
    expect(chat.after(() => chat.receive({ kind: 'other', originalType: 'poll' }))).not.toBeNull();
    expect(chat.after(() => chat.receive({ kind: 'other', originalType: 'poll' }))).toBeNull();
  });

  it('a changed number is used from then on, under the same conversation', () => {
    const chat = new Chat();
    chat.says('hi');
    chat.receive({ kind: 'system', event: 'user_changed_number', newWaId: '27820000099', newUserId: null });
    expect(chat.get().waId).toBe('27820000099');
  });

  it('a late message from the number that was left is answered at the new one: others are given the old', () => {
    const chat = new Chat();
    const old = { waId: '27820000001', userId: 'ZA.1', name: 'Sipho' };
    const before = chat.nowMs;
    chat.after(() => chat.receive({ kind: 'text', text: 'hi' }, old));
    chat.nowMs += HOUR_MS;
    chat.receive({ kind: 'system', event: 'user_changed_number', newWaId: '27820000099', newUserId: 'ZA.2' }, old);
    const late = { type: 'receive', whatsappId: 'wamid.late', contact: old, content: { kind: 'text', text: 'menu' } } as const;
    chat.after(() => chat.tell({ ...late, sentAtMs: before + 1_000 }));
    expect(chat.get()).toMatchObject({ waId: '27820000099', userId: 'ZA.2' });
  });

  it('a key that is told late is taken where none was known', () => {
    const chat = new Chat();
    chat.after(() => chat.receive({ kind: 'text', text: 'hi' }));
    const late = { type: 'receive', whatsappId: 'wamid.late', content: { kind: 'text', text: 'menu' } } as const;
    chat.after(() => chat.tell({ ...late, contact: { waId: null, userId: 'ZA.1', name: null }, sentAtMs: chat.nowMs - HOUR_MS }));
    expect(chat.get()).toMatchObject({ waId: '27820000001', userId: 'ZA.1' });
  });

  it('an unknown tenant and a sender without an address are stored without a reply', () => {
    const chat = new Chat();
    chat.view = null;
    expect(chat.says('2 kota')).toBeNull();
    expect(chat.events).toHaveLength(1);
    const nobody = new Chat();
    expect(nobody.after(() => nobody.receive({ kind: 'text', text: 'hi' }, { waId: null, userId: null, name: null }))).toBeNull();
  });

  it('a suspended shop says so and sells nothing', () => {
    const chat = new Chat();
    chat.view = { ...chat.view!, status: 'suspended' };
    expect(chat.says('2 kota')?.text).toContain('Mama Thandi');
    expect(chat.cart()).toEqual({});
  });
});

describe('global commands', () => {
  it('a person silences the bot until it is released, whatever is written', () => {
    const chat = new Chat();
    chat.says('2 kota');
    expect(chat.says('person')).not.toBeNull();
    expect(chat.get().state).toBe('SUPPORT');
    for (const words of ['hello?', '3 kota', 'menu']) expect(chat.says(words)).toBeNull();
    expect(chat.cart()).toEqual({ p_kota: 2 });
    expect(chat.after(() => chat.tell({ type: 'agent_reply', text: 'Thandi here' }))?.text).toBe('Thandi here');
    expect(chat.after(() => chat.tell({ type: 'release' }))).not.toBeNull();
    expect(chat.get().state).toBe('CUSTOMER_FLOW');
    expect(chat.says('menu')?.kind).toBe('list');
  });

  it('an agent who writes takes over from any state; nobody can write to a customer who never wrote', () => {
    const chat = new Chat();
    chat.tell({ type: 'agent_reply', text: 'hello' });
    expect(chat.lastReply).toMatchObject({ code: 'conversation.nobody' });
    chat.says('hi');
    chat.tell({ type: 'agent_reply', text: '  ' });
    expect(chat.lastReply).toMatchObject({ code: 'conversation.text_invalid' });
    const long = 'x'.repeat(4096);
    expect(chat.after(() => chat.tell({ type: 'agent_reply', text: long }))?.text).toBe(long);
    expect(chat.get().state).toBe('SUPPORT');
  });

  it('an agent hears at once that WhatsApp would take no free text: a day after the last word of the customer, but for five minutes of margin', () => {
    const chat = new Chat();
    chat.says('hi');
    chat.nowMs += 24 * HOUR_MS - 5 * 60_000 - 1;
    expect(chat.after(() => chat.tell({ type: 'agent_reply', text: 'still here?' }))?.text).toBe('still here?');
    chat.nowMs += 1;
    expect(chat.after(() => chat.tell({ type: 'agent_reply', text: 'hello?' }))).toBeNull();
    expect(chat.lastReply).toMatchObject({ code: 'conversation.window_closed' });
    chat.says('yes');
    expect(chat.after(() => chat.tell({ type: 'agent_reply', text: 'good' }))?.text).toBe('good');
  });

  it.each([
    [
      'a changed number',
      { kind: 'system', event: 'user_changed_number', newWaId: '27820000099', newUserId: null },
      'conversation.window_closed',
    ],
    ['another phone', { kind: 'system', event: 'customer_identity_changed', newWaId: null, newUserId: null }, 'conversation.window_closed'],
    ['a reaction', { kind: 'reaction', messageId: 'x', emoji: '👍' }, undefined],
  ] as const)('what WhatsApp tells by itself opens no window for an agent, what the customer does opens it: %s', (_name, content, code) => {
    const chat = new Chat();
    chat.says('hi');
    chat.nowMs += 24 * HOUR_MS;
    chat.receive(content);
    chat.tell({ type: 'agent_reply', text: 'hello?' });
    expect((chat.lastReply as { code?: string }).code).toBe(code);
  });

  it('stop is acknowledged once, also during a hand-off, and ordering goes on afterwards', () => {
    const chat = new Chat();
    chat.says('person');
    expect(chat.says('stop')).not.toBeNull();
    expect(chat.says('stop')).toBeNull();
    expect(chat.get().state).toBe('SUPPORT');
    chat.after(() => chat.tell({ type: 'release' }));
    chat.says('2 kota');
    expect(chat.cart()).toEqual({ p_kota: 2 });
  });

  it('help, language and menu answer in the middle of a checkout', () => {
    const chat = new Chat();
    for (const words of ['help', 'language', 'menu']) {
      chat.says('2 kota');
      chat.says('checkout');
      expect(chat.says(words)?.kind, words).toMatch(/buttons|list/);
    }
  });

  it('two misses in a row offer a person', () => {
    const chat = new Chat();
    chat.says('hi');
    expect(chat.says('qwrtz plmk')).not.toBeNull();
    expect(chat.get().state).toBe('INTENT_DETECTION');
    chat.says('zxcvb qqq');
    expect(chat.ids()).toContain('person');
  });
});

describe('the session', () => {
  it('ends after a quiet day: cart and checkout are gone, the next words are greeted', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.says('checkout');
    const timer = chat.timers.get('session');
    expect(timer).toMatchObject({ dueAtMs: chat.nowMs + 24 * HOUR_MS, durable: true });
    chat.nowMs = timer!.dueAtMs;
    chat.tell({ type: 'session_due' });
    expect(chat.get()).toMatchObject({ state: 'IDLE', step: null, cart: [] });
    expect(chat.says('hi')?.text).toContain('Mama Thandi');
  });

  it('goes on as long as something is written, at one timer write an hour', () => {
    const chat = new Chat();
    chat.says('2 kota');
    chat.timers.clear();
    chat.nowMs += HOUR_MS / 2;
    chat.says('a coke');
    expect(chat.timers.has('session')).toBe(false);
    chat.nowMs += HOUR_MS;
    chat.says('a coke');
    expect(chat.timers.get('session')?.dueAtMs).toBe(chat.nowMs + 24 * HOUR_MS);
    const lastMs = chat.nowMs;
    chat.nowMs += 23 * HOUR_MS;
    chat.tell({ type: 'session_due' });
    expect(chat.cart()).toEqual({ p_kota: 2, p_coke: 2 });
    expect(chat.timers.get('session')?.dueAtMs).toBe(lastMs + 24 * HOUR_MS);
  });

  it('a silent hand-off ends after a quiet day', () => {
    const chat = new Chat();
    chat.says('person');
    chat.nowMs += 24 * HOUR_MS;
    chat.tell({ type: 'session_due' });
    expect(chat.says('hi')).not.toBeNull();
  });
});

describe('a defect', () => {
  it('is apologised for once, keeps the cart, and does not loop', () => {
    const chat = new Chat();
    chat.says('2 kota');
    const healthy = chat.view!;
    const broken = {
      ...healthy,
      get products(): never {
        throw new TypeError('planted');
      },
    };
    chat.view = broken;
    expect(chat.says('a coke')).not.toBeNull();
    expect(chat.get().state).toBe('ERROR');
    expect(chat.says('a coke')).toBeNull();
    expect(chat.cart()).toEqual({ p_kota: 2 });
    chat.view = healthy;
    expect(chat.says('a coke')).not.toBeNull();
    expect(chat.get().state).toBe('CUSTOMER_FLOW');
  });
});
