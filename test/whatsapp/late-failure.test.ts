/** A message that WhatsApp took and then reports as failed for a reason that may pass. */
import { describe, expect, it } from 'vitest';
import type { ConversationCommand } from '../../src/actors/conversation/protocol.ts';
import type { ConversationActorState, ConversationEvent } from '../../src/actors/conversation/session/session.ts';
import { decide } from '../../src/actors/conversation/state.ts';
import type { Accepted } from '../../src/runtime/behaviour.ts';
import { lateRetryMs } from '../../src/transport/whatsapp/sending/graph-errors.ts';
import { parseWebhook } from '../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { Chat, HOUR_MS, REF, replay } from '../conversation/flow-harness.ts';
import { NOW_MS, status } from './bodies.ts';

const RETRY_MS = 2_000;

function failedStatus(whatsappId: string, more: Partial<Extract<ConversationCommand, { type: 'status' }>> = {}): ConversationCommand {
  return { type: 'status', whatsappId, opaqueId: null, status: 'failed', atMs: 1, errorCode: 131_000, retryAfterMs: RETRY_MS, ...more };
}

/** A chat whose one reply was taken, and the two names of that reply. */
function taken(): { chat: Chat; id: string; whatsappId: string } {
  const chat = new Chat();
  chat.says('hi');
  const { id, whatsappId } = chat.state.recent[0]!;
  return { chat, id, whatsappId: whatsappId! };
}

/** What the timer leads to, without applying it: the effect belongs to no place in the lane. */
function due(chat: Chat, opaqueId: string, state: ConversationActorState = chat.state): Accepted<ConversationEvent> {
  const context = { ref: REF, nowMs: chat.nowMs, seq: chat.seq + 1, view: chat.view, uniqueId: (salt: string) => salt };
  const decision = decide(state, { type: 'send_retry_due', opaqueId }, context);
  if (!decision.ok) throw new Error('refused');
  return decision;
}

const timersOf = (chat: Chat): string[] => [...chat.timers.keys()].filter((name) => name.startsWith('send_again'));

describe('a failure that arrives as a status', () => {
  it('is tried again after its backoff, durably, with the same body under the same opaque id', () => {
    const { chat, id, whatsappId } = taken();
    chat.tell(failedStatus(whatsappId));
    expect(chat.timers.get(`send_again:${id}`)).toMatchObject({ dueAtMs: chat.nowMs + RETRY_MS, durable: true });
    const { effects, events } = due(chat, id);
    expect(events).toEqual([]);
    expect(effects).toEqual([
      {
        type: 'external',
        id: `${id}#again`,
        handler: 'whatsapp.send',
        input: { opaqueId: id, to: { waId: '27820000001', userId: null }, again: true },
      },
    ]);
  });

  it('is tried again once, however often and under whichever id it fails', () => {
    const { chat, id, whatsappId } = taken();
    chat.tell(failedStatus(whatsappId));
    chat.timers.clear();
    chat.tell(failedStatus(whatsappId, { atMs: 2 }));
    chat.tell({ type: 'send_succeeded', opaqueId: id, whatsappId: 'wamid.second' });
    chat.tell(failedStatus('wamid.second', { atMs: 3 }));
    chat.tell(failedStatus('wamid.second', { opaqueId: id, atMs: 4 }));
    expect(timersOf(chat)).toEqual([]);
  });

  it('is forgotten when the second try arrives: the message is delivered under its new id', () => {
    const { chat, id, whatsappId } = taken();
    chat.tell(failedStatus(whatsappId));
    chat.tell({ type: 'send_succeeded', opaqueId: id, whatsappId: 'wamid.second' });
    chat.tell({ type: 'status', whatsappId: 'wamid.second', opaqueId: null, status: 'delivered', atMs: 9, errorCode: null });
    const own = chat.rows.filter((row) => row.op === 'message.status' && row.row.messageId === id);
    expect(own.at(-1)?.row).toMatchObject({ status: 'delivered', whatsappId: 'wamid.second' });
  });

  it('is not tried again when the phone shows meanwhile that it had the message', () => {
    const { chat, id, whatsappId } = taken();
    chat.tell(failedStatus(whatsappId));
    chat.tell({ type: 'status', whatsappId, opaqueId: null, status: 'delivered', atMs: 9, errorCode: null });
    expect(due(chat, id).effects ?? []).toEqual([]);
  });

  it('is not tried again after a delivery, for good reasons, or of nobody we know', () => {
    for (const [named, failure] of [
      ['delivered', {}],
      ['sent', { retryAfterMs: undefined }],
    ] as const) {
      const { chat, whatsappId } = taken();
      chat.tell({ type: 'status', whatsappId, opaqueId: null, status: named, atMs: 9, errorCode: null });
      const { retryAfterMs: _, ...never } = failedStatus(whatsappId) as Extract<ConversationCommand, { type: 'status' }>;
      chat.tell('retryAfterMs' in failure ? never : failedStatus(whatsappId));
      chat.tell(failedStatus('wamid.stranger'));
      expect(timersOf(chat)).toEqual([]);
    }
  });

  it('that overtakes the answer of the send is tried again, too', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire[0]!.input;
    chat.tell(failedStatus('wamid.early', { opaqueId }));
    chat.wire.length = 0;
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    expect(timersOf(chat)).toEqual([`send_again:${opaqueId}`]);
    expect(due(chat, opaqueId).effects).toHaveLength(1);
  });

  it.each(['answer', 'status'])('that overtakes the %s which names its message is tried again once, then', (by) => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire.shift()!.input;
    chat.tell(failedStatus('wamid.early'));
    expect(timersOf(chat)).toEqual([]);
    if (by === 'answer') chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    else chat.tell({ type: 'status', whatsappId: 'wamid.early', opaqueId, status: 'sent', atMs: 1, errorCode: null });
    expect(chat.timers.get(`send_again:${opaqueId}`)).toMatchObject({ dueAtMs: chat.nowMs + RETRY_MS, durable: true });
    expect(due(chat, opaqueId).effects).toHaveLength(1);
    chat.tell(failedStatus('wamid.early', { opaqueId, atMs: 3 }));
    expect(timersOf(chat)).toHaveLength(1);
    expect(replay(chat)).toEqual(chat.state);
    const { settled } = chat.events.find(({ event }) => event.data.settled?.id === opaqueId)!.event.data;
    expect(settled).toMatchObject({ status: 'failed', code: 'whatsapp.131000' });
  });

  it.each([
    ['when the phone shows it before the answer comes', ['wamid.early', 'delivered']],
    ['when it was of another message', ['wamid.other', 'failed']],
  ] as const)('that overtakes the answer of the send is not tried again %s', (_name, [whatsappId, named]) => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire.shift()!.input;
    if (named === 'delivered') chat.tell(failedStatus(whatsappId));
    chat.tell(failedStatus(whatsappId, { status: named }));
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    expect(timersOf(chat)).toEqual([]);
    expect(chat.state.recent.some(({ failure }) => failure !== undefined)).toBe(false);
    expect(chat.events.at(-1)?.event).toMatchObject({ type: 'message_sent', data: { settled: { id: opaqueId, code: null } } });
  });

  it('that overtakes the answer of the send is judged by its own reason, never by that of another message', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire.shift()!.input;
    chat.tell(failedStatus('wamid.other'));
    chat.tell({ type: 'status', whatsappId: 'wamid.early', opaqueId: null, status: 'failed', atMs: 1, errorCode: 131_051 });
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    expect(timersOf(chat)).toEqual([]);
    expect(chat.events.at(-1)?.event.data.settled).toMatchObject({ status: 'failed', code: 'whatsapp.131051' });
  });

  it('that was kept before its reason was, is read as before: failed, without another try', () => {
    const chat = new Chat();
    chat.receive({ kind: 'text', text: 'hi' });
    const { opaqueId } = chat.wire.shift()!.input;
    chat.tell(failedStatus('wamid.early'));
    const { failure: _failure, ...older } = chat.state.recent[0]!;
    chat.state = { ...chat.state, recent: [older] };
    chat.tell({ type: 'send_succeeded', opaqueId, whatsappId: 'wamid.early' });
    expect(timersOf(chat)).toEqual([]);
    expect(chat.state.recent).toMatchObject([{ id: opaqueId, status: 'failed' }]);
  });

  it.each([
    ['once while our clock says that it is open', HOUR_MS, 1],
    ['never when our clock agrees', 24 * HOUR_MS - 10 * 60_000, 0],
  ])('because the window is closed is tried again %s', (_name, afterMs, times) => {
    const { chat, whatsappId } = taken();
    chat.nowMs += afterMs;
    chat.tell(failedStatus(whatsappId, { errorCode: 131_047 }));
    expect(timersOf(chat)).toHaveLength(times);
  });
});

describe('the codes of a failed status', () => {
  it.each([
    [1, 2_000],
    [131_000, 2_000],
    [131_016, 2_000],
    [130_429, 2_000],
    [131_056, 4_000],
    [131_057, 60_000],
    [80_007, 120_000],
    [131_053, 1_000],
    [135_000, 1_000],
    [132_069, 300_000],
  ])('%i is worth another try', (code, afterMs) => {
    expect(lateRetryMs(code)).toBe(afterMs);
    const [part] = parseWebhook(status({ status: 'failed', errors: [{ code: String(code) }] }), NOW_MS);
    expect(part).toMatchObject({ command: { errorCode: code, retryAfterMs: afterMs } });
  });

  it.each([null, 0, 190, 10, 200, 131_026, 131_049, 131_050, 130_472, 131_051, 368, 999_999])('%s is not', (code) => {
    expect(lateRetryMs(code)).toBeNull();
    const [part] = parseWebhook(status({ status: 'failed', errors: code === null ? 'x' : [{ code }] }), NOW_MS);
    expect(part?.kind === 'status' && 'retryAfterMs' in part.command).toBe(false);
  });

  it('count in a failure only', () => {
    const [part] = parseWebhook(status({ status: 'sent', errors: [{ code: 131_000 }] }), NOW_MS);
    expect(part?.kind === 'status' && 'retryAfterMs' in part.command).toBe(false);
  });
});
