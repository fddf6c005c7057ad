/**
 * Orders over the API: place, read, move along. It must never price, count stock or judge a transition: the tenant
 * and the order actors do.
 */
import { z } from 'zod';
import { ORDER_STATUSES, type OrderTransition, type OrderView, type PlaceOrder } from '../../../actors/order/protocol.ts';
import { newOrderRef, orderRef, tenantRef } from '../../../actors/refs.ts';
import type { LineRequest, Quote } from '../../../actors/tenant/protocol.ts';
import { dataShardOf, type EntityRef } from '../../../runtime/entity.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, replyOf } from '../api/api.ts';
import type { Principal } from '../auth.ts';
import { type IdempotencyKey, uniqueOf } from '../idempotency.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem, unwrap } from '../problem.ts';
import { listed, presentHistory, presentOrder, presentQuote } from './present.ts';
import { historyEntry, instant, language, lines, listOf, order, page, personKey, position, quote, text, userId, waId } from './schemas.ts';

const ORDER_ID = /^ord_[a-z0-9]{2}[A-Za-z0-9_-]{1,60}$/;
const reading = { tag: 'Orders', scope: 'tenant', permission: 'orders:read' } as const;
const writing = { tag: 'Orders', scope: 'tenant', permission: 'orders:write' } as const;

const dropoffBody = z.object({ location: position.optional(), address: text(300).optional(), note: text(500).optional() });
/** By one key only: a slip of the shop's hand must not make one of two people. */
const customerBody = z
  .object({
    wa_id: waId.optional().describe('Needed when there is no `user_id`'),
    user_id: userId.optional().describe('Of a customer without a number; with `wa_id` beside it, that one counts'),
    name: text(120).optional(),
    language: language.optional(),
  })
  .refine((customer) => customer.wa_id !== undefined || customer.user_id !== undefined, {
    message: 'must be given, or user_id of a customer without a number',
    path: ['wa_id'],
  });
const orderBody = z.object({
  customer: customerBody,
  items: lines,
  delivery: dropoffBody.optional(),
  payment_method: z.literal('cod').default('cod'),
});
const quoteBody = z.object({ items: lines, delivery: z.object({ location: position.optional() }).optional() });
const transitionBody = z.object({ reason: text(300).optional() });

/** Steps that people may take over the API; `expire` belongs to the system. */
const TRANSITIONS: Readonly<Record<Exclude<OrderTransition, 'expire'>, string>> = {
  accept: 'Accept an order',
  prepare: 'Say that an order is being prepared',
  ready: 'Say that an order is ready: a driver is looked for when it has a position to go to',
  deliver: 'Say that an order was handed over: collected, or on the word of the shop without the code',
  cancel: 'Cancel an order',
  reject: 'Turn an order down',
  refund: 'Record that the cash of a delivered order was given back by hand; no goods return to the shelf',
};

export const orderRoutes: readonly ApiRoute[] = [
  defineRoute({
    tag: 'Orders',
    scope: 'tenant',
    permission: 'quotes:create',
    method: 'POST',
    path: '/v1/quotes',
    operationId: 'quote',
    summary: 'Price a basket; holds nothing',
    body: quoteBody,
    reply: { status: 200, schema: quote },
    errors: ['order.too_far', 'order.product_unavailable', 'order.quantity_invalid', 'product.not_found'],
    handle: async (call) => {
      const { deps, tenant, body } = call;
      const view = await fromPort(deps, deps.tenants.view(tenant.tenantId));
      if (view === null) throw new Problem('tenant.not_found');
      const priced = deps.price(view, linesOf(body.items), body.delivery?.location ?? null);
      if (!priced.ok) return replyOf({ ok: false, refusal: priced.refusal }, 200, presentQuote);
      return json(200, presentQuote(priced.quote));
    },
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/orders',
    operationId: 'placeOrder',
    summary: 'Place an order for a customer',
    body: orderBody,
    idempotency: 'required',
    reply: { status: 201, schema: order },
    errors: [
      'order.out_of_stock',
      'order.too_far',
      'order.product_unavailable',
      'order.quantity_invalid',
      'order.exists',
      'order.payment_unavailable',
      'order.cod_limit',
      'product.not_found',
      'tenant.suspended',
      'tenant.too_many_reservations',
    ],
    handle: async (call) => await place(call, call.body, call.idempotency as IdempotencyKey),
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/orders',
    operationId: 'listOrders',
    summary: 'List orders, newest first',
    query: z.object({
      ...page,
      status: z.enum(ORDER_STATUSES).optional(),
      from: instant.optional(),
      to: instant.optional(),
      wa_id: personKey.optional(),
    }),
    reply: { status: 200, schema: listOf(order) },
    errors: ['request.invalid_cursor'],
    handle: async ({ deps, tenant, query }) => {
      const customerId = query.wa_id === undefined ? null : await fromPort(deps, deps.customers.find(tenant.tenantId, query.wa_id));
      if (query.wa_id !== undefined && customerId === null) return json(200, { items: [], next_cursor: null });
      const wanted = {
        limit: query.limit,
        cursor: query.cursor ?? null,
        status: query.status ?? null,
        fromMs: query.from ?? null,
        toMs: query.to ?? null,
        customerId,
      };
      return json(200, listed(await fromPort(deps, deps.reads.orders(tenant.tenantId, wanted)), presentOrder));
    },
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/orders/:id',
    operationId: 'getOrder',
    summary: 'Read an order',
    reply: { status: 200, schema: order },
    errors: ['order.not_found'],
    handle: async (call) => json(200, presentOrder(await readOrder(call))),
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/orders/:id/history',
    operationId: 'getOrderHistory',
    summary: 'Read how an order came to its status',
    reply: { status: 200, schema: listOf(historyEntry) },
    errors: ['order.not_found'],
    handle: async (call) => json(200, { items: (await readOrder(call)).history.map(presentHistory), next_cursor: null }),
  }),
  ...Object.entries(TRANSITIONS).map(([transition, summary]) =>
    defineRoute({
      ...writing,
      method: 'POST',
      path: `/v1/orders/:id/${transition}`,
      operationId: `${transition}Order`,
      summary,
      body: transitionBody,
      idempotency: 'optional',
      reply: { status: 200, schema: order },
      errors: ['order.not_found', 'order.illegal_transition'],
      handle: async (call) => {
        const by = { role: roleOf(call.principal), id: call.principal.sub };
        const command = { type: 'transition', transition, by, reason: call.body.reason ?? null };
        return replyOf(
          await call.deps.system.ask<OrderView>(orderRefOf(call), command, askOptions(call, call.idempotency)),
          200,
          presentOrder,
        );
      },
    }),
  ),
];

/**
 * Reserve, then place. The key is claimed at the tenant's one actor first: another body under the same key is refused
 * there before anything is reserved, even for another customer, whose order would live elsewhere.
 */
async function place(call: AnyCall, body: z.output<typeof orderBody>, key: IdempotencyKey): Promise<HttpReply> {
  const { deps, tenant } = call;
  const view = await fromPort(deps, deps.tenants.view(tenant.tenantId));
  if (view === null) throw new Problem('tenant.not_found');
  const { wa_id: waId = null, name = null, language = 'en' } = body.customer;
  const userId = waId === null ? (body.customer.user_id ?? null) : null;
  const customerId = await fromPort(deps, deps.customers.resolve(tenant.tenantId, { waId, userId }));
  const ref = newOrderRef(tenant.tenantId, tenant.dataShard, customerId, uniqueOf(tenant.uuid, key));
  const shop = tenantRef(tenant.tenantId, tenant.dataShard);
  const requested = linesOf(body.items);
  const reserve = {
    type: 'reserve',
    reservationId: ref.id,
    lines: requested,
    dropoff: body.delivery?.location ?? null,
    ttlMs: deps.orders.reservationTtlMs,
  };
  const reserved = await deps.system.ask<Quote>(
    shop,
    reserve,
    askOptions(call, { commandId: `res:${key.hash}`, fingerprint: key.fingerprint }),
  );
  const placeOrder: PlaceOrder = {
    type: 'place',
    customerId,
    customer: { waId, ...(userId === null ? {} : { userId }), name, language },
    lines: requested,
    quote: unwrap(reserved),
    pickup: { name: view.settings.name, position: view.settings.location },
    dropoff: { position: body.delivery?.location ?? null, address: body.delivery?.address ?? null, note: body.delivery?.note ?? null },
    paymentMethod: body.payment_method,
    source: 'api',
    by: { role: roleOf(call.principal), id: call.principal.sub },
    acceptWithinMs: deps.orders.acceptWithinMs,
  };
  const placed = await deps.system.ask<OrderView>(ref, placeOrder, askOptions(call, key));
  if (!placed.ok && 'refusal' in placed && !placed.refusal.code.startsWith('idempotency.')) {
    // No order will come of it: do not wait for the reservation to lapse.
    deps.system.tell(shop, { type: 'release_reservation', reservationId: ref.id });
  }
  return replyOf(placed, 201, presentOrder, { location: `/v1/orders/${ref.id}` });
}

function linesOf(items: z.output<typeof lines>): LineRequest[] {
  return items.map((item) => ({ productId: item.product_id, quantity: item.quantity }));
}

/** The address in an id is the client's word: it counts only inside the tenant's own data shard. @throws Problem `order.not_found` */
export function orderRefOf(call: AnyCall): EntityRef {
  const id = call.request.params.id ?? '';
  const ref = ORDER_ID.test(id) ? orderRef(call.tenant.tenantId, id) : null;
  if (ref === null || dataShardOf(ref.shard) !== call.tenant.dataShard) throw new Problem('order.not_found');
  return ref;
}

/** @throws Problem `order.not_found` */
export async function readOrder(call: AnyCall): Promise<OrderView> {
  return unwrap(await call.deps.system.ask<OrderView>(orderRefOf(call), { type: 'get' }, askOptions(call)));
}

/** As whom the order's history remembers a caller. */
export function roleOf(principal: Principal): 'vendor' | 'driver' | 'platform' {
  if (principal.roles.has('tenant_owner') || principal.roles.has('staff')) return 'vendor';
  return principal.roles.has('driver') ? 'driver' : 'platform';
}
