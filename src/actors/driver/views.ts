/** A driver as others see it: the profile that a market scores and the view of staff, pages and telemetry. Pure; changes nothing. */
import type { DriverProfile, StopName } from '../market/protocol.ts';
import { cashMaxMinor } from '../order/tariff.ts';
import type { DriverEarnings, DriverView } from './protocol.ts';
import { DAY_MS, type DriverActorState, isExpired, JOBS_MAX, RECENT_JOBS_MS, unfitBecause } from './state.ts';

/** Nobody knows a new driver: as good as most, until rated; counts as so many ratings. */
const PRIOR_RATING = 4.5;
const PRIOR_RATINGS = 5;
const PRIOR_JOBS = 5;
const PRIOR_ANSWERS = 5;

/** A reservation does not count: the market that made the offer knows of it, and another one is refused by `driver.busy`. */
function freeSlots(state: DriverActorState, nowMs: number): number {
  if (state.onlineSinceMs === null || unfitBecause(state, nowMs) !== null) return 0;
  if (state.cashOnHandMinor > cashMaxMinor(state.currency)) return 0;
  return Math.max(0, JOBS_MAX - state.jobs.length);
}

/** The standing bid that a market scores. */
export function profileOf(state: DriverActorState, driverId: string, nowMs: number): DriverProfile {
  const accepted = state.answers.filter(Boolean).length;
  return {
    driverId,
    vehicle: state.person?.vehicle.type ?? 'motorbike',
    coldStorage: state.person?.vehicle.coldStorage ?? false,
    rating: (state.ratedSum + PRIOR_RATING * PRIOR_RATINGS) / (state.ratedCount + PRIOR_RATINGS),
    completion: (state.completedJobs + PRIOR_JOBS) / (Math.max(state.startedJobs, state.completedJobs) + PRIOR_JOBS),
    acceptance: (accepted + PRIOR_ANSWERS) / (state.answers.length + PRIOR_ANSWERS),
    completedJobs: state.completedJobs,
    recentJobsMs: state.recentJobsMs.filter((ms) => ms > nowMs - RECENT_JOBS_MS),
    idleSinceMs: state.idleSinceMs,
    earnedTodayMinor: todayMinor(state, nowMs),
    onlineSinceMs: state.onlineSinceMs ?? nowMs,
    freeSlots: freeSlots(state, nowMs),
    stops: state.plan.flatMap((stop) => stopOf(state, stop)),
    version: state.version,
  };
}

function stopOf(state: DriverActorState, { orderId, kind }: StopName): DriverProfile['stops'] {
  const job = state.jobs.find((known) => known.job.orderId === orderId)?.job;
  if (job === undefined) return [];
  // A promise is about the door of the customer.
  const dueAtMs = kind === 'pickup' ? null : job.promisedAtMs;
  return [{ orderId, kind, position: job[kind].position, dueAtMs }];
}

function todayMinor(state: DriverActorState, nowMs: number): number {
  return Math.floor(nowMs / DAY_MS) === state.earningDay ? state.earnedTodayMinor : 0;
}

/** What a list wrote down earlier, as it reads now: the day and the last two hours have gone on without a word of the driver. */
export function asOfNow<T extends { readonly earnings: DriverEarnings; readonly profile: Omit<DriverProfile, 'stops'> }>(
  written: T,
  writtenAtMs: number,
  nowMs: number,
): T {
  const isToday = Math.floor(writtenAtMs / DAY_MS) === Math.floor(nowMs / DAY_MS);
  const { earnings, profile } = written;
  return {
    ...written,
    earnings: isToday ? earnings : { ...earnings, todayMinor: 0 },
    profile: {
      ...profile,
      earnedTodayMinor: isToday ? profile.earnedTodayMinor : 0,
      recentJobsMs: profile.recentJobsMs.filter((ms) => ms > nowMs - RECENT_JOBS_MS),
    },
  };
}

/** @returns null before registration. */
export function driverView(state: DriverActorState, driverId: string, nowMs: number): DriverView | null {
  const { person, reservation } = state;
  if (person === null) return null;
  const earnings: DriverEarnings = {
    currency: state.currency,
    todayMinor: todayMinor(state, nowMs),
    totalMinor: state.earnedMinor,
    platformFeeMinor: state.platformFeeMinor,
    deliveries: state.completedJobs,
    cashOnHandMinor: state.cashOnHandMinor,
  };
  return {
    id: driverId,
    name: person.name === '' ? null : person.name,
    phone: person.phone === '' ? null : person.phone,
    vehicle: person.vehicle,
    documents: person.documents,
    status: person.status,
    online: state.onlineSinceMs !== null,
    onlineSinceMs: state.onlineSinceMs,
    offer: reservation === null || reservation.mode !== 'open' || isExpired(reservation, nowMs) ? null : reservation.offer,
    jobs: state.jobs,
    profile: profileOf(state, driverId, nowMs),
    earnings,
    refusals: state.refusals,
    version: state.version,
    createdAtMs: person.createdAtMs,
  };
}
