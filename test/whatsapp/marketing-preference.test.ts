/** Who stops marketing in WhatsApp gets none, whenever and however it becomes known, and is served as before. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chat, replay } from '../conversation/flow-harness.ts';
import { CARD, envelope, SENT_S, USER_ID, WA_ID } from './bodies.ts';
import { type Stage, stage } from './ingest-harness.ts';

const SAID_MS = SENT_S * 1_000;
const MARKETING_STOPPED = 131_050;

const said = (value: string, more: object = {}) => ({ wa_id: WA_ID, category: 'marketing_messages', value, timestamp: SENT_S, ...more });
const news = (user_preferences: readonly unknown[], rest: object = {}) => envelope({ user_preferences, ...rest }, 'user_preferences');

describe('a preference that WhatsApp tells', () => {
  let door: Stage;
  beforeEach(async () => {
    door = await stage();
    door.onResolve = ({ waId, userId }) => `cus_${waId ?? userId}`;
  });
  afterEach(() => door.close());

  const told = () => door.asked.map(({ to, command, options }) => ({ kind: to.kind, id: to.id, command, commandId: options.commandId }));

  it.each([
    ['stop', 'a number', { wa_id: WA_ID }, {}, WA_ID],
    ['resume', 'a number', { wa_id: WA_ID }, {}, WA_ID],
    ['stop', 'a user id', { wa_id: undefined, user_id: USER_ID }, {}, USER_ID],
    ['stop', 'a user id in the place of the number', { wa_id: USER_ID }, {}, USER_ID],
    ['stop', 'the card beside it alone', { wa_id: undefined }, { contacts: [CARD] }, WA_ID],
  ])('(%s) reaches the conversation of its person, known by %s, and is kept besides', async (value, _name, person, rest, key) => {
    expect((await door.post(news([said(value, person)], rest))).status).toBe(200);
    expect(door.parked.map(({ reason }) => reason)).toEqual(['user_preferences']);
    expect(told()).toEqual([
      {
        kind: 'conversation',
        id: `cus_${key}`,
        command: { type: 'marketing_preference', isWanted: value === 'resume', atMs: SAID_MS },
        commandId: `up:cus_${key}:${value}:${SAID_MS}`,
      },
    ]);
  });

  it('is told under the same command id however often it comes, and under another when it is said again later', async () => {
    for (const at of [SENT_S, SENT_S, SENT_S + 9]) await door.post(news([said('stop', { timestamp: at })]));
    const ids = told().map(({ commandId }) => commandId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('without a time of its own has that of its post', async () => {
    await door.post(news([said('stop', { timestamp: undefined })]));
    expect(told()[0]?.command).toMatchObject({ atMs: SAID_MS });
  });

  it('is 503 until it is durable', async () => {
    door.onAsk = () => ({ ok: false, fault: { code: 'runtime.unavailable', retryAfterMs: null } }) as never;
    expect((await door.post(news([said('stop')]))).status).toBe(503);
  });

  it('that says neither, of something else or of nobody, is kept only and costs its neighbours nothing', async () => {
    const odd = [null, 7, said('signup'), said('stop', { category: 'calls' }), said('stop', { wa_id: 'x' }), said('x'.repeat(99))];
    expect((await door.post(news([...odd, said('stop')]))).status).toBe(200);
    expect(told().map(({ id }) => id)).toEqual([`cus_${WA_ID}`]);
    expect(door.parked).toHaveLength(1);
  });
});

/** One word to a chat. Words in the chat are sent at its present time. */
type Word = { readonly wants: boolean; readonly atMs: number };

const prefers = (chat: Chat, { wants, atMs }: Word): void => void chat.tell({ type: 'marketing_preference', isWanted: wants, atMs });

const optedOut = (chat: Chat): boolean => {
  expect(replay(chat)).toEqual(chat.state);
  return chat.state.session.optedOut;
};

describe('a stop of marketing', () => {
  it('of somebody who never wrote is kept, durably, and nobody is made known by it', () => {
    const chat = new Chat();
    prefers(chat, { wants: false, atMs: chat.nowMs });
    expect(optedOut(chat)).toBe(true);
    expect(chat.phone.length + chat.wire.length + chat.rows.length).toBe(0);
    chat.says('hi');
    expect(optedOut(chat)).toBe(true);
  });

  it('stops neither answers nor an order nor the news of it', () => {
    const chat = new Chat();
    chat.says('hi');
    prefers(chat, { wants: false, atMs: chat.nowMs });
    const orderId = chat.order();
    expect(orderId).not.toBeNull();
    expect(chat.orderChanged(orderId, 'PREPARING', 2)).not.toBeNull();
    expect(chat.says('menu')).not.toBeNull();
    expect(optedOut(chat)).toBe(true);
  });

  it('says nothing, and is taken back by a resumption', () => {
    const chat = new Chat();
    chat.says('hi');
    const messages = chat.phone.length;
    prefers(chat, { wants: false, atMs: chat.nowMs });
    expect(optedOut(chat)).toBe(true);
    prefers(chat, { wants: true, atMs: chat.nowMs + 1_000 });
    expect(optedOut(chat)).toBe(false);
    chat.settle();
    expect(chat.phone).toHaveLength(messages);
  });

  it('counts by when it was said, in whatever order the words come; of the same second the stop counts', () => {
    for (const words of [
      [
        { wants: true, atMs: 2_000 },
        { wants: false, atMs: 1_000 },
        { wants: true, atMs: 3_000 },
      ],
      [
        { wants: true, atMs: 1_000 },
        { wants: false, atMs: 2_000 },
        { wants: false, atMs: 2_000 },
      ],
      [
        { wants: true, atMs: 2_000 },
        { wants: false, atMs: 2_000 },
      ],
    ]) {
      const latest = Math.max(...words.map(({ atMs }) => atMs));
      const expected = words.some(({ wants, atMs }) => atMs === latest && !wants);
      for (const order of [words, [...words].reverse()]) {
        const chat = new Chat();
        for (const word of order) prefers(chat, word);
        expect(optedOut(chat), JSON.stringify(order)).toBe(expected);
      }
    }
  });

  it('is one choice with the words of the chat: the later of both counts', () => {
    const chat = new Chat();
    chat.says('stop');
    prefers(chat, { wants: true, atMs: chat.nowMs - 1_000 });
    expect(optedOut(chat)).toBe(true);
    prefers(chat, { wants: true, atMs: chat.nowMs + 1_000 });
    expect(optedOut(chat)).toBe(false);
    prefers(chat, { wants: false, atMs: chat.nowMs + 2_000 });
    chat.nowMs += 3_000;
    chat.says('start');
    expect(optedOut(chat)).toBe(false);
    prefers(chat, { wants: false, atMs: chat.nowMs - 1_000 });
    expect(optedOut(chat)).toBe(false);
  });

  it('told again is no event', () => {
    const chat = new Chat();
    prefers(chat, { wants: false, atMs: 1_000 });
    const { length } = chat.events;
    prefers(chat, { wants: false, atMs: 1_000 });
    expect(chat.events).toHaveLength(length);
  });
});

describe('a message that WhatsApp refuses because its reader stopped marketing', () => {
  it.each([MARKETING_STOPPED, 131_049])('writes the opt-out when the answer of the send says so (%i)', (graphCode) => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire[0]!.input;
    chat.tell({ type: 'send_failed', opaqueId, code: 'whatsapp.refused', graphCode, retryAfterMs: null });
    expect(optedOut(chat)).toBe(graphCode === MARKETING_STOPPED);
  });

  it.each([
    ['of the message in flight', 'head'],
    ['of a message on its way', 'recent'],
    ['of a message that is not remembered any more', 'unknown'],
  ])('writes the opt-out when a status says so: %s', (_name, which) => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire[0]!.input;
    if (which !== 'head') chat.settle();
    const failed = { type: 'status', status: 'failed', errorCode: MARKETING_STOPPED, atMs: chat.nowMs } as const;
    chat.tell({ ...failed, opaqueId: which === 'unknown' ? null : opaqueId, whatsappId: 'wamid.M' });
    expect(optedOut(chat)).toBe(true);
  });

  it('writes nothing when the status is older than the resumption', () => {
    const chat = new Chat();
    chat.says('hi');
    prefers(chat, { wants: true, atMs: chat.nowMs });
    chat.tell({
      type: 'status',
      status: 'failed',
      errorCode: MARKETING_STOPPED,
      atMs: chat.nowMs - 1_000,
      opaqueId: null,
      whatsappId: 'wamid.M',
    });
    expect(optedOut(chat)).toBe(false);
  });
});
