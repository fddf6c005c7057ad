/** Routes of shops, products and lists over real HTTP, on a fake system behind them. */
import { afterEach, describe, expect, test } from 'vitest';
import { InvalidCursor } from '../../../src/ports.ts';
import { registerOps } from '../../../src/transport/http/api/ops.ts';
import { parseCsv } from '../../../src/transport/http/csv.ts';
import { API_ROUTES } from '../../../src/transport/http/register-api.ts';
import { call, FakeSystem, fakeDeps, type Respond, startApi, startApp, stopApps, TENANT_A, tokenOf } from '../support.ts';

afterEach(stopApps);

const tenantBody = {
  slug: 'mama-thandi',
  name: "Mama Thandi's Kitchen",
  tier: 'basic',
  currency: 'ZAR',
  timezone: 'Africa/Johannesburg',
  languages: ['en', 'zu'],
  location: { lat: -26.2485, lng: 27.854 },
  whatsapp: { phone_number_id: '200000000000001', waba_id: '100000000000001', access_token: 'EAAB-secret' },
  payments: {
    cod: { enabled: true, max_amount_minor: 500_000 },
    paystack: { secret_key: 'sk_secret' },
    ozow: { site_code: 'S1', private_key: 'pk', api_key: 'ak' },
  },
  delivery: { base_fee_minor: 1500, per_km_minor: 500, free_km: 2, max_km: 10 },
  owner: { name: 'Thandi', wa_id: '27600000010' },
};

type Parts = Readonly<Record<string, unknown>>;

function merged(settings: Parts, patch: Parts): Parts {
  const nested = ['whatsapp', 'payments'].filter((part) => part in patch);
  return {
    ...settings,
    ...patch,
    ...Object.fromEntries(nested.map((part) => [part, { ...(settings[part] as Parts), ...(patch[part] as Parts) }])),
  };
}

/** Remembers the settings like a tenant actor. */
function tenantActor(): Respond {
  let state: { status: string; settings: unknown } = { status: 'provisioning', settings: null };
  return ({ command }) => {
    if (command.type === 'provision') state = { status: command.at as string, settings: command.settings };
    if (command.type === 'change_settings') state = { ...state, settings: merged(state.settings as Parts, command.patch as Parts) };
    if (command.type === 'suspend') state = { ...state, status: 'suspended' };
    if (command.type === 'resume') state = { ...state, status: 'active' };
    return { ok: true, value: state };
  };
}

describe('tenants', () => {
  test('a new tenant answers with id, status and shard, its secrets sealed before they enter a command and redacted after', async () => {
    const api = startApi(tenantActor());
    const reply = await call(api, 'POST', '/v1/tenants', { token: await tokenOf('platform_admin', null), body: tenantBody });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      slug: 'mama-thandi',
      status: 'active',
      shard: 7,
      delivery: tenantBody.delivery,
      owner: tenantBody.owner,
    });
    expect(reply.body.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.headers.get('location')).toBe(`/v1/tenants/${reply.body.id}`);
    expect(reply.body.whatsapp.access_token).toBe('…redacted');
    expect(reply.body.payments).toEqual({
      cod: { enabled: true, max_amount_minor: 500_000 },
      paystack: { secret_key: '…redacted' },
      ozow: { site_code: 'S1', private_key: '…redacted', api_key: '…redacted' },
    });
    const commands = JSON.stringify(api.system.asked);
    for (const secret of ['EAAB-secret', 'sk_secret', '"pk"', '"ak"']) {
      expect(commands).not.toContain(secret);
      expect(reply.text).not.toContain(secret);
    }
  });

  test('a taken slug is 409', async () => {
    const reply = await call(startApi(), 'POST', '/v1/tenants', {
      token: await tokenOf('platform_admin', null),
      body: { ...tenantBody, slug: 'taken' },
    });
    expect([reply.status, reply.body.code]).toEqual([409, 'tenant.slug_taken']);
  });

  test('a body with several faults names each of them', async () => {
    const bad = {
      ...tenantBody,
      slug: 'No Spaces',
      timezone: 'Mars/Base',
      languages: ['en', 'en'],
      whatsapp: { phone_number_id: 'x', waba_id: '100000000000001' },
    };
    const reply = await call(startApi(), 'POST', '/v1/tenants', { token: await tokenOf('platform_admin', null), body: bad });
    expect(reply.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'languages',
      'slug',
      'timezone',
      'whatsapp.phone_number_id',
    ]);
  });

  test('an owner changes own settings, keeps what is not named, and cannot change slug or tier', async () => {
    const api = startApi(tenantActor());
    const admin = await tokenOf('platform_admin', null);
    const { id } = (await call(api, 'POST', '/v1/tenants', { token: admin, body: tenantBody })).body;
    const token = await tokenOf('tenant_owner', id);
    const changed = await call(api, 'PATCH', '/v1/tenant', {
      token,
      body: { name: 'Thandi', whatsapp: { access_token: 'NEW' }, payments: { mpesa: { api_key: 'k' } } },
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: 'Thandi', whatsapp: { phone_number_id: '200000000000001', access_token: '…redacted' } });
    expect(Object.keys(changed.body.payments).sort()).toEqual(['cod', 'mpesa', 'ozow', 'paystack']);
    for (const body of [{ slug: 'new' }, { tier: 'enterprise' }, { whatsapp: { phone_number_id: '200000000000009' } }]) {
      expect((await call(api, 'PATCH', '/v1/tenant', { token, body })).body.code).toBe('request.invalid');
    }
    expect((await call(api, 'PATCH', `/v1/tenants/${id}`, { token: admin, body: { tier: 'premium' } })).body.tier).toBe('premium');
    expect((await call(api, 'POST', `/v1/tenants/${id}/suspend`, { token: admin })).body.status).toBe('suspended');
    expect((await call(api, 'POST', `/v1/tenants/${id}/resume`, { token: admin })).body.status).toBe('active');
  });

  test('an id that is no tenant is 404', async () => {
    const token = await tokenOf('platform_admin', null);
    for (const id of ['x', '7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9aff']) {
      expect((await call(startApi(), 'GET', `/v1/tenants/${id}`, { token })).body.code).toBe('tenant.not_found');
    }
  });
});

describe('products', () => {
  const stored = {
    id: 'prd_1',
    name: 'Kota',
    priceMinor: 3500,
    category: 'food',
    description: null,
    aliases: [],
    stock: 5,
    options: [],
    imageUrl: null,
    available: true,
  };

  test('a product is added with defaults and shown in snake_case', async () => {
    const api = startApi(() => ({ ok: true, value: stored }));
    const reply = await call(api, 'POST', '/v1/products', {
      token: await tokenOf('staff'),
      body: { name: 'Kota', price_minor: 3500, category: 'food' },
    });
    expect([reply.status, reply.body.price_minor, reply.body.image_url]).toEqual([201, 3500, null]);
    expect(api.system.asked[0]!.command.product).toEqual({
      name: 'Kota',
      priceMinor: 3500,
      category: 'food',
      description: null,
      aliases: [],
      stock: null,
      options: [],
      imageUrl: null,
    });
  });

  test('a change names only what changes, and null clears', async () => {
    const api = startApi(() => ({ ok: true, value: stored }));
    await call(api, 'PATCH', '/v1/products/prd_1', { token: await tokenOf('staff'), body: { stock: null, available: false } });
    expect(api.system.asked[0]!.command).toEqual({ type: 'change_product', productId: 'prd_1', patch: { stock: null, available: false } });
  });

  test('money is whole and not negative', async () => {
    const token = await tokenOf('staff');
    const api = startApi();
    for (const price of [-1, 1.5, '100', 1e15]) {
      const reply = await call(api, 'POST', '/v1/products', { token, body: { name: 'Kota', price_minor: price, category: 'food' } });
      expect([price, reply.body.errors?.[0].path]).toEqual([price, 'price_minor']);
    }
  });

  test('a removed product answers 204 without a body', async () => {
    const reply = await call(startApi(), 'DELETE', '/v1/products/prd_1', { token: await tokenOf('staff') });
    expect([reply.status, reply.text]).toEqual([204, '']);
  });

  test('CSV adds good rows, skips what the tenant refuses, and a bad cell stops the whole file', async () => {
    const api = startApi(({ command }) =>
      (command.product as { name: string }).name === 'Coke'
        ? { ok: false, refusal: { code: 'product.exists' } }
        : { ok: true, value: stored },
    );
    const options = { token: await tokenOf('staff'), headers: { 'content-type': 'text/csv; charset=utf-8' } };
    const csv = 'name,price_minor,category,aliases,stock\r\n"Kota, large",3500,food,kota|sphatlo,\r\nCoke,1500,drinks,,20\r\n';
    expect((await call(api, 'POST', '/v1/products/import', { ...options, body: csv })).body).toEqual({
      created: 1,
      skipped: [{ row: 2, code: 'product.exists' }],
    });
    expect(api.system.asked[0]!.command.product).toMatchObject({ name: 'Kota, large', aliases: ['kota', 'sphatlo'], stock: null });
    const before = api.system.asked.length;
    const bad = await call(api, 'POST', '/v1/products/import', {
      ...options,
      body: 'name,price_minor,category\nKota,R35,food\nOk,1,food\n',
    });
    expect([bad.status, bad.body.errors[0].path]).toEqual([400, 'rows[1].price_minor']);
    const many = `name,price_minor,category\n${'Kota,1,food\n'.repeat(11)}`;
    expect((await call(api, 'POST', '/v1/products/import', { ...options, body: many })).status).toBe(400);
    expect((await call(api, 'POST', '/v1/products/import', { ...options, headers: {}, body: csv })).status).toBe(415);
    expect(api.system.asked.length).toBe(before);
  });
});

describe('reads', () => {
  test('limits and cursors are checked, and a bad cursor of the store is 400', async () => {
    const seen: unknown[] = [];
    const reads = {
      ...fakeDeps(new FakeSystem(() => ({ ok: true, value: null }))).reads,
      products: async (_tenantId: number, query: { cursor: string | null }) => {
        seen.push(query);
        if (query.cursor === 'bad') throw new InvalidCursor();
        return { items: [], nextCursor: 'next' };
      },
    };
    const api = startApi(undefined, { reads });
    const token = await tokenOf('staff');
    expect((await call(api, 'GET', '/v1/products?q=kota&limit=500', { token })).body).toEqual({ items: [], next_cursor: 'next' });
    expect(seen[0]).toEqual({ limit: 500, cursor: null, q: 'kota', category: null });
    expect((await call(api, 'GET', '/v1/products?cursor=bad', { token })).body.code).toBe('request.invalid_cursor');
    for (const limit of ['0', '501', 'x', '1.5'])
      expect((await call(api, 'GET', `/v1/products?limit=${limit}`, { token })).body.errors[0].path).toBe('limit');
  });

  test('storage that is away is 503 with a time to retry and no internal text', async () => {
    const reads = {
      ...fakeDeps(new FakeSystem(() => ({ ok: true, value: null }))).reads,
      orders: () => Promise.reject(new Error('connect ECONNREFUSED')),
    };
    const reply = await call(startApi(undefined, { reads }), 'GET', '/v1/orders', { token: await tokenOf('staff') });
    expect([reply.status, reply.body.code, reply.headers.get('retry-after')]).toEqual([503, 'runtime.unavailable', '1']);
    expect(reply.text).not.toContain('ECONNREFUSED');
  });

  test('a conversation is found by number or user id, an unknown one is 404, and a reply reaches its actor', async () => {
    const view = {
      waId: '27600000011',
      userId: null,
      name: 'Sipho',
      state: 'SUPPORT',
      step: null,
      language: 'zu',
      cart: [],
      openOrderId: null,
      lastInboundAtMs: null,
    };
    const api = startApi(() => ({ ok: true, value: view }));
    const token = await tokenOf('staff');
    expect((await call(api, 'GET', '/v1/conversations/27600000011', { token })).body).toMatchObject({
      wa_id: '27600000011',
      state: 'SUPPORT',
      language: 'zu',
      cart: [],
    });
    for (const key of ['27600000012', 'ZA.123', 'nonsense'])
      expect((await call(api, 'GET', `/v1/conversations/${key}`, { token })).body.code).toBe('conversation.not_found');
    await call(api, 'POST', '/v1/conversations/27600000011/reply', { token, body: { text: 'Sawubona' } });
    expect(api.system.asked.map(({ command }) => command)).toContainEqual({ type: 'agent_reply', text: 'Sawubona' });
    expect(
      (await call(api, 'POST', '/v1/conversations/27600000011/reply', { token, body: { text: 'x'.repeat(4097) } })).body.errors[0].path,
    ).toBe('text');
  });

  test('a conversation of somebody who never wrote shows the number that others ordered for, one of an erased person none', async () => {
    const value = { waId: null, userId: null, name: null, state: 'IDLE', step: null, language: 'en', cart: [], openOrderId: null };
    const { reads } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
    for (const ordered of [{ waId: '27600000011', name: 'Sipho' }, null]) {
      const api = startApi(() => ({ ok: true, value: { ...value, lastInboundAtMs: null } }), {
        reads: { ...reads, orderedFor: async () => ordered },
      });
      const { body } = await call(api, 'GET', '/v1/conversations/27600000011', { token: await tokenOf('staff') });
      expect([body.wa_id, body.name]).toEqual([ordered?.waId ?? null, ordered?.name ?? null]);
    }
  });

  test('messages of an unknown number are an empty list', async () => {
    const reply = await call(startApi(), 'GET', '/v1/messages?wa_id=27600000099&direction=in', { token: await tokenOf('staff') });
    expect(reply.body).toEqual({ items: [], next_cursor: null });
  });

  test('a quote holds nothing', async () => {
    const deps = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
    // biome-ignore lint/suspicious/noExplicitAny: the pricing rule is a fake, so the view's content does not matter.
    const api = startApi(undefined, { tenants: { ...deps.tenants, view: async () => ({}) as any } });
    const reply = await call(api, 'POST', '/v1/quotes', {
      token: await tokenOf('staff'),
      body: { items: [{ product_id: 'prd_1', quantity: 2 }] },
    });
    expect([reply.status, reply.body.total_minor]).toEqual([200, 8500]);
    expect(api.system.asked).toEqual([]);
  });
});

describe('contract', () => {
  test('/openapi.json names every route with the same fields that are validated', async () => {
    const { body } = await call(startApi(), 'GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const described = Object.values(body.paths).reduce((sum: number, path) => sum + Object.keys(path as object).length, 0);
    expect(described).toBe(API_ROUTES.length);
    expect(new Set(API_ROUTES.map((route) => route.operationId)).size).toBe(API_ROUTES.length);
    const place = body.paths['/v1/orders'].post;
    expect(place.requestBody.content['application/json'].schema.required).toEqual(['customer', 'items']);
    expect(place.parameters).toContainEqual(expect.objectContaining({ name: 'Idempotency-Key', required: true }));
    expect(Object.keys(place.responses)).toEqual(expect.arrayContaining(['201', '400', '401', '403', '409', '422', '429', '503', '504']));
  });

  test('/docs needs nothing from elsewhere and names every error code', async () => {
    const { text, headers } = await call(startApi(), 'GET', '/docs');
    expect(text).not.toMatch(/<script|https?:\/\//);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(text).toContain('id="order.illegal_transition"');
  });
});

test('CSV is read as spreadsheets write it where the comma is the decimal sign: with semicolons, or tabs', () => {
  const rows = [
    ['name', 'price_minor'],
    ['Kota, large; hot', '3500'],
  ];
  expect(parseCsv('\ufeffname;price_minor\r\n"Kota, large; hot";3500\r\n', 10)).toEqual(rows);
  expect(parseCsv('name\tprice_minor\nKota, large; hot\t3500', 10)).toEqual(rows);
  // The first line decides: what stands in a cell separates nothing.
  expect(parseCsv('name,price_minor\nKota; hot,3500', 10)).toEqual([
    ['name', 'price_minor'],
    ['Kota; hot', '3500'],
  ]);
  expect(parseCsv('name;price_minor\n"open;1', 10)).toBeNull();
});

test('CSV follows RFC 4180', () => {
  expect(parseCsv('\ufeffa,b\r\n"x ""y"", z","multi\nline"\n\n,\n', 10)).toEqual([
    ['a', 'b'],
    ['x "y", z', 'multi\nline'],
    ['', ''],
  ]);
  expect(parseCsv('', 10)).toEqual([]);
  expect(parseCsv('a,"open', 10)).toBeNull();
  expect(parseCsv('"a"b', 10)).toBeNull();
  expect(parseCsv('a\nb\nc', 2)).toBeNull();
});

test('the operations port tells health, readiness, metrics, cluster and dead letters', async () => {
  let ready = false;
  const app = startApp((it) =>
    registerOps(it, {
      ready: async () => ({ ready, checks: { database: ready ? 'ok' : 'not writable' } }),
      metricsText: async () => '# HELP\n',
      cluster: async () => ({ node_id: 'n1', nodes: [] }),
      replaceThread: () => false,
      deadLetters: async (page) => ({ items: [page], nextCursor: null }),
    }),
  );
  expect((await call(app, 'GET', '/healthz')).status).toBe(200);
  expect(await call(app, 'GET', '/readyz')).toMatchObject({ status: 503, body: { ready: false, checks: { database: 'not writable' } } });
  ready = true;
  expect((await call(app, 'GET', '/readyz')).status).toBe(200);
  expect((await call(app, 'GET', '/metrics')).text).toBe('# HELP\n');
  expect((await call(app, 'GET', '/v1/cluster')).body.node_id).toBe('n1');
  expect((await call(app, 'GET', '/v1/deadletters?limit=5')).body).toEqual({ items: [{ limit: 5, cursor: null }], next_cursor: null });
  expect((await call(app, 'GET', '/v1/deadletters?limit=x')).status).toBe(400);
  expect((await call(app, 'GET', '/v1/deadletters?limit=5&limit=6')).body).toMatchObject({
    code: 'request.invalid',
    errors: [{ path: 'limit' }],
  });
});

test('the own tenant of a token is the only one it reaches', async () => {
  const api = startApi(() => ({ ok: false, refusal: { code: 'product.not_found' } }));
  await call(api, 'GET', '/v1/products/prd_1', { token: await tokenOf('staff', TENANT_A) });
  expect(api.system.asked.map(({ to }) => to.tenantId)).toEqual([1]);
});

test('a repeated request whose answer went with an erased person says so, and is no defect', async () => {
  const api = startApi(() => ({ ok: true, value: undefined, duplicate: true }));
  const options = { token: await tokenOf('staff'), headers: { 'idempotency-key': 'k' }, body: {} };
  const again = await call(api, 'POST', '/v1/orders/ord_30abc123/accept', options);
  expect(again).toMatchObject({ status: 409, body: { code: 'privacy.subject_erased' } });
  expect(api.defects).toEqual([]);
});

test('what is free in form is bounded in size: options of a product, credentials of a gateway', async () => {
  const api = startApi();
  const token = await tokenOf('tenant_owner');
  const body = { name: 'Kota', price_minor: 1, category: 'Food', options: [{ sizes: 'x'.repeat(16_384) }] };
  const fields = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'v']));
  const refused = [
    [await call(api, 'POST', '/v1/products', { token, body }), 'options'],
    [await call(api, 'PATCH', '/v1/products/prd_1', { token, body: { options: body.options } }), 'options'],
    [await call(api, 'PATCH', '/v1/tenant', { token, body: { payments: { mpesa: fields } } }), 'payments.mpesa'],
  ] as const;
  for (const [reply, path] of refused) expect(reply).toMatchObject({ status: 400, body: { code: 'request.invalid', errors: [{ path }] } });
  expect(api.system.asked).toEqual([]);
});
