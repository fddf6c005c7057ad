/** Orders over the API: placed once for a key, and every step of theirs. */
import { afterEach, expect, test } from 'vitest';
import { shardFromId } from '../../../src/runtime/entity.ts';
import { call, orderView, quote, type Respond, startApi, stopApps, TENANT_B, tokenOf } from '../support.ts';

afterEach(stopApps);

const body = { customer: { wa_id: '27600000011', name: 'Sipho' }, items: [{ product_id: 'prd_1', quantity: 2 }] };

const shop: Respond = ({ to, command }) => {
  if (command.type === 'reserve') return { ok: true, value: quote };
  if (command.type === 'place') return { ok: true, value: orderView(to.id) };
  return { ok: false, refusal: { code: 'order.not_found' } };
};

async function post(api: ReturnType<typeof startApi>, key: string | null, sent: unknown = body, tenant?: string) {
  return await call(api, 'POST', '/v1/orders', {
    token: await tokenOf('staff', tenant),
    body: sent,
    headers: key === null ? {} : { 'idempotency-key': key },
  });
}

test('an order is reserved at the tenant, then placed, and answered with its place', async () => {
  const api = startApi(shop);
  const reply = await post(api, 'k1');
  expect(reply.status).toBe(201);
  expect(reply.headers.get('location')).toBe(`/v1/orders/${reply.body.id}`);
  expect(reply.headers.get('idempotency-replayed')).toBeNull();
  expect(reply.body).toMatchObject({
    status: 'CREATED',
    total_minor: 8500,
    currency: 'ZAR',
    items: [{ product_id: 'prd_1', quantity: 2, total_minor: 7000 }],
  });
  expect(api.system.types()).toEqual(['reserve', 'place']);
  const [reserve, place] = api.system.asked;
  expect(reserve!.command).toMatchObject({ reservationId: reply.body.id, ttlMs: 900_000, lines: [{ productId: 'prd_1', quantity: 2 }] });
  expect(place!.command).toMatchObject({ quote, source: 'api', paymentMethod: 'cod', acceptWithinMs: 600_000 });
  expect(shardFromId(reply.body.id)! >> 5).toBe(3);
});

test.each([
  [
    { waId: null, userId: 'ZA.1', name: 'Sipho' },
    { wa_id: null, user_id: 'ZA.1', name: 'Sipho' },
  ],
  [
    { waId: '27600000011', name: null },
    { wa_id: '27600000011', user_id: null, name: null },
  ],
])('an order names its customer by each key that was known: %j', async (customer, told) => {
  const api = startApi(({ to }) => ({ ok: true, value: { ...orderView(to.id), customer } }));
  const { body: shown } = await call(api, 'GET', '/v1/orders/ord_30abc123', { token: await tokenOf('staff') });
  expect(shown.customer).toEqual(told);
});

test.each([
  [{ wa_id: '+27600000011' }, { waId: '27600000011', userId: null }, { waId: '27600000011' }],
  [{ user_id: 'ZA.ENT.5x' }, { waId: null, userId: 'ZA.ENT.5x' }, { waId: null, userId: 'ZA.ENT.5x' }],
  [{ wa_id: '27600000011', user_id: 'ZA.1' }, { waId: '27600000011', userId: null }, { waId: '27600000011' }],
])('an order is for whom one key names, and never joins two: %j', async (customer, asked, told) => {
  const sought: unknown[] = [];
  const resolve = async (_tenantId: number, keys: unknown): Promise<string> => `cus_${sought.push(keys)}`;
  const api = startApi(shop, { customers: { resolve, known: async () => null, moved: async () => '', find: async () => null } });
  expect((await post(api, 'k1', { ...body, customer })).status).toBe(201);
  expect(sought).toEqual([asked]);
  expect(api.system.asked[1]?.command.customer).toEqual({ ...told, name: null, language: 'en' });
});

test.each([[{}], [{ name: 'Sipho' }]])('an order is for nobody without a key: %j', async (customer) => {
  const api = startApi(shop);
  const reply = await post(api, 'k1', { ...body, customer });
  expect([reply.status, reply.body.errors.map((error: { path: string }) => error.path)]).toEqual([400, ['customer.wa_id']]);
});

test.each(['za.1', 'ZA.', 'ZA.a b', '27600000011', `ZA.${'x'.repeat(129)}`])('%s is no user id to order for', async (id) => {
  const api = startApi(shop);
  const reply = await post(api, 'k1', { ...body, customer: { user_id: id } });
  expect([reply.status, reply.body.errors.map((error: { path: string }) => error.path)]).toEqual([400, ['customer.user_id']]);
});

test('an order is placed in the name of the token that asked for it, as its later steps are', async () => {
  const api = startApi(({ to }) => ({ ok: true, value: orderView(to.id) }));
  const token = await tokenOf('staff', undefined, 'till-3');
  await call(api, 'POST', '/v1/orders', { token, body, headers: { 'idempotency-key': 'k1' } });
  await call(api, 'POST', '/v1/orders/ord_30abc123/accept', { token });
  const by = { role: 'vendor', id: 'till-3' };
  expect(api.system.asked.map(({ command }) => [command.type, command.by])).toEqual([
    ['reserve', undefined],
    ['place', by],
    ['transition', by],
  ]);
});

test('the same key and body answer the stored order, whatever the order of the fields', async () => {
  const api = startApi(shop);
  const first = await post(api, 'k1');
  const second = await post(api, 'k1', {
    items: [{ quantity: 2, product_id: 'prd_1' }],
    customer: { name: 'Sipho', wa_id: '27600000011' },
  });
  expect([second.status, second.headers.get('idempotency-replayed'), second.body]).toEqual([201, 'true', first.body]);
});

test('the same key with another body is refused before anything is reserved, for another customer too', async () => {
  const api = startApi(shop);
  await post(api, 'k1');
  const handled = api.system.types().length;
  const other = { ...body, customer: { wa_id: '27600000099' } };
  for (const sent of [{ ...body, items: [{ product_id: 'prd_1', quantity: 3 }] }, other]) {
    const reply = await post(api, 'k1', sent);
    expect([reply.status, reply.body.code]).toEqual([422, 'idempotency.key_reused']);
  }
  expect(api.system.types().slice(handled)).toEqual(['reserve', 'reserve']);
  expect(api.system.told).toEqual([]);
});

test('the same key in two tenants means two orders', async () => {
  const api = startApi(shop);
  const [a, b] = [await post(api, 'k1'), await post(api, 'k1', body, TENANT_B)];
  expect(b.status).toBe(201);
  expect(a.body.id).not.toBe(b.body.id);
});

test('an order without a key, or with a bad one, is refused', async () => {
  const api = startApi(shop);
  expect((await post(api, null)).body.code).toBe('idempotency.key_missing');
  expect((await post(api, 'x'.repeat(256))).body.code).toBe('idempotency.key_invalid');
  expect(api.system.asked).toEqual([]);
});

test('a refused reservation places nothing and shows what is left', async () => {
  const refusal = { code: 'order.out_of_stock', details: { lines: [{ productId: 'prd_1', available: 1 }] } };
  const api = startApi(() => ({ ok: false, refusal }));
  const reply = await post(api, 'k1');
  expect([reply.status, reply.body.code, reply.body.details]).toEqual([
    409,
    'order.out_of_stock',
    { lines: [{ product_id: 'prd_1', available: 1 }] },
  ]);
  expect(api.system.types()).toEqual(['reserve']);
});

test('a refused placement releases its reservation', async () => {
  const api = startApi(({ command }) =>
    command.type === 'reserve' ? { ok: true, value: quote } : { ok: false, refusal: { code: 'order.cod_limit' } },
  );
  expect((await post(api, 'k1')).status).toBe(422);
  expect(api.system.told).toMatchObject([{ command: { type: 'release_reservation' } }]);
});

test('faults become 429, 503 and 504 with a time to retry where a retry may help', async () => {
  const table: [string, number, string | null][] = [
    ['runtime.overloaded', 429, '3'],
    ['runtime.unavailable', 503, '3'],
    ['runtime.quarantined', 503, '3'],
    ['runtime.timeout', 504, null],
    ['runtime.poison', 500, null],
    ['something.unknown', 503, '3'],
  ];
  for (const [code, status, retryAfter] of table) {
    const reply = await post(
      startApi(() => ({ ok: false, fault: { code, retryAfterMs: 2100 } })),
      'k1',
    );
    expect([code, reply.status, reply.headers.get('retry-after')]).toEqual([code, status, retryAfter]);
  }
});

test('every wrong field is named with its path', async () => {
  const api = startApi(shop);
  const reply = await post(api, 'k1', {
    customer: { wa_id: 'abc' },
    items: [{ product_id: 'prd_1', quantity: 0 }, { quantity: 1.5 }],
    delivery: { location: { lat: 91, lng: 0 } },
    payment_method: 'gold',
  });
  expect([reply.status, reply.body.code]).toEqual([400, 'request.invalid']);
  expect(reply.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
    'customer.wa_id',
    'delivery.location.lat',
    'items[0].quantity',
    'items[1].product_id',
    'items[1].quantity',
    'payment_method',
  ]);
  expect(api.system.asked).toEqual([]);
});

test("another tenant's order is 404, exactly like one that does not exist", async () => {
  const api = startApi(({ to, command }) =>
    to.tenantId === 1 && command.type === 'get'
      ? { ok: true, value: orderView(to.id) }
      : { ok: false, refusal: { code: 'order.not_found' } },
  );
  const id = 'ord_30abc123';
  expect((await call(api, 'GET', `/v1/orders/${id}`, { token: await tokenOf('staff') })).status).toBe(200);
  const token = await tokenOf('staff', TENANT_B);
  const [foreign, absent] = [
    await call(api, 'GET', `/v1/orders/${id}`, { token }),
    await call(api, 'GET', '/v1/orders/ord_40zzz', { token }),
  ];
  const plain = ({ request_id: _, ...rest }: Record<string, unknown>) => rest;
  expect(foreign.status).toBe(404);
  expect(plain(foreign.body)).toEqual(plain(absent.body));
  // The foreign id lies in another data shard: no actor is woken for it.
  expect(api.system.asked.filter((asked) => asked.to.tenantId === 2).map((asked) => asked.to.id)).toEqual(['ord_40zzz']);
});

test('ids that are not ours wake no actor', async () => {
  const api = startApi();
  const token = await tokenOf('staff');
  for (const id of ['1', 'ord_', 'ord_30', 'prd_30abc', `ord_30${'a'.repeat(100)}`, 'ord_30a%00b', 'ord_UUabc']) {
    expect([id, (await call(api, 'GET', `/v1/orders/${id}`, { token })).status]).toEqual([id, 404]);
  }
  expect(api.system.asked).toEqual([]);
});

test('a step that the order is not ready for is 409 with the present status', async () => {
  const api = startApi(() => ({
    ok: false,
    refusal: { code: 'order.illegal_transition', details: { status: 'DELIVERED', transition: 'accept' } },
  }));
  const reply = await call(api, 'POST', '/v1/orders/ord_30abc123/accept', { token: await tokenOf('tenant_owner') });
  expect([reply.status, reply.body.code, reply.body.details.status]).toEqual([409, 'order.illegal_transition', 'DELIVERED']);
  expect(reply.body.detail).toContain('DELIVERED');
});

test('each step reaches the order with who did it and why, and expire is not offered', async () => {
  const api = startApi(({ to }) => ({ ok: true, value: orderView(to.id, 'CONFIRMED') }));
  const token = await tokenOf('tenant_owner');
  for (const transition of ['accept', 'prepare', 'ready', 'deliver', 'cancel', 'reject', 'refund']) {
    const reply = await call(api, 'POST', `/v1/orders/ord_30abc123/${transition}`, { token, body: { reason: 'busy' } });
    expect([reply.status, reply.body.status]).toEqual([200, 'CONFIRMED']);
    expect(api.system.asked.at(-1)!.command).toEqual({
      type: 'transition',
      transition,
      by: { role: 'vendor', id: 'tester' },
      reason: 'busy',
    });
  }
  expect((await call(api, 'POST', '/v1/orders/ord_30abc123/expire', { token })).status).toBe(404);
});

test('the deadline of the request travels with the command', async () => {
  const api = startApi(shop);
  const before = Date.now();
  await post(api, 'k1');
  for (const { options } of api.system.asked) expect(options.deadlineMs! - before).toBeGreaterThan(4000);
});

test('history is shown oldest first with times in RFC 3339', async () => {
  const api = startApi(({ to }) => ({ ok: true, value: orderView(to.id) }));
  const reply = await call(api, 'GET', '/v1/orders/ord_30abc123/history', { token: await tokenOf('staff') });
  expect(reply.body).toEqual({
    items: [{ status: 'CREATED', at: '2023-11-14T22:13:20.000Z', by: 'vendor', by_id: null, reason: null }],
    next_cursor: null,
  });
});
