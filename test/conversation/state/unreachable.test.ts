/** The shop is told when messages do not reach a customer's phone, and as soon as they do again. */
import { describe, expect, it } from 'vitest';
import { Chat, replay } from '../flow-harness.ts';

const UNDELIVERABLE = 131_026;

const status = (chat: Chat, whatsappId: string, named: string, more: { opaqueId?: string; errorCode?: number; atMs?: number } = {}): void =>
  void chat.tell({ type: 'status', whatsappId, opaqueId: null, status: named, atMs: chat.nowMs, errorCode: null, ...more });

/** One more message of the shop. @returns its opaque id. */
function writes(chat: Chat): string {
  chat.tell({ type: 'agent_reply', text: 'Are you there?' });
  return chat.wire[0]!.input.opaqueId;
}

/** How WhatsApp tells that it could not bring a message. */
const WAYS: Readonly<Record<string, (chat: Chat, errorCode?: number) => void>> = {
  'the answer of its send': (chat, errorCode = UNDELIVERABLE) => {
    const opaqueId = writes(chat);
    chat.wire.length = 0;
    chat.tell({ type: 'send_failed', opaqueId, code: 'whatsapp.refused', graphCode: errorCode, retryAfterMs: null });
  },
  'a status': (chat, errorCode = UNDELIVERABLE) => {
    const opaqueId = writes(chat);
    chat.settle();
    for (const atMs of [1, 2]) status(chat, `wamid.${opaqueId}`, 'failed', { errorCode, atMs });
  },
  'a status that overtakes the answer and has our own id': (chat, errorCode = UNDELIVERABLE) => {
    status(chat, 'wamid.x', 'failed', { errorCode, opaqueId: writes(chat) });
    chat.settle();
  },
  'a status that overtakes the answer without our own id': (chat, errorCode = UNDELIVERABLE) => {
    const opaqueId = writes(chat);
    status(chat, `wamid.${opaqueId}`, 'failed', { errorCode });
    chat.settle();
  },
};

function known(): Chat {
  const chat = new Chat();
  chat.says('hi');
  return chat;
}

const unreachable = (chat: Chat): boolean | undefined => {
  expect(replay(chat)).toEqual(chat.state);
  return chat.get().unreachable;
};

describe.each(Object.entries(WAYS))('a customer whose messages are undeliverable, as said by %s', (_name, fails) => {
  it('is shown as unreachable after two in a row, durably, and not after one', () => {
    const chat = known();
    expect(unreachable(chat)).toBe(false);
    fails(chat);
    expect(unreachable(chat)).toBe(false);
    fails(chat);
    expect(unreachable(chat)).toBe(true);
    fails(chat);
    expect(chat.state.session.undelivered).toBe(2);
  });

  it.each([
    ['writes', (chat: Chat) => chat.receive({ kind: 'reaction', messageId: 'wamid.x', emoji: null })],
    ['has a message on the phone', (chat: Chat) => status(chat, `wamid.${chat.state.recent.at(-1)?.id}`, 'delivered')],
    ['reads a message that was forgotten', (chat: Chat) => status(chat, 'wamid.long.ago', 'read')],
  ])('is reachable again as soon as the customer %s, and two more are counted anew', (_what, shows) => {
    const chat = known();
    fails(chat);
    fails(chat);
    shows(chat);
    expect(unreachable(chat)).toBe(false);
    fails(chat);
    expect(unreachable(chat)).toBe(false);
    fails(chat);
    expect(unreachable(chat)).toBe(true);
  });

  it('is not unreachable for any other reason', () => {
    const chat = known();
    for (let i = 0; i < 3; i++) fails(chat, 131_049);
    expect(unreachable(chat)).toBe(false);
  });
});

it('what WhatsApp has taken, but not brought, does not begin the count anew', () => {
  const chat = known();
  const fails = WAYS['the answer of its send']!;
  fails(chat);
  const opaqueId = writes(chat);
  chat.settle();
  status(chat, `wamid.${opaqueId}`, 'sent');
  fails(chat);
  expect(unreachable(chat)).toBe(true);
});

it('news of a phone that is reached anyway is no event', () => {
  const chat = known();
  const { length } = chat.events;
  status(chat, 'wamid.long.ago', 'read');
  expect(chat.events).toHaveLength(length);
});

it('a conversation from before messages were counted is reachable', () => {
  const chat = known();
  const { undelivered: _undelivered, ...older } = chat.state.session;
  chat.state = { ...chat.state, session: older };
  expect(chat.get().unreachable).toBe(false);
  WAYS['a status']!(chat);
  WAYS['a status']!(chat);
  expect(chat.get().unreachable).toBe(true);
});
