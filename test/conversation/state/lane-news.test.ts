/** News of a message finds that message in whichever order it comes, and a person of the shop silences the bot. */
import { describe, expect, it } from 'vitest';
import { Chat, HOUR_MS } from '../flow-harness.ts';

const status = (chat: Chat, named: string, more: { whatsappId?: string; opaqueId?: string | null; atMs?: number } = {}) =>
  chat.tell({
    type: 'status',
    whatsappId: more.whatsappId ?? 'wamid.none',
    opaqueId: more.opaqueId ?? null,
    status: named,
    atMs: more.atMs ?? chat.nowMs,
    errorCode: null,
  });

const shownStatuses = (chat: Chat) => chat.rows.filter((row) => row.op === 'message.status').map((row) => row.row.status);

describe('a status without our own id that overtakes the answer of the send', () => {
  it.each([
    [['sent'], 'sent'],
    [['delivered', 'sent'], 'delivered'],
    [['sent', 'read', 'delivered'], 'read'],
    [['failed'], 'failed'],
  ])('is attached once the answer names the id: %j', (early, shown) => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    for (const named of early) status(chat, named, { whatsappId: 'wamid.early' });
    status(chat, 'read', { whatsappId: 'wamid.stranger' });
    const { opaqueId } = chat.wire.shift()!.input;
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    const own = chat.rows.filter((row) => row.op === 'message.status' && row.row.messageId === opaqueId);
    expect(own.map((row) => row.row.status)).toEqual([shown]);
    expect(chat.state.recent.filter((message) => message.id !== opaqueId)).toEqual([]);
  });

  it('is not kept when nothing is in flight, or when it names another message of ours', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const before = chat.events.length;
    status(chat, 'delivered', { whatsappId: 'wamid.old', opaqueId: 'an older one' });
    expect(chat.events).toHaveLength(before);
    chat.settle();
    const { length } = chat.events;
    status(chat, 'delivered', { whatsappId: 'wamid.old' });
    expect(chat.events).toHaveLength(length);
  });
});

/** What was heard of one message, and whether our own id came with it. */
type Heard = readonly { readonly named: string; readonly isOurs: boolean }[];

/** As the Cloud API means them: each says more than those before it. */
const ORDER = ['sent', 'failed', 'delivered', 'read'];

/** Every way to hear up to three things. */
function everyWay(): Heard[] {
  let ways: Heard[] = [[]];
  const all: Heard[] = [];
  for (let length = 1; length <= 3; length++) {
    ways = ways.flatMap((way) => ORDER.flatMap((named) => [true, false].map((isOurs) => [...way, { named, isOurs }])));
    all.push(...ways);
  }
  return all;
}

it('statuses that overtake the answer of the send say the furthest of them, in any order, some with our own id and some without', () => {
  for (const way of everyWay()) {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire.shift()!.input;
    for (const { named, isOurs } of way) status(chat, named, { whatsappId: 'wamid.early', opaqueId: isOurs ? opaqueId : null });
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    const own = chat.rows.filter((row) => row.op === 'message.status' && row.row.messageId === opaqueId).map((row) => row.row.status);
    const heard = ['sent', ...way.map(({ named }) => named)].map((named) => ORDER.indexOf(named));
    expect(own.at(-1), JSON.stringify(way)).toBe(ORDER[Math.max(...heard)]);
    expect(own, JSON.stringify(way)).toEqual([...own].sort((a, b) => ORDER.indexOf(String(a)) - ORDER.indexOf(String(b))));
  }
});

describe('a message that was reported as failed', () => {
  it('is delivered as soon as the phone shows that it had it, and never goes back', () => {
    const chat = new Chat();
    chat.says('hi');
    const whatsappId = chat.state.recent[0]?.whatsappId as string;
    for (const named of ['failed', 'sent', 'failed', 'delivered', 'failed', 'read']) status(chat, named, { whatsappId });
    expect(shownStatuses(chat)).toEqual(['sent', 'failed', 'delivered', 'read']);
  });

  it('that was given up without an answer is found by our own id', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const opaqueId = chat.wire[0]?.input.opaqueId as string;
    chat.tell({ type: 'send_failed', opaqueId, code: 'whatsapp.unknown_outcome', graphCode: null, retryAfterMs: null });
    status(chat, 'read', { opaqueId, whatsappId: 'wamid.late' });
    expect(shownStatuses(chat)).toEqual(['failed', 'read']);
  });
});

it.each([
  ['is tried once more while our clock says that it is open', 1, true],
  ['is not tried again when our clock agrees', 24 * HOUR_MS - 10 * 60_000, false],
])('a message refused because its window is closed %s', (_name, afterMs, again) => {
  const chat = new Chat();
  chat.receive({ kind: 'text', text: 'hi' });
  chat.nowMs += afterMs;
  const opaqueId = chat.wire[0]?.input.opaqueId as string;
  chat.tell({ type: 'send_failed', opaqueId, code: 'whatsapp.refused', graphCode: 131_047, retryAfterMs: 1_000 });
  expect(chat.timers.has('send_retry')).toBe(again);
  expect(shownStatuses(chat)).toEqual(again ? [] : ['failed']);
});

describe('a person of the shop who writes in the Business app', () => {
  const answeredElsewhere = (chat: Chat, atMs = chat.nowMs): void =>
    void chat.tell({ type: 'answered_elsewhere', whatsappId: 'wamid.E', atMs });

  it('silences the bot until released or a quiet day has passed', () => {
    const chat = new Chat();
    chat.says('hi');
    answeredElsewhere(chat);
    const said = chat.phone.length;
    chat.says('2 kota');
    expect(chat.state.session.state).toBe('SUPPORT');
    expect(chat.phone).toHaveLength(said);
    chat.tell({ type: 'release' });
    chat.says('2 kota');
    expect(chat.phone.length).toBeGreaterThan(said);
  });

  it('keeps a chat quiet that never had a word from the customer', () => {
    const chat = new Chat();
    answeredElsewhere(chat);
    chat.says('yes please');
    expect(chat.phone).toHaveLength(0);
    expect(chat.timers.get('session')).toMatchObject({ durable: true });
  });

  it('is shown as a message of the shop that WhatsApp has, and is never sent', () => {
    const chat = new Chat();
    chat.says('hi');
    const [rows, said] = [chat.rows.length, chat.phone.length];
    const whatsappId = 'wamid.E';
    chat.tell({ type: 'answered_elsewhere', whatsappId, atMs: chat.nowMs, text: 'Ten minutes!' });
    chat.settle();
    const [insert, moved] = chat.rows.slice(rows).filter((row) => row.op.startsWith('message.'));
    expect(insert).toMatchObject({ op: 'message.insert', row: { direction: 'out', kind: 'text', pointer: 'out:0' } });
    expect(moved).toMatchObject({ op: 'message.status', row: { messageId: insert?.row.messageId, whatsappId, status: 'sent' } });
    expect(chat.events.find(({ seq }) => seq === insert?.row.seq)?.event.personal?.out).toEqual([{ kind: 'text', text: 'Ten minutes!' }]);
    expect(chat.phone).toHaveLength(said);
    expect(chat.state.queue).toEqual([]);
    status(chat, 'read', { whatsappId });
    expect(shownStatuses(chat).at(-1)).toBe('read');
  });

  it('is shown, a day old, but changes nothing', () => {
    const chat = new Chat();
    chat.says('hi');
    const { state } = chat.state.session;
    chat.tell({ type: 'answered_elsewhere', whatsappId: 'wamid.E', atMs: chat.nowMs - 24 * HOUR_MS, text: 'Yesterday' });
    expect(chat.rows.filter((row) => row.op === 'message.insert').at(-1)?.row).toMatchObject({ direction: 'out', kind: 'text' });
    expect(chat.state.session.state).toBe(state);
  });

  it('waits behind nothing and lets nothing behind it wait: a reply under way stays the one in flight', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const head = chat.state.head?.message.id;
    chat.tell({ type: 'answered_elsewhere', whatsappId: 'wamid.E', atMs: chat.nowMs, text: 'Hello' });
    expect(chat.state.head?.message.id).toBe(head);
    chat.settle();
    expect(chat.phone).toHaveLength(1);
  });

  it('makes its addressee known, whom nobody had heard of', () => {
    const chat = new Chat();
    const contact = { waId: '27820000009', userId: null, name: 'Zodwa' };
    chat.tell({ type: 'answered_elsewhere', whatsappId: 'wamid.E', atMs: chat.nowMs, contact, text: 'Your cake is ready' });
    expect(chat.rows.at(-1)?.op ?? '').toBe('message.status');
    expect(chat.rows.find((row) => row.op === 'conversation.upsert')?.row).toMatchObject({ contactSeq: 1 });
    expect(chat.state.session.contact).toMatchObject({ waId: '27820000009', name: 'Zodwa' });
  });

  it('is no news when it is a day old', () => {
    const chat = new Chat();
    chat.says('hi');
    const { length } = chat.events;
    answeredElsewhere(chat, chat.nowMs - 24 * HOUR_MS);
    expect(chat.events).toHaveLength(length);
  });
});
