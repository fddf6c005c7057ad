/** Drivers over the API: onboarding, standing, access, money. It must never judge a driver: the driver actor does. */
import { z } from 'zod';
import type { DriverCommand, DriverView } from '../../../actors/driver/protocol.ts';
import { isLockedOut, LOCKED_OUT_CODE } from '../../../actors/driver/standing.ts';
import type { OrderView } from '../../../actors/order/protocol.ts';
import { driverRef, newDriverRef, orderRef } from '../../../actors/refs.ts';
import { dataShardOf, type EntityRef } from '../../../runtime/entity.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, kept, replyOf } from '../api/api.ts';
import { type IdempotencyKey, randomUnique, uniqueOf } from '../idempotency.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem, unwrap } from '../problem.ts';
import {
  DRIVER_STATUSES,
  driver,
  driverBody,
  driverOf,
  driverPatch,
  driverToken,
  listedDriver,
  patchOf,
  ratingBody,
  settlementBody,
  suspendBody,
  tokenBody,
} from './driver-schemas.ts';
import { listed, time } from './present.ts';
import { presentDriver, presentListedDriver } from './present-driver.ts';
import { listOf, page } from './schemas.ts';

type CommandKey = Pick<IdempotencyKey, 'commandId' | 'fingerprint'>;
/** What a driver answers with its view. */
type ViewCommand = Extract<DriverCommand, { readonly type: 'change' | 'approve' | 'suspend' | 'rate' | 'settle_cash' }>;

const DRIVER_ID = /^drv_[a-z0-9]{2}[A-Za-z0-9_-]{1,60}$/;
const reading = { tag: 'Drivers', scope: 'any_tenant', permission: 'drivers:read' } as const;
const writing = { tag: 'Drivers', scope: 'any_tenant', permission: 'drivers:write' } as const;
/** At the counter, where food and cash are handed over. */
const tending = { ...writing, orPermission: 'orders:write' } as const;

export const driverRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/drivers',
    operationId: 'registerDriver',
    summary: 'Register a driver, who then waits for approval',
    body: driverBody,
    idempotency: 'optional',
    reply: { status: 201, schema: driver },
    errors: [],
    handle: async (call) => {
      const { tenant, idempotency } = call;
      const unique = idempotency === null ? randomUnique() : uniqueOf(tenant.uuid, idempotency);
      const ref = newDriverRef(tenant.tenantId, tenant.dataShard, unique);
      const command: DriverCommand = { type: 'register', driver: driverOf(call.body) };
      const answer = await call.deps.system.ask<DriverView>(ref, command, askOptions(call, idempotency));
      return replyOf(answer, 201, shown(call), { location: `/v1/drivers/${ref.id}` });
    },
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/drivers',
    operationId: 'listDrivers',
    summary: 'List drivers, newest first',
    query: z.object({ ...page, status: z.enum(DRIVER_STATUSES).optional(), online: z.enum(['true', 'false']).optional() }),
    reply: { status: 200, schema: listOf(listedDriver) },
    errors: ['request.invalid_cursor'],
    handle: async ({ deps, tenant, query }) => {
      const { limit, cursor = null, status = null, online } = query;
      const wanted = { limit, cursor, status, online: online === undefined ? null : online === 'true' };
      const list = await fromPort(deps, deps.reads.drivers(tenant.tenantId, wanted));
      const nowMs = deps.clock.nowMs();
      return json(
        200,
        listed(list, (item) => presentListedDriver(item, nowMs)),
      );
    },
  }),
  defineRoute({
    ...reading,
    method: 'GET',
    path: '/v1/drivers/:id',
    operationId: 'getDriver',
    summary: 'Read a driver',
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found'],
    handle: async (call) => json(200, shown(call)(await readDriver(call))),
  }),
  defineRoute({
    ...writing,
    method: 'PATCH',
    path: '/v1/drivers/:id',
    operationId: 'changeDriver',
    summary: 'Change a driver; a document that is null is removed',
    body: driverPatch,
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found'],
    handle: async (call) => await tell(call, { type: 'change', patch: patchOf(call.body) }),
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/drivers/:id/approve',
    operationId: 'approveDriver',
    summary: 'Approve a driver: it may go online',
    idempotency: 'optional',
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found'],
    handle: async (call) => await tell(call, { type: 'approve', by: call.principal.sub, ...kept(call) }),
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/drivers/:id/suspend',
    operationId: 'suspendDriver',
    summary: 'Suspend a driver: no more offers',
    body: suspendBody,
    idempotency: 'optional',
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found'],
    handle: async (call) => await tell(call, { type: 'suspend', by: call.principal.sub, reason: call.body.reason ?? null, ...kept(call) }),
  }),
  defineRoute({
    ...writing,
    method: 'POST',
    path: '/v1/drivers/:id/token',
    operationId: 'issueDriverToken',
    summary: 'Give an approved driver access: token, device key and a link for the phone',
    body: tokenBody,
    reply: { status: 200, schema: driverToken },
    errors: ['driver.not_found', 'driver.not_approved', 'driver.suspended'],
    handle: async (call) => await issueToken(call, call.body.ttl),
  }),
  defineRoute({
    ...tending,
    method: 'POST',
    path: '/v1/drivers/:id/rating',
    operationId: 'rateDriver',
    summary: 'Rate the driver of a delivered order, once',
    body: ratingBody,
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found', 'order.not_found', 'delivery.not_yours', 'delivery.wrong_phase', 'driver.already_rated'],
    handle: async (call) => await rate(call, call.body.order_id, call.body.stars),
  }),
  defineRoute({
    ...tending,
    method: 'POST',
    path: '/v1/drivers/:id/cash-settlements',
    operationId: 'settleDriverCash',
    summary: 'Record cash that a driver handed in',
    body: settlementBody,
    idempotency: 'required',
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found', 'driver.cash_exceeds'],
    handle: async (call) => await tell(call, { type: 'settle_cash', amountMinor: call.body.amount_minor, by: call.principal.sub }),
  }),
  defineRoute({
    tag: 'Drivers',
    scope: 'tenant',
    permission: 'driver:self',
    method: 'GET',
    path: '/v1/driver/me',
    operationId: 'getOwnDriver',
    summary: 'Read the driver that the token is for',
    reply: { status: 200, schema: driver },
    errors: ['driver.not_found', 'driver.suspended'],
    handle: async (call) => json(200, shown(call)(await readOwnDriver(call))),
  }),
];

/** The address in an id is the client's word: it counts only inside the tenant's own data shard. @throws Problem `driver.not_found` */
export function driverRefOf({ tenant }: Pick<AnyCall, 'tenant'>, driverId: string): EntityRef {
  const ref = DRIVER_ID.test(driverId) ? driverRef(tenant.tenantId, driverId) : null;
  if (ref === null || dataShardOf(ref.shard) !== tenant.dataShard) throw new Problem('driver.not_found');
  return ref;
}

/** @param driverId the one in the path when absent. @throws Problem `driver.not_found` */
export async function readDriver(call: AnyCall, driverId = call.request.params.id ?? ''): Promise<DriverView> {
  return unwrap(await call.deps.system.ask<DriverView>(driverRefOf(call, driverId), { type: 'get' }, askOptions(call)));
}

/** The driver that the token is for. @throws Problem `driver.not_found`, `driver.suspended` when it is locked out */
export async function readOwnDriver(call: AnyCall): Promise<DriverView> {
  const view = await readDriver(call, call.principal.sub);
  if (isLockedOut(view)) throw new Problem(LOCKED_OUT_CODE);
  return view;
}

function shown({ deps }: Pick<AnyCall, 'deps'>): (view: DriverView) => unknown {
  return (view) => presentDriver(view, deps.clock.nowMs());
}

/** The command itself answers the driver: a repeat hears what the first one did, whatever has happened since. @param key makes it be done once. */
async function tell(call: AnyCall, command: ViewCommand, key: CommandKey | null = call.idempotency): Promise<HttpReply> {
  const ref = driverRefOf(call, call.request.params.id ?? '');
  return replyOf(await call.deps.system.ask<DriverView>(ref, command, askOptions(call, key)), 200, shown(call));
}

async function issueToken(call: AnyCall, ttlS: number): Promise<HttpReply> {
  const { fleet } = call.deps;
  const { id, status } = await readDriver(call);
  if (status !== 'approved') throw new Problem(status === 'suspended' ? 'driver.suspended' : 'driver.not_approved');
  const { token, expiresAtMs } = await fleet.mintDriverToken(id, call.tenant.uuid, ttlS);
  return json(
    200,
    { token, expires_at: time(expiresAtMs), device_key: fleet.deviceKeyOf(call.tenant.uuid, id), drive_url: fleet.driveUrl(token) },
    { 'cache-control': 'no-store' },
  );
}

/** An order is rated once: its id is the key. */
async function rate(call: AnyCall, orderId: string, stars: number): Promise<HttpReply> {
  await requireDelivered(call, orderId);
  try {
    return await tell(call, { type: 'rate', orderId, stars }, { commandId: `rate:${orderId}`, fingerprint: String(stars) });
  } catch (error) {
    if (error instanceof Problem && error.code === 'idempotency.key_reused') throw new Problem('driver.already_rated');
    throw error;
  }
}

/** Stars count only from a delivery that this driver has made. */
async function requireDelivered(call: AnyCall, orderId: string): Promise<void> {
  const { deps, tenant } = call;
  const { id } = await readDriver(call);
  const ref = orderRef(tenant.tenantId, orderId);
  if (ref === null || dataShardOf(ref.shard) !== tenant.dataShard) throw new Problem('order.not_found');
  const { delivery, status } = unwrap(await deps.system.ask<OrderView>(ref, { type: 'get' }, askOptions(call)));
  if (delivery?.driver?.id !== id) throw new Problem('delivery.not_yours');
  if (delivery.phase !== 'delivered') throw new Problem('delivery.wrong_phase', { details: { phase: delivery.phase, status } });
}
