/** What the shop's program reads of a customer whom messages do not reach. */
import { afterEach, expect, test } from 'vitest';
import { call, startApi, stopApps, tokenOf } from '../support.ts';

afterEach(stopApps);

const WA_ID = '27600000011';
const PERSON = { waId: WA_ID, userId: null, name: 'Sipho', state: 'IDLE', step: null, language: 'en', cart: [], openOrderId: null };

test.each([true, false, undefined])(
  'a conversation says whether its customer can be reached, and nothing where that is not known: %s',
  async (unreachable) => {
    const value = { ...PERSON, lastInboundAtMs: null, ...(unreachable === undefined ? {} : { unreachable }) };
    const api = startApi(() => ({ ok: true, value }));
    const { body } = await call(api, 'GET', `/v1/conversations/${WA_ID}`, { token: await tokenOf('staff') });
    expect(['unreachable' in body, body.unreachable]).toEqual([unreachable !== undefined, unreachable]);
  },
);
