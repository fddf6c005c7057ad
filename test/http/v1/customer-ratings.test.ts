/** Ratings of customers over the API: said by a driver, read by the shop, in no other answer. */
import { afterEach, expect, it } from 'vitest';
import type { CustomerRating, OrderView } from '../../../src/actors/order/protocol.ts';
import { call, FakeSystem, fakeDeps, orderView, startApi, stopApps, tokenOf } from '../support.ts';
import { asDescribed, carriedBy, DRIVER, driverView, ORDER } from './fleet.ts';

afterEach(stopApps);

const AT_MS = 1_700_000_000_000;
const rating = (stars: number): CustomerRating => ({ stars, reason: 'no_cash', atMs: AT_MS });

function rated(stars: number | null): OrderView {
  const order = { ...orderView(ORDER, 'DELIVERED'), delivery: carriedBy(DRIVER, { phase: 'delivered' }) } as OrderView;
  return stars === null ? order : { ...order, customerRating: rating(stars) };
}

function start(order: OrderView, others: readonly OrderView[] = [], driver = driverView(DRIVER)) {
  const asked: unknown[] = [];
  const { reads } = fakeDeps(new FakeSystem(() => ({ ok: true, value: null })));
  const orders: typeof reads.orders = async (_tenantId, query) => {
    asked.push(query);
    return { items: [order, ...others], nextCursor: null };
  };
  const api = startApi(
    ({ to, command }) => {
      if (to.kind === 'driver') return { ok: true, value: driver };
      return { ok: true, value: command.type === 'rate_customer' ? rating(command.stars as number) : order };
    },
    { reads: { ...reads, orders } },
  );
  return { api, asked };
}

it('a driver says it in stars and a word of the list, in its own name', async () => {
  const { api } = start(rated(null));
  const token = await tokenOf('driver', undefined, DRIVER);
  const path = `/v1/orders/${ORDER}/rate-customer`;
  const reply = await call(api, 'POST', path, { token, body: { stars: 2, reason: 'no_cash' } });
  expect([reply.status, asDescribed('rateCustomer', reply.body)]).toEqual([200, reply.body]);
  expect(api.system.asked.at(-1)?.command).toEqual({ type: 'rate_customer', driverId: DRIVER, stars: 2, reason: 'no_cash' });
  for (const body of [{}, { stars: 0 }, { stars: 6 }, { stars: 2.5 }, { stars: 3, reason: 'ugly' }, { stars: 3, note: 'x' }])
    expect((await call(api, 'POST', path, { token, body })).status).toBe(400);
  expect((await call(api, 'POST', path, { token: await tokenOf('staff'), body: { stars: 2 } })).status).toBe(403);
});

it('a driver that is locked out says nothing', async () => {
  const { api } = start(rated(null), [], driverView(DRIVER, { status: 'suspended', online: false }));
  const token = await tokenOf('driver', undefined, DRIVER);
  expect((await call(api, 'POST', `/v1/orders/${ORDER}/rate-customer`, { token, body: { stars: 2 } })).body.code).toBe('driver.suspended');
  expect(api.system.asked.map(({ command }) => command.type)).toEqual(['get']);
});

it('the shop reads it with the average of the customer’s orders; a driver does not', async () => {
  const { api, asked } = start(rated(2), [rated(5), rated(null), rated(4)]);
  const path = `/v1/orders/${ORDER}/customer-rating`;
  const reply = await call(api, 'GET', path, { token: await tokenOf('staff') });
  expect(asDescribed('getCustomerRating', reply.body)).toEqual(reply.body);
  expect(reply.body).toMatchObject({ rating: { stars: 2, reason: 'no_cash' }, average_stars: 3.67, ratings: 3 });
  expect(asked).toEqual([expect.objectContaining({ customerId: 'cus_1', limit: 200 })]);
  expect((await call(api, 'GET', path, { token: await tokenOf('driver', undefined, DRIVER) })).status).toBe(403);
  const none = await call(start(rated(null)).api, 'GET', path, { token: await tokenOf('staff') });
  expect(none.body).toMatchObject({ rating: null, average_stars: null, ratings: 0 });
});

it('the order itself is shown without it', async () => {
  const { api } = start(rated(1));
  for (const path of [`/v1/orders/${ORDER}`, '/v1/orders', `/v1/orders/${ORDER}/history`])
    expect((await call(api, 'GET', path, { token: await tokenOf('staff') })).text).not.toMatch(/rating|no_cash/);
});
