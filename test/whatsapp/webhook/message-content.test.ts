/** Every type of message becomes content that can be stored and shown, bounded, or says that it is not understood. */
import { describe, expect, it } from 'vitest';
import type { InboundContent } from '../../../src/actors/conversation/protocol.ts';
import { parseWebhook } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { message, NOW_MS } from '../bodies.ts';

function contentOf(content: object): InboundContent | null {
  const [part, ...rest] = parseWebhook(message(content), NOW_MS);
  expect(rest).toEqual([]);
  return part?.kind === 'message' ? part.command.content : null;
}

describe('the content of a message', () => {
  const cases: readonly [string, object, InboundContent][] = [
    ['text without a body', { type: 'text' }, { kind: 'text', text: '' }],
    ['text without a type', { text: { body: 'hi' } }, { kind: 'text', text: 'hi' }],
    [
      'image',
      { type: 'image', image: { id: '9', mime_type: 'image/jpeg', caption: 'this one' } },
      { kind: 'media', mediaKind: 'image', mediaId: '9', caption: 'this one' },
    ],
    ['video', { type: 'video', video: { id: '9' } }, { kind: 'media', mediaKind: 'video', mediaId: '9', caption: null }],
    [
      'document',
      { type: 'document', document: { id: '9', filename: 'order.pdf' } },
      { kind: 'media', mediaKind: 'document', mediaId: '9', caption: 'order.pdf', named: true },
    ],
    [
      'sticker',
      { type: 'sticker', sticker: { id: '9', animated: true } },
      { kind: 'media', mediaKind: 'sticker', mediaId: '9', caption: null },
    ],
    ['audio', { type: 'audio', audio: { id: '9', voice: false } }, { kind: 'media', mediaKind: 'audio', mediaId: '9', caption: null }],
    ['voice note', { type: 'audio', audio: { id: '9', voice: true } }, { kind: 'media', mediaKind: 'voice', mediaId: '9', caption: null }],
    ['old voice note', { type: 'voice', voice: { id: '9' } }, { kind: 'media', mediaKind: 'voice', mediaId: '9', caption: null }],
    ['media without a payload', { type: 'image' }, { kind: 'media', mediaKind: 'image', mediaId: null, caption: null }],
    [
      'location',
      { type: 'location', location: { latitude: -26.2, longitude: 27.8, name: 'Gate 3' } },
      { kind: 'location', position: { lat: -26.2, lng: 27.8 }, name: 'Gate 3', address: null },
    ],
    [
      'location without a type, as strings',
      { location: { latitude: '-26.2', longitude: '27.8', address: 'Soweto' } },
      { kind: 'location', position: { lat: -26.2, lng: 27.8 }, name: null, address: 'Soweto' },
    ],
    [
      'location that is nowhere',
      { type: 'location', location: { latitude: 'x', longitude: 200 } },
      { kind: 'other', originalType: 'location' },
    ],
    [
      'reaction',
      { type: 'reaction', reaction: { message_id: 'wamid.X', emoji: '👍🏾' } },
      { kind: 'reaction', messageId: 'wamid.X', emoji: '👍🏾' },
    ],
    [
      'reaction removed by leaving the emoji out',
      { type: 'reaction', reaction: { message_id: 'wamid.X' } },
      { kind: 'reaction', messageId: 'wamid.X', emoji: null },
    ],
    [
      'reaction removed by an empty emoji, misspelt',
      { type: 'reaction', reaction: { messsage_id: 'wamid.X', emoji: '' } },
      { kind: 'reaction', messageId: 'wamid.X', emoji: null },
    ],
    [
      'button reply',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'menu', title: 'Menu' } } },
      { kind: 'reply', id: 'menu', title: 'Menu' },
    ],
    [
      'list reply',
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'prod:7', title: 'Kota', description: 'R45' } } },
      { kind: 'reply', id: 'prod:7', title: 'Kota' },
    ],
    [
      'tap with an empty id',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: '', title: 'Menu' } } },
      { kind: 'reply', id: 'Menu', title: 'Menu' },
    ],
    [
      'flow reply with broken JSON',
      { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"a":' } } },
      { kind: 'other', originalType: 'interactive.nfm_reply' },
    ],
    [
      'call permission',
      { type: 'interactive', interactive: { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } } },
      { kind: 'other', originalType: 'interactive.call_permission_reply' },
    ],
    ['interactive without a body', { type: 'interactive' }, { kind: 'other', originalType: 'interactive.unknown' }],
    [
      'template button',
      { type: 'button', button: { payload: 'track:1', text: 'Track' } },
      { kind: 'reply', id: 'track:1', title: 'Track' },
    ],
    ['template button without a payload', { type: 'button', button: { text: 'Track' } }, { kind: 'reply', id: 'Track', title: 'Track' }],
    [
      'cart with quantities as strings, none that can be read, and prices of its own',
      {
        type: 'order',
        order: {
          catalog_id: '1',
          text: 'gate 3',
          product_items: [
            { product_retailer_id: 'KOTA', quantity: '2', item_price: '1' },
            { product_retailer_id: 'COKE', quantity: 1 },
            { quantity: 1 },
            { product_retailer_id: 'X', quantity: 'many' },
            { product_retailer_id: 'Y' },
            null,
          ],
        },
      },
      {
        kind: 'cart',
        items: [
          { productId: 'KOTA', quantity: 2 },
          { productId: 'COKE', quantity: 1 },
          { productId: 'X', quantity: 0 },
          { productId: 'Y', quantity: 0 },
        ],
        note: 'gate 3',
      },
    ],
    [
      'number changed',
      { type: 'system', system: { type: 'user_changed_number', wa_id: '27719999999', body: 'x' } },
      { kind: 'system', event: 'user_changed_number', newWaId: '27719999999', newUserId: null },
    ],
    [
      'number changed, older name',
      { type: 'system', system: { type: 'user_changed_number', new_wa_id: '27719999999' } },
      { kind: 'system', event: 'user_changed_number', newWaId: '27719999999', newUserId: null },
    ],
    [
      'another phone or installation, which changes no key',
      { type: 'system', system: { type: 'customer_identity_changed', identity: 'h', wa_id: '27719999999', user_id: 'ZA.9' } },
      { kind: 'system', event: 'customer_identity_changed', newWaId: null, newUserId: null },
    ],
    [
      'user id changed',
      { type: 'system', system: { type: 'user_changed_user_id', user_id: 'ZA.9' } },
      { kind: 'system', event: 'user_changed_user_id', newWaId: null, newUserId: 'ZA.9' },
    ],
    [
      'edit',
      { type: 'edit', edit: { original_message_id: 'wamid.A', message: { type: 'text', text: { body: '3 kota' } } } },
      { kind: 'edit', originalId: 'wamid.A', text: '3 kota' },
    ],
    [
      'edit of a caption',
      { type: 'edit', edit: { original_message_id: 'wamid.A', message: { type: 'image', image: { id: '1', caption: 'two' } } } },
      { kind: 'edit', originalId: 'wamid.A', text: 'two' },
    ],
    ['revoke', { type: 'revoke', revoke: { original_message_id: 'wamid.A' } }, { kind: 'revoke', originalId: 'wamid.A', text: null }],
    [
      'contacts',
      { type: 'contacts', contacts: [{ name: { formatted_name: 'X' }, origin: 'contact_request' }] },
      { kind: 'other', originalType: 'contacts' },
    ],
    [
      'unsupported',
      { type: 'unsupported', errors: [{ code: 131051 }], unsupported: { type: 'poll' } },
      { kind: 'other', originalType: 'unsupported' },
    ],
    ['a type of tomorrow', { type: 'hologram', hologram: {} }, { kind: 'other', originalType: 'hologram' }],
    ['a type that is a property of every object', { type: '__proto__' }, { kind: 'other', originalType: '__proto__' }],
    ['nothing at all', {}, { kind: 'other', originalType: 'unknown' }],
  ];
  it.each(cases)('is read as its kind: %s', (_name, given, expected) => {
    expect(contentOf(given)).toEqual(expected);
  });

  it('keeps emoji, and loses NUL, lone surrogates and what is beyond 4,096 characters', () => {
    expect(contentOf({ type: 'text', text: { body: '👨‍👩‍👧‍👦 2️⃣ 🇿🇦' } })).toEqual({ kind: 'text', text: '👨‍👩‍👧‍👦 2️⃣ 🇿🇦' });
    expect(contentOf({ type: 'text', text: { body: 'a\u0000b\ud83dc\udf5ed' } })).toEqual({ kind: 'text', text: 'abcd' });
    expect(contentOf({ type: 'text', text: { body: `${'x'.repeat(4_095)}🍞` } })).toEqual({ kind: 'text', text: 'x'.repeat(4_095) });
  });
});
