/** By which keys a conversation and its messages are read: whoever wrote can be found. */
import { afterEach, expect, test } from 'vitest';
import { call, FakeSystem, fakeDeps, startApi, stopApps, tokenOf } from '../support.ts';

afterEach(stopApps);

const LONGEST = 'a1B2'.repeat(32);
const PERSON = { waId: null, userId: null, name: 'Sipho', state: 'IDLE', step: null, language: 'en', cart: [], openOrderId: null };

test.each([[`ZA.${LONGEST}`], [`ZA.ENT.${LONGEST}`]])('every user id that WhatsApp gives finds its conversation: %s', async (userId) => {
  const { customers } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const find: typeof customers.find = async (_tenantId, key) => ('userId' in key && key.userId === userId ? 'cus_1' : null);
  const api = startApi(() => ({ ok: true, value: { ...PERSON, userId, lastInboundAtMs: null } }), { customers: { ...customers, find } });
  const { status, body } = await call(api, 'GET', `/v1/conversations/${userId}`, { token: await tokenOf('staff') });
  expect([status, body.user_id]).toEqual([200, userId]);
});

const askedFor = async (route: string): Promise<{ readonly status: number; readonly keys: readonly unknown[] }> => {
  const { customers } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const keys: unknown[] = [];
  const find: typeof customers.find = async (_tenantId, key) => {
    keys.push(key);
    return null;
  };
  const api = startApi(undefined, { customers: { ...customers, find } });
  const { status } = await call(api, 'GET', route, { token: await tokenOf('staff') });
  return { status, keys };
};

test.each([
  ['27600000011', { waId: '27600000011' }],
  ['%2B27600000011', { waId: '27600000011' }],
  ['+27600000011', { waId: '27600000011' }],
  ['5678', { waId: '5678' }],
  ['0821234567', { waId: '0821234567' }],
  ['ZA.10000000000000000001', { userId: 'ZA.10000000000000000001' }],
  ['ZA.ENT.1', { userId: 'ZA.ENT.1' }],
])('messages are listed by whatever a sender is known by: %s', async (given, key) => {
  expect(await askedFor(`/v1/messages?wa_id=${given}`)).toEqual({ status: 200, keys: [key] });
});

test.each([
  ['27600000011', { waId: '27600000011' }],
  ['+27600000011', { waId: '27600000011' }],
  ['5678', { waId: '5678' }],
  ['ZA.1', { userId: 'ZA.1' }],
])('so are the orders of whoever orders by chat: %s', async (given, key) => {
  expect(await askedFor(`/v1/orders?wa_id=${given}`)).toEqual({ status: 200, keys: [key] });
});

test.each(['5678', 'ZA.1'])('a conversation is found by it, too: %s', async (given) => {
  expect(await askedFor(`/v1/conversations/${given}`)).toEqual({
    status: 404,
    keys: [given === '5678' ? { waId: given } : { userId: given }],
  });
});

test.each(['nonsense', '2771000000123456', 'za.1', 'ZA.', '12a'])('and by nothing else: "%s"', async (given) => {
  expect(await askedFor(`/v1/messages?wa_id=${given}`)).toEqual({ status: 400, keys: [] });
});

test.each([
  [
    { waId: null, userId: 'ZA.1' },
    { wa_id: null, user_id: 'ZA.1' },
  ],
  [{ waId: '27600000011' }, { wa_id: '27600000011' }],
])(
  'a message names its customer by user id where no number is known',
  async ({ waId, userId }: { waId: string | null; userId?: string }, shown) => {
    const { reads } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
    const content = { kind: 'text', text: 'hi' } as const;
    const item = { id: 'a', whatsappId: 'a', direction: 'in', waId, kind: 'text', content, status: 'received', atMs: 0 } as const;
    const items = [userId === undefined ? item : { ...item, userId }];
    const api = startApi(undefined, { reads: { ...reads, messages: async () => ({ items, nextCursor: null }) } });
    const { body } = await call(api, 'GET', '/v1/messages', { token: await tokenOf('staff') });
    const { id, whatsapp_id, direction, kind, text, status, at, ...person } = body.items[0];
    expect(person).toEqual(shown);
  },
);
