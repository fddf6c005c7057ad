/** A "yes" in words places an order only when its writer can have seen the quote; a tap on the quote's own button always does. */
import { describe, expect, it } from 'vitest';
import { Chat, choices } from '../../flow-harness.ts';

const WRITER = { waId: '27820000001', userId: null, name: 'Sipho' };

/** Two kotas in the cart and asked where to. */
function asked(): Chat {
  const chat = new Chat();
  chat.says('2 kota');
  chat.says('checkout');
  return chat;
}

function write(chat: Chat, ...texts: string[]): void {
  for (const text of texts) chat.receive({ kind: 'text', text });
}

const quotes = (chat: Chat) => chat.phone.filter((body) => choices(body).some((id) => id.startsWith('confirm:'))).length;

describe('a yes from before the quote could be seen places nothing', () => {
  it.each([['yes'], ['yebo'], ['ok thanks'], ['👍'], ['yes', 'yes']])('right behind the address: %j', (...words) => {
    const chat = asked();
    write(chat, '12 Main Road', ...words);
    chat.settle();
    expect([chat.commands(), quotes(chat)]).toEqual([[], 1]);
    chat.says('yes');
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('while the quote waits behind another message', () => {
    const chat = new Chat();
    write(chat, 'hi', '2 kota', 'checkout', '12 Main Road', 'yes');
    chat.settle();
    expect([chat.commands(), quotes(chat)]).toEqual([[], 1]);
  });

  it('a wish for the driver behind such a yes is kept, and the quote says it', () => {
    const chat = asked();
    write(chat, '12 Main Road', 'yes please call me when you are here');
    chat.settle();
    expect(chat.commands()).toEqual([]);
    expect(chat.phone.at(-1)?.text).toContain('call me when you are here');
  });

  it('while the quote waits for another try, and when it could not be sent at all', () => {
    const chat = asked();
    write(chat, '12 Main Road');
    const sent = chat.wire.shift();
    chat.tell({
      type: 'send_failed',
      opaqueId: sent?.input.opaqueId ?? '',
      code: 'whatsapp.busy',
      graphCode: 131_056,
      retryAfterMs: 6_000,
    });
    write(chat, 'yes');
    chat.tell({ type: 'send_retry_due', opaqueId: sent?.input.opaqueId ?? '' });
    chat.wire.shift();
    chat.tell({ type: 'send_failed', opaqueId: sent?.input.opaqueId ?? '', code: 'whatsapp.gone', graphCode: 1, retryAfterMs: null });
    chat.says('yes');
    expect([chat.commands(), quotes(chat)]).toEqual([[], 1]);
    chat.says('yes');
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('when another reply replaced the quote before it left', () => {
    const chat = new Chat();
    write(chat, 'hi', '2 kota', '12 Main Road', 'help');
    chat.settle();
    expect(quotes(chat)).toBe(0);
    chat.says('yes');
    expect([chat.commands(), quotes(chat)]).toEqual([[], 1]);
    chat.says('yes');
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('when it was written before what the quote answers, and only arrived later', () => {
    const chat = asked();
    chat.says('12 Main Road');
    const late = { type: 'receive', contact: WRITER, content: { kind: 'text', text: 'yes' } } as const;
    chat.after(() => chat.tell({ ...late, whatsappId: 'wamid.late', sentAtMs: chat.nowMs - 1_000 }));
    expect([chat.commands(), quotes(chat)]).toEqual([[], 2]);
    chat.after(() => chat.tell({ ...late, whatsappId: 'wamid.now', sentAtMs: chat.nowMs }));
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });
});

describe('a quick yes counts', () => {
  it('in the same second as the address, once the quote is in WhatsApp`s hands', () => {
    const chat = asked();
    chat.says('12 Main Road');
    chat.says('yes');
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });

  it('a tap on the quote`s button, whatever the lane still believes', () => {
    const chat = asked();
    write(chat, '12 Main Road');
    chat.receive({ kind: 'reply', id: `confirm:${chat.state.session.checkout?.version}`, title: 'Yes' });
    chat.settle();
    expect(chat.commands()).toEqual(['reserve', 'place']);
  });
});
