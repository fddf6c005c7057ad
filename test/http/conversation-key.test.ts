/** By which keys a conversation is read. */
import { afterEach, expect, test } from 'vitest';
import { call, FakeSystem, fakeDeps, startApi, stopApps, tokenOf } from './support.ts';

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
