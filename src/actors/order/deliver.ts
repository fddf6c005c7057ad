/**
 * The delivery of an order: who gets it, and every step at the two doors. The order actor is the only place where an order gets its
 * driver; the driver actor that asks holds the reservation. Pure.
 */
import type { DecideContext, Decision, Effect, Refusal } from '../../runtime/behaviour.ts';
import type { DriverCommand, JobPhase } from '../driver/protocol.ts';
import { tellCustomer, tellEta } from './customer.ts';
import { type DeliveryEvent, deliveryView, type LegPhase, RIDING } from './delivery-state.ts';
import { sendDriver, tellDriver } from './driver-errands.ts';
import { decided, type OrderActorState, type OrderEvent, orderView, type PlacedOrder } from './evolve.ts';
import { dropoffStop } from './job.ts';
import {
  type AssignOutcome,
  CREDENTIALS_HANDLER,
  type Dropoff,
  type Handover,
  type OrderActorRole,
  type OrderCommand,
  type OrderStatus,
  type StepEvidence,
  type StepReply,
  type TrackedOrder,
} from './protocol.ts';
import { feeOf, STOP_SEEKING, seekEffects, startSeeking, stopSeeking } from './seek.ts';
import { stockAfter } from './shelf.ts';
import { isOver } from './table.ts';

type Command<T extends OrderCommand['type']> = Extract<OrderCommand, { readonly type: T }>;
type OrderDecision = Decision<OrderEvent>;
/** A granted step, as the journal tells it. */
type LegMove = Extract<DeliveryEvent, { readonly type: 'leg_moved' }>['data'];

/** Wrong codes at the door before only a person at the shop may close the delivery. */
const OTP_TRIES_MAX = 5;
/** A driver's own word counts when the last believed position is this near; the fence is 50 m. */
const CLAIM_MAX_M = 150;
/** Older positions prove nothing. */
const EVIDENCE_MAX_AGE_MS = 300_000;
const MS_PER_MINUTE = 60_000;
/** What a step makes of the driver's job, which ends with the last, and of the order. */
const AFTER_STEP: Readonly<Record<LegPhase, { readonly job: JobPhase | null; readonly order: OrderStatus | null }>> = {
  at_pickup: { job: 'at_pickup', order: null },
  picked_up: { job: 'to_dropoff', order: 'IN_TRANSIT' },
  at_dropoff: { job: 'at_dropoff', order: null },
  delivered: { job: null, order: 'DELIVERED' },
};

/** Asked by a driver actor that holds the reservation; answered again the same for the same offer. */
export function assign(state: OrderActorState, order: PlacedOrder, command: Command<'assign'>, context: DecideContext): OrderDecision {
  const { delivery } = order;
  const answer = (outcome: AssignOutcome): OrderDecision => ({ ok: true, events: [], reply: { outcome } });
  if (delivery === null) return answer('withdrawn');
  if (delivery.offerId === command.offerId && delivery.driver?.id === command.driver.id) return answer('won');
  if (RIDING[delivery.phase]) return answer('lost');
  if (delivery.phase !== 'seeking') return answer('withdrawn');
  if (command.manualBy === null && command.jobVersion !== delivery.jobVersion) return answer('withdrawn');
  if (command.manualBy === null && delivery.excludedDriverIds.includes(command.driver.id)) return answer('withdrawn');
  const { id, name, vehicle, registration } = command.driver;
  const { offerId, feeMinor, manualBy } = command;
  const extraMinor = feeMinor - delivery.feeMinor;
  const extra = extraMinor > 0 ? { extra: { amountMinor: extraMinor, paidBy: 'platform' as const } } : {};
  const events: OrderEvent[] = [
    { type: 'driver_assigned', data: { id, vehicle, offerId, feeMinor, manualBy, ...extra }, personal: { name, registration } },
    statusEvent('ASSIGNED_TO_DRIVER', manualBy === null ? 'driver' : 'vendor', manualBy ?? id, null),
  ];
  const credentials: Effect = {
    type: 'external',
    id: context.uniqueId('credentials'),
    handler: CREDENTIALS_HANDLER,
    input: { leg: delivery.leg + 1 },
  };
  // The market hears from its own offer's driver who won; of a dispatcher's word only here.
  const byHand = manualBy === null ? [] : [stopSeeking(order, 'taken', context), ...presentDoor(order, command, context)];
  return {
    ...decided(state, events, context),
    effects: [credentials, ...byHand],
    timers: [STOP_SEEKING],
    reply: { outcome: 'won' satisfies AssignOutcome },
  };
}

/** Given by hand of an older version: the driver knows a door that is not the customer's any more. */
function presentDoor(order: PlacedOrder, { driver, jobVersion }: Command<'assign'>, context: DecideContext): Effect[] {
  const present = order.delivery?.jobVersion ?? jobVersion;
  if (jobVersion === present) return [];
  return sendDriver(driver.id, context, doorChanged(order, 'to_pickup', present));
}

function doorChanged(order: PlacedOrder, phase: JobPhase, jobVersion: number): DriverCommand {
  return { type: 'job_changed', orderId: order.id, phase, dropoff: dropoffStop(order), jobVersion };
}

/** The customer hears of the driver together with the link and the code. */
export function credentialsIssued(
  state: OrderActorState,
  order: PlacedOrder,
  command: Command<'credentials_issued'>,
  context: DecideContext,
): OrderDecision {
  const { delivery } = order;
  if (delivery === null || delivery.leg !== command.leg || !RIDING[delivery.phase] || delivery.otp !== null)
    return { ok: true, events: [] };
  const { leg, otp, trackingUrl } = command;
  const event: OrderEvent = { type: 'credentials_issued', data: { leg }, personal: { otp, trackingUrl } };
  const tracking = { url: trackingUrl, otp, driverName: delivery.driver?.name ?? null };
  return { ...decided(state, [event], context), effects: [tellCustomer(order, 'ASSIGNED_TO_DRIVER', null, context, tracking)] };
}

export function driverStep(
  state: OrderActorState,
  order: PlacedOrder,
  command: Command<'driver_step'>,
  context: DecideContext,
): OrderDecision {
  const { delivery } = order;
  if (delivery?.driver == null || delivery.driver.id !== command.driverId) return refused('delivery.not_yours');
  const same = (): OrderDecision => {
    const reply = stepped(decided(state, [], context).after);
    return { ok: true, events: [], reply, ...(command.isKept === true ? { isKept: true } : {}) };
  };
  if (command.step === 'arrived') {
    if (delivery.phase === 'at_pickup' || delivery.phase === 'at_dropoff') return same();
    if (delivery.phase === 'picked_up' && command.stop === 'pickup') return same();
    if (delivery.phase === 'assigned' && command.stop !== 'dropoff') return arrive(state, order, 'at_pickup', command.evidence, context);
    if (delivery.phase === 'picked_up') return arrive(state, order, 'at_dropoff', command.evidence, context);
  } else if (command.step === 'picked_up') {
    if (delivery.phase === 'picked_up' || delivery.phase === 'at_dropoff') return same();
    if (delivery.phase === 'at_pickup' || delivery.phase === 'assigned') return pickUp(state, order, command, context);
  } else {
    if (delivery.phase === 'delivered') return same();
    if (delivery.phase === 'picked_up' || delivery.phase === 'at_dropoff') return handOver(state, order, command, context);
  }
  return refused('delivery.wrong_phase', { phase: delivery.phase });
}

function arrive(
  state: OrderActorState,
  order: PlacedOrder,
  to: 'at_pickup' | 'at_dropoff',
  evidence: StepEvidence,
  context: DecideContext,
): OrderDecision {
  if (!isAtStop(order, evidence, context.nowMs))
    return refused('delivery.not_at_stop', { distance_m: evidence.distanceM, limit_m: CLAIM_MAX_M });
  return moveLeg(state, order, { to, evidence, otpVerified: false }, context);
}

/** Whoever was not seen arriving has to be near when taking the goods. */
function pickUp(state: OrderActorState, order: PlacedOrder, { evidence }: Command<'driver_step'>, context: DecideContext): OrderDecision {
  if (order.delivery?.phase === 'assigned' && !isAtStop(order, evidence, context.nowMs))
    return refused('delivery.not_at_stop', { distance_m: evidence.distanceM, limit_m: CLAIM_MAX_M });
  return moveLeg(state, order, { to: 'picked_up', evidence, otpVerified: false }, context);
}

function handOver(state: OrderActorState, order: PlacedOrder, command: Command<'driver_step'>, context: DecideContext): OrderDecision {
  const { delivery } = order;
  if (delivery === null) return refused('delivery.not_yours');
  const otpVerified = delivery.otp !== null && command.otp === delivery.otp;
  // Not issued yet, or erased with the customer: no code is the right one, and a person has to say so.
  if (!otpVerified && command.evidence.by !== 'dispatcher') {
    const triesLeft = OTP_TRIES_MAX - delivery.otpFailures - 1;
    if (triesLeft < 0) return refused('delivery.otp_locked');
    // Nobody has guessed anything: it costs no try.
    if (command.otp === null) return refused('delivery.otp_missing', { tries_left: triesLeft + 1 });
    const reply: StepReply = { ok: false, code: 'delivery.otp_wrong', triesLeft };
    return { ...decided(state, [{ type: 'otp_failed', data: {} }], context), reply };
  }
  if (delivery.otpFailures >= OTP_TRIES_MAX && command.evidence.by !== 'dispatcher') return refused('delivery.otp_locked');
  return moveLeg(state, order, { to: 'delivered', evidence: command.evidence, otpVerified }, context);
}

/** The step itself, and what the driver, the customer and the shelf hear of it. */
function moveLeg(state: OrderActorState, order: PlacedOrder, move: LegMove, context: DecideContext): OrderDecision {
  const status = AFTER_STEP[move.to].order;
  const by = move.evidence.by === 'dispatcher' ? 'vendor' : 'driver';
  const events: OrderEvent[] = [{ type: 'leg_moved', data: move }];
  if (status !== null) events.push(statusEvent(status, by, order.delivery?.driver?.id ?? null, null));
  const decision = decided(state, events, context);
  const effects = tellDriver(order, context, driverHears(order, move.to));
  if (status !== null) effects.push(tellCustomer(order, status, null, context));
  const sold = move.to === 'delivered' ? stockAfter('DELIVERED', order, context) : null;
  if (sold !== null) effects.push(sold);
  return { ...decision, effects, reply: stepped(decision.after) };
}

function driverHears({ id, quote }: PlacedOrder, to: LegPhase): DriverCommand {
  const phase = AFTER_STEP[to].job;
  return phase === null
    ? { type: 'job_ended', orderId: id, outcome: 'delivered', cashMinor: quote.totalMinor }
    : { type: 'job_changed', orderId: id, phase, dropoff: null };
}

export function releaseDriver(
  state: OrderActorState,
  order: PlacedOrder,
  command: Command<'release_driver'>,
  context: DecideContext,
): OrderDecision {
  const { delivery } = order;
  if (delivery?.driver == null) return refused('delivery.wrong_phase', { phase: delivery?.phase ?? null });
  if (command.driverId !== null && command.driverId !== delivery.driver.id) return refused('delivery.not_yours');
  // After the pick-up the goods would have to change hands: that needs proof of both.
  if (delivery.phase !== 'assigned' && delivery.phase !== 'at_pickup') return refused('delivery.wrong_phase', { phase: delivery.phase });
  const { by, reason } = command;
  const decision = decided(
    state,
    [
      { type: 'driver_released', data: { driverId: delivery.driver.id, reason, feeMinor: feeOf(order) } },
      statusEvent('READY_FOR_PICKUP', by, by === 'driver' ? delivery.driver.id : null, reason),
    ],
    context,
  );
  const next = decision.after.order as PlacedOrder;
  const seek = seekEffects(next, context);
  const effects = [
    ...tellDriver(order, context, { type: 'job_ended', orderId: order.id, outcome: 'released', cashMinor: 0 }),
    ...seek.effects,
  ];
  return { ...decision, effects, timers: seek.timers, reply: decision.view };
}

/** A ready order that could not be ridden to for want of a place begins to look for a driver. */
export function changeDropoff(
  state: OrderActorState,
  order: PlacedOrder,
  command: Command<'change_dropoff'>,
  context: DecideContext,
): OrderDecision {
  const { delivery, status } = order;
  const phase = delivery?.phase ?? null;
  if (phase === 'picked_up' || phase === 'at_dropoff' || phase === 'delivered' || phase === 'ended' || isOver(status))
    return refused('delivery.wrong_phase', { phase, status });
  const dropoff: Dropoff = { ...order.dropoff, ...command.dropoff };
  // Somebody looks, or rides: there has to be a place.
  if (dropoff.position === null && delivery !== null) return refused('delivery.no_position');
  const fee = phase === 'seeking' ? { feeMinor: feeOf({ ...order, dropoff }) } : {};
  const changed: OrderEvent = { type: 'dropoff_changed', data: fee, personal: { dropoff } };
  const begun = delivery === null && status === 'READY_FOR_PICKUP' ? startSeeking({ ...order, dropoff }) : [];
  const decision = decided(state, [changed, ...begun], context);
  const next = decision.after.order as PlacedOrder;
  const seek = seekEffects(next, context);
  const jobPhase: JobPhase = phase === 'at_pickup' ? 'at_pickup' : 'to_pickup';
  const told = tellDriver(order, context, doorChanged(next, jobPhase, next.delivery?.jobVersion ?? 0));
  return { ...decision, effects: [...seek.effects, ...told], timers: seek.timers, reply: decision.view };
}

/**
 * The customer hears it while the goods are under way; a notice says nothing of the status, so it takes no version. Who counts the messages
 * of this leg differently, on a thread that has begun to watch in the middle of it, hears what was told and tells nothing.
 */
export function etaMoved(state: OrderActorState, order: PlacedOrder, command: Command<'eta_moved'>, context: DecideContext): OrderDecision {
  const { delivery } = order;
  if (delivery?.phase !== 'picked_up' || delivery.driver?.id !== command.driverId) return { ok: true, events: [] };
  const told = delivery.etaTold ?? null;
  if (told !== null && told.count !== command.toldBefore) return { ok: true, events: [], reply: told };
  const minutes = (atMs: number): number => Math.max(1, Math.round((atMs - context.nowMs) / MS_PER_MINUTE));
  const fromMin = minutes(command.atMs);
  const eta = { fromMin, toMin: Math.max(fromMin, minutes(command.latestAtMs)) };
  const decision = decided(state, [{ type: 'eta_told', data: { arrivalAtMs: command.atMs } }], context);
  return { ...decision, effects: [tellEta(order, eta, context)], reply: decision.after.order?.delivery?.etaTold };
}

/** For the shop that has to tell its customer by itself: somebody who ordered by other means never hears from the chat. */
export function handover({ delivery }: PlacedOrder): OrderDecision {
  if (delivery === null || !RIDING[delivery.phase] || delivery.otp === null || delivery.trackingUrl === null)
    return refused('delivery.wrong_phase', { phase: delivery?.phase ?? null });
  const reply: Handover = { otp: delivery.otp, trackingUrl: delivery.trackingUrl };
  return { ok: true, events: [], reply };
}

/** What the holder of a link to `leg` sees; only while that leg runs. */
export function track(order: PlacedOrder, version: number, leg: number): OrderDecision {
  const { delivery, id, code, status, pickup, dropoff } = order;
  if (delivery === null || leg < 1 || leg > delivery.leg) return refused('order.not_found');
  if (leg !== delivery.leg || !RIDING[delivery.phase]) return refused('tracking.ended', { phase: delivery.phase });
  const reply: TrackedOrder = { orderId: id, code, status, delivery: deliveryView(delivery), pickup, dropoff, version };
  return { ok: true, events: [], reply };
}

/** A step that is told late counts by where the driver was then, if that was on this ride. */
function isAtStop({ delivery }: PlacedOrder, evidence: StepEvidence, nowMs: number): boolean {
  if (evidence.by !== 'driver') return true;
  if (evidence.distanceM === null || evidence.positionAtMs === null) return false;
  const saidAtMs = evidence.saidAtMs ?? nowMs;
  if (saidAtMs > nowMs || saidAtMs < (delivery?.assignedAtMs ?? nowMs)) return false;
  return evidence.distanceM <= CLAIM_MAX_M && Math.abs(saidAtMs - evidence.positionAtMs) <= EVIDENCE_MAX_AGE_MS;
}

function stepped(state: OrderActorState): StepReply {
  const view = state.order === null ? null : orderView(state);
  if (view === null) throw new TypeError('a step of an order that is not there');
  return { ok: true, view };
}

function statusEvent(to: PlacedOrder['status'], by: OrderActorRole, byId: string | null, reason: string | null): OrderEvent {
  return { type: 'status_changed', data: { to, by, byId, reason } };
}

function refused(code: string, details?: Refusal['details']): OrderDecision {
  return { ok: false, refusal: details === undefined ? { code } : { code, details } };
}
