/** An order given to a driver by hand, in the form of an offer. Pure; must never know who gives it. */
import type { DriverOffer } from '../driver/protocol.ts';
import { offeredJobOf } from './job.ts';
import type { OrderView } from './protocol.ts';

/** A dispatcher's offer is accepted as it is made; the time only has to be one. */
const MANUAL_OFFER_MS = 60_000;

/** @returns null when nobody is looked for, or nobody could ride there. */
export function manualOffer(order: OrderView, driverId: string, offerId: string, nowMs: number): DriverOffer | null {
  const { delivery } = order;
  const job = delivery === null ? null : offeredJobOf(order, delivery);
  if (delivery === null || job === null) return null;
  return {
    offerId,
    orderId: order.id,
    jobVersion: delivery.jobVersion,
    driverId,
    expiresAtMs: nowMs + MANUAL_OFFER_MS,
    exclusive: true,
    feeMinor: delivery.feeMinor,
    surge: 1,
    pickupDistanceM: 0,
    pickupEtaS: 0,
    plan: [],
    breakdown: {},
    job,
    currency: job.currency,
  };
}
