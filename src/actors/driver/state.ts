/** A driver as the journal tells it: person, shift, reservation, jobs, what was earned. Pure; decides nothing. */
import type { DomainEvent, EventMeta } from '../../runtime/behaviour.ts';
import type { StopName } from '../market/protocol.ts';
import { type CashTaken, handInCash, takeCash, withoutCashOf } from './cash.ts';
import { type Earnings, earn } from './earnings.ts';
import { countRefusal, explained, type Refusals, type Settled, type SettledOffer, withAnswer, withSettled } from './offer-record.ts';
import { joinPerson, type OpenPerson, type SealedPerson } from './person.ts';
import { planWith, stopFirst } from './plan.ts';
import type { ActiveJob, DeclineReason, DriverInput, DriverOffer, DriverStatus, JobPhase, Stop } from './protocol.ts';

/** How an offer left the actor; `undelivered` and `refused` never reached a decision of the driver. */
export type ClosedOutcome = Exclude<Settled, 'won'> | 'undelivered' | 'refused';

export interface Reservation {
  readonly offer: DriverOffer;
  /** `open` until its expiry; `accepting` until the order has answered, however long that takes. */
  readonly mode: 'open' | 'accepting';
  /** The dispatcher who gave it; null for a market's offer. */
  readonly manualBy: string | null;
}

export interface DriverActorState extends Earnings {
  /** null until registered. */
  readonly person: (DriverInput & { readonly status: DriverStatus; readonly createdAtMs: number }) | null;
  readonly onlineSinceMs: number | null;
  readonly reservation: Reservation | null;
  readonly jobs: readonly ActiveJob[];
  /** The doors that are still to come, in the order in which they are ridden. */
  readonly plan: readonly StopName[];
  /** The last offers and how they ended, oldest first: answers to repeated accepts. */
  readonly settled: readonly SettledOffer[];
  /** The last answered offers: accepted or not. */
  readonly answers: readonly boolean[];
  readonly ratedSum: number;
  readonly ratedCount: number;
  /** The last deliveries, oldest first: only they can be rated, once each. */
  readonly delivered: readonly { readonly orderId: string; readonly stars: number | null }[];
  readonly startedJobs: number;
  readonly completedJobs: number;
  readonly recentJobsMs: readonly number[];
  readonly idleSinceMs: number;
  readonly cashOnHandMinor: number;
  /** Of which orders that cash is. */
  readonly cash: readonly CashTaken[];
  readonly refusals: Refusals;
  readonly version: number;
}

export type DriverEvent = DomainEvent &
  (
    | {
        readonly type: 'driver_registered' | 'driver_changed';
        readonly data: OpenPerson;
        readonly personal?: SealedPerson;
      }
    | { readonly type: 'driver_approved' | 'driver_suspended'; readonly data: { readonly by: string; readonly reason: string | null } }
    | { readonly type: 'shift_started'; readonly data: Readonly<Record<string, never>> }
    | { readonly type: 'shift_ended'; readonly data: { readonly reason: 'driver' | 'silent' | 'suspended' } }
    | {
        readonly type: 'offer_made';
        readonly data: { readonly offer: Omit<DriverOffer, 'job'>; readonly manualBy: string | null };
        /** Holds where the customer lives. */
        readonly personal?: { readonly job: DriverOffer['job'] };
      }
    | { readonly type: 'offer_accepted'; readonly data: { readonly offerId: string } }
    | {
        readonly type: 'offer_closed';
        readonly data: {
          readonly offerId: string;
          readonly outcome: ClosedOutcome;
          readonly bidMinor: number | null;
          /** Only of a refusal, and only when the driver gave one. */
          readonly reason?: DeclineReason;
          /** `bidMinor` is a price that the market may pay: neither a refusal nor an acceptance. Absent: a price is a refusal. */
          readonly isPriced?: true;
        };
      }
    /** The reason of a refusal that was journaled without one. */
    | { readonly type: 'refusal_explained'; readonly data: { readonly offerId: string; readonly reason: DeclineReason } }
    | { readonly type: 'job_won'; readonly data: { readonly offerId: string } }
    | {
        readonly type: 'job_moved';
        /** `jobVersion`: with a new door only; absent where nobody said it. */
        readonly data: { readonly orderId: string; readonly phase: JobPhase; readonly jobVersion?: number };
        readonly personal?: { readonly dropoff: Stop };
      }
    | {
        readonly type: 'job_closed';
        readonly data: {
          readonly orderId: string;
          readonly outcome: 'delivered' | 'cancelled' | 'released';
          readonly feeMinor: number;
          readonly platformFeeMinor: number;
          readonly cashMinor: number;
          readonly currency: string;
        };
      }
    | { readonly type: 'driver_rated'; readonly data: { readonly orderId: string; readonly stars: number } }
    | { readonly type: 'cash_settled'; readonly data: { readonly amountMinor: number; readonly by: string } }
    /** Given back to the customer from what the driver had of it. */
    | { readonly type: 'cash_returned'; readonly data: { readonly orderId: string; readonly amountMinor: number } }
  );

/** Two jobs at once: the second only when the market has checked the promises of both. */
export const JOBS_MAX = 2;
const DELIVERED_MAX = 100;
export const RECENT_JOBS_MS = 2 * 3_600_000;
export const DAY_MS = 86_400_000;
/** After the expiry an acceptance may still arrive that the front door had before; the order decides then. */
export const ACCEPT_GRACE_MS = 2_000;

export const initialDriver: DriverActorState = {
  person: null,
  onlineSinceMs: null,
  reservation: null,
  jobs: [],
  plan: [],
  settled: [],
  answers: [],
  ratedSum: 0,
  ratedCount: 0,
  delivered: [],
  startedJobs: 0,
  completedJobs: 0,
  recentJobsMs: [],
  idleSinceMs: 0,
  currency: null,
  earnedMinor: 0,
  earnedTodayMinor: 0,
  earningDay: 0,
  platformFeeMinor: 0,
  cashOnHandMinor: 0,
  cash: [],
  refusals: {},
  version: 0,
};

export function evolveDriver(state: DriverActorState, event: DriverEvent, meta: Pick<EventMeta, 'seq' | 'atMs'>): DriverActorState {
  return { ...change(state, event, meta.atMs), version: meta.seq };
}

function change(state: DriverActorState, event: DriverEvent, atMs: number): DriverActorState {
  switch (event.type) {
    case 'driver_registered':
    case 'driver_changed': {
      const kept = state.person ?? { status: 'applied' as const, createdAtMs: atMs };
      return { ...state, person: { ...kept, ...joinPerson(event.data, event.personal) } };
    }
    case 'driver_approved':
      return withStatus(state, 'approved');
    case 'driver_suspended':
      return withStatus(state, 'suspended');
    case 'shift_started':
      return { ...state, onlineSinceMs: atMs, idleSinceMs: state.jobs.length === 0 ? atMs : state.idleSinceMs };
    case 'shift_ended':
      return { ...state, onlineSinceMs: null };
    case 'offer_made': {
      const job = event.personal?.job;
      // Erased: nothing is left to ride for.
      if (job === undefined) return state;
      return { ...state, reservation: { offer: { ...event.data.offer, job }, mode: 'open', manualBy: event.data.manualBy } };
    }
    case 'offer_accepted':
      return state.reservation === null ? state : { ...state, reservation: { ...state.reservation, mode: 'accepting' } };
    case 'offer_closed':
      return closeOffer(state, event.data);
    case 'refusal_explained':
      return explainRefusal(state, event.data);
    case 'job_won':
      return winJob(state, event.data.offerId, atMs);
    case 'job_moved':
      return moveJob(state, event);
    case 'job_closed':
      return closeJob(state, event.data, atMs);
    case 'driver_rated':
      return rated(state, event.data.orderId, event.data.stars);
    case 'cash_settled':
      return {
        ...state,
        cashOnHandMinor: state.cashOnHandMinor - event.data.amountMinor,
        cash: handInCash(state.cash, event.data.amountMinor),
      };
    case 'cash_returned':
      return {
        ...state,
        cashOnHandMinor: state.cashOnHandMinor - event.data.amountMinor,
        cash: withoutCashOf(state.cash, event.data.orderId),
      };
    default:
      return assertNever(event);
  }
}

function withStatus(state: DriverActorState, status: DriverStatus): DriverActorState {
  return state.person === null ? state : { ...state, person: { ...state.person, status } };
}

function moveJob(state: DriverActorState, event: Extract<DriverEvent, { type: 'job_moved' }>): DriverActorState {
  const { orderId, phase } = event.data;
  const carried = phase === 'to_dropoff' || phase === 'at_dropoff';
  const left = carried ? state.plan.filter((stop) => stop.orderId !== orderId || stop.kind !== 'pickup') : state.plan;
  // Where the driver stands now is the stop that it rides to, whatever was planned.
  const plan = phase === 'at_pickup' || phase === 'at_dropoff' ? stopFirst(left, orderId) : left;
  return { ...state, plan, jobs: state.jobs.map((job) => (job.job.orderId === orderId ? moved(job, event) : job)) };
}

function moved(job: ActiveJob, event: Extract<DriverEvent, { type: 'job_moved' }>): ActiveJob {
  const { phase, jobVersion = job.job.jobVersion } = event.data;
  const dropoff = event.personal?.dropoff ?? job.job.dropoff;
  return { ...job, phase, job: { ...job.job, jobVersion, dropoff } };
}

type OfferClosed = Extract<DriverEvent, { type: 'offer_closed' }>['data'];

function closeOffer(state: DriverActorState, { offerId, outcome, reason, isPriced }: OfferClosed): DriverActorState {
  const offer = state.reservation?.offer.offerId === offerId ? state.reservation.offer : null;
  const isRefusal = (outcome === 'declined' && isPriced !== true) || outcome === 'expired';
  const told: Settled = outcome === 'undelivered' ? 'expired' : outcome === 'refused' ? 'withdrawn' : outcome;
  const isKnownPrice = isPriced === true && offer !== null;
  const settled: SettledOffer = {
    offerId,
    outcome: told,
    ...(isKnownPrice ? { pricedJob: { orderId: offer.orderId, jobVersion: offer.jobVersion } } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
  return {
    ...state,
    reservation: offer === null ? state.reservation : null,
    answers: isRefusal ? withAnswer(state.answers, false) : state.answers,
    refusals: reason === undefined ? state.refusals : countRefusal(state.refusals, reason),
    settled: withSettled(state.settled, settled),
  };
}

function explainRefusal(state: DriverActorState, { offerId, reason }: { offerId: string; reason: DeclineReason }): DriverActorState {
  return { ...state, settled: explained(state.settled, offerId, reason), refusals: countRefusal(state.refusals, reason) };
}

function winJob(state: DriverActorState, offerId: string, atMs: number): DriverActorState {
  const { reservation } = state;
  if (reservation?.offer.offerId !== offerId) return state;
  const { job, feeMinor } = reservation.offer;
  return {
    ...state,
    reservation: null,
    jobs: [...state.jobs, { offerId, feeMinor, job, phase: 'to_pickup', startedAtMs: atMs }],
    plan: planWith(state.plan, reservation.offer),
    settled: withSettled(state.settled, { offerId, outcome: 'won' }),
    answers: reservation.manualBy === null ? withAnswer(state.answers, true) : state.answers,
    startedJobs: state.startedJobs + 1,
    recentJobsMs: [...state.recentJobsMs.filter((ms) => ms > atMs - RECENT_JOBS_MS), atMs],
  };
}

function rated(state: DriverActorState, orderId: string, stars: number): DriverActorState {
  const delivered = state.delivered.map((done) => (done.orderId === orderId ? { orderId, stars } : done));
  return { ...state, delivered, ratedSum: state.ratedSum + stars, ratedCount: state.ratedCount + 1 };
}

type JobClosed = Extract<DriverEvent, { type: 'job_closed' }>['data'];

function closeJob(state: DriverActorState, data: JobClosed, atMs: number): DriverActorState {
  const jobs = state.jobs.filter((job) => job.job.orderId !== data.orderId);
  const plan = state.plan.filter((stop) => stop.orderId !== data.orderId);
  const idleSinceMs = jobs.length === 0 ? atMs : state.idleSinceMs;
  const closed = earn({ ...state, jobs, plan, idleSinceMs }, data, Math.floor(atMs / DAY_MS));
  // What the platform or the shop called off says nothing about the driver, and unpaid it was no job either.
  if (data.outcome === 'cancelled') {
    const startedJobs = Math.max(0, state.startedJobs - 1);
    return data.feeMinor > 0 ? { ...closed, startedJobs } : { ...closed, startedJobs, recentJobsMs: withoutJob(state, data.orderId) };
  }
  if (data.outcome !== 'delivered') return closed;
  return {
    ...closed,
    completedJobs: state.completedJobs + 1,
    delivered: [...state.delivered, { orderId: data.orderId, stars: null }].slice(-DELIVERED_MAX),
    cashOnHandMinor: state.cashOnHandMinor + data.cashMinor,
    cash: takeCash(state.cash, data.orderId, data.cashMinor),
  };
}

/** The recent jobs without this one, so that its driver has no smaller chance of the next. */
function withoutJob({ jobs, recentJobsMs }: DriverActorState, orderId: string): readonly number[] {
  const startedAtMs = jobs.find(({ job }) => job.orderId === orderId)?.startedAtMs;
  const at = recentJobsMs.indexOf(startedAtMs ?? -1);
  return at < 0 ? recentJobsMs : recentJobsMs.toSpliced(at, 1);
}

/** Whether an open offer is past its time; an accepted one never is. */
export function isExpired(reservation: Reservation, nowMs: number): boolean {
  return reservation.mode === 'open' && nowMs > reservation.offer.expiresAtMs + ACCEPT_GRACE_MS;
}

/** Why this driver may not work now; null when nothing speaks against it. */
export function unfitBecause(
  state: DriverActorState,
  nowMs: number,
): 'driver.not_found' | 'driver.not_approved' | 'driver.suspended' | 'driver.unfit' | null {
  if (state.person === null) return 'driver.not_found';
  if (state.person.status === 'suspended') return 'driver.suspended';
  if (state.person.status !== 'approved') return 'driver.not_approved';
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const expired = Object.values(state.person.documents).some((document) => document.expiresOn !== null && document.expiresOn < today);
  return expired ? 'driver.unfit' : null;
}

/** Who is suspended is on shift only for what it still rides. @returns the event, when that is over */
export function endOfShift(state: DriverActorState): readonly DriverEvent[] {
  const { jobs, onlineSinceMs, person, reservation } = state;
  const isOver = person?.status === 'suspended' && onlineSinceMs !== null && jobs.length === 0 && reservation === null;
  return isOver ? [{ type: 'shift_ended', data: { reason: 'suspended' } }] : [];
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String((value as { type?: unknown }).type)}`);
}
