/**
 * What the server says, as this app's own shapes: one reader for the socket's messages and for `GET /v1/driver/me`. Pure; whatever is
 * missing becomes null, whatever cannot be used is left out. Must never know the screen.
 */

/** What the server takes as the reason of a refusal. */
export const DECLINE_REASONS = ['too_far', 'too_heavy', 'end_of_shift', 'unsafe', 'other'];

const PHASES = ['to_pickup', 'at_pickup', 'to_dropoff', 'at_dropoff'];

const text = (value) => (typeof value === 'string' && value !== '' ? value : null);
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Unix milliseconds, from a number or from RFC 3339; null when it is neither. */
function timeOf(ms, iso) {
  return number(ms) ?? number(typeof iso === 'string' ? Date.parse(iso) : null);
}

function positionOf(value) {
  const lat = number(value?.lat);
  const lng = number(value?.lng);
  return lat === null || lng === null ? null : { lat, lng };
}

/** A stop with its `location`, or with `lat` and `lng` beside the name. */
function stopOf(value) {
  return {
    position: positionOf(value?.location) ?? positionOf(value),
    name: text(value?.name),
    address: text(value?.address),
    note: text(value?.note),
  };
}

/** The common part of an offer and of a job. @returns null without an order */
function rideOf(given) {
  const orderId = text(given?.order_id);
  if (orderId === null) return null;
  return {
    orderId,
    code: text(given.code),
    pickup: stopOf(given.pickup),
    dropoff: stopOf(given.dropoff),
    distanceM: number(given.distance_m),
    feeMinor: number(given.fee_minor),
    netMinor: number(given.net_minor),
    currency: text(given.currency) ?? 'ZAR',
    cashMinor: number(given.cash_minor) ?? 0,
    promisedAtMs: timeOf(given.promised_at_ms, given.promised_at),
  };
}

/** @returns null when it is no offer that a person could answer */
function offerOf(given) {
  const ride = rideOf(given);
  const offerId = text(given?.offer_id);
  const expiresAtMs = timeOf(given?.expires_at_ms, given?.expires_at);
  if (ride === null || offerId === null || expiresAtMs === null) return null;
  return {
    ...ride,
    offerId,
    expiresAtMs,
    pickupDistanceM: number(given.pickup_distance_m),
    pickupEtaS: number(given.pickup_eta_s),
    surge: number(given.surge),
  };
}

/** @returns null when it is no delivery; `deliveryId` is what steps are told about */
function jobOf(given) {
  const ride = rideOf(given);
  if (ride === null) return null;
  const phase = PHASES.includes(given.phase) ? given.phase : 'to_pickup';
  return {
    ...ride,
    deliveryId: text(given.delivery_id) ?? ride.orderId,
    offerId: text(given.offer_id),
    phase,
    startedAtMs: timeOf(given.started_at_ms, given.started_at) ?? 0,
  };
}

/** `GET /v1/driver/me`. */
export function viewOf(given) {
  return {
    id: text(given?.id),
    name: text(given?.name),
    vehicle: text(given?.vehicle?.type),
    status: text(given?.status),
    online: given?.online === true,
    onlineSinceMs: timeOf(given?.online_since_ms, given?.online_since),
    offer: given?.offer ? offerOf(given.offer) : null,
    jobs: (Array.isArray(given?.jobs) ? given.jobs : []).map(jobOf).filter((job) => job !== null),
    stops: (Array.isArray(given?.stops) ? given.stops : [])
      .map((stop) => ({ orderId: text(stop?.order_id), kind: text(stop?.kind) }))
      .filter((stop) => stop.orderId !== null),
    earnings: {
      currency: text(given?.earnings?.currency) ?? 'ZAR',
      todayMinor: number(given?.earnings?.today_minor) ?? 0,
      totalMinor: number(given?.earnings?.total_minor) ?? 0,
      deliveries: number(given?.earnings?.deliveries) ?? 0,
      cashOnHandMinor: number(given?.earnings?.cash_on_hand_minor) ?? 0,
    },
  };
}

/** A text frame. @returns an event for the model or for the queue; null for what this version does not know */
export function eventOf(frame) {
  let given;
  try {
    given = JSON.parse(frame);
  } catch {
    return null;
  }
  switch (given?.type) {
    case 'ack':
      return { type: 'answer', id: String(given.id), ok: true, code: null, outcome: text(given.outcome), triesLeft: null };
    case 'error':
      return {
        type: 'answer',
        id: String(given.id),
        ok: false,
        code: text(given.code),
        outcome: text(given.outcome),
        triesLeft: number(given.tries_left),
      };
    case 'advice': {
      const intervalMs = number(given.interval_ms);
      return intervalMs === null ? null : { type: 'advice', intervalMs };
    }
    case 'offer': {
      const offer = offerOf(given);
      return offer === null ? null : { type: 'offer', offer };
    }
    case 'offer_closed':
      return { type: 'offer_closed', offerId: text(given.offer_id), reason: text(given.reason) ?? 'cancelled' };
    case 'delivery': {
      const job = jobOf(given);
      return job === null ? null : { type: 'delivery', job };
    }
    case 'delivery_ended':
      return {
        type: 'delivery_ended',
        orderId: text(given.order_id) ?? text(given.delivery_id),
        outcome: text(given.outcome) ?? 'cancelled',
      };
    case 'shift':
      return { type: 'shift', online: given.status === 'online' };
    default:
      return null;
  }
}
