/** What the shop's program reads of words that a customer changed or took back: which message they were. */
import { afterEach, expect, test } from 'vitest';
import type { MessageItem } from '../../../src/ports.ts';
import { messageContent } from '../../../src/transport/whatsapp/webhook/message-content.ts';
import { call, FakeSystem, fakeDeps, startApi, stopApps, tokenOf } from '../support.ts';

afterEach(stopApps);

const AT = '2026-11-22T10:00:00.000Z';

async function listed(content: MessageItem['content'], kind: string): Promise<unknown> {
  const item: MessageItem = {
    id: 'wamid.B',
    whatsappId: 'wamid.B',
    direction: 'in',
    waId: '27600000011',
    kind,
    content,
    status: 'received',
    atMs: Date.parse(AT),
  };
  const { reads } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const api = startApi(undefined, { reads: { ...reads, messages: async () => ({ items: [item], nextCursor: null }) } });
  return (await call(api, 'GET', '/v1/messages', { token: await tokenOf('staff') })).body.items[0];
}

const ROW = { id: 'wamid.B', whatsapp_id: 'wamid.B', direction: 'in', wa_id: '27600000011', status: 'received', at: AT };
const EDIT = { type: 'edit', edit: { original_message_id: 'wamid.A', message: { type: 'text', text: { body: '3 kota' } } } };

test.each([
  ['an edit', EDIT, { kind: 'edit', text: '3 kota', original_whatsapp_id: 'wamid.A' }],
  [
    'a revocation',
    { type: 'revoke', revoke: { original_message_id: 'wamid.A' } },
    { kind: 'revoke', text: null, original_whatsapp_id: 'wamid.A' },
  ],
  ['an edit that does not say of what', { type: 'edit', edit: { message: EDIT.edit.message } }, { kind: 'edit', text: '3 kota' }],
  ['a text', { type: 'text', text: { body: '2 kota' } }, { kind: 'text', text: '2 kota' }],
])('%s is listed with the words and the message that it is about', async (_name, message, expected) => {
  const content = messageContent(message);
  expect(await listed(content, content.kind)).toEqual({ ...ROW, ...expected });
});

test('of somebody who was erased neither is said', async () => {
  expect(await listed(null, 'edit')).toEqual({ ...ROW, kind: 'edit', text: null });
});
