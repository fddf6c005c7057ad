/** What drivers say of customers: said by the driver who delivered, read by the shop. It must never reach anything that a customer sees. */
import { z } from 'zod';
import { CUSTOMER_RATING_REASONS, type CustomerRating, type OrderCommand } from '../../../actors/order/protocol.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, replyOf } from '../api/api.ts';
import { json } from '../message.ts';
import { readOwnDriver } from './drivers.ts';
import { orderRefOf, readOrder } from './orders.ts';
import { time } from './present.ts';
import { isoTime } from './schemas.ts';

/** The customer's last orders that an average is made of. */
const ORDERS_MAX = 200;
const CENTI = 100;

const rateBody = z.strictObject({ stars: z.int().min(1).max(5), reason: z.enum(CUSTOMER_RATING_REASONS).optional() });
const rating = z.object({ stars: z.int(), reason: z.enum(CUSTOMER_RATING_REASONS).nullable(), at: isoTime }).meta({ id: 'CustomerRating' });
const standing = z
  .object({
    order_id: z.string(),
    /** Of this order; null when the driver said nothing. */
    rating: rating.nullable(),
    /** Of the customer's last orders, to two places; null when none is rated. */
    average_stars: z.number().nullable(),
    ratings: z.int(),
  })
  .meta({ id: 'CustomerStanding' });

export const customerRatingRoutes: readonly ApiRoute[] = [
  defineRoute({
    tag: 'Orders',
    scope: 'tenant',
    permission: 'driver:self',
    method: 'POST',
    path: '/v1/orders/:id/rate-customer',
    operationId: 'rateCustomer',
    summary: 'Rate the customer of an order that the driver delivered, once; only the shop sees it',
    body: rateBody,
    reply: { status: 200, schema: rating },
    errors: [
      'order.not_found',
      'driver.not_found',
      'driver.suspended',
      'delivery.not_yours',
      'delivery.wrong_phase',
      'order.customer_rated',
    ],
    handle: async (call) => {
      const { id: driverId } = await readOwnDriver(call);
      const { stars, reason = null } = call.body;
      const command: OrderCommand = { type: 'rate_customer', driverId, stars, reason };
      return replyOf(await call.deps.system.ask<CustomerRating>(orderRefOf(call), command, askOptions(call)), 200, presentRating);
    },
  }),
  defineRoute({
    tag: 'Orders',
    scope: 'tenant',
    permission: 'orders:read',
    method: 'GET',
    path: '/v1/orders/:id/customer-rating',
    operationId: 'getCustomerRating',
    summary: 'Read how drivers rated the customer of an order',
    reply: { status: 200, schema: standing },
    errors: ['order.not_found'],
    handle: async (call) => json(200, await readStanding(call)),
  }),
];

async function readStanding(call: AnyCall): Promise<z.input<typeof standing>> {
  const { deps, tenant } = call;
  const { customerId, customerRating, id } = await readOrder(call);
  const wanted = { limit: ORDERS_MAX, cursor: null, status: null, fromMs: null, toMs: null, customerId };
  const { items } = await fromPort(deps, deps.reads.orders(tenant.tenantId, wanted));
  const stars = items.flatMap((one) => (one.customerRating === undefined ? [] : [one.customerRating.stars]));
  const mean = stars.reduce((sum, of) => sum + of, 0) / stars.length;
  return {
    order_id: id,
    rating: customerRating === undefined ? null : presentRating(customerRating),
    average_stars: stars.length === 0 ? null : Math.round(mean * CENTI) / CENTI,
    ratings: stars.length,
  };
}

function presentRating({ stars, reason, atMs }: CustomerRating): z.input<typeof rating> {
  return { stars, reason, at: time(atMs) };
}
