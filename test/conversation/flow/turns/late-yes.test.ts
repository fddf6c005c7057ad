/** WhatsApp delivers for days: an agreement that comes two hours late is asked for again, and places nothing by itself. */
import { describe, expect, it } from 'vitest';
import type { InboundContent } from '../../../../src/actors/conversation/protocol.ts';
import { Chat, choices, HOUR_MS } from '../../flow-harness.ts';

const WRITER = { waId: '27820000001', userId: null, name: 'Sipho' };
const LATE_MS = 2 * HOUR_MS;

/** Two kotas to Main Road, and the quote on the phone. */
function quoted(): Chat {
  const chat = new Chat();
  chat.says('2 kota');
  chat.says('checkout');
  chat.says('12 Main Road');
  return chat;
}

const confirm = (chat: Chat): InboundContent => ({ kind: 'reply', id: chat.buttonStarting('confirm:'), title: 'Yes, order it' });
const words = (said: string) => (): InboundContent => ({ kind: 'text', text: said });

/** `content` was said `sentAtMs` and arrives now. */
function arrives(chat: Chat, content: InboundContent, sentAtMs: number) {
  return chat.after(() => chat.tell({ type: 'receive', whatsappId: `wamid.late${chat.seq}`, contact: WRITER, content, sentAtMs }));
}

describe('an agreement that arrives two hours late places nothing and shows the quote again', () => {
  it.each([
    ['a tap', confirm],
    ['a yes', words('yes')],
    ['a yes with a wish', words('yes please call me when you are here')],
  ])('%s', (_name, content) => {
    const chat = quoted();
    const saidAtMs = chat.nowMs + 10_000;
    chat.nowMs = saidAtMs + LATE_MS;
    const shown = arrives(chat, content(chat), saidAtMs);
    expect(chat.commands()).toEqual([]);
    expect(choices(shown).some((id) => id.startsWith('confirm:'))).toBe(true);
    arrives(chat, confirm(chat), chat.nowMs);
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('also behind another late message', () => {
    const chat = quoted();
    const saidAtMs = chat.nowMs + 10_000;
    const tap = confirm(chat);
    chat.nowMs = saidAtMs + 5 * HOUR_MS;
    arrives(chat, { kind: 'media', mediaKind: 'image', mediaId: '1', caption: null }, saidAtMs);
    arrives(chat, tap, saidAtMs + 1_000);
    expect(chat.commands()).toEqual([]);
  });

  it('also when the clock that says when it was given is some seconds behind ours', () => {
    const chat = quoted();
    const saidAtMs = chat.nowMs - 30_000;
    chat.nowMs += LATE_MS;
    arrives(chat, confirm(chat), saidAtMs);
    expect(chat.commands()).toEqual([]);
  });
});

describe('an agreement counts', () => {
  it('when it comes just short of two hours late', () => {
    const chat = quoted();
    const saidAtMs = chat.nowMs + 10_000;
    chat.nowMs = saidAtMs + LATE_MS - 1;
    arrives(chat, confirm(chat), saidAtMs);
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('when the customer thought about it for hours', () => {
    const chat = quoted();
    chat.nowMs += 5 * HOUR_MS;
    arrives(chat, confirm(chat), chat.nowMs);
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('when its time is from before the quote, so that the sender`s clock is wrong', () => {
    const chat = quoted();
    arrives(chat, confirm(chat), chat.nowMs - 30 * 24 * HOUR_MS);
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });
});
