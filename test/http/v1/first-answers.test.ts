/** Under an idempotency key the first answer is heard again, whatever has become of the thing since: the API over the real actors and runtime. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { conversationBehaviour } from '../../../src/actors/conversation/actor.ts';
import { driverBehaviour } from '../../../src/actors/driver/actor.ts';
import { orderBehaviour } from '../../../src/actors/order/actor.ts';
import { manualOffer } from '../../../src/actors/order/manual-offer.ts';
import { conversationRef, driverRef, tenantRef } from '../../../src/actors/refs.ts';
import { tenantBehaviour } from '../../../src/actors/tenant/actor.ts';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import type { TenantAddress } from '../../../src/ports.ts';
import type { VolatileBehaviour } from '../../../src/runtime/behaviour.ts';
import { type RuntimeFixture, startRuntime } from '../../support/runtime.ts';
import { SETTINGS } from '../../tenant/harness.ts';
import { call, FakeSystem, fakeDeps, fakeFleet, startApi, stopApps, TENANT_A, TENANT_BODY, tokenOf } from '../support.ts';

/** Markets find nobody here. */
const market: VolatileBehaviour<null, unknown> = {
  durable: false,
  kind: 'market',
  initial: () => null,
  receive: (state, _message, context) => {
    context.reply(null);
    return state;
  },
};
/** Of tenant A. */
const SHARD = 3;
const WA_ID = '27600000011';
const SHOP = { ...SETTINGS, location: { lat: -26.2, lng: 27.9 } };

let fixture: RuntimeFixture;
let api: ReturnType<typeof startApi>;
let tokens: Record<'owner' | 'platform', string>;
/** What the routes see of the shop. */
let view: TenantView;

beforeEach(async () => {
  view = { tenantId: 1, uuid: TENANT_A, dataShard: SHARD, status: 'active', version: 1, settings: SHOP, products: [] };
  fixture = await startRuntime({
    behaviours: [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour, market],
    handlers: {
      'delivery.credentials': async ({ input }) => ({
        type: 'credentials_issued',
        leg: (input as { leg: number }).leg,
        otp: '4711',
        trackingUrl: 'https://x/t',
      }),
      // Nothing is ever heard of a message that was sent.
      'whatsapp.send': () => new Promise(() => undefined),
    },
  });
  const { runtime } = fixture;
  const slugs = new Map<string, TenantAddress>();
  const fakes = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const fleet = fakeFleet({ offerFor: (order, driver, offerId) => manualOffer(order, driver.id, offerId, Date.now()) });
  api = startApi(undefined, {
    system: runtime,
    fleet,
    customers: { ...fakes.customers, resolve: async () => 'cus_1' },
    tenants: {
      ...fakes.tenants,
      view: async () => view,
      byUuid: async (uuid) => [...slugs.values()].find((known) => known.uuid === uuid) ?? (await fakes.tenants.byUuid(uuid)),
      claim: async (claim) => {
        if (slugs.has(claim.slug)) return { ok: false, code: 'tenant.slug_taken' };
        const address = { ...claim, tenantId: 9 + slugs.size, dataShard: 7, status: 'provisioning' as const };
        slugs.set(claim.slug, address);
        return { ok: true, address };
      },
    },
  });
  tokens = { owner: await tokenOf('tenant_owner'), platform: await tokenOf('platform_admin', null) };
  const provision = {
    type: 'provision',
    uuid: TENANT_A,
    dataShard: SHARD,
    settings: SHOP,
    at: 'active',
  };
  expect(await runtime.ask(tenantRef(1, SHARD), provision)).toMatchObject({ ok: true });
});

afterEach(async () => {
  await stopApps();
  await fixture.runtime.close();
});

async function send(method: string, path: string, body?: unknown, key?: string, who: 'owner' | 'platform' = 'owner') {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return await call(api, method, path, { token: tokens[who], headers, ...(body === undefined ? {} : { body }) });
}

type Reply = Awaited<ReturnType<typeof send>>;

/** Enough commands of another kind that the actor has forgotten the key and only the store knows it. */
async function forget(path: string): Promise<void> {
  for (let i = 0; i < 30; i++) expect((await send('PATCH', path, { name: `N${i}` }, `other${path}${i}`)).status).toBe(200);
}

async function done(reply: Promise<Reply>): Promise<Reply> {
  const got = await reply;
  expect([got.status < 300, got.body]).toEqual([true, got.body]);
  return got;
}

/** What a late repeat hears: the first answer, and that it is one. */
function expectFirst(again: Reply, first: Reply): void {
  expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([first.status, 'true', first.body]);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
}

async function onlineDriver(name: string): Promise<string> {
  const { body } = await done(send('POST', '/v1/drivers', { name, phone: '27821234567', vehicle: { type: 'motorbike' } }));
  await done(send('POST', `/v1/drivers/${body.id}/approve`));
  expect(await fixture.runtime.ask(driverRef(1, body.id) ?? fail(), { type: 'go_online' })).toMatchObject({ ok: true });
  return body.id;
}

function fail(): never {
  throw new Error('no such address');
}

async function readyOrder(key: string): Promise<string> {
  const { body: product } = await done(send('POST', '/v1/products', { name: `Kota ${key}`, price_minor: 3500, category: 'Food' }));
  const order = {
    customer: { wa_id: WA_ID },
    items: [{ product_id: product.id, quantity: 1 }],
    delivery: { location: { lat: -26.21, lng: 27.91 } },
  };
  const { body } = await done(send('POST', '/v1/orders', order, key));
  for (const step of ['accept', 'prepare', 'ready']) await done(send('POST', `/v1/orders/${body.id}/${step}`));
  return body.id;
}

async function phaseOf(orderId: string): Promise<string | null> {
  return (await send('GET', `/v1/orders/${orderId}`)).body.delivery.phase;
}

async function assigned(orderId: string, driverId: string, key?: string): Promise<Reply> {
  const reply = await done(send('POST', `/v1/orders/${orderId}/assign`, { driver_id: driverId }, key));
  await expect.poll(() => phaseOf(orderId)).toBe('assigned');
  return reply;
}

test('an order that was given, reached and fetched by hand: each step says again what it said, when the driver has it, rode on, and has delivered', async () => {
  const driver = await onlineDriver('Bongani');
  const orderId = await readyOrder('o1');
  const path = `/v1/orders/${orderId}`;
  const firsts: [string, unknown, Reply][] = [];
  const check = async (): Promise<void> => {
    for (const [step, body, first] of firsts) expectFirst(await send('POST', `${path}/${step}`, body, step), first);
  };
  firsts.push(['assign', { driver_id: driver }, await assigned(orderId, driver, 'assign')]);
  await check();
  for (const step of ['arrived', 'picked-up']) {
    firsts.push([step, undefined, await done(send('POST', `${path}/${step}`, undefined, step))]);
    await check();
  }
  await done(send('POST', `${path}/deliver`));
  await expect.poll(async () => (await send('GET', `/v1/drivers/${driver}`)).body.jobs.length).toBe(0);
  await forget(`/v1/drivers/${driver}`);
  await check();
  const other = await send('POST', `${path}/arrived`, undefined, 'assign');
  expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused']);
});

test('an order that went to another driver since: the repeats of the first one hear their answers and change nothing', async () => {
  const [one, two] = [await onlineDriver('One'), await onlineDriver('Two')];
  const orderId = await readyOrder('o1');
  const path = `/v1/orders/${orderId}`;
  const given = await assigned(orderId, one, 'give');
  const arrived = await done(send('POST', `${path}/arrived`, undefined, 'arrive'));
  await done(send('POST', `${path}/release-driver`, {}));
  for (const isGiven of [false, true]) {
    if (isGiven) await assigned(orderId, two);
    expectFirst(await send('POST', `${path}/assign`, { driver_id: one }, 'give'), given);
    expectFirst(await send('POST', `${path}/arrived`, undefined, 'arrive'), arrived);
    expect(await phaseOf(orderId)).toBe(isGiven ? 'assigned' : 'seeking');
  }
});

test('an order that was given to the driver who has it already is given to nobody by a late repeat under its key', async () => {
  const driver = await onlineDriver('Bongani');
  const orderId = await readyOrder('o1');
  const path = `/v1/orders/${orderId}`;
  await assigned(orderId, driver);
  const first = await done(send('POST', `${path}/assign`, { driver_id: driver }, 'k'));
  expect(first.body.outcome).toBe('already_yours');
  expectFirst(await send('POST', `${path}/assign`, { driver_id: driver }, 'k'), first);
  await done(send('POST', `${path}/release-driver`, {}));
  await forget(`/v1/drivers/${driver}`);
  expectFirst(await send('POST', `${path}/assign`, { driver_id: driver }, 'k'), first);
  expect(await phaseOf(orderId)).toBe('seeking');
});

test('two assignments at once under one key are one', async () => {
  const driver = await onlineDriver('Bongani');
  const orderId = await readyOrder('o1');
  const post = () => send('POST', `/v1/orders/${orderId}/assign`, { driver_id: driver }, 'k');
  const replies = await Promise.all([post(), post(), post(), post()]);
  for (const reply of replies) expect([reply.status, reply.body]).toEqual([202, replies[0]?.body]);
  expect(replies.filter((reply) => reply.headers.get('idempotency-replayed') === null)).toHaveLength(1);
});

test('an arrival that was nothing new under its key is none at the next door, however late it is said again', async () => {
  const driver = await onlineDriver('Bongani');
  const orderId = await readyOrder('o1');
  const path = `/v1/orders/${orderId}`;
  await assigned(orderId, driver);
  await done(send('POST', `${path}/arrived`));
  const first = await done(send('POST', `${path}/arrived`, undefined, 'again'));
  expect(first.body.delivery.phase).toBe('at_pickup');
  await done(send('POST', `${path}/picked-up`));
  expectFirst(await send('POST', `${path}/arrived`, undefined, 'again'), first);
  expect(await phaseOf(orderId)).toBe('picked_up');
});

test('an address that was corrected answers the same when the shop delivers less far since, and the order is under way', async () => {
  const driver = await onlineDriver('Bongani');
  const orderId = await readyOrder('o1');
  const body = { delivery: { location: { lat: -26.23, lng: 27.92 } } };
  const first = await done(send('PATCH', `/v1/orders/${orderId}`, body, 'k'));
  await assigned(orderId, driver);
  await done(send('POST', `/v1/orders/${orderId}/picked-up`));
  view = { ...view, settings: { ...SHOP, delivery: { ...SHOP.delivery, maxKm: 1 } } };
  expectFirst(await send('PATCH', `/v1/orders/${orderId}`, body, 'k'), first);
});

test('a driver who was approved is what it was then in every repeat, and is not let in again by one after it was put out', async () => {
  const { body: made } = await done(send('POST', '/v1/drivers', { name: 'Bongani', phone: '27821234567', vehicle: { type: 'motorbike' } }));
  const path = `/v1/drivers/${made.id}`;
  const approve = (key?: string) => send('POST', `${path}/approve`, undefined, key);
  const first = await done(approve('k'));
  // Nothing new: approved already.
  const second = await done(approve('k2'));
  const suspended = await done(send('POST', `${path}/suspend`, { reason: 'licence' }, 's'));
  const suspendedAgain = await done(send('POST', `${path}/suspend`, { reason: 'licence' }, 's2'));
  expect([first.body.status, second.body.status, suspended.body.status]).toEqual(['approved', 'approved', 'suspended']);
  await forget(path);
  for (const [key, answer] of [
    ['k', first],
    ['k2', second],
  ] as const)
    expectFirst(await approve(key), answer);
  expect((await send('GET', path)).body.status).toBe('suspended');
  await done(approve());
  for (const [key, answer] of [
    ['s', suspended],
    ['s2', suspendedAgain],
  ] as const)
    expectFirst(await send('POST', `${path}/suspend`, { reason: 'licence' }, key), answer);
  expect((await send('GET', path)).body.status).toBe('approved');
});

test('a tenant that was created is what it was then in every repeat, whatever became of it', async () => {
  const create = (changed: object = {}) => send('POST', '/v1/tenants', { ...TENANT_BODY, ...changed }, 'k', 'platform');
  const first = await done(create());
  const path = `/v1/tenants/${first.body.id}`;
  await done(send('PATCH', path, { name: 'Another name', location: { lat: -26, lng: 28 } }, undefined, 'platform'));
  await done(send('POST', `${path}/suspend`, undefined, undefined, 'platform'));
  const again = await create();
  expectFirst(again, first);
  expect(again.headers.get('location')).toBe(first.headers.get('location'));
  expect((await create({ name: 'Another name' })).body.code).toBe('idempotency.key_reused');
});

test('an answer by hand shows in every repeat what the conversation was then', async () => {
  const ref = conversationRef(1, SHARD, 'cus_1');
  const contact = { waId: WA_ID, userId: null, name: 'Sipho' };
  const hears = async (id: string) => {
    const message = { type: 'receive', whatsappId: id, contact, content: { kind: 'text', text: 'hi' }, sentAtMs: Date.now() };
    expect(await fixture.runtime.ask(ref, message, { commandId: id })).toMatchObject({ ok: true });
  };
  await hears('w1');
  const reply = () => send('POST', `/v1/conversations/${WA_ID}/reply`, { text: 'Sawubona' }, 'k');
  const release = () => send('POST', `/v1/conversations/${WA_ID}/release`, undefined, 'r');
  // Nothing to release yet.
  const idle = await done(send('POST', `/v1/conversations/${WA_ID}/release`, undefined, 'r0'));
  const first = await done(reply());
  expectFirst(await send('POST', `/v1/conversations/${WA_ID}/release`, undefined, 'r0'), idle);
  expect(first.body).toMatchObject({ wa_id: WA_ID, state: 'SUPPORT' });
  const released = await done(release());
  expect(released.body.state).not.toBe('SUPPORT');
  expectFirst(await reply(), first);
  await done(send('POST', `/v1/conversations/${WA_ID}/reply`, { text: 'Still here' }));
  expectFirst(await release(), released);
  expect((await send('GET', `/v1/conversations/${WA_ID}`)).body.state).toBe('SUPPORT');
});
