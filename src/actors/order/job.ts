/** The order as a job for a driver: what the market and the driver are told. Pure. */
import { distanceM } from '../../geo/distance.ts';
import type { Job, OfferedJob, Stop } from '../market/protocol.ts';
import type { Quote } from '../tenant/protocol.ts';
import type { DeliveryState } from './delivery-state.ts';
import type { DeliveryView, OrderView } from './protocol.ts';
import { driverPay } from './tariff.ts';

/** Median of routed to great-circle distance in a grid city. */
const ROAD_FACTOR = 1.47;
const M_PER_KM = 1_000;
const MS_PER_S = 1_000;

type Described = Pick<OrderView, 'id' | 'code' | 'pickup' | 'dropoff' | 'quote' | 'createdAtMs'>;

/** The tariff, or the customer's delivery fee when that is more; before the platform's fee. */
export function driverFeeMinor(quote: Quote, rideM: number): number {
  const { baseMinor, perKmMinor } = driverPay(quote.currency);
  return Math.max(quote.deliveryFeeMinor, baseMinor + Math.round((rideM / M_PER_KM) * perKmMinor));
}

/** By road, as well as it can be told without asking a router; 0 without a drop-off position. */
export function rideM(order: Pick<OrderView, 'pickup' | 'dropoff'>): number {
  return order.dropoff.position === null ? 0 : Math.round(distanceM(order.pickup.position, order.dropoff.position) * ROAD_FACTOR);
}

/** @returns null when nobody can ride there: no position. */
export function jobOf(order: Described, delivery: DeliveryState, nowMs: number): Job | null {
  const to = order.dropoff.position;
  if (to === null) return null;
  return {
    orderId: order.id,
    version: delivery.jobVersion,
    pickup: order.pickup.position,
    dropoff: to,
    readyAtMs: delivery.seekingSinceMs ?? nowMs,
    openedAtMs: delivery.seekingSinceMs ?? nowMs,
    promisedAtMs: promisedAtMs(order),
    distanceM: rideM(order),
    feeMinor: delivery.feeMinor,
    currency: order.quote.currency,
    cashMinor: order.quote.totalMinor,
    needs: { vehicles: [], coldStorage: false, minRating: 0 },
    excludedDriverIds: delivery.excludedDriverIds,
  };
}

/** @returns null without a drop-off position. */
export function offeredJobOf(order: Described, delivery: Pick<DeliveryView, 'jobVersion'>): OfferedJob | null {
  const to = dropoffStop(order);
  if (to === null) return null;
  return {
    orderId: order.id,
    code: order.code,
    jobVersion: delivery.jobVersion,
    pickup: { position: order.pickup.position, name: order.pickup.name, address: null, note: null },
    dropoff: to,
    distanceM: rideM(order),
    currency: order.quote.currency,
    cashMinor: order.quote.totalMinor,
    promisedAtMs: promisedAtMs(order),
  };
}

export function dropoffStop(order: Pick<OrderView, 'dropoff'>): Stop | null {
  const { position, address, note } = order.dropoff;
  return position === null ? null : { position, name: null, address, note };
}

function promisedAtMs(order: Pick<OrderView, 'quote' | 'createdAtMs'>): number | null {
  return order.quote.etaS === null ? null : order.createdAtMs + order.quote.etaS * MS_PER_S;
}
