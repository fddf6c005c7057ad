/** The dispatcher's routes: who rides, steps in a driver's stead, corrected addresses. */
import { afterEach, describe, expect, test } from 'vitest';
import type { AcceptOutcome } from '../../../src/actors/driver/protocol.ts';
import type { DeliveryView } from '../../../src/actors/order/protocol.ts';
import { call, fakeFleet, orderView, type Respond, startApi, stopApps, TENANT_B, tokenOf } from '../support.ts';
import { asDescribed, carriedBy, DRIVER, DRIVER_OF_B, delivery, driverView, ORDER, offer } from './fleet.ts';

afterEach(stopApps);

const fleet = fakeFleet({ offerFor: (order, driver, offerId) => ({ ...offer, orderId: order.id, driverId: driver.id, offerId }) });

function world(of: DeliveryView | null, outcome: AcceptOutcome = 'pending'): Respond {
  const dropoff = { position: { lat: -26.26, lng: 27.86 }, address: null, note: null };
  const order = { ...orderView(ORDER, 'READY_FOR_PICKUP'), dropoff, delivery: of };
  return ({ to, command }) => {
    if (to.tenantId !== 1) return { ok: false, refusal: { code: `${to.kind}.not_found` } };
    if (command.type === 'take') return { ok: true, value: { outcome } };
    if (command.type === 'keep_given') return { ok: true, value: { outcome: 'already_yours', offerId: command.offerId } };
    if (command.type === 'driver_step') return { ok: true, value: { ok: true, view: order } };
    return { ok: true, value: to.kind === 'driver' ? driverView(to.id) : order };
  };
}

async function send(api: ReturnType<typeof startApi>, method: string, path: string, body?: unknown, key?: string, tenant?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return await call(api, method, `/v1/orders/${ORDER}${path}`, { token: await tokenOf('staff', tenant), body, headers });
}

const commands = (api: ReturnType<typeof startApi>, type: string) => api.system.asked.filter(({ command }) => command.type === type);

describe('an order is given to a driver', () => {
  test('by asking the driver to take it, in the name of the dispatcher', async () => {
    const api = startApi(world(delivery()), { fleet });
    const reply = await send(api, 'POST', '/assign', { driver_id: DRIVER });
    expect(reply.status).toBe(202);
    expect(asDescribed('assignDriver', reply.body)).toEqual(reply.body);
    expect(reply.body).toMatchObject({ order_id: ORDER, driver_id: DRIVER, outcome: 'pending' });
    const [taken] = commands(api, 'take');
    expect(taken!.to).toMatchObject({ kind: 'driver', id: DRIVER, tenantId: 1 });
    expect(taken!.command).toMatchObject({ by: 'tester', offer: { orderId: ORDER, driverId: DRIVER, offerId: reply.body.offer_id } });
  });

  test('once for one key: the same offer again, and none at all when the driver has the order already', async () => {
    let now: DeliveryView = delivery();
    const api = startApi((asked) => world(now)(asked), { fleet });
    const first = await send(api, 'POST', '/assign', { driver_id: DRIVER }, 'k1');
    const again = await send(api, 'POST', '/assign', { driver_id: DRIVER }, 'k1');
    expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([202, 'true', first.body]);
    now = carriedBy(DRIVER, { offerId: first.body.offer_id });
    const asked = commands(api, 'take').length;
    const late = await send(api, 'POST', '/assign', { driver_id: DRIVER }, 'k1');
    expect([late.status, late.headers.get('idempotency-replayed'), late.body]).toEqual([202, 'true', first.body]);
    for (const key of ['k2', undefined]) {
      const late = await send(api, 'POST', '/assign', { driver_id: DRIVER }, key);
      expect([late.status, late.body]).toEqual([202, { ...first.body, outcome: 'already_yours' }]);
    }
    expect((await send(api, 'POST', '/assign', { driver_id: 'drv_30other' }, 'k3')).body.code).toBe('delivery.wrong_phase');
    expect(commands(api, 'take').length).toBe(asked);
  });

  test('never when it is over for the driver, needs no driver, has no place, or the driver is not there', async () => {
    for (const outcome of ['lost', 'expired', 'withdrawn', 'declined'] as const) {
      const reply = await send(startApi(world(delivery(), outcome), { fleet }), 'POST', '/assign', { driver_id: DRIVER });
      expect([reply.status, reply.body.code, reply.body.details]).toEqual([409, 'offer.closed', { outcome }]);
    }
    const table: [DeliveryView | null, string, typeof fleet, string][] = [
      [null, DRIVER, fleet, 'delivery.wrong_phase'],
      [carriedBy('drv_30other'), DRIVER, fleet, 'delivery.wrong_phase'],
      [delivery(), DRIVER, fakeFleet(), 'delivery.no_position'],
      [delivery(), DRIVER_OF_B, fleet, 'driver.not_found'],
    ];
    for (const [of, driverId, deps, code] of table) {
      const api = startApi(world(of), { fleet: deps });
      expect((await send(api, 'POST', '/assign', { driver_id: driverId })).body.code).toBe(code);
      expect(commands(api, 'take')).toEqual([]);
    }
  });

  test('never without a place to ride to, whatever the phase', async () => {
    const api = startApi(({ to }) => ({ ok: true, value: to.kind === 'driver' ? driverView(to.id) : orderView(ORDER) }), { fleet });
    expect((await send(api, 'POST', '/assign', { driver_id: DRIVER })).body.code).toBe('delivery.no_position');
  });

  test('with the refusal of the driver as it is', async () => {
    const api = startApi(
      (asked) => (asked.command.type === 'take' ? { ok: false, refusal: { code: 'driver.busy' } } : world(delivery())(asked)),
      { fleet },
    );
    const reply = await send(api, 'POST', '/assign', { driver_id: DRIVER });
    expect([reply.status, reply.body.code]).toEqual([409, 'driver.busy']);
  });
});

test('a driver is taken off an order in the name of the shop', async () => {
  const api = startApi(world(carriedBy(DRIVER)));
  expect((await send(api, 'POST', '/release-driver', { reason: 'flat tyre' })).body.id).toBe(ORDER);
  expect(commands(api, 'release_driver')[0]!.command).toEqual({
    type: 'release_driver',
    driverId: null,
    by: 'vendor',
    reason: 'flat tyre',
  });
});

test('a dispatcher steps in the stead of the driver who has the order, and only then', async () => {
  for (const [path, step] of [
    ['/arrived', 'arrived'],
    ['/picked-up', 'picked_up'],
  ]) {
    const api = startApi(world(carriedBy(DRIVER)));
    const reply = await send(api, 'POST', path as string);
    expect([reply.status, reply.body.id]).toEqual([200, ORDER]);
    expect(commands(api, 'driver_step')[0]!.command).toEqual({
      type: 'driver_step',
      driverId: DRIVER,
      step,
      otp: null,
      evidence: { distanceM: null, positionAtMs: null, by: 'dispatcher' },
    });
    const alone = startApi(world(delivery()));
    const refused = await send(alone, 'POST', path as string);
    expect([refused.status, refused.body.code, refused.body.details.phase]).toEqual([409, 'delivery.wrong_phase', 'seeking']);
    expect(commands(alone, 'driver_step')).toEqual([]);
  }
});

test('a corrected address says to the order only what is named, so that the rest is what it is by then; null clears', async () => {
  const before = { ...orderView(ORDER), dropoff: { position: { lat: 1, lng: 2 }, address: 'here', note: 'blue gate' } };
  const api = startApi(() => ({ ok: true, value: before }));
  await send(api, 'PATCH', '', { delivery: { address: '2 Vilakazi St', note: null } });
  expect(commands(api, 'change_dropoff')[0]!.command).toEqual({
    type: 'change_dropoff',
    dropoff: { address: '2 Vilakazi St', note: null },
  });
  for (const body of [{}, { status: 'PAID' }, { delivery: { location: { lat: 91, lng: 0 } } }, { delivery: { otp: '1' } }])
    expect((await send(api, 'PATCH', '', body)).status).toBe(400);
});

test('a correction that is repeated with its key is made once, and the key is good for no other one', async () => {
  const api = startApi(() => ({ ok: true, value: orderView(ORDER) }));
  const correct = async (note: string) => await send(api, 'PATCH', '', { delivery: { note } }, 'k1');
  expect((await correct('blue gate')).headers.get('idempotency-replayed')).toBeNull();
  expect((await correct('blue gate')).headers.get('idempotency-replayed')).toBe('true');
  const other = await correct('red gate');
  expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);
});

test("another tenant's order is 404 for every step of a dispatcher", async () => {
  const api = startApi(world(carriedBy(DRIVER)), { fleet });
  const table: [string, string, unknown][] = [
    ['POST', '/assign', { driver_id: DRIVER_OF_B }],
    ['POST', '/release-driver', {}],
    ['POST', '/arrived', {}],
    ['PATCH', '', { delivery: { note: 'x' } }],
  ];
  for (const [method, path, body] of table)
    expect([path, (await send(api, method, path, body, undefined, TENANT_B)).body.code]).toEqual([path, 'order.not_found']);
  expect(api.system.asked.filter(({ to }) => to.kind === 'order')).toEqual([]);
});

test('an order shows who brings it and how far it is, and never the code of the door', async () => {
  const secret = { otp: '4711', otpFailures: 2, trackingUrl: 'https://x/t/secret' };
  const alerts = [{ alert: 'off_route', stop: 'dropoff', atMs: 1_700_000_300_000 }] as const;
  const of = { ...carriedBy(DRIVER, { phase: 'at_dropoff', pickedUpAtMs: 1_700_000_200_000, alerts }), ...secret };
  const api = startApi(() => ({ ok: true, value: { ...orderView(ORDER, 'IN_TRANSIT'), delivery: of } }));
  const reply = await send(api, 'GET', '');
  expect(asDescribed('getOrder', reply.body)).toEqual(reply.body);
  expect(reply.body.delivery).toMatchObject({
    phase: 'at_dropoff',
    driver: { id: DRIVER, name: 'Bongani', vehicle: 'motorbike', registration: 'GP 1' },
    problem: null,
    alerts: [{ alert: 'off_route', stop: 'dropoff', at: '2023-11-14T22:18:20.000Z' }],
    assigned_at: '2023-11-14T22:15:00.000Z',
    picked_up_at: '2023-11-14T22:16:40.000Z',
    delivered_at: null,
  });
  expect(reply.text).not.toMatch(/4711|secret/);
});

describe('the code and the link of a delivery', () => {
  test('are for staff who may write orders, and for no other role or tenant', async () => {
    const handover = { otp: '4711', trackingUrl: 'https://shop.example/t/abc' };
    const respond: Respond = (asked) =>
      asked.command.type === 'handover' && asked.to.tenantId === 1 ? { ok: true, value: handover } : world(null)(asked);
    const api = startApi(respond, { fleet });
    const reply = await send(api, 'GET', '/handover');
    expect([reply.status, reply.body, reply.headers.get('cache-control')]).toEqual([
      200,
      { otp: '4711', tracking_url: 'https://shop.example/t/abc' },
      'no-store',
    ]);
    for (const role of ['driver', 'operator', 'auditor'])
      expect((await call(api, 'GET', `/v1/orders/${ORDER}/handover`, { token: await tokenOf(role) })).status).toBe(403);
    expect((await send(api, 'GET', '/handover', undefined, undefined, TENANT_B)).status).toBe(404);
  });
});
