/**
 * The life of an offer at its driver: reserved, delivered, accepted, settled. Two guards keep an order from two drivers and a driver
 * from two reservations: this actor holds the reservation before the order is asked, and only the order says who won. Pure.
 */
import type { DecideContext, Decision, Effect, TimerOp } from '../../runtime/behaviour.ts';
import { DISPATCH_DEFAULTS } from '../market/dispatch/policy.ts';
import type { OrderCommand } from '../order/protocol.ts';
import { orderRef } from '../refs.ts';
import type { AcceptOutcome, DriverCommand, DriverOffer } from './protocol.ts';
import {
  ACCEPT_GRACE_MS,
  type ClosedOutcome,
  type DriverActorState,
  type DriverEvent,
  endOfShift,
  isExpired,
  JOBS_MAX,
  type Reservation,
  unfitBecause,
} from './state.ts';

type Command<T extends DriverCommand['type']> = Extract<DriverCommand, { readonly type: T }>;
type DriverDecision = Decision<DriverEvent>;

/** The phone has to show that it has the offer within this, or the next driver is asked. */
const DELIVERY_WITHIN_MS = 5_000;
const EXPIRY_TIMER = 'offer';
const DELIVERY_TIMER = 'delivery';
const STOP_TIMERS: readonly TimerOp[] = [
  { op: 'cancel', name: EXPIRY_TIMER, durable: false },
  { op: 'cancel', name: DELIVERY_TIMER, durable: false },
];

/** A market's offer becomes a reservation, or is refused with the reason. Repeated, it is the same reservation. */
export function takeOffer(state: DriverActorState, { offer }: Command<'offer'>, context: DecideContext): DriverDecision {
  if (state.reservation?.offer.offerId === offer.offerId || state.settled.some((known) => known.offerId === offer.offerId))
    return { ok: true, events: [] };
  const unfit = unfitBecause(state, context.nowMs);
  if (unfit !== null) return refused(unfit);
  if (state.onlineSinceMs === null) return refused('driver.offline');
  const events: DriverEvent[] = [];
  if (state.reservation !== null) {
    if (!isExpired(state.reservation, context.nowMs)) return refused('driver.busy');
    events.push(closed(state.reservation.offer.offerId, 'expired'));
  }
  if (state.jobs.length >= JOBS_MAX || state.jobs.some((job) => job.job.orderId === offer.orderId)) return refused('driver.busy');
  if (context.nowMs >= offer.expiresAtMs) return refused('offer.closed');
  events.push(made(offer, null));
  const { offerId, expiresAtMs } = offer;
  return {
    ok: true,
    events,
    // Not durable: a thread that dies takes the phone's socket with it, and an open offer past its time is none, whoever looks.
    timers: [
      {
        op: 'arm',
        name: EXPIRY_TIMER,
        dueAtMs: expiresAtMs + ACCEPT_GRACE_MS + 1,
        durable: false,
        command: { type: 'offer_due', offerId },
      },
      {
        op: 'arm',
        name: DELIVERY_TIMER,
        dueAtMs: context.nowMs + DELIVERY_WITHIN_MS,
        durable: false,
        command: { type: 'delivery_due', offerId },
      },
    ],
  };
}

/** A dispatcher's word: an open offer makes room, an acceptance under way does not. */
export function take(state: DriverActorState, { offer, by }: Command<'take'>, context: DecideContext): DriverDecision {
  const known = outcomeOf(state, offer.offerId);
  if (known !== null) return answer(known);
  const unfit = unfitBecause(state, context.nowMs);
  if (unfit !== null) return refused(unfit);
  if (state.onlineSinceMs === null) return refused('driver.offline');
  const hasIt = state.jobs.some((job) => job.job.orderId === offer.orderId);
  if (state.reservation?.mode === 'accepting' || state.jobs.length >= JOBS_MAX || hasIt) return refused('driver.busy');
  const room = state.reservation === null ? [] : [closed(state.reservation.offer.offerId, 'withdrawn')];
  const events = [...room, made(offer, by), accepted(offer.offerId)];
  const effects = assignEffects(state, { offer, mode: 'accepting', manualBy: by }, context);
  return { ok: true, events, effects, timers: STOP_TIMERS, reply: { outcome: 'pending' satisfies AcceptOutcome } };
}

/** Case by case of the race list: the first durable word counts, a repeated one hears the same. */
export function accept(state: DriverActorState, offerId: string, receivedAtMs: number, context: DecideContext): DriverDecision {
  const known = outcomeOf(state, offerId);
  if (known !== null) return answer(known);
  const { reservation } = state;
  if (reservation === null || reservation.offer.offerId !== offerId) return refused('offer.not_yours');
  // Decided by when the front door had it, not by how long it waited since.
  if (isLate(reservation, receivedAtMs)) return close(reservation, 'expired', { outcome: 'expired' });
  if (unfitBecause(state, context.nowMs) !== null) return close(reservation, 'refused', { outcome: 'withdrawn' });
  return {
    ok: true,
    events: [accepted(offerId)],
    effects: assignEffects(state, reservation, context),
    timers: STOP_TIMERS,
    reply: { outcome: 'pending' satisfies AcceptOutcome },
  };
}

/**
 * An amount above the fee lets this offer go with a price; at or below it, or too late, it is what an acceptance would be. A price that
 * no market pays, or a second one for the same job, is a plain refusal: otherwise refusing would cost nothing.
 */
export function bid(state: DriverActorState, command: Command<'bid'>, context: DecideContext): DriverDecision {
  const { offerId, amountMinor, receivedAtMs } = command;
  const { reservation } = state;
  const isAccept = amountMinor === null || reservation === null || amountMinor <= reservation.offer.feeMinor;
  if (isAccept || reservation.offer.offerId !== offerId || reservation.mode === 'accepting' || isLate(reservation, receivedAtMs))
    return accept(state, offerId, receivedAtMs, context);
  const isPriced = amountMinor <= dearestMinor(reservation.offer) && !hasPriced(state, reservation.offer);
  return close(reservation, 'declined', { outcome: 'declined' }, { bidMinor: amountMinor, ...(isPriced ? { isPriced } : {}) });
}

/** The bound of the market, by the fee that the driver saw: surge that has changed since is not held against it. */
function dearestMinor({ feeMinor }: DriverOffer): number {
  return Math.floor(feeMinor * DISPATCH_DEFAULTS.bidMaxFactor);
}

function hasPriced({ settled }: DriverActorState, { orderId, jobVersion }: DriverOffer): boolean {
  return settled.some(({ pricedJob }) => pricedJob?.orderId === orderId && pricedJob.jobVersion === jobVersion);
}

function isLate({ offer }: Reservation, receivedAtMs: number): boolean {
  return receivedAtMs > offer.expiresAtMs + ACCEPT_GRACE_MS;
}

/** The refusal goes out before anybody asks why, so its reason may follow: once, while the offer is remembered. */
export function decline(state: DriverActorState, { offerId, reason }: Command<'decline'>): DriverDecision {
  const known = outcomeOf(state, offerId);
  if (known === 'declined' && reason !== undefined && isUnexplained(state, offerId))
    return { ok: true, events: [{ type: 'refusal_explained', data: { offerId, reason } }], reply: { outcome: known } };
  if (known !== null) return answer(known);
  if (state.reservation?.offer.offerId !== offerId) return refused('offer.not_yours');
  return close(state.reservation, 'declined', { outcome: 'declined' }, reason === undefined ? {} : { reason });
}

/** A price that stands is no refusal, so it has no reason. */
function isUnexplained({ settled }: DriverActorState, offerId: string): boolean {
  const entry = settled.findLast((known) => known.offerId === offerId);
  return entry !== undefined && entry.reason === undefined && entry.pricedJob === undefined;
}

/** Another one has it: the driver hears the same as one whose acceptance came second. */
export function withdraw(state: DriverActorState, { offerId, reason }: Command<'withdraw'>): DriverDecision {
  // An acceptance under way is the order's to answer.
  if (state.reservation?.offer.offerId !== offerId || state.reservation.mode === 'accepting') return nothing();
  return close(state.reservation, reason === 'taken' ? 'lost' : 'withdrawn');
}

export function offerDue(state: DriverActorState, offerId: string, outcome: 'expired' | 'undelivered'): DriverDecision {
  if (state.reservation?.offer.offerId !== offerId || state.reservation.mode === 'accepting') return nothing();
  return close(state.reservation, outcome);
}

/** The phone has it: only the driver's own answer, or the time, ends it now. */
export function offerDelivered(state: DriverActorState, offerId: string): DriverDecision {
  if (state.reservation?.offer.offerId !== offerId) return nothing();
  return { ok: true, events: [], timers: [{ op: 'cancel', name: DELIVERY_TIMER, durable: false }] };
}

/** What the order said. Anything but a clear `won` frees the driver; heard twice, it changes nothing. */
export function assignAnswered(state: DriverActorState, { offerId, result }: Command<'assign_answered'>): DriverDecision {
  const { reservation } = state;
  if (reservation?.offer.offerId !== offerId) return nothing();
  const outcome = assignOutcomeOf(result);
  if (outcome === 'won') return { ok: true, events: [{ type: 'job_won', data: { offerId } }] };
  return { ok: true, events: [closed(offerId, outcome), ...endOfShift({ ...state, reservation: null })], timers: STOP_TIMERS };
}

function assignOutcomeOf(result: unknown): 'won' | 'lost' | 'withdrawn' {
  const { ok, value } = (result ?? {}) as { ok?: unknown; value?: { outcome?: unknown } | null };
  const outcome = ok === true ? value?.outcome : null;
  return outcome === 'won' || outcome === 'lost' ? outcome : 'withdrawn';
}

function assignEffects(state: DriverActorState, reservation: Reservation, context: DecideContext): readonly Effect[] {
  const { offer, manualBy } = reservation;
  const to = orderRef(context.ref.tenantId, offer.orderId);
  if (to === null || state.person === null) return [];
  const { name, vehicle } = state.person;
  const command: OrderCommand = {
    type: 'assign',
    driver: { id: context.ref.id, name: firstName(name), vehicle: vehicle.type, registration: vehicle.registration },
    offerId: offer.offerId,
    jobVersion: offer.jobVersion,
    feeMinor: offer.feeMinor,
    manualBy,
  };
  return [{ type: 'send', id: `assign:${offer.offerId}`, to, command, onResult: { type: 'assign_answered', offerId: offer.offerId } }];
}

/** What a customer needs to greet somebody at the door. */
function firstName(name: string): string | null {
  const first = name.trim().split(/\s+/)[0] ?? '';
  return first === '' ? null : first;
}

/** A job that was won and is over is nobody's to ride: a repeat that comes so late must not send anybody off. @returns null while the offer is open or unknown. */
function outcomeOf(state: DriverActorState, offerId: string): AcceptOutcome | null {
  if (state.reservation?.offer.offerId === offerId) return state.reservation.mode === 'accepting' ? 'pending' : null;
  const known = state.settled.findLast((entry) => entry.offerId === offerId);
  if (known === undefined) return null;
  if (known.outcome !== 'won') return known.outcome;
  return state.jobs.some((job) => job.offerId === offerId) ? 'already_yours' : 'withdrawn';
}

type Said = Omit<Extract<DriverEvent, { type: 'offer_closed' }>['data'], 'offerId' | 'outcome'>;

function close(
  reservation: Reservation,
  outcome: ClosedOutcome,
  reply?: { outcome: AcceptOutcome },
  said: Partial<Said> = {},
): DriverDecision {
  const events = [closed(reservation.offer.offerId, outcome, said)];
  return { ok: true, events, timers: STOP_TIMERS, ...(reply === undefined ? {} : { reply }) };
}

/** @param said what the driver said beyond the outcome: a price, a reason */
export function closed(offerId: string, outcome: ClosedOutcome, said: Partial<Said> = {}): DriverEvent {
  return { type: 'offer_closed', data: { offerId, outcome, bidMinor: null, ...said } };
}

function made(offer: DriverOffer, manualBy: string | null): DriverEvent {
  const { job, ...open } = offer;
  return { type: 'offer_made', data: { offer: open, manualBy }, personal: { job } };
}

function accepted(offerId: string): DriverEvent {
  return { type: 'offer_accepted', data: { offerId } };
}

function answer(outcome: AcceptOutcome): DriverDecision {
  return { ok: true, events: [], reply: { outcome } };
}

function refused(code: string): DriverDecision {
  return { ok: false, refusal: { code } };
}

function nothing(): DriverDecision {
  return { ok: true, events: [] };
}
