/** What a dispatcher does with an order's delivery: gives it to a driver, takes it back, corrects it. It must never assign by itself: the actors do. */
import { z } from 'zod';
import type { AcceptOutcome, DriverCommand, DriverView } from '../../../actors/driver/protocol.ts';
import type { Dropoff, Handover, OrderCommand, OrderView, StepReply } from '../../../actors/order/protocol.ts';
import { priceDelivery } from '../../../actors/tenant/pricing.ts';
import type { Position } from '../../../actors/tenant/protocol.ts';
import type { Answer } from '../../../runtime/behaviour.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import { type AnyCall, type ApiRoute, askOptions, defineRoute, fromPort, kept, replyOf } from '../api/api.ts';
import { digest, randomUnique } from '../idempotency.ts';
import { type HttpReply, json } from '../message.ts';
import { Problem, unwrap } from '../problem.ts';
import { driverRefOf } from './drivers.ts';
import { orderRefOf, readOrder, roleOf } from './orders.ts';
import { presentOrder } from './present.ts';
import { order, position, text } from './schemas.ts';

/** What a driver answers to `take` and `keep_given`. */
interface Taken {
  readonly outcome: AcceptOutcome;
  /** Absent: of the offer that this request made. */
  readonly offerId?: string;
}

const dispatching = { tag: 'Dispatch', scope: 'tenant', permission: 'orders:write' } as const;
const assignBody = z.object({ driver_id: z.string().min(1).max(64) });
const releaseBody = z.object({ reason: text(300).optional() });
/** What is not named stays; null clears. */
const dropoffPatch = z.strictObject({
  location: position.nullish(),
  address: text(300).nullish(),
  note: text(500).nullish(),
});
const changeBody = z.strictObject({ delivery: dropoffPatch });
const assigned = z
  .object({
    order_id: z.string(),
    driver_id: z.string(),
    offer_id: z.string(),
    /** `pending`: the driver is reserved and the order is being asked; the order shows the driver when it agreed. */
    outcome: z.enum(['pending', 'won', 'already_yours']),
  })
  .meta({ id: 'Assignment' });
const handover = z.object({ otp: z.string(), tracking_url: z.string() }).meta({ id: 'Handover' });
/** Steps in a driver's stead, for a phone that is broken or without a position. */
const STEPS = [
  { path: 'arrived', step: 'arrived', operationId: 'arriveForDriver', summary: 'Say that the driver is at the stop, in its stead' },
  { path: 'picked-up', step: 'picked_up', operationId: 'pickUpForDriver', summary: 'Say that the driver has the goods, in its stead' },
] as const;

export const dispatchRoutes: readonly ApiRoute[] = [
  defineRoute({
    ...dispatching,
    method: 'GET',
    path: '/v1/orders/:id/handover',
    operationId: 'getHandover',
    summary: 'Code and tracking link of the present leg, for a customer whom the chat does not reach',
    reply: { status: 200, schema: handover },
    errors: ['order.not_found', 'delivery.wrong_phase'],
    handle: async (call) => {
      const answer = await call.deps.system.ask<Handover>(orderRefOf(call), { type: 'handover' } satisfies OrderCommand, askOptions(call));
      return replyOf(answer, 200, ({ otp, trackingUrl }) => ({ otp, tracking_url: trackingUrl }), { 'cache-control': 'no-store' });
    },
  }),
  defineRoute({
    ...dispatching,
    method: 'POST',
    path: '/v1/orders/:id/assign',
    operationId: 'assignDriver',
    summary: 'Give an order to a driver',
    body: assignBody,
    idempotency: 'optional',
    reply: { status: 202, schema: assigned },
    errors: [
      'order.not_found',
      'driver.not_found',
      'driver.offline',
      'driver.busy',
      'driver.not_approved',
      'driver.suspended',
      'driver.unfit',
      'delivery.no_position',
      'delivery.wrong_phase',
      'offer.closed',
    ],
    handle: async (call) => await assign(call, call.body.driver_id),
  }),
  defineRoute({
    ...dispatching,
    method: 'POST',
    path: '/v1/orders/:id/release-driver',
    operationId: 'releaseDriver',
    summary: 'Take the driver off an order before the pick-up; another one is looked for',
    body: releaseBody,
    idempotency: 'optional',
    reply: { status: 200, schema: order },
    errors: ['order.not_found', 'delivery.wrong_phase'],
    handle: async (call) => {
      const reason = call.body.reason ?? null;
      return await change(call, { type: 'release_driver', driverId: null, by: roleOf(call.principal), reason });
    },
  }),
  ...STEPS.map(({ path, step, operationId, summary }) =>
    defineRoute({
      ...dispatching,
      method: 'POST',
      path: `/v1/orders/:id/${path}`,
      operationId,
      summary,
      idempotency: 'optional',
      reply: { status: 200, schema: order },
      errors: ['order.not_found', 'delivery.wrong_phase', 'delivery.not_yours'],
      handle: async (call) => await stepFor(call, step),
    }),
  ),
  defineRoute({
    ...dispatching,
    method: 'PATCH',
    path: '/v1/orders/:id',
    operationId: 'changeOrder',
    summary: 'Correct where an order goes, before the pick-up',
    body: changeBody,
    idempotency: 'optional',
    reply: { status: 200, schema: order },
    errors: ['order.not_found', 'order.too_far', 'delivery.wrong_phase', 'delivery.no_position'],
    handle: async (call) => {
      const before = await readOrFirst<OrderView, OrderView>(call, orderRefOf(call));
      if (before.isFirst) return replyOf(before.answer, 200, presentOrder);
      unwrap(before.answer);
      await requireNear(call, call.body.delivery.location ?? null);
      return await change(call, { type: 'change_dropoff', dropoff: namedOf(call.body.delivery) });
    },
  }),
];

/** No farther than the shop delivers: that holds for a place that is corrected as for one that is ordered to. @throws Problem `order.too_far` */
async function requireNear({ deps, tenant }: AnyCall, to: Position | null): Promise<void> {
  if (to === null) return;
  const view = await fromPort(deps, deps.tenants.view(tenant.tenantId));
  if (view === null) throw new Problem('tenant.not_found');
  const { settings } = view;
  const priced = priceDelivery({ settings, dropoff: to });
  if (!priced.ok) unwrap(priced);
}

type ReadOrFirst<V, R> = { readonly isFirst: true; readonly answer: Answer<R> } | { readonly isFirst: false; readonly answer: Answer<V> };

/**
 * Looks at an actor before it is told anything. Under a key that it has acted on it answers what it answered then: a repeat is not judged by what has
 * become of the order since. @returns its view, or the first answer
 */
async function readOrFirst<V, R>(call: AnyCall, ref: EntityRef): Promise<ReadOrFirst<V, R>> {
  const answer = await call.deps.system.ask(ref, { type: 'get' }, askOptions(call, call.idempotency));
  const isFirst = answer.ok && answer.duplicate === true;
  return { isFirst, answer } as ReadOrFirst<V, R>;
}

async function change(call: AnyCall, command: OrderCommand): Promise<HttpReply> {
  const options = askOptions(call, call.idempotency);
  return replyOf(await call.deps.system.ask<OrderView>(orderRefOf(call), command, options), 200, presentOrder);
}

/** Reserves the driver, who then asks the order: the same way as an accepted offer, so that neither can be given twice. */
async function assign(call: AnyCall, driverId: string): Promise<HttpReply> {
  const { deps, idempotency, principal } = call;
  const to = driverRefOf(call, driverId);
  const wanted = await readOrder(call);
  const { delivery, dropoff, id } = wanted;
  const answered = (offerId: string, outcome: AcceptOutcome) => ({ order_id: id, driver_id: driverId, offer_id: offerId, outcome });
  // After the order: a repeat that finds it given finds the first answer too.
  const read = await readOrFirst<DriverView, Taken>(call, to);
  if (read.isFirst) return replyOf(read.answer, 202, ({ outcome, offerId }) => answered(offerId ?? offerIdOf(call), outcome));
  const driver = unwrap(read.answer);
  // Asking again would put the driver's other offers aside for nothing.
  if (delivery?.driver?.id === driverId && delivery.offerId !== null) return await alreadyGiven(call, to, delivery.offerId, answered);
  if (dropoff.position === null) throw new Problem('delivery.no_position');
  if (delivery?.phase !== 'seeking') throw wrongPhase(wanted);
  const offer = deps.fleet.offerFor(wanted, driver, offerIdOf(call));
  if (offer === null) throw new Problem('delivery.no_position');
  const command: DriverCommand = { type: 'take', offer, by: principal.sub };
  const answer = await deps.system.ask<Taken>(to, command, askOptions(call, idempotency));
  const { outcome } = unwrap(answer);
  if (outcome !== 'pending' && outcome !== 'won' && outcome !== 'already_yours')
    throw new Problem('offer.closed', { details: { outcome } });
  return replyOf(answer, 202, () => answered(offer.offerId, outcome));
}

/** Nothing is asked of anybody; under a key the driver keeps the answer, as it would that of a `take`. */
async function alreadyGiven(
  call: AnyCall,
  driver: EntityRef,
  given: string,
  answered: (offerId: string, outcome: AcceptOutcome) => unknown,
): Promise<HttpReply> {
  if (call.idempotency === null) return json(202, answered(given, 'already_yours'));
  const command: DriverCommand = { type: 'keep_given', offerId: given };
  const answer = await call.deps.system.ask<Taken>(driver, command, askOptions(call, call.idempotency));
  return replyOf(answer, 202, ({ outcome, offerId }) => answered(offerId ?? given, outcome));
}

/** A repeated request means the same offer. */
function offerIdOf({ idempotency, tenant }: AnyCall): string {
  return `ofr_${idempotency === null ? randomUnique() : digest(`${tenant.uuid}:${idempotency.hash}:${idempotency.fingerprint}`)}`;
}

async function stepFor(call: AnyCall, step: 'arrived' | 'picked_up'): Promise<HttpReply> {
  const read = await readOrFirst<OrderView, StepReply>(call, orderRefOf(call));
  if (read.isFirst) return stepped(read.answer);
  const before = unwrap(read.answer);
  const driverId = before.delivery?.driver?.id;
  if (driverId === undefined) throw wrongPhase(before);
  const evidence = { distanceM: null, positionAtMs: null, by: 'dispatcher' } as const;
  const command: OrderCommand = { type: 'driver_step', driverId, step, otp: null, evidence, ...kept(call) };
  return stepped(await call.deps.system.ask<StepReply>(orderRefOf(call), command, askOptions(call, call.idempotency)));
}

function stepped(answer: Answer<StepReply>): HttpReply {
  return replyOf(answer, 200, (reply) => {
    if (!reply.ok) throw new Problem(reply.code, { details: { tries_left: reply.triesLeft } });
    return presentOrder(reply.view);
  });
}

function wrongPhase({ delivery, status }: OrderView): Problem {
  return new Problem('delivery.wrong_phase', { details: { phase: delivery?.phase ?? null, status } });
}

/** Only what is named: the order keeps the rest, whatever it is by then. */
function namedOf({ location, address, note }: z.output<typeof dropoffPatch>): Partial<Dropoff> {
  return {
    ...(location === undefined ? {} : { position: location }),
    ...(address === undefined ? {} : { address }),
    ...(note === undefined ? {} : { note }),
  };
}
