/** What every route promises about bodies, queries and repeats, and that the described contract says the same. */
import { SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { errorEntry } from '../../../src/errors.ts';
import { JSON_DEPTH_MAX } from '../../../src/transport/http/message.ts';
import { API_ROUTES } from '../../../src/transport/http/register-api.ts';
import { call, FakeSystem, fakeDeps, raw, SECRET, startApi, stopApps, TENANT_BODY, tokenOf } from '../support.ts';

afterEach(stopApps);

const product = { name: 'Kota', price_minor: 3500, category: 'food' };

function seeingQueries() {
  const seen: unknown[] = [];
  const list = async (_tenantId: number, query: unknown) => {
    seen.push(query);
    return { items: [], nextCursor: null };
  };
  const { reads } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  return { seen, api: startApi(undefined, { reads: { ...reads, products: list, orders: list } }) };
}

test('a body nested deeper than the bound is 400, whatever its field; at the bound it is judged by its schema', async () => {
  const api = startApi();
  const token = await tokenOf('staff');
  const post = async (levels: number) => {
    const nested = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const body = JSON.stringify({ ...product, options: [{ deep: 0 }] }).replace('0}', `${nested}}`);
    return await call(api, 'POST', '/v1/products', { token, headers: { 'content-type': 'application/json' }, body });
  };
  // Around the brackets: the product, its options, the one option.
  expect((await post(JSON_DEPTH_MAX - 3)).body.code).not.toBe('request.invalid');
  for (const levels of [JSON_DEPTH_MAX - 2, 100_000]) expect((await post(levels)).body.errors?.[0].message).toContain('nested');
});

test('without the sandbox the bare address is an unknown path like any other', async () => {
  const reply = await call(startApi(), 'GET', '/');
  expect([reply.status, reply.body.code]).toEqual([404, 'request.not_found']);
});

test.each([
  ['/v1/products?limit=1&limit=2', ['limit']],
  ['/v1/products?limit=2&limit=2', ['limit']],
  ['/v1/orders?status=NEW&limit=1&%73tatus=READY&limit=2', ['status', 'limit']],
  ['/v1/products?tenant_id=a&tenant_id=b', ['tenant_id']],
  ['/v1/products/p1?nobody_reads=1&nobody_reads=2', ['nobody_reads']],
])('a query parameter with several values is refused by its name, nobody guesses which is meant: %s', async (path, names) => {
  const api = startApi();
  const reply = await call(api, 'GET', path, { token: await tokenOf('staff') });
  expect([reply.status, reply.body.code]).toEqual([400, 'request.invalid']);
  expect(reply.body.errors.map((error: { path: string }) => error.path)).toEqual(names);
});

test('a query parameter that is repeated without a value is as good as sent once', async () => {
  const api = startApi();
  const reply = await call(api, 'GET', '/v1/products?limit=&limit=5&limit=', { token: await tokenOf('staff') });
  expect(reply.status).toBe(200);
});

test('an empty query parameter counts as absent', async () => {
  const { seen, api } = seeingQueries();
  const reply = await call(api, 'GET', '/v1/products?q=&category=&cursor=&limit=', { token: await tokenOf('staff') });
  expect(reply.status).toBe(200);
  expect(seen).toEqual([{ limit: 50, cursor: null, q: null, category: null }]);
});

test('a limit is digits only', async () => {
  const { seen, api } = seeingQueries();
  const token = await tokenOf('staff');
  for (const limit of ['1e2', '0x10', '%2B5', '%205', '1.0', '-1', '0', '501'])
    expect([limit, (await call(api, 'GET', `/v1/products?limit=${limit}`, { token })).body.errors?.[0].path]).toEqual([limit, 'limit']);
  expect(seen).toEqual([]);
});

test('a time with an offset is read whether its plus is percent-encoded or not', async () => {
  const { seen, api } = seeingQueries();
  const token = await tokenOf('staff');
  for (const plus of ['+', '%2B'])
    expect((await call(api, 'GET', `/v1/orders?from=2026-01-01T00:00:00${plus}02:00`, { token })).status).toBe(200);
  expect(seen.map((query) => (query as { fromMs: number }).fromMs)).toEqual(Array(2).fill(Date.parse('2025-12-31T22:00:00Z')));
});

test('a field that the contract does not have is named by its own path', async () => {
  const body = { slug: 'new', whatsapp: { phone_number_id: '200000000000009' } };
  const reply = await call(startApi(), 'PATCH', '/v1/tenant', { token: await tokenOf('tenant_owner'), body });
  expect(reply.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['slug', 'whatsapp.phone_number_id']);
});

/** An API whose tenant actor takes the settings of whoever provisions it, over a directory of the test's own. */
function apiThatProvisions(tenants: ReturnType<typeof fakeDeps>['tenants']): ReturnType<typeof startApi> {
  let settings: unknown = null;
  return startApi(
    ({ command }) => {
      if (command.type === 'provision') settings = command.settings;
      return { ok: true, value: { status: 'active', settings } };
    },
    { tenants },
  );
}

test('of two requests that create the same tenant at once one is told that the slug is taken', async () => {
  const deps = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  // As the directory does while a tenant is claimed but not provisioned: the same claim again gets the same address.
  let first: Awaited<ReturnType<typeof deps.tenants.claim>> | null = null;
  const claim: typeof deps.tenants.claim = async (wanted) => {
    first ??= await deps.tenants.claim(wanted);
    return first;
  };
  const api = apiThatProvisions({ ...deps.tenants, claim });
  const token = await tokenOf('platform_admin', null);
  const create = async (name: string) => await call(api, 'POST', '/v1/tenants', { token, body: { ...TENANT_BODY, name } });
  expect((await create('First')).body.name).toBe('First');
  const second = await create('Second');
  expect([second.status, second.body.code]).toEqual([409, 'tenant.slug_taken']);
});

test('a repeated creation of a tenant under its key answers the same tenant; another body under it is refused', async () => {
  const deps = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const slugs = new Set<string>();
  const claim: typeof deps.tenants.claim = async (wanted) => {
    if (slugs.has(wanted.slug)) return { ok: false, code: 'tenant.slug_taken' };
    // As the database does for an id that it has.
    if ((await deps.tenants.byUuid(wanted.uuid)) !== null) throw new Error('duplicate key value');
    slugs.add(wanted.slug);
    return await deps.tenants.claim(wanted);
  };
  const api = apiThatProvisions({ ...deps.tenants, claim });
  const token = await tokenOf('platform_admin', null);
  const create = async (key: string | null, changed: object = {}) => {
    const headers: Record<string, string> = key === null ? {} : { 'idempotency-key': key };
    return await call(api, 'POST', '/v1/tenants', { token, headers, body: { ...TENANT_BODY, ...changed } });
  };
  const [first, again] = [await create('k'), await create('k')];
  expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
  expect([again.body, first.headers.get('idempotency-replayed')]).toEqual([first.body, null]);
  for (const changed of [{ name: 'Other' }, { slug: 'other' }])
    expect((await create('k', changed)).body.code).toBe('idempotency.key_reused');
  for (const key of ['k2', null]) expect((await create(key)).body.code).toBe('tenant.slug_taken');
});

test('a key that was sent and cannot be read is refused, never taken for none', async () => {
  const api = startApi(() => ({ ok: true, value: null }));
  const token = await tokenOf('staff');
  const create = (key: string) =>
    call(api, 'POST', '/v1/products', {
      token,
      headers: { 'idempotency-key': key },
      body: { name: 'Kota', price_minor: 3500, category: 'food' },
    });
  for (const key of ['\u00e9', '']) {
    const { status, body } = await create(key);
    expect([key, status, body.code]).toEqual([key, 400, 'idempotency.key_invalid']);
  }
  expect(api.system.asked).toEqual([]);
});

test('two keys on one request are refused, whichever comes first and even when they agree', async () => {
  const api = startApi(() => ({ ok: true, value: null }));
  const body = JSON.stringify(product);
  const lines = [
    `POST /v1/products HTTP/1.1`,
    'host: x',
    `authorization: Bearer ${await tokenOf('staff')}`,
    `content-length: ${body.length}`,
  ];
  for (const keys of [
    ['a', 'b'],
    ['b', 'a'],
    ['a', 'a'],
    ['', 'a'],
  ]) {
    const request = [...lines, ...keys.map((key) => `idempotency-key: ${key}`), '', body].join('\r\n');
    expect([keys, await raw(api.port, request, /\}$/)]).toEqual([keys, expect.stringContaining('idempotency.key_invalid')]);
  }
  expect(api.system.asked).toEqual([]);
});

test('each place of a wrong body is told once, and of a value of the wrong type nothing else', async () => {
  const post = async (changed: object) => {
    const body = { ...TENANT_BODY, ...changed };
    return (await call(startApi(), 'POST', '/v1/tenants', { token: await tokenOf('platform_admin', null), body })).body.errors;
  };
  expect(await post({ currency: 'zar' })).toEqual([{ path: 'currency', message: 'must be an ISO 4217 code' }]);
  expect(await post({ name: [] })).toEqual([{ path: 'name', message: expect.stringContaining('expected string') }]);
  expect((await post({ currency: 'zar', name: '', slug: 7 })).map(({ path }: { path: string }) => path)).toEqual([
    'slug',
    'name',
    'currency',
  ]);
});

test('a member named __proto__ is refused wherever it stands, not lost in silence', async () => {
  const api = startApi(() => ({ ok: true, value: null }));
  const token = await tokenOf('staff');
  const whole = JSON.stringify({ ...product, options: [{ size: { of: 1 } }] });
  for (const name of ['options', 'size', 'of']) {
    const body = whole.replace(`"${name}"`, '"__proto__"');
    const reply = await call(api, 'POST', '/v1/products', { token, headers: { 'content-type': 'application/json' }, body });
    expect([name, reply.status, reply.body.errors?.[0].message]).toEqual([name, 400, expect.stringContaining('__proto__')]);
  }
  expect(api.system.asked).toEqual([]);
});

test('a row of a catalogue file means the same product each time, and a shifted row stops the file', async () => {
  const api = startApi(() => ({ ok: true, value: null }));
  const options = { token: await tokenOf('staff'), headers: { 'content-type': 'text/csv' } };
  const send = async (rows: string) =>
    await call(api, 'POST', '/v1/products/import', { ...options, body: `name,price_minor,category\n${rows}` });
  for (const rows of ['Kota,3500,food\nCoke,1500,drinks\n', ' kota ,3600,food\n']) expect((await send(rows)).status).toBe(200);
  const [kota, coke, again] = api.system.asked.map(({ command }) => command.productId);
  expect([again === kota, coke === kota]).toEqual([true, false]);
  expect((await send('Pap,2000,food,extra\n')).body.errors[0]).toEqual({ path: 'rows[1]', message: 'has more cells than the header' });
});

test('a catalogue file that has a column twice is refused: nobody knows which of them is meant', async () => {
  const api = startApi(() => ({ ok: true, value: null }));
  const options = { token: await tokenOf('staff'), headers: { 'content-type': 'text/csv' } };
  const body = 'name, Name,price_minor,category,note,note\nKota,Coke,1,food,a,b\n';
  const reply = await call(api, 'POST', '/v1/products/import', { ...options, body });
  expect([reply.status, reply.body.errors]).toEqual([400, [{ path: 'header', message: 'repeats name' }]]);
  expect(api.system.asked).toEqual([]);
});

test('a repeated answer by hand says that it was given before', async () => {
  const view = { waId: '27600000011', userId: null, name: null, state: 'SUPPORT', step: null, language: 'en', cart: [] };
  const api = startApi(() => ({ ok: true, value: { ...view, openOrderId: null, lastInboundAtMs: null } }));
  const options = { token: await tokenOf('staff'), headers: { 'idempotency-key': 'k' }, body: { text: 'Sawubona' } };
  const reply = async () => (await call(api, 'POST', '/v1/conversations/27600000011/reply', options)).headers.get('idempotency-replayed');
  expect([await reply(), await reply()]).toEqual([null, 'true']);
});

test('an answer by hand that an older version kept without the conversation is repeated as what the conversation is', async () => {
  const view = { waId: '27600000011', userId: null, name: null, state: 'SUPPORT', step: null, language: 'en', cart: [] };
  const value = ({ type }: { type: string }) =>
    type === 'agent_reply' ? { messageId: 'out_1' } : { ...view, openOrderId: null, lastInboundAtMs: null };
  const api = startApi(({ command }) => ({ ok: true, value: value(command) }));
  const options = { token: await tokenOf('staff'), headers: { 'idempotency-key': 'k' }, body: { text: 'Sawubona' } };
  for (const replayed of [null, 'true']) {
    const reply = await call(api, 'POST', '/v1/conversations/27600000011/reply', options);
    expect([reply.status, reply.body.state, reply.headers.get('idempotency-replayed')]).toEqual([200, 'SUPPORT', replayed]);
  }
});

test('a token whose tenant is null is one without a tenant', async () => {
  const claims = { sub: 'x', iss: 'wakala', aud: 'wakala', roles: ['platform_admin'], tenant_id: null };
  const signed = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1m');
  const token = await signed.sign(new TextEncoder().encode(SECRET));
  expect((await call(startApi(), 'GET', '/v1/tenants', { token })).status).toBe(200);
});

test('the described contract has every code that a route may answer because of its body, its key and its tenant', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  for (const { path, method, scope, body: sent, idempotency } of API_ROUTES) {
    const { responses } = body.paths[path.replace(/:([a-z_]+)/g, '{$1}')][method.toLowerCase()];
    const expected = [
      'auth.token_expired',
      'request.internal',
      ...(sent === undefined
        ? []
        : ['request.invalid_json', 'request.unsupported_media_type', 'request.too_large', 'request.body_timeout']),
      ...(scope === 'platform' ? [] : ['tenant.not_found']),
      ...(idempotency === undefined ? [] : ['idempotency.key_invalid', 'idempotency.key_reused']),
    ];
    for (const code of expected) expect(`${path} ${responses[errorEntry(code)?.status ?? 0]?.description}`).toContain(code);
  }
  expect(body.paths['/v1/orders'].get.parameters[0].schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 500 });
});

test('only the end of a shift waits for a job: no route names `driver.has_job`, because a shift ends on the phone', async () => {
  const { body } = await call(startApi(), 'GET', '/openapi.json');
  const naming = Object.entries(body.paths as Record<string, unknown>).flatMap(([path, operations]) =>
    JSON.stringify(operations).includes('driver.has_job') ? [path] : [],
  );
  expect(naming).toEqual([]);
});
