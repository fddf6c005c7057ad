/** The sending lane: order, one in flight, retries, statuses, and one reply a turn under a burst. */
import { describe, expect, it } from 'vitest';
import { Chat, HOUR_MS, NEAR, NOON_MS, replay } from '../flow-harness.ts';

const inFlight = (chat: Chat) => chat.wire.map((sent) => sent.input.body.text);
const statusRows = (chat: Chat) =>
  chat.rows.filter((row) => row.op === 'message.status').map((row) => `${row.row.messageId}:${row.row.status}`);

describe('sending', () => {
  it('is started in the event that carries the reply, before any HTTP call, under the message id', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { data } = chat.events[0]!.event;
    expect(chat.events).toHaveLength(1);
    expect(data.started).toEqual({ id: data.out![0]!.id, attempt: 1 });
    expect(chat.wire[0]).toMatchObject({ id: data.out![0]!.id, input: { opaqueId: data.out![0]!.id, to: { waId: '27820000001' } } });
  });

  it('a burst is applied in order and leaves one reply behind the one in flight', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: '2 kota' });
    for (const words of ['a coke', '2 vetkoek', 'remove coke', 'one more coke']) chat.receive({ kind: 'text', text: words });
    expect(chat.wire).toHaveLength(1);
    expect(chat.state.queue).toHaveLength(1);
    chat.settle();
    expect(chat.phone).toHaveLength(2);
    expect(chat.cart()).toEqual({ p_kota: 2, p_vetkoek: 2, p_coke: 1 });
    expect(chat.phone[1]!.text).toContain('Vetkoek');
    expect(statusRows(chat).filter((row) => row.endsWith(':failed'))).toEqual([]);
    // The three replaced replies were never shown to anybody; the last one points to the event that holds its text.
    const shown = chat.rows.filter((row) => row.op === 'message.insert' && row.row.direction === 'out');
    expect(shown).toHaveLength(2);
    expect(shown[1]!.row).toMatchObject({ seq: 5, pointer: 'out:0' });
  });

  it('what a replaced reply had to say is carried on', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    chat.receive({ kind: 'text', text: '1000 kota' });
    chat.receive({ kind: 'text', text: 'a coke' });
    chat.settle();
    expect(chat.phone[1]!.text).toMatch(/50[\s\S]*Kota[\s\S]*Coke/);
  });

  it('order notices and agents are never replaced by a reply, and keep their order', () => {
    const chat = new Chat();
    const id = chat.order();
    const before = chat.phone.length;
    chat.receive({ kind: 'text', text: 'thanks' });
    chat.tell({ type: 'order_changed', orderId: id, code: 'K7F', status: 'CONFIRMED', version: 2, reason: null });
    chat.tell({ type: 'order_changed', orderId: id, code: 'K7F', status: 'PREPARING', version: 3, reason: null });
    for (let i = 0; i < 5; i++) chat.receive({ kind: 'text', text: 'menu' });
    chat.settle();
    expect(chat.phone.length - before).toBe(4);
  });

  it('link, code and driver are told once a driver, a new arrival time without touching the status, nothing after the end', () => {
    const chat = new Chat();
    const id = chat.order();
    const news = { type: 'order_changed', orderId: id, code: 'K7F', reason: null } as const;
    const tracking = { url: 'https://x/t/abc', otp: '4711', driverName: 'Lwazi' };
    const told = (): string => chat.phone.at(-1)?.text ?? '';
    chat.tell({ ...news, status: 'ASSIGNED_TO_DRIVER', version: 5, tracking });
    chat.settle();
    expect(told()).toMatch(/Lwazi[\s\S]*https:\/\/x\/t\/abc[\s\S]*4711/);
    const before = chat.phone.length;
    chat.tell({ ...news, status: 'ASSIGNED_TO_DRIVER', version: 5, tracking });
    chat.settle();
    expect(chat.phone).toHaveLength(before);
    chat.tell({ ...news, status: 'IN_TRANSIT', version: 9, eta: { fromMin: 12, toMin: 16 } });
    chat.settle();
    expect(told()).toContain('12-16');
    chat.tell({ ...news, status: 'IN_TRANSIT', version: 7 });
    chat.tell({ ...news, status: 'DELIVERED', version: 9 });
    chat.settle();
    expect(told()).toContain('delivered');
    const after = chat.phone.length;
    chat.tell({ ...news, status: 'IN_TRANSIT', version: 10, eta: { fromMin: 2, toMin: 3 } });
    chat.settle();
    expect(chat.phone).toHaveLength(after);
  });

  it('says that a driver is still looked for, and changes nothing by it; not when one has it by now, nor to nobody', () => {
    const chat = new Chat();
    const id = 'ord_15x1';
    const news = { type: 'order_changed', orderId: id, code: 'K7F', reason: null } as const;
    const waits = { ...news, status: 'READY_FOR_PICKUP', version: 6, isSeekingLong: true } as const;
    chat.tell(waits);
    expect(chat.phone).toEqual([]);
    chat.receive({ kind: 'text', text: 'hi' });
    chat.settle();
    chat.tell({ ...news, status: 'READY_FOR_PICKUP', version: 5 });
    chat.settle();
    const before = chat.state.session;
    chat.tell(waits);
    chat.settle();
    expect(chat.phone.at(-1)?.text).toMatch(/looking for a driver.*\*K7F\*/);
    expect(chat.state.session).toEqual(before);
    chat.tell({ ...news, status: 'ASSIGNED_TO_DRIVER', version: 7 });
    chat.settle();
    const after = chat.phone.length;
    chat.tell(waits);
    chat.settle();
    expect(chat.phone).toHaveLength(after);
  });

  it('the queue is bounded', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    for (let i = 0; i < 60; i++)
      chat.tell({ type: 'order_changed', orderId: `ord_15x${i}`, code: `C${i}`, status: 'CONFIRMED', version: 2, reason: null });
    expect(chat.state.queue.length).toBe(32);
    chat.tell({ type: 'agent_reply', text: 'hello' });
    expect(chat.lastReply).toMatchObject({ code: 'conversation.lane_full' });
    expect(chat.state.session.orders.length).toBeLessThanOrEqual(4);
  });
});

describe('failures', () => {
  it('are tried again with a new effect id after the wait, five times in all, then the lane moves on', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    chat.receive({ kind: 'text', text: '2 kota' });
    const opaqueId = chat.wire[0]!.input.opaqueId;
    for (let attempt = 1; attempt <= 5; attempt++) {
      const sent = chat.wire.shift()!;
      expect(sent.id).toBe(attempt === 1 ? opaqueId : `${opaqueId}#${attempt}`);
      expect(sent.input.opaqueId).toBe(opaqueId);
      chat.tell({ type: 'send_failed', opaqueId, code: 'whatsapp.rate_limited', graphCode: 130429, retryAfterMs: 4_000 });
      if (attempt === 5) break;
      expect(chat.wire).toHaveLength(0);
      expect(chat.timers.get('send_retry')).toMatchObject({ dueAtMs: chat.nowMs + 4_000, durable: true });
      chat.nowMs += 4_000;
      chat.tell({ type: 'send_retry_due', opaqueId });
    }
    expect(statusRows(chat)).toContain(`${opaqueId}:failed`);
    expect(inFlight(chat)[0]).toContain('Kota');
  });

  it('a permanent failure is not tried again', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    chat.tell({
      type: 'send_failed',
      opaqueId: chat.wire[0]!.input.opaqueId,
      code: 'whatsapp.undeliverable',
      graphCode: 131026,
      retryAfterMs: null,
    });
    expect(chat.state.head).toBeNull();
    expect(chat.timers.has('send_retry')).toBe(false);
  });

  it('no wait is longer than an hour', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    chat.tell({ type: 'send_failed', opaqueId: chat.wire[0]!.input.opaqueId, code: 'x.y', graphCode: 4, retryAfterMs: 1e12 });
    expect(chat.timers.get('send_retry')?.dueAtMs).toBe(NOON_MS + HOUR_MS);
  });

  it('a late answer of an earlier try changes nothing', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire[0]!.input;
    chat.settle();
    const { length } = chat.events;
    chat.tell({ type: 'send_failed', opaqueId, code: 'x.y', graphCode: null, retryAfterMs: 5 });
    chat.tell({ type: 'send_retry_due', opaqueId });
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.other' });
    expect(chat.events).toHaveLength(length);
  });
});

describe('delivery statuses', () => {
  const status = (chat: Chat, value: string, more: { opaqueId?: string | null; whatsappId?: string } = {}) =>
    chat.tell({
      type: 'status',
      whatsappId: more.whatsappId ?? 'wamid.none',
      opaqueId: more.opaqueId ?? null,
      status: value,
      atMs: chat.nowMs,
      errorCode: null,
    });

  it('one that overtakes the answer of the send settles it and the next message starts', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    chat.receive({ kind: 'text', text: '2 kota' });
    const first = chat.wire.shift()!.input.opaqueId;
    status(chat, 'delivered', { opaqueId: first, whatsappId: 'wamid.a' });
    expect(inFlight(chat)[0]).toContain('Kota');
    chat.tell({ type: 'send_succeeded', opaqueId: first, whatsappId: 'wamid.a' });
    expect(chat.wire).toHaveLength(1);
    expect(statusRows(chat)).toEqual([`${first}:delivered`]);
  });

  it('one that arrives during the wait for a retry settles it and cancels the retry', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire.shift()!.input;
    chat.tell({ type: 'send_failed', opaqueId, code: 'x.timeout', graphCode: null, retryAfterMs: 60_000 });
    status(chat, 'sent', { opaqueId });
    expect(chat.timers.has('send_retry')).toBe(false);
    chat.tell({ type: 'send_retry_due', opaqueId });
    expect(chat.wire).toHaveLength(0);
  });

  it('go forward only, and failure only before delivery', () => {
    const chat = new Chat();
    chat.says('hi');
    const { id, whatsappId } = chat.state.recent[0]!;
    for (const value of ['delivered', 'sent', 'failed', 'delivered', 'read', 'delivered', 'failed'])
      status(chat, value, { whatsappId: whatsappId! });
    expect(statusRows(chat)).toEqual([`${id}:sent`, `${id}:delivered`, `${id}:read`]);
  });

  it('unknown messages and unknown statuses are accepted and store nothing', () => {
    const chat = new Chat();
    chat.says('hi');
    const { length } = chat.events;
    status(chat, 'read', { whatsappId: 'wamid.strange' });
    status(chat, 'captured', { whatsappId: chat.state.recent[0]!.whatsappId! });
    status(chat, '__proto__', { whatsappId: chat.state.recent[0]!.whatsappId! });
    expect(chat.events).toHaveLength(length);
    expect(chat.lastReply).toBeUndefined();
  });
});

describe('what is kept', () => {
  it('the journal alone gives the state, and one message is one event', () => {
    const chat = new Chat();
    chat.order();
    expect(replay(chat)).toEqual(chat.state);
    expect(chat.events.filter(({ event }) => event.type === 'message_received')).toHaveLength(4);
  });

  it('after erasure the journal still folds, without anything personal', () => {
    const chat = new Chat();
    chat.order();
    chat.receive({ kind: 'text', text: '2 kota' });
    const erased = replay(chat, true);
    expect(JSON.stringify(erased)).not.toMatch(/Sipho|27820000001|-26\.27/);
    expect(erased.session).toMatchObject({ contact: { waId: null, userId: null, name: null }, cart: { lines: [] }, place: null });
    expect(erased.queue).toEqual([]);
  });

  it('every message has one row, its pointer names where its body is, and the conversation row only changes when it shows', () => {
    const chat = new Chat();
    chat.says('hi');
    chat.says('2 kota');
    chat.pins(NEAR);
    for (const { event } of chat.events) {
      for (const [i] of (event.data.out ?? []).entries()) expect(event.personal?.out?.[i]).toBeDefined();
    }
    const ids = chat.rows.filter((row) => row.op === 'message.insert').map((row) => row.row.messageId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(6);
    const before = chat.rows.length;
    chat.receive({ kind: 'reaction', messageId: 'x', emoji: '👍' });
    expect(chat.rows.slice(before).map((row) => row.op)).toEqual(['message.insert']);
  });

  it('an idle conversation is small', () => {
    const chat = new Chat();
    for (let i = 0; i < 3; i++) chat.orderChanged(chat.order(), 'DELIVERED', 9);
    for (let i = 0; i < 20; i++) chat.says('menu');
    chat.nowMs += 48 * HOUR_MS;
    chat.tell({ type: 'session_due' });
    expect(chat.get().state).toBe('IDLE');
    expect(JSON.stringify(chat.state).length).toBeLessThan(1_500);
  });
});
