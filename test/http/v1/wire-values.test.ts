/** Values that have the right shape and mean nothing, or too much. */
import { afterEach, expect, test } from 'vitest';
import type { TenantSettings } from '../../../src/actors/tenant/protocol.ts';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import { call, FakeSystem, fakeDeps, orderView, startApi, stopApps, TENANT_A, TENANT_BODY, tokenOf } from '../support.ts';

afterEach(stopApps);

async function provisioned(body: object): Promise<Record<string, unknown> | string> {
  const api = startApi(({ command }) => ({ ok: true, value: { status: 'active', settings: command.settings ?? null } }));
  const reply = await call(api, 'POST', '/v1/tenants', { token: await tokenOf('platform_admin', null), body: { ...TENANT_BODY, ...body } });
  const settings = api.system.asked.find(({ command }) => command.type === 'provision')?.command.settings;
  return settings === undefined ? reply.body.errors[0].path : (settings as Record<string, unknown>);
}

test('a shop trades in a currency that there is, and takes as much cash in it by default as is worth the same', async () => {
  for (const currency of ['ZZZ', 'zar', 'RAND', '']) expect(await provisioned({ currency })).toBe('currency');
  const cod = async (body: object) => ((await provisioned(body)) as { payments: unknown }).payments;
  expect(await cod({})).toEqual({ cod: { enabled: true, maxAmountMinor: 500_000 } });
  expect(await cod({ currency: 'KES' })).toEqual({ cod: { enabled: true, maxAmountMinor: 3_500_000 } });
  const given = { cod: { enabled: true, max_amount_minor: 7 } };
  expect(await cod({ currency: 'KES', payments: given })).toEqual({ cod: { enabled: true, maxAmountMinor: 7 } });
  expect(await cod({ currency: 'UGX', payments: { cod: { enabled: false } } })).toEqual({
    cod: { enabled: false, maxAmountMinor: 1_000_000 },
  });
});

test('half a character is refused by the name of its field, a whole one beyond the first plane is kept', async () => {
  const api = startApi(({ command }) => ({ ok: true, value: { ...(command.product as object), id: 'prd_1', available: true } }));
  const token = await tokenOf('tenant_owner');
  const post = (name: string, aliases: string[]) =>
    call(api, 'POST', '/v1/products', { token, body: { name, price_minor: 1, category: 'Food', aliases } });
  for (const [name, aliases, path] of [
    ['Kota \ud83c', [], 'name'],
    ['Kota', ['\udf54 burger'], 'aliases[0]'],
  ] as const) {
    const reply = await post(name, [...aliases]);
    expect([reply.status, reply.body.errors]).toEqual([400, [{ path, message: 'must be well-formed Unicode' }]]);
  }
  expect((await post('Kota 🍔', [])).body.name).toBe('Kota 🍔');
});

test('a place that an order is corrected to is no farther than the shop delivers', async () => {
  const settings = {
    location: { lat: -26.25, lng: 27.85 },
    delivery: { baseFeeMinor: 0, perKmMinor: 0, freeKm: 0, maxKm: 10 },
  } as TenantSettings;
  const view: TenantView = { tenantId: 1, uuid: TENANT_A, dataShard: 3, status: 'active', version: 1, settings, products: [] };
  const id = 'ord_30abc123';
  const { tenants } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const api = startApi(() => ({ ok: true, value: orderView(id) }), { tenants: { ...tenants, view: async () => view } });
  const token = await tokenOf('tenant_owner');
  const move = (lat: number) => call(api, 'PATCH', `/v1/orders/${id}`, { token, body: { delivery: { location: { lat, lng: 27.85 } } } });
  const far = await move(-26);
  expect([far.status, far.body.code, far.body.details]).toEqual([
    422,
    'order.too_far',
    { max_km: 10, distance_m: expect.closeTo(36_139, -2) },
  ]);
  expect(api.system.asked.some(({ command }) => command.type === 'change_dropoff')).toBe(false);
  expect((await move(-26.26)).status).toBe(200);
});
