/** What the contract says of values holds to its bounds: what a list or a reply gives out is taken back, and nothing is changed in silence. */
import { afterEach, expect, test } from 'vitest';
import type { Product } from '../../../src/actors/tenant/protocol.ts';
import { cursorOf } from '../../../src/persistence/postgres/cursor.ts';
import { quote as quoteSchema } from '../../../src/transport/http/v1/schemas.ts';
import { call, FakeSystem, fakeDeps, quote, startApi, stopApps, TENANT_BODY, tokenOf } from '../support.ts';

afterEach(stopApps);

const kota = { name: 'Kota', price_minor: 1, category: 'Food' };

/** Answers with what it was told to keep. */
function keeping() {
  return startApi(({ command }) => ({
    ok: true,
    value:
      command.type === 'add_product'
        ? { ...(command.product as Product), id: 'prd_1', available: true }
        : { status: 'active', settings: command.settings ?? null },
  }));
}

/** The api, and what its lists are asked for. */
function listing() {
  const asked: unknown[] = [];
  const { reads, customers } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const note = async (_tenantId: number, query: unknown) => {
    asked.push(query);
    return { items: [], nextCursor: null };
  };
  const api = startApi(undefined, { reads: { ...reads, products: note, orders: note, messages: note }, customers });
  return { api, asked };
}

test('a list takes back every cursor that it gives out, whatever its products are called', async () => {
  const { api, asked } = listing();
  const token = await tokenOf('tenant_owner');
  for (const letter of ['a', '"', '好', '🍔', '\u0001']) {
    const name = letter.repeat(120);
    expect((await call(keeping(), 'POST', '/v1/products', { token, body: { ...kota, name } })).status).toBe(201);
    const cursor = cursorOf(['products', name, 'p'.repeat(64)]);
    expect((await call(api, 'GET', `/v1/products?cursor=${cursor}`, { token })).status).toBe(200);
    expect(asked.pop()).toMatchObject({ cursor });
  }
});

test('the dearest basket that can be priced has the shape that the contract promises', async () => {
  const dearest = 1_000_000_000_000;
  const totalMinor = dearest * 50;
  const lines = Array.from({ length: 50 }, () => ({ productId: 'prd_1', name: 'Kota', quantity: 50, unitPriceMinor: dearest, totalMinor }));
  const priced = {
    ...quote,
    lines,
    subtotalMinor: totalMinor * 50,
    deliveryFeeMinor: dearest * 1_001,
    totalMinor: totalMinor * 50 + dearest * 1_001,
  };
  const api = startApi(undefined, { price: () => ({ ok: true, quote: priced }) });
  const token = await tokenOf('staff');
  const reply = await call(api, 'POST', '/v1/quotes', { token, body: { items: [{ product_id: 'prd_1', quantity: 1 }] } });
  expect(quoteSchema.safeParse(reply.body).error).toBeUndefined();
  expect(reply.body.total_minor).toBe(3_501_000_000_000_000);
});

test('half a character is refused in options and addresses of pictures too, and never comes back as another', async () => {
  const token = await tokenOf('staff');
  const api = keeping();
  const post = async (part: object) => await call(api, 'POST', '/v1/products', { token, body: { ...kota, ...part } });
  for (const [part, path] of [
    [{ options: [{ size: 'L\ud83c' }] }, 'options'],
    [{ options: [{ '\udf54': 1 }] }, 'options'],
    [{ options: [{ sizes: ['M', { note: '\ud800' }] }] }, 'options'],
    [{ image_url: 'https://cdn.example/\ud800.jpg' }, 'image_url'],
    [{ image_url: 'https://cdn.example/a\u0000.jpg' }, 'image_url'],
    [{ image_url: 'https://cdn.exa\tmple/a.jpg' }, 'image_url'],
    [{ image_url: 'https://cdn.example/a\n.jpg' }, 'image_url'],
  ] as const) {
    const reply = await post(part);
    expect([reply.status, reply.body.errors?.[0].path]).toEqual([400, path]);
  }
  const whole = { options: [{ '🍔': ['\\ud800', null] }], image_url: 'https://cdn.example/🍔 big.jpg' };
  expect((await post(whole)).body).toMatchObject(whole);
});

test('a secret that could not be sent or sealed as it is does not become a setting; a line break pasted behind it is no part of it', async () => {
  const token = await tokenOf('platform_admin', null);
  const create = async (access_token: string, paystack = 'sk') => {
    const api = keeping();
    const body = { ...TENANT_BODY, whatsapp: { ...TENANT_BODY.whatsapp, access_token }, payments: { paystack: { secret_key: paystack } } };
    const reply = await call(api, 'POST', '/v1/tenants', { token, body });
    const sealed = JSON.stringify(api.system.asked[0]?.command.settings ?? null);
    return reply.status === 400
      ? reply.body.errors[0].path
      : Buffer.from(/"sealed:v1:([\w-]+)"/.exec(sealed)?.[1] ?? '', 'base64url').toString();
  };
  for (const bad of ['EAA\nB', 'EAA\u0000', 'EAA\ud800', '\n']) expect(await create(bad)).toBe('whatsapp.access_token');
  expect(await create('EAA', 'sk\r\nx: y')).toBe('payments.paystack.secret_key');
  expect(await create('EAA…\n')).toMatch(/\|EAA…$/);
});

test('a query means the same with a plus that nobody percent-encoded, and with the small letters of RFC 3339', async () => {
  const { api, asked } = listing();
  const token = await tokenOf('staff');
  for (const path of ['orders', 'messages'])
    for (const waId of ['27600000011', '%2B27600000011', '+27600000011']) {
      expect((await call(api, 'GET', `/v1/${path}?wa_id=${waId}`, { token })).status).toBe(200);
      expect(asked.pop()).toMatchObject({ customerId: 'cus_1' });
    }
  for (const waId of ['++27600000011', '%20%2027600000011', '27 600000011'])
    expect((await call(api, 'GET', `/v1/orders?wa_id=${waId}`, { token })).body.errors[0].path).toBe('wa_id');
  for (const from of ['2026-11-22T02:00:00+02:00', '2026-11-22t00:00:00z', '2026-11-22']) {
    await call(api, 'GET', `/v1/orders?from=${from}`, { token });
    expect(asked.pop()).toMatchObject({ fromMs: Date.UTC(2026, 10, 22) });
  }
});

test('a compressed body is named as what it is, and one that only says so is read', async () => {
  const api = keeping();
  const token = await tokenOf('staff');
  const post = async (body: string) =>
    await call(api, 'POST', '/v1/products', { token, body, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } });
  const refused = await post('\u001f\u008b\u0008');
  expect([refused.status, refused.body.code]).toEqual([415, 'request.unsupported_media_type']);
  expect(refused.body.detail).toContain('Content-Encoding');
  expect((await post(JSON.stringify(kota))).status).toBe(201);
});
