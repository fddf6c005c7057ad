/** Drivers, their offers and jobs on the wire. It must never add a fact that the object does not hold. */

import { netMinor } from '../../../actors/driver/earnings.ts';
import { areaOf } from '../../../actors/driver/offer-area.ts';
import {
  type ActiveJob,
  DOCUMENT_KINDS,
  type DocumentKind,
  type DriverOffer,
  type OfferedJob,
  type Stop,
} from '../../../actors/driver/protocol.ts';
import type { DriverProfile } from '../../../actors/market/protocol.ts';
import type { DriverItem, TrackFix } from '../../../ports.ts';
import { time, timeOrNull } from './present.ts';

const DAY_MS = 86_400_000;
/** A document is named this long before its last day. */
const EXPIRY_NOTICE_MS = 30 * DAY_MS;

/** A driver as lists show it. @param nowMs decides which documents expire soon. */
export function presentListedDriver(driver: DriverItem, nowMs: number): Record<string, unknown> {
  const { vehicle, profile, earnings } = driver;
  return {
    id: driver.id,
    name: driver.name,
    phone: driver.phone,
    vehicle: { type: vehicle.type, registration: vehicle.registration, cold_storage: vehicle.coldStorage },
    documents: presentDocuments(driver.documents),
    documents_expiring: expiring(driver.documents, nowMs),
    status: driver.status,
    online: driver.online,
    online_since: timeOrNull(driver.onlineSinceMs),
    profile: {
      rating: profile.rating,
      completion: profile.completion,
      acceptance: profile.acceptance,
      completed_jobs: profile.completedJobs,
      free_slots: profile.freeSlots,
    },
    earnings: {
      currency: earnings.currency,
      today_minor: earnings.todayMinor,
      total_minor: earnings.totalMinor,
      platform_fee_minor: earnings.platformFeeMinor,
      deliveries: earnings.deliveries,
      cash_on_hand_minor: earnings.cashOnHandMinor,
    },
    version: driver.version,
    created_at: time(driver.createdAtMs),
    ...(driver.isUnreadable === true ? { unreadable: true } : {}),
  };
}

/** The whole driver, with what it was offered and carries. */
export function presentDriver(
  driver: DriverItem & {
    readonly offer: DriverOffer | null;
    readonly jobs: readonly ActiveJob[];
    readonly profile: Pick<DriverProfile, 'stops'>;
  },
  nowMs: number,
): Record<string, unknown> {
  return {
    ...presentListedDriver(driver, nowMs),
    offer: driver.offer === null ? null : presentOffer(driver.offer),
    jobs: driver.jobs.map(presentJob),
    stops: driver.profile.stops.map(({ orderId, kind }) => ({ order_id: orderId, kind })),
  };
}

function presentOffer(offer: DriverOffer): unknown {
  return {
    ...presentOffered(offer.offerId, offer.feeMinor, { ...offer.job, dropoff: areaOf(offer.job.dropoff) }),
    exclusive: offer.exclusive,
    pickup_distance_m: offer.pickupDistanceM,
    pickup_eta_s: offer.pickupEtaS,
    expires_at: time(offer.expiresAtMs),
  };
}

function presentJob(active: ActiveJob): unknown {
  return { ...presentOffered(active.offerId, active.feeMinor, active.job), phase: active.phase, started_at: time(active.startedAtMs) };
}

function presentOffered(offerId: string, feeMinor: number, job: OfferedJob): Record<string, unknown> {
  return {
    offer_id: offerId,
    order_id: job.orderId,
    code: job.code,
    pickup: presentStop(job.pickup),
    dropoff: presentStop(job.dropoff),
    distance_m: job.distanceM,
    fee_minor: feeMinor,
    net_minor: netMinor(feeMinor),
    currency: job.currency,
    cash_minor: job.cashMinor,
    promised_at: timeOrNull(job.promisedAtMs),
  };
}

function presentStop(stop: Stop): unknown {
  return { location: stop.position, name: stop.name, address: stop.address, note: stop.note };
}

function presentDocuments(documents: DriverItem['documents']): unknown {
  return Object.fromEntries(
    Object.entries(documents).map(([kind, document]) => [kind, { number: document.number, expires_on: document.expiresOn }]),
  );
}

/** Documents whose last day is near or past, the first to expire first. */
function expiring(
  documents: DriverItem['documents'],
  nowMs: number,
): { readonly kind: DocumentKind; readonly expires_on: string; readonly expired: boolean }[] {
  return DOCUMENT_KINDS.flatMap((kind) => {
    const expiresOn = documents[kind]?.expiresOn ?? null;
    if (expiresOn === null) return [];
    const endsAtMs = Date.parse(expiresOn) + DAY_MS;
    return endsAtMs - nowMs > EXPIRY_NOTICE_MS ? [] : [{ kind, expires_on: expiresOn, expired: endsAtMs <= nowMs }];
  }).sort((a, b) => (a.expires_on < b.expires_on ? -1 : a.expires_on > b.expires_on ? 1 : 0));
}

export function presentFix(fix: TrackFix): unknown {
  return {
    at: time(fix.atMs),
    lat: fix.lat,
    lng: fix.lng,
    accuracy_m: fix.accuracyM,
    speed_mps: fix.speedMps,
    heading_deg: fix.headingDeg,
  };
}
