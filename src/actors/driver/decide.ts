/** What a driver actor does with each command; offers are in offers.ts. Pure. */
import type { Accepted, DecideContext, Decision } from '../../runtime/behaviour.ts';
import { cashHeldMinor } from './cash.ts';
import { platformFeeMinor } from './earnings.ts';
import { accept, assignAnswered, bid, closed, decline, offerDelivered, offerDue, take, takeOffer, withdraw } from './offers.ts';
import { splitPerson, withPatch } from './person.ts';
import type { DriverCommand, DriverInput, DriverView, JobPhase } from './protocol.ts';
import { lastCallTimer, NO_SILENCE_TIMER, silenceTimer } from './silence.ts';
import { type DriverActorState, type DriverEvent, endOfShift, evolveDriver, isExpired, unfitBecause } from './state.ts';
import { driverView } from './views.ts';

type Command<T extends DriverCommand['type']> = Extract<DriverCommand, { readonly type: T }>;
type DriverDecision = Decision<DriverEvent>;

const PHASE_ORDER: Readonly<Record<JobPhase, number>> = { to_pickup: 0, at_pickup: 1, to_dropoff: 2, at_dropoff: 3 };

export function decideDriver(state: DriverActorState, command: DriverCommand, context: DecideContext): DriverDecision {
  if (command.type === 'register') return register(state, command.driver, context);
  if (state.person === null) return refused('driver.not_found');
  switch (command.type) {
    case 'get':
      return { ok: true, events: [], reply: driverView(state, context.ref.id, context.nowMs) };
    case 'change':
      return save(state, 'driver_changed', withPatch(state.person, command.patch), context);
    case 'approve':
      return approve(state, command, context);
    case 'suspend':
      return suspend(state, command, context);
    case 'go_online':
      return goOnline(state, context);
    case 'go_offline':
      return goOffline(state, command.reason, context);
    case 'heard':
      return heard(state, command.atMs);
    case 'silence_due':
      return silenceDue(state, command.isLastCall === true, context);
    case 'job_changed':
      return jobChanged(state, command, context);
    case 'job_ended':
      return jobEnded(state, command, context);
    case 'rate':
      return rate(state, command, context);
    case 'settle_cash':
      return settleCash(state, command, context);
    case 'cash_refunded':
      return cashRefunded(state, command, context);
    case 'keep_given':
      return { ok: true, events: [], reply: { outcome: 'already_yours', offerId: command.offerId }, isKept: true };
    default:
      return decideOffer(state, command, context);
  }
}

type OfferCommand = Command<
  'offer' | 'take' | 'withdraw' | 'offer_delivered' | 'accept' | 'decline' | 'bid' | 'offer_due' | 'delivery_due' | 'assign_answered'
>;

function decideOffer(state: DriverActorState, command: OfferCommand, context: DecideContext): DriverDecision {
  switch (command.type) {
    case 'offer':
      return takeOffer(state, command, context);
    case 'take':
      return take(state, command, context);
    case 'withdraw':
      return withdraw(state, command);
    case 'offer_delivered':
      return offerDelivered(state, command.offerId);
    case 'accept':
      return accept(state, command.offerId, command.receivedAtMs, context);
    case 'decline':
      return decline(state, command);
    case 'bid':
      return bid(state, command, context);
    case 'offer_due':
      return offerDue(state, command.offerId, 'expired');
    case 'delivery_due':
      return offerDue(state, command.offerId, 'undelivered');
    case 'assign_answered':
      return assignAnswered(state, command);
    default:
      return assertNever(command);
  }
}

function register(state: DriverActorState, driver: DriverInput, context: DecideContext): DriverDecision {
  if (state.person !== null) return { ok: true, events: [], reply: driverView(state, context.ref.id, context.nowMs) };
  return save(state, 'driver_registered', driver, context);
}

function save(
  state: DriverActorState,
  type: 'driver_registered' | 'driver_changed',
  driver: DriverInput,
  context: DecideContext,
): DriverDecision {
  return viewed(state, [{ type, ...splitPerson(driver) }], context);
}

function approve(state: DriverActorState, { by, isKept }: Command<'approve'>, context: DecideContext): DriverDecision {
  if (state.person?.status === 'approved' && isKept !== true) return viewed(state, [], context);
  return viewed(state, [{ type: 'driver_approved', data: { by, reason: null } }], context);
}

/** A job under way is ridden to its end, on shift, so that somebody knows where it is; there are no further ones. */
function suspend(state: DriverActorState, { by, reason, isKept }: Command<'suspend'>, context: DecideContext): DriverDecision {
  if (state.person?.status === 'suspended' && isKept !== true) return viewed(state, [], context);
  const events: DriverEvent[] = [{ type: 'driver_suspended', data: { by, reason } }];
  if (state.reservation?.mode === 'open') events.push(closed(state.reservation.offer.offerId, 'withdrawn'));
  return viewed(state, [...events, ...endOfShift(folded(state, events, context))], context);
}

function goOnline(state: DriverActorState, context: DecideContext): DriverDecision {
  const unfit = unfitBecause(state, context.nowMs);
  if (unfit !== null) return refused(unfit);
  if (state.onlineSinceMs !== null) return viewed(state, [], context);
  return { ...viewed(state, [{ type: 'shift_started', data: {} }], context), timers: [silenceTimer(context.nowMs)] };
}

function heard(state: DriverActorState, atMs: number): DriverDecision {
  return { ok: true, events: [], timers: state.onlineSinceMs === null ? [] : [silenceTimer(atMs)] };
}

/** Nobody has said for long that the driver is there, perhaps because the one who would is gone. A job is waited for. */
function silenceDue(state: DriverActorState, isLastCall: boolean, context: DecideContext): DriverDecision {
  if (state.onlineSinceMs === null) return { ok: true, events: [] };
  if (!isLastCall) return { ok: true, events: [], timers: [lastCallTimer(context.nowMs)] };
  const ended = goOffline(state, 'silent', context);
  return ended.ok ? ended : { ok: true, events: [], timers: [silenceTimer(context.nowMs)] };
}

function goOffline(state: DriverActorState, reason: 'driver' | 'silent', context: DecideContext): DriverDecision {
  // The customer is watching: whoever has a job is on shift until it is done.
  if (state.jobs.length > 0 || state.reservation?.mode === 'accepting') return refused('driver.has_job');
  if (state.onlineSinceMs === null) return viewed(state, [], context);
  const events: DriverEvent[] = [];
  if (state.reservation !== null) {
    const outcome = isExpired(state.reservation, context.nowMs) ? 'expired' : 'declined';
    events.push(closed(state.reservation.offer.offerId, outcome));
  }
  events.push({ type: 'shift_ended', data: { reason } });
  return { ...viewed(state, events, context), timers: [NO_SILENCE_TIMER] };
}

/** The order's effects may overtake each other: a phase never goes back, and a door never becomes the one before. */
function jobChanged(state: DriverActorState, command: Command<'job_changed'>, context: DecideContext): DriverDecision {
  const { orderId, phase, dropoff, jobVersion } = command;
  const won = winOf(state, orderId);
  const job = jobOf(folded(state, won, context), orderId);
  if (job === undefined) return { ok: true, events: won };
  const hasDoor = dropoff !== null && (jobVersion === undefined || jobVersion > job.job.jobVersion);
  const isFurther = PHASE_ORDER[phase] > PHASE_ORDER[job.phase];
  if (!hasDoor && !isFurther) return { ok: true, events: won };
  const version = hasDoor && jobVersion !== undefined ? { jobVersion } : {};
  const data = { orderId, phase: isFurther ? phase : job.phase, ...version };
  return { ok: true, events: [...won, { type: 'job_moved', data, ...(hasDoor ? { personal: { dropoff } } : {}) }] };
}

/** A ride that was called off with the goods on board is paid in full: there and back is not less than there. */
function jobEnded(state: DriverActorState, command: Command<'job_ended'>, context: DecideContext): DriverDecision {
  const { orderId, outcome, cashMinor, carried } = command;
  const won = winOf(state, orderId);
  const job = jobOf(folded(state, won, context), orderId);
  if (job === undefined) return { ok: true, events: [] };
  const isPaid = outcome === 'delivered' || (outcome === 'cancelled' && carried === true);
  const feeMinor = isPaid ? job.feeMinor : 0;
  const data = { orderId, outcome, feeMinor, platformFeeMinor: platformFeeMinor(feeMinor), cashMinor, currency: job.job.currency };
  const events: DriverEvent[] = [...won, { type: 'job_closed', data }];
  return { ok: true, events: [...events, ...endOfShift(folded(state, events, context))] };
}

/** The order tells only the driver who has it: told before its answer to the acceptance has come, that one has won. */
function winOf({ reservation }: DriverActorState, orderId: string): readonly DriverEvent[] {
  if (reservation?.mode !== 'accepting' || reservation.offer.orderId !== orderId) return [];
  return [{ type: 'job_won', data: { offerId: reservation.offer.offerId } }];
}

function jobOf(state: DriverActorState, orderId: string): DriverActorState['jobs'][number] | undefined {
  return state.jobs.find((known) => known.job.orderId === orderId);
}

/** The customer's word may overtake that of the delivery, which is taken from it then. */
function rate(state: DriverActorState, { orderId, stars, cashMinor }: Command<'rate'>, context: DecideContext): DriverDecision {
  const ended = cashMinor === undefined ? [] : deliveredNow(state, orderId, cashMinor, context);
  const done = folded(state, ended, context).delivered.find((known) => known.orderId === orderId);
  if (done === undefined) return refused('delivery.not_yours');
  if (done.stars !== null) return done.stars === stars ? viewed(state, [], context) : refused('driver.already_rated');
  return viewed(state, [...ended, { type: 'driver_rated', data: { orderId, stars } }], context);
}

function settleCash(state: DriverActorState, { amountMinor, by }: Command<'settle_cash'>, context: DecideContext): DriverDecision {
  if (amountMinor > state.cashOnHandMinor)
    return { ok: false, refusal: { code: 'driver.cash_exceeds', details: { cash_on_hand_minor: state.cashOnHandMinor } } };
  return viewed(state, [{ type: 'cash_settled', data: { amountMinor, by } }], context);
}

/**
 * Once an order: what is given back is not there a second time. Cash that was handed in is the shop's to give. Only what was delivered is
 * refunded: this word may overtake that of the delivery, which is taken from it then.
 */
function cashRefunded(state: DriverActorState, { orderId, cashMinor }: Command<'cash_refunded'>, context: DecideContext): DriverDecision {
  const ended = cashMinor === undefined ? [] : deliveredNow(state, orderId, cashMinor, context);
  const amountMinor = cashHeldMinor(folded(state, ended, context).cash, orderId);
  return { ok: true, events: amountMinor === 0 ? ended : [...ended, { type: 'cash_returned', data: { orderId, amountMinor } }] };
}

function deliveredNow(state: DriverActorState, orderId: string, cashMinor: number, context: DecideContext): readonly DriverEvent[] {
  const ended = jobEnded(state, { type: 'job_ended', orderId, outcome: 'delivered', cashMinor }, context);
  return ended.ok ? ended.events : [];
}

/** Events with the view that follows from them as the reply. */
function viewed(state: DriverActorState, events: readonly DriverEvent[], context: DecideContext): Accepted<DriverEvent> {
  const after = folded(state, events, context);
  return { ok: true, events, reply: driverView(after, context.ref.id, context.nowMs) satisfies DriverView | null };
}

/** The state that follows, as the runtime will compute it. */
function folded(state: DriverActorState, events: readonly DriverEvent[], context: DecideContext): DriverActorState {
  let after = state;
  for (const [index, event] of events.entries()) after = evolveDriver(after, event, { seq: context.seq + index, atMs: context.nowMs });
  return after;
}

function refused(code: string): DriverDecision {
  return { ok: false, refusal: { code } };
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String((value as { type?: unknown }).type)}`);
}
