/** What a driver's phone reads: DriverNews and snapshots in the spelling of the driver protocol. Pure; must never know sessions. */
import { netMinor } from '../../../actors/driver/earnings.ts';
import { areaOf } from '../../../actors/driver/offer-area.ts';
import type { ActiveJob, DriverNews, DriverOffer, DriverView, OfferClosedReason, Stop } from '../../../actors/driver/protocol.ts';

/** An offer that never reached the phone has simply run out there. */
const WIRE_REASON: Readonly<Record<OfferClosedReason, string>> = {
  taken: 'taken',
  expired: 'expired',
  cancelled: 'cancelled',
  declined: 'declined',
  undelivered: 'expired',
};

export function offerMessage(offer: DriverOffer): string {
  const { job } = offer;
  return JSON.stringify({
    type: 'offer',
    offer_id: offer.offerId,
    order_id: offer.orderId,
    code: job.code,
    pickup: stopOf(job.pickup),
    dropoff: stopOf(areaOf(job.dropoff)),
    distance_m: job.distanceM,
    pickup_distance_m: offer.pickupDistanceM,
    pickup_eta_s: offer.pickupEtaS,
    fee_minor: offer.feeMinor,
    net_minor: netMinor(offer.feeMinor),
    currency: offer.currency,
    surge: offer.surge,
    cash_minor: job.cashMinor,
    promised_at_ms: job.promisedAtMs,
    exclusive: offer.exclusive,
    expires_at_ms: offer.expiresAtMs,
  });
}

function deliveryMessage(active: ActiveJob): string {
  const { job } = active;
  return JSON.stringify({
    type: 'delivery',
    delivery_id: job.orderId,
    order_id: job.orderId,
    offer_id: active.offerId,
    code: job.code,
    phase: active.phase,
    pickup: stopOf(job.pickup),
    dropoff: stopOf(job.dropoff),
    distance_m: job.distanceM,
    fee_minor: active.feeMinor,
    net_minor: netMinor(active.feeMinor),
    currency: job.currency,
    cash_minor: job.cashMinor,
    promised_at_ms: job.promisedAtMs,
    started_at_ms: active.startedAtMs,
  });
}

function shiftMessage(online: boolean): string {
  return JSON.stringify({ type: 'shift', status: online ? 'online' : 'offline' });
}

/** @returns null for news that is not for the phone */
export function newsMessage(news: DriverNews): string | null {
  switch (news.type) {
    case 'offer':
      return offerMessage(news.offer);
    case 'offer_closed':
      return JSON.stringify({ type: 'offer_closed', offer_id: news.offerId, reason: WIRE_REASON[news.reason] });
    case 'offer_settled':
    case 'standing':
      return null;
    case 'delivery':
      return deliveryMessage(news.job);
    case 'delivery_ended':
      return JSON.stringify({ type: 'delivery_ended', delivery_id: news.orderId, order_id: news.orderId, outcome: news.outcome });
    case 'shift':
      return shiftMessage(news.online);
    case 'notice':
      return JSON.stringify({ type: 'error', id: null, code: news.code });
  }
}

/** Everything that a phone has to know after it was away, the shift first. The open offer is sent by itself: it wants an answer. */
export function snapshotMessages(view: DriverView): string[] {
  return [shiftMessage(view.online), ...view.jobs.map(deliveryMessage)];
}

function stopOf(stop: Stop) {
  return { lat: stop.position.lat, lng: stop.position.lng, name: stop.name, address: stop.address, note: stop.note };
}
