/** The figures of a simulated day. Pure. */
import type { Courier, Delivery } from './courier.ts';
import type { Instance } from './instance.ts';
import { apartM } from './plane.ts';

export interface DayReport {
  readonly policy: string;
  readonly orders: number;
  readonly couriers: number;
  readonly served: number;
  readonly unserved_percent: number;
  /** Courier to restaurant in a straight line at the assignment, every order of a bundle by itself. */
  readonly pickup_distance_km: number;
  /** Driven toward restaurants, by served order: what a shared visit saves shows here. */
  readonly pickup_drive_km: number;
  readonly assign_min: Spread;
  readonly click_to_door_min: Spread;
  readonly ready_to_pickup_min: Spread;
  readonly later_than_target_percent: number;
  readonly later_than_max_percent: number;
  readonly orders_per_courier_hour: number;
  /** Orders fetched on a visit together with another, of all served. */
  readonly bundled_percent: number;
}

export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

export function reportDay(policy: string, instance: Instance, deliveries: readonly Delivery[], couriers: readonly Courier[]): DayReport {
  const { targetClickToDoorMin, maxClickToDoorMin } = instance.parameters;
  const served = deliveries.length;
  const clickToDoor = deliveries.map(({ order, dropoffMin }) => dropoffMin - order.placementMin);
  const shiftHours = instance.couriers.reduce((sum, { onMin, offMin }) => sum + (offMin - onMin) / 60, 0);
  const share = (count: number, of: number): number => (of === 0 ? 0 : round((100 * count) / of));
  return {
    policy,
    orders: instance.orders.length,
    couriers: instance.couriers.length,
    served,
    unserved_percent: share(instance.orders.length - served, instance.orders.length),
    pickup_distance_km: round(mean(deliveries.map(({ pickupM }) => pickupM)) / 1_000),
    pickup_drive_km: round(towardRestaurantsM(instance, couriers) / 1_000 / Math.max(1, served)),
    assign_min: spread(deliveries.map(({ order, assignedMin }) => assignedMin - order.placementMin)),
    click_to_door_min: spread(clickToDoor),
    ready_to_pickup_min: spread(deliveries.map(({ order, pickupMin }) => pickupMin - order.readyMin)),
    later_than_target_percent: share(clickToDoor.filter((minutes) => minutes > targetClickToDoorMin).length, served),
    later_than_max_percent: share(clickToDoor.filter((minutes) => minutes > maxClickToDoorMin).length, served),
    orders_per_courier_hour: shiftHours === 0 ? 0 : round(served / shiftHours),
    bundled_percent: share(bundled(couriers), served),
  };
}

/** Zeros for no values. */
function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { mean: round(mean(values)), p50: at(0.5), p90: at(0.9), max: sorted[sorted.length - 1] ?? 0 };
}

function towardRestaurantsM(instance: Instance, couriers: readonly Courier[]): number {
  const places = new Map([...instance.restaurants, ...instance.orders, ...instance.couriers].map((place) => [place.id, place]));
  const restaurants = new Set(instance.restaurants.map(({ id }) => id));
  let metres = 0;
  for (const { moves } of couriers) {
    for (const { origin, destination } of moves) {
      const from = places.get(origin);
      const to = places.get(destination);
      if (restaurants.has(destination) && from !== undefined && to !== undefined) metres += apartM(from, to);
    }
  }
  return metres;
}

/** Between the first pickup of a visit and leaving there is no handing over. */
function bundled(couriers: readonly Courier[]): number {
  let count = 0;
  for (const { deliveries } of couriers) {
    for (const one of deliveries) {
      const together = deliveries.some(
        (other) =>
          other !== one &&
          other.order.restaurant.id === one.order.restaurant.id &&
          other.pickupMin < one.dropoffMin &&
          one.pickupMin < other.dropoffMin &&
          !deliveries.some(
            ({ dropoffMin }) =>
              dropoffMin > Math.min(one.pickupMin, other.pickupMin) && dropoffMin < Math.max(one.pickupMin, other.pickupMin),
          ),
      );
      if (together) count++;
    }
  }
  return count;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
