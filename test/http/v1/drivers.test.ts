/** Routes of drivers: application, approval, access, ratings. */
import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { shardFromId } from '../../../src/runtime/entity.ts';
import { call, orderView, type Respond, startApi, stopApps, TENANT_A, TENANT_B, tokenOf } from '../support.ts';
import { activeJob, asDescribed, carriedBy, DRIVER, DRIVER_OF_B, driverView, ORDER, offer } from './fleet.ts';

afterEach(stopApps);

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const body = {
  name: 'Bongani Dube',
  phone: '+27821234567',
  vehicle: { type: 'motorbike', registration: 'GP 1' },
  documents: { licence: { number: 'L1', expires_on: '2026-03-20' }, insurance: 'POL-9' },
};

/** Every driver exists, in tenant A; orders as given. */
function fleet(view = driverView(DRIVER), order = orderView(ORDER)): Respond {
  return ({ to }) => {
    if (to.tenantId !== 1) return { ok: false, refusal: { code: `${to.kind}.not_found` } };
    if (to.kind === 'order') return { ok: true, value: order };
    return { ok: true, value: { ...view, id: to.id } };
  };
}

const plain = ({ request_id: _, ...rest }: Record<string, unknown>) => rest;

describe('a driver who applies', () => {
  async function post(api: ReturnType<typeof startApi>, key: string | null, sent: unknown = body, tenant = TENANT_A) {
    const headers: Record<string, string> = key === null ? {} : { 'idempotency-key': key };
    return await call(api, 'POST', '/v1/drivers', { token: await tokenOf('tenant_owner', tenant), body: sent, headers });
  }

  test('gets an id in the data shard of its tenant, and its actor every word in its own form', async () => {
    const api = startApi(fleet());
    const reply = await post(api, null);
    expect(reply.status).toBe(201);
    expect(reply.headers.get('location')).toBe(`/v1/drivers/${reply.body.id}`);
    expect(shardFromId(reply.body.id)! >> 5).toBe(3);
    expect(api.system.asked.map(({ command }) => command)).toEqual([
      {
        type: 'register',
        driver: {
          name: 'Bongani Dube',
          phone: '27821234567',
          vehicle: { type: 'motorbike', registration: 'GP 1', coldStorage: false },
          documents: { licence: { number: 'L1', expiresOn: '2026-03-20' }, insurance: { number: 'POL-9', expiresOn: null } },
        },
      },
    ]);
    expect((await post(api, null)).body.id).not.toBe(reply.body.id);
  });

  test('is one driver for one key, refused for another body under it, and another one in another tenant', async () => {
    const api = startApi(({ to }) => ({ ok: true, value: driverView(to.id) }));
    const first = await post(api, 'k1');
    const again = await post(api, 'k1');
    expect([again.status, again.headers.get('idempotency-replayed'), again.body.id]).toEqual([201, 'true', first.body.id]);
    expect((await post(api, 'k1', { ...body, name: 'Other' })).body.code).toBe('idempotency.key_reused');
    expect((await post(api, 'k1', body, TENANT_B)).body.id).not.toBe(first.body.id);
  });

  test('with a wrong field is told which, and wakes no actor', async () => {
    const api = startApi(fleet());
    const reply = await post(api, null, {
      name: ' ',
      phone: 'abc',
      vehicle: { type: 'boat', cold_storage: 'yes' },
      documents: { licence: { expires_on: '2026-02-30' } },
    });
    expect(reply.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'documents.licence.expires_on',
      'name',
      'phone',
      'vehicle.cold_storage',
      'vehicle.type',
    ]);
    expect(api.system.asked).toEqual([]);
  });
});

describe('a driver', () => {
  test('is shown exactly as the contract describes it, with its offer and its jobs', async () => {
    const documents = { licence: { number: 'L1', expiresOn: '2026-03-20' } };
    const api = startApi(fleet(driverView(DRIVER, { online: true, onlineSinceMs: NOW_MS, offer, jobs: [activeJob], documents })));
    const reply = await call(api, 'GET', `/v1/drivers/${DRIVER}`, { token: await tokenOf('operator') });
    expect(reply.status).toBe(200);
    expect(asDescribed('getDriver', reply.body)).toEqual(reply.body);
    expect(reply.body).toMatchObject({
      id: DRIVER,
      vehicle: { type: 'motorbike', registration: 'GP 1', cold_storage: false },
      documents: { licence: { number: 'L1', expires_on: '2026-03-20' } },
      online_since: '2026-03-01T12:00:00.000Z',
      profile: { rating: 4.5, completed_jobs: 12 },
      earnings: { currency: 'ZAR', cash_on_hand_minor: 8500 },
      offer: { offer_id: 'ofr_1', order_id: ORDER, fee_minor: 1875, expires_at: '2023-11-14T22:14:20.000Z' },
      jobs: [{ order_id: ORDER, phase: 'to_pickup', dropoff: { location: { lat: -26.26, lng: 27.86 }, note: 'blue gate' } }],
    });
  });

  test('of another tenant is 404, exactly like one that does not exist, on every path', async () => {
    const api = startApi(fleet());
    const token = await tokenOf('tenant_owner', TENANT_B);
    const calls: [string, string, unknown?][] = [
      ['GET', ''],
      ['PATCH', '', { name: 'X' }],
      ['POST', '/approve'],
      ['POST', '/suspend'],
      ['POST', '/token'],
      ['POST', '/rating', { order_id: ORDER, stars: 5 }],
      ['POST', '/cash-settlements', { amount_minor: 1 }],
      ['GET', '/track'],
    ];
    for (const [method, path, sent] of calls) {
      const send = async (id: string) =>
        await call(api, method, `/v1/drivers/${id}${path}`, { token, body: sent, headers: { 'idempotency-key': 'k' } });
      const [foreign, absent] = [await send(DRIVER), await send('drv_40zzz')];
      expect([path, foreign.status, foreign.body.code]).toEqual([path, 404, 'driver.not_found']);
      expect(plain(foreign.body)).toEqual(plain(absent.body));
    }
    expect(api.system.asked.filter(({ to }) => to.id === DRIVER)).toEqual([]);
  });

  test('whose id is not ours wakes no actor', async () => {
    const api = startApi(fleet());
    const token = await tokenOf('staff');
    for (const id of ['1', 'drv_', 'drv_30', ORDER, DRIVER_OF_B, `drv_30${'a'.repeat(100)}`, 'drv_30a%00b', 'drv_UUabc'])
      expect([id, (await call(api, 'GET', `/v1/drivers/${id}`, { token })).status]).toEqual([id, 404]);
    expect(api.system.asked).toEqual([]);
  });

  test('changes only in what is named, merged by its own actor: the API writes back nothing that it has read', async () => {
    const api = startApi(fleet());
    const token = await tokenOf('tenant_owner');
    const patch = async (sent: unknown) => await call(api, 'PATCH', `/v1/drivers/${DRIVER}`, { token, body: sent });
    const sent = { vehicle: { type: 'bakkie' }, documents: { insurance: null, police_clearance: { expires_on: '2027-01-01' } } };
    expect((await patch(sent)).status).toBe(200);
    expect(api.system.asked[0]!.command).toEqual({
      type: 'change',
      patch: { vehicle: { type: 'bakkie' }, documents: { insurance: null, police_clearance: { number: null, expiresOn: '2027-01-01' } } },
    });
    await patch({ name: 'B', phone: '+27821234568', vehicle: { registration: null, cold_storage: false } });
    expect(api.system.asked.findLast(({ command }) => command.type === 'change')!.command.patch).toEqual({
      name: 'B',
      phone: '27821234568',
      vehicle: { registration: null, coldStorage: false },
    });
    expect((await patch({ status: 'approved' })).body.code).toBe('request.invalid');
  });

  test('is approved and suspended in the name of the caller, once for one key', async () => {
    const api = startApi(fleet());
    const token = await tokenOf('tenant_owner');
    const headers = { 'idempotency-key': 'k1' };
    expect((await call(api, 'POST', `/v1/drivers/${DRIVER}/approve`, { token, headers })).status).toBe(200);
    const again = await call(api, 'POST', `/v1/drivers/${DRIVER}/approve`, { token, headers });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await call(api, 'POST', `/v1/drivers/${DRIVER}/suspend`, { token, body: { reason: 'licence expired' } });
    const commands = api.system.asked.map(({ command }) => command);
    expect(commands).toContainEqual({ type: 'approve', by: 'tester', isKept: true });
    expect(commands).toContainEqual({ type: 'suspend', by: 'tester', reason: 'licence expired' });
  });

  test('reads itself with its own token and nobody else', async () => {
    const api = startApi(fleet());
    const token = await tokenOf('driver', TENANT_A, DRIVER);
    expect((await call(api, 'GET', '/v1/driver/me', { token })).body.id).toBe(DRIVER);
    expect((await call(api, 'GET', `/v1/drivers/${DRIVER}`, { token })).status).toBe(403);
    expect((await call(api, 'GET', '/v1/driver/me', { token: await tokenOf('driver', TENANT_A, DRIVER_OF_B) })).status).toBe(404);
    expect((await call(api, 'GET', '/v1/driver/me', { token: await tokenOf('tenant_owner') })).status).toBe(403);
  });

  test('reads nothing more once it is suspended, except while it finishes a ride', async () => {
    const token = await tokenOf('driver', TENANT_A, DRIVER);
    for (const [online, answer] of [
      [false, [409, 'driver.suspended']],
      [true, [200, undefined]],
    ] as const) {
      const api = startApi(fleet(driverView(DRIVER, { status: 'suspended', online })));
      const reply = await call(api, 'GET', '/v1/driver/me', { token });
      expect([reply.status, reply.body.code]).toEqual(answer);
    }
  });
});

describe('access of a driver', () => {
  test('is a token, a device key and a link, for the time that was asked for', async () => {
    const api = startApi(fleet());
    const token = await tokenOf('tenant_owner');
    const issue = async (sent?: unknown) => await call(api, 'POST', `/v1/drivers/${DRIVER}/token`, { token, body: sent });
    const reply = await issue({ ttl: '7d' });
    expect(reply.body).toEqual({
      token: `${TENANT_A}.${DRIVER}.604800`,
      expires_at: '2023-11-14T22:13:20.000Z',
      device_key: `${TENANT_A}.${DRIVER}.mac`,
      drive_url: `https://shop.example/drive#token=${TENANT_A}.${DRIVER}.604800`,
    });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect((await issue()).body.token).toBe(`${TENANT_A}.${DRIVER}.43200`);
    for (const ttl of ['', '0s', '31d', 'forever', '1h30m']) expect([ttl, (await issue({ ttl })).status]).toEqual([ttl, 400]);
  });

  test('is for approved drivers only', async () => {
    const token = await tokenOf('tenant_owner');
    for (const [status, code] of [
      ['applied', 'driver.not_approved'],
      ['suspended', 'driver.suspended'],
    ] as const) {
      const api = startApi(fleet(driverView(DRIVER, { status })));
      const reply = await call(api, 'POST', `/v1/drivers/${DRIVER}/token`, { token });
      expect([reply.status, reply.body.code]).toEqual([409, code]);
    }
  });
});

describe('a rating', () => {
  const rate = async (api: ReturnType<typeof startApi>, sent: unknown) =>
    await call(api, 'POST', `/v1/drivers/${DRIVER}/rating`, { token: await tokenOf('staff'), body: sent });

  test('counts once, from a delivery that this driver has made', async () => {
    const done = { ...orderView(ORDER, 'DELIVERED'), delivery: carriedBy(DRIVER, { phase: 'delivered' }) };
    const api = startApi(fleet(driverView(DRIVER), done));
    expect((await rate(api, { order_id: ORDER, stars: 5 })).body.id).toBe(DRIVER);
    expect(api.system.asked.map(({ command }) => command)).toContainEqual({ type: 'rate', orderId: ORDER, stars: 5 });
    const again = await rate(api, { order_id: ORDER, stars: 5 });
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect((await rate(api, { order_id: ORDER, stars: 1 })).body.code).toBe('driver.already_rated');
    for (const stars of [0, 6, 4.5, '5']) expect((await rate(api, { order_id: ORDER, stars })).body.errors[0].path).toBe('stars');
  });

  test('of an order that another driver carried, that is under way, or that is not there, reaches no driver', async () => {
    const table = [
      [carriedBy('drv_30other', { phase: 'delivered' }), ORDER, 'delivery.not_yours'],
      [null, ORDER, 'delivery.not_yours'],
      [carriedBy(DRIVER, { phase: 'picked_up' }), ORDER, 'delivery.wrong_phase'],
      [null, 'ord_40abc', 'order.not_found'],
    ] as const;
    for (const [delivery, orderId, code] of table) {
      const api = startApi(fleet(driverView(DRIVER), { ...orderView(ORDER), delivery }));
      expect((await rate(api, { order_id: orderId, stars: 1 })).body.code).toBe(code);
      expect(api.system.types()).not.toContain('rate');
    }
  });
});

test('cash is handed in once for one key, and never without one', async () => {
  const api = startApi(fleet());
  const token = await tokenOf('tenant_owner');
  const settle = async (headers: Record<string, string>, amount: unknown = 8500) =>
    await call(api, 'POST', `/v1/drivers/${DRIVER}/cash-settlements`, { token, headers, body: { amount_minor: amount } });
  expect((await settle({})).body.code).toBe('idempotency.key_missing');
  expect((await settle({ 'idempotency-key': 'k' })).body.earnings.cash_on_hand_minor).toBe(8500);
  expect((await settle({ 'idempotency-key': 'k' })).headers.get('idempotency-replayed')).toBe('true');
  expect((await settle({ 'idempotency-key': 'k' }, 1)).body.code).toBe('idempotency.key_reused');
  for (const amount of [0, -1, 1.5, '5']) expect((await settle({ 'idempotency-key': 'k2' }, amount)).status).toBe(400);
  const settled = api.system.asked.filter(({ command }) => command.type === 'settle_cash');
  expect(new Set(settled.map(({ options }) => options.commandId)).size).toBe(1);
  expect(settled[0]!.command).toEqual({ type: 'settle_cash', amountMinor: 8500, by: 'tester' });
});

describe('who may', () => {
  test('the owner runs the fleet; staff, an operator and an auditor look, a driver does neither', async () => {
    const api = startApi(fleet());
    const table: [string, number, number][] = [
      ['tenant_owner', 200, 201],
      ['staff', 200, 403],
      ['operator', 200, 403],
      ['auditor', 200, 403],
      ['driver', 403, 403],
    ];
    for (const [role, list, create] of table) {
      const token = await tokenOf(role);
      const got = [
        (await call(api, 'GET', '/v1/drivers', { token })).status,
        (await call(api, 'POST', '/v1/drivers', { token, body })).status,
      ];
      expect([role, ...got]).toEqual([role, list, create]);
    }
  });

  test('staff may neither let a driver in nor put one out, nor take its place; at the counter they rate and take cash', async () => {
    const api = startApi(fleet());
    const post = async (what: string, sent: unknown) => {
      const options = { token: await tokenOf('staff'), headers: { 'idempotency-key': 'k' }, body: sent };
      return (await call(api, 'POST', `/v1/drivers/${DRIVER}/${what}`, options)).status;
    };
    for (const what of ['approve', 'suspend', 'token']) expect([what, await post(what, {})]).toEqual([what, 403]);
    expect((await call(api, 'PATCH', `/v1/drivers/${DRIVER}`, { token: await tokenOf('staff'), body: { name: 'x' } })).status).toBe(403);
    expect(await post('cash-settlements', { amount_minor: 1 })).toBe(200);
    expect(await post('rating', {})).toBe(400);
  });

  test('the platform acts in the tenant that it names; nobody else can name one', async () => {
    const api = startApi(fleet());
    const read = async (token: string, query: string) => await call(api, 'GET', `/v1/drivers/${DRIVER}${query}`, { token });
    const platform = await tokenOf('platform_admin', null);
    expect((await read(platform, `?tenant_id=${TENANT_A}`)).status).toBe(200);
    expect((await read(platform, `?tenant_id=${TENANT_B}`)).body.code).toBe('driver.not_found');
    expect((await read(platform, '?tenant_id=7b0f3f0e-55a4-4a59-9d5e-0d6f1b3c9aff')).body.code).toBe('tenant.not_found');
    for (const query of ['', '?tenant_id=x']) expect((await read(platform, query)).body.errors[0].path).toBe('tenant_id');
    const owner = await tokenOf('tenant_owner');
    expect((await read(owner, `?tenant_id=${TENANT_A}`)).status).toBe(200);
    for (const query of [`?tenant_id=${TENANT_B}`, '?tenant_id=x']) expect((await read(owner, query)).body.code).toBe('tenant.not_found');
    const homeless = await tokenOf('tenant_owner', null);
    expect((await read(homeless, '')).body.code).toBe('auth.forbidden');
    expect((await read(homeless, `?tenant_id=${TENANT_A}`)).body.code).toBe('tenant.not_found');
  });
});

describe('the list', () => {
  test('passes its filters on and names papers that end within 30 days, the first to end first', async () => {
    const seen: unknown[] = [];
    const day = (days: number) => new Date(NOW_MS + days * 86_400_000).toISOString().slice(0, 10);
    const paper = (expiresOn: string | null) => ({ number: null, expiresOn });
    const documents = {
      licence: paper(day(29)),
      vehicle_registration: paper(day(31)),
      insurance: paper(day(-1)),
      police_clearance: paper(null),
    };
    const { offer: _offer, jobs: _jobs, ...item } = driverView(DRIVER, { documents });
    const api = startApi(undefined, {
      clock: new VirtualClock(NOW_MS),
      reads: {
        drivers: async (tenantId: number, query: unknown) => {
          seen.push([tenantId, query]);
          return { items: [item], nextCursor: 'next' };
        },
        // biome-ignore lint/suspicious/noExplicitAny: no other list is read here.
      } as any,
    });
    const token = await tokenOf('staff');
    const reply = await call(api, 'GET', '/v1/drivers?status=approved&online=false&limit=5', { token });
    expect(seen).toEqual([[1, { limit: 5, cursor: null, status: 'approved', online: false }]]);
    expect(asDescribed('listDrivers', reply.body)).toEqual(reply.body);
    expect(reply.body).toMatchObject({ next_cursor: 'next', items: [{ id: DRIVER, name: 'Bongani Dube' }] });
    expect(reply.body.items[0].documents_expiring).toEqual([
      { kind: 'insurance', expires_on: day(-1), expired: true },
      { kind: 'licence', expires_on: day(29), expired: false },
    ]);
    expect(Object.keys(reply.body.items[0])).not.toContain('jobs');
    for (const query of ['status=gone', 'online=1']) expect((await call(api, 'GET', `/v1/drivers?${query}`, { token })).status).toBe(400);
  });

  test('holds a paper valid through its last day', async () => {
    for (const [now, expired] of [
      ['2026-03-01T23:59:59Z', false],
      ['2026-03-02T00:00:00Z', true],
    ] as const) {
      const view = driverView(DRIVER, { documents: { licence: { number: null, expiresOn: '2026-03-01' } } });
      const api = startApi(fleet(view), { clock: new VirtualClock(Date.parse(now)) });
      const reply = await call(api, 'GET', `/v1/drivers/${DRIVER}`, { token: await tokenOf('staff') });
      expect(reply.body.documents_expiring).toEqual([{ kind: 'licence', expires_on: '2026-03-01', expired }]);
    }
  });
});
