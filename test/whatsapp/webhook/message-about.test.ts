/** What a message points at (an earlier message, a product, an advertisement) is kept with it and bounded. */
import { describe, expect, it } from 'vitest';
import type { MessageAbout } from '../../../src/actors/conversation/protocol.ts';
import { parseWebhook } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { Chat } from '../../conversation/flow-harness.ts';
import { message, NOW_MS } from '../bodies.ts';

function aboutOf(content: object): MessageAbout | undefined {
  const [part] = parseWebhook(message({ type: 'text', text: { body: 'hi' }, ...content }), NOW_MS);
  return part?.kind === 'message' ? part.command.content.about : undefined;
}

const NOTHING_SAID = { sourceType: null, sourceId: null, sourceUrl: null, headline: null, text: null, clickId: null };

describe('what a message points at', () => {
  it.each<[string, object, MessageAbout | undefined]>([
    ['the message it answers', { context: { from: '27', id: 'wamid.OUT1' } }, { quotedId: 'wamid.OUT1' }],
    ['that it was forwarded', { context: { forwarded: true } }, { forwarded: true }],
    ['that it was forwarded often', { context: { frequently_forwarded: true } }, { forwarded: true }],
    [
      'the product whose page it was written from',
      { context: { from: '27', id: 'wamid.P', referred_product: { catalog_id: '3', product_retailer_id: 'p_kota' } } },
      { quotedId: 'wamid.P', product: { productId: 'p_kota', catalogId: '3' } },
    ],
    [
      'the ad that opened the chat',
      { referral: { source_url: 'https://fb.me/x', source_id: 'AD', source_type: 'ad', headline: 'Kota!', body: 'R45', ctwa_clid: 'c1' } },
      { ad: { sourceType: 'ad', sourceId: 'AD', sourceUrl: 'https://fb.me/x', headline: 'Kota!', text: 'R45', clickId: 'c1' } },
    ],
    ['an ad in part', { referral: { source_id: 7 } }, { ad: { ...NOTHING_SAID, sourceId: '7' } }],
    ['nothing, when nothing is said', { context: {}, referral: {} }, undefined],
    ['nothing, when it is of another type', { context: [{ id: 'x' }], referral: 'ad' }, undefined],
    [
      'nothing, when its members are',
      { context: { id: {}, forwarded: 'yes', referred_product: [] }, referral: { headline: [] } },
      undefined,
    ],
  ])('is kept with it: %s', (_name, content, expected) => {
    expect(aboutOf(content)).toEqual(expected);
  });

  it('is kept for every type of message, and bounded', () => {
    const [part] = parseWebhook(message({ type: 'image', image: { id: '1' }, context: { id: 'wamid.Q' } }), NOW_MS);
    expect(part).toMatchObject({ command: { content: { kind: 'media', about: { quotedId: 'wamid.Q' } } } });
    expect(aboutOf({ referral: { headline: '🍞'.repeat(5_000) } })?.ad?.headline?.length).toBeLessThanOrEqual(200);
  });
});

describe('a text from the page of a product', () => {
  const about: MessageAbout = { product: { productId: 'p_vetkoek', catalogId: null } };
  const asks = (text: string, given: MessageAbout = about): Chat => {
    const chat = new Chat();
    chat.says('hi');
    chat.after(() => chat.receive({ kind: 'text', text, about: given }));
    return chat;
  };
  const cartOf = (chat: Chat): string => chat.state.session.cart.lines.map((line) => `${line.quantity} ${line.name}`).join(', ');

  it.each([
    ['2 of these pls', '2 Vetkoek'],
    ['two please', '2 Vetkoek'],
    ['3', '3 Vetkoek'],
    ['I want this', '1 Vetkoek'],
    ['ngicela lokhu', '1 Vetkoek'],
  ])('that leaves the product open means that product: %s', (text, cart) => {
    expect(cartOf(asks(text))).toBe(cart);
  });

  it.each(['is this available?', 'how much is this?'])('that asks is told about that product, and orders nothing: %s', (text) => {
    const chat = asks(text);
    expect(cartOf(chat)).toBe('');
    expect(JSON.stringify(chat.phone.at(-1))).toContain('Vetkoek');
  });

  it.each([
    ['2 cokes', '2 Coke'],
    ['menu', ''],
    ['do you have parking?', ''],
    ['👍', ''],
    ['hi', ''],
    ['stop', ''],
  ])('that means something else means just that: %s', (text, cart) => {
    expect(cartOf(asks(text))).toBe(cart);
  });

  it('is journaled in its own words, and says nothing when the shop has no such product', () => {
    const chat = asks('2 of these pls');
    const received = chat.events.filter(({ event }) => event.type === 'message_received').at(-1);
    expect(received?.event.personal?.content).toEqual({ kind: 'text', text: '2 of these pls', about });
    expect(cartOf(asks('2 of these pls', { product: { productId: 'gone', catalogId: null } }))).toBe('');
  });
});
