/** What must hold of drivers and their rides whatever happened in a simulated day, read from the journals alone. */
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { type DriverActorState, type DriverEvent, initialDriver, isExpired } from '../../src/actors/driver/state.ts';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import { RIDING } from '../../src/actors/order/delivery-state.ts';
import { initialOrder, type OrderActorState, type OrderEvent } from '../../src/actors/order/evolve.ts';
import type { DomainEvent, EventMeta } from '../../src/runtime/behaviour.ts';
import { RUNTIME_MARKER } from '../../src/runtime/journal/store.ts';
import type { World } from './world.ts';

interface Told<S, E> {
  readonly state: S;
  readonly events: readonly E[];
  /** After each of the events, and when that was. */
  readonly states: readonly S[];
  readonly atMs: readonly number[];
}

/** So long at most an order waits for somebody who is free: its market may have been told of it twice in vain, and of the driver once. */
const IDLE_MS = 60_000;

type Behaviour<S> = { evolve(state: S, event: never, meta: EventMeta): S };

/** Everybody of a kind, by id. */
function journals<S, E>(world: World, kind: string, initial: S, behaviour: Behaviour<S>): Map<string, Told<S, E>> {
  const found = new Map<string, Told<S, E>>();
  for (const rows of world.node.database.rows.values()) {
    let state = initial;
    const told: { events: E[]; states: S[]; atMs: number[] } = { events: [], states: [], atMs: [] };
    for (const row of rows) {
      if (row.ref.kind !== kind || row.type === RUNTIME_MARKER) continue;
      const event: DomainEvent = { type: row.type, version: row.version, data: row.data, personal: row.personal };
      state = behaviour.evolve(state, event as never, { ref: row.ref, seq: row.seq, atMs: row.atMs });
      told.events.push(event as E);
      told.states.push(state);
      told.atMs.push(row.atMs);
    }
    const ref = rows[0]?.ref;
    if (ref?.kind === kind) found.set(ref.id, { state, ...told });
  }
  return found;
}

const driversOf = (world: World) => journals<DriverActorState, DriverEvent>(world, 'driver', initialDriver, driverBehaviour);
const ordersOf = (world: World) => journals<OrderActorState, OrderEvent>(world, 'order', initialOrder, orderBehaviour);

/** When nobody does anything: orders and drivers say the same of who rides what, how far it is and where to; nobody is held by an offer. */
export function disagreementsOf(world: World): string[] {
  const breaches: string[] = [];
  const riders = new Map<string, string>();
  const orders = ordersOf(world);
  for (const [driverId, { state }] of driversOf(world)) {
    const { jobs, reservation } = state;
    if (reservation !== null && !isExpired(reservation, world.clock.nowMs()))
      breaches.push(`${driverId} is held by ${reservation.offer.offerId}, ${reservation.mode}`);
    for (const { job, phase } of jobs) {
      riders.set(job.orderId, driverId);
      const order = orders.get(job.orderId)?.state.order;
      const delivery = order?.delivery;
      if (delivery == null || !RIDING[delivery.phase] || delivery.driver?.id !== driverId)
        breaches.push(
          `${driverId} rides ${job.orderId}, which is ${delivery?.phase ?? 'nowhere'} with ${delivery?.driver?.id ?? 'nobody'}`,
        );
      else {
        const expected = delivery.phase === 'assigned' ? 'to_pickup' : delivery.phase === 'picked_up' ? 'to_dropoff' : delivery.phase;
        if (phase !== expected) breaches.push(`${driverId} is ${phase} of ${job.orderId}, which says ${expected}`);
        if (JSON.stringify(job.dropoff.position) !== JSON.stringify(order?.dropoff.position))
          breaches.push(`${driverId} rides ${job.orderId} to another door`);
        if (job.jobVersion !== delivery.jobVersion)
          breaches.push(`${driverId} knows ${job.orderId} as of ${job.jobVersion}, it is at ${delivery.jobVersion}`);
      }
    }
  }
  for (const [id, { state }] of orders) {
    const delivery = state.order?.delivery;
    if (delivery != null && RIDING[delivery.phase] && riders.get(id) !== delivery.driver?.id)
      breaches.push(`${id} thinks that ${delivery.driver?.id} rides it`);
  }
  return breaches;
}

/** One line a breach of a whole day, after which nobody rides any more. */
export function breachesOfDrivers(world: World): string[] {
  const drivers = driversOf(world);
  const orders = ordersOf(world);
  return [
    ...disagreementsOf(world),
    ...[...drivers].flatMap(([id, told]) => [
      ...reservations(id, told.events),
      ...cash(id, told),
      ...(told.state.jobs.length > 0 ? [`${id} rides still`] : []),
    ]),
    ...[...orders].flatMap(([id, told]) => rides(id, told, drivers)),
    ...strangers(orders, drivers),
    ...idlers(world, orders, drivers),
  ];
}

/** One reservation at a time, accepted before it is won, two jobs at most and none twice. */
function reservations(id: string, events: readonly DriverEvent[]): string[] {
  const breaches: string[] = [];
  const jobs = new Set<string>();
  let held: { readonly offerId: string; readonly orderId: string } | null = null;
  let isAccepted = false;
  for (const event of events) {
    if (event.type === 'offer_made') {
      if (held !== null) breaches.push(`${id} is offered ${event.data.offer.offerId} while ${held.offerId} holds it`);
      held = event.data.offer;
      isAccepted = false;
    } else if (event.type === 'offer_accepted') {
      if (held?.offerId !== event.data.offerId || isAccepted) breaches.push(`${id} accepts ${event.data.offerId} out of order`);
      isAccepted = true;
    } else if (event.type === 'offer_closed') {
      if (held?.offerId !== event.data.offerId) breaches.push(`${id} closes ${event.data.offerId}, which it does not hold`);
      held = null;
    } else if (event.type === 'job_won') {
      if (held?.offerId !== event.data.offerId || !isAccepted) breaches.push(`${id} wins ${event.data.offerId} out of order`);
      else if (jobs.has(held.orderId)) breaches.push(`${id} has ${held.orderId} twice`);
      else jobs.add(held.orderId);
      held = null;
      if (jobs.size > 2) breaches.push(`${id} has ${jobs.size} jobs`);
    } else if (event.type === 'job_closed' && !jobs.delete(event.data.orderId))
      breaches.push(`${id} ends ${event.data.orderId}, which it does not have`);
  }
  return breaches;
}

/** What it took is what it has, what it handed in and what went back. */
function cash(id: string, { events, state, states }: Told<DriverActorState, DriverEvent>): string[] {
  let takenMinor = 0;
  let earnedMinor = 0;
  for (const event of events) {
    if (event.type === 'job_closed') {
      takenMinor += event.data.cashMinor;
      earnedMinor += event.data.feeMinor - event.data.platformFeeMinor;
    } else if (event.type === 'cash_settled' || event.type === 'cash_returned') takenMinor -= event.data.amountMinor;
  }
  const heldMinor = state.cash.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return [
    ...(takenMinor === state.cashOnHandMinor && heldMinor === takenMinor
      ? []
      : [`${id}: ${takenMinor} taken, ${state.cashOnHandMinor} on hand`]),
    ...(states.some(({ cashOnHandMinor }) => cashOnHandMinor < 0) ? [`${id} has less than no cash`] : []),
    ...(earnedMinor === state.earnedMinor ? [] : [`${id}: ${earnedMinor} paid, ${state.earnedMinor} earned`]),
  ];
}

/** Each ride of an order, in its own words, and what its driver's journal must say of it. */
function rides(
  id: string,
  { events, states }: Told<OrderActorState, OrderEvent>,
  drivers: ReadonlyMap<string, Told<DriverActorState, DriverEvent>>,
): string[] {
  const breaches: string[] = [];
  const expected: string[] = [];
  let ride: { readonly driverId: string; readonly offerId: string; readonly feeMinor: number } | null = null;
  const ended = (outcome: string, feeMinor: number, cashMinor: number): void => {
    if (ride !== null) expected.push(`${ride.driverId} ${ride.offerId} ${outcome} ${feeMinor} ${cashMinor}`);
    ride = null;
  };
  for (const [at, event] of events.entries()) {
    const before = states[at - 1]?.order ?? null;
    const order = states[at]?.order;
    const wasAboard = before?.status === 'IN_TRANSIT';
    const current: { readonly driverId: string; readonly offerId: string; readonly feeMinor: number } | null = ride;
    if (event.type === 'driver_assigned') {
      if (current !== null) breaches.push(`${id} is given to ${event.data.id} while ${current.driverId} has it`);
      ride = { driverId: event.data.id, offerId: event.data.offerId, feeMinor: event.data.feeMinor };
    } else if (event.type === 'driver_released') ended('released', 0, 0);
    else if (event.type === 'status_changed' && event.data.to === 'DELIVERED')
      ended('delivered', current?.feeMinor ?? 0, order?.quote.totalMinor ?? 0);
    else if (event.type === 'status_changed' && event.data.to === 'CANCELLED')
      ended('cancelled', wasAboard ? (current?.feeMinor ?? 0) : 0, 0);
  }
  if (states.at(-1)?.order?.status === 'REFUNDED')
    for (const [driverId, { state }] of drivers)
      if (state.cash.some(({ orderId }) => orderId === id)) breaches.push(`${driverId} owes the cash of ${id}, which was paid back`);
  const found = [...drivers].flatMap(([driverId, told]) => ridden(driverId, id, told.events));
  if (JSON.stringify([...found].sort()) !== JSON.stringify([...expected].sort())) breaches.push(`${id}: ${found} instead of ${expected}`);
  return breaches;
}

/** The rides of one order in a driver's own journal: by which offer, how it ended, what it paid and took. */
function ridden(driverId: string, orderId: string, events: readonly DriverEvent[]): string[] {
  const offers = new Map<string, string>();
  const found: string[] = [];
  let offerId = '';
  for (const event of events) {
    if (event.type === 'offer_made') offers.set(event.data.offer.offerId, event.data.offer.orderId);
    else if (event.type === 'job_won' && offers.get(event.data.offerId) === orderId) offerId = event.data.offerId;
    else if (event.type === 'job_closed' && event.data.orderId === orderId)
      found.push(`${driverId} ${offerId} ${event.data.outcome} ${event.data.feeMinor} ${event.data.cashMinor}`);
  }
  return found;
}

/** Nobody wins what the order has not given. */
function strangers(
  orders: ReadonlyMap<string, Told<OrderActorState, OrderEvent>>,
  drivers: ReadonlyMap<string, Told<DriverActorState, DriverEvent>>,
): string[] {
  const given = new Map<string, number>();
  for (const { events } of orders.values())
    for (const event of events)
      if (event.type === 'driver_assigned') given.set(event.data.offerId, (given.get(event.data.offerId) ?? 0) + 1);
  const won = new Map<string, number>();
  for (const { events } of drivers.values())
    for (const event of events) if (event.type === 'job_won') won.set(event.data.offerId, (won.get(event.data.offerId) ?? 0) + 1);
  const differs = [...new Set([...given.keys(), ...won.keys()])].filter((offerId) => given.get(offerId) !== 1 || won.get(offerId) !== 1);
  return differs.map((offerId) => `${offerId} was given ${given.get(offerId) ?? 0} times and won ${won.get(offerId) ?? 0} times`);
}

/** While an order looks for a driver, somebody who is there, takes everything and never refused anything is not left alone for long. */
function idlers(
  world: World,
  orders: ReadonlyMap<string, Told<OrderActorState, OrderEvent>>,
  drivers: ReadonlyMap<string, Told<DriverActorState, DriverEvent>>,
): string[] {
  const isFree = ({ jobs, onlineSinceMs, person, reservation }: DriverActorState): boolean =>
    onlineSinceMs !== null && person?.status === 'approved' && jobs.length === 0 && reservation === null;
  const free = [...drivers].filter(([id]) => id === world.relief.id).flatMap(([, told]) => spansOf(told, isFree));
  return [...orders].flatMap(([id, told]) =>
    spansOf(told, ({ order }) => order?.delivery?.phase === 'seeking').flatMap(([fromMs, untilMs]) => {
      const idleMs = Math.max(0, ...free.map(([from, until]) => Math.min(until, untilMs) - Math.max(from, fromMs)));
      return idleMs > IDLE_MS ? [`${id} waited ${idleMs} ms while a driver was free`] : [];
    }),
  );
}

/** From when to when it was so. */
function spansOf<S>({ atMs, states }: Told<S, unknown>, isSo: (state: S) => boolean): (readonly [number, number])[] {
  return states.flatMap((state, at) => {
    if (!isSo(state) || (at > 0 && isSo(states[at - 1] as S))) return [];
    const end = states.findIndex((later, i) => i > at && !isSo(later));
    return end < 0 ? [] : [[atMs[at] as number, atMs[end] as number] as const];
  });
}
