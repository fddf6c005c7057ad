/**
 * Which of a driver's customers see the driver at this moment, and which doors come before theirs. One at a time: a link shows the ride
 * to its own stop, and never where somebody else lives. Pure; it must never know how a position came or who watches.
 */
import type { DriverStop } from '../actors/market/protocol.ts';
import { distanceM, type LatLng } from '../geo/distance.ts';

export type StopKind = 'pickup' | 'dropoff';

/** One of the driver's jobs, as far as it matters here. */
export interface Ride {
  readonly orderId: string;
  /** The stop that its present leg leads to, or that the driver stands at. */
  readonly stop: StopKind;
  readonly at: LatLng;
  /** Under way to that stop, and not there. */
  readonly isRiding: boolean;
  /** The customer's door while the goods are on board; null before. */
  readonly door: LatLng | null;
}

export interface Sight {
  /** Whether the order's watchers may see where the driver is. */
  readonly isShown: boolean;
  /** Doors of other orders that come before this one's stop, in their order; empty when the driver rides for this one. */
  readonly ahead: readonly LatLng[];
}

/** This near to a customer's door, only that customer sees the driver. Three times the fence of an arrival. */
export const DOOR_M = 150;
/** Two pickups within this are one shop: the driver rides there for both. */
const SAME_SHOP_M = 50;

/**
 * @param others the driver's other jobs. @param plan the driver's stops as planned; it may lag behind the jobs.
 * @param left the last customer's door that the driver has not left yet; null when there is none.
 */
export function sightOf(
  ride: Ride,
  others: readonly Ride[],
  { plan, left }: { readonly plan: readonly DriverStop[]; readonly left: LatLng | null },
  position: LatLng,
): Sight {
  const ahead = doorsAhead(ride, others, plan);
  // Unknown in the plan, with other jobs there: nobody can say for whom the driver rides.
  if (ahead === null) return { isShown: others.length === 0 && !isNearDoor(ride, others, left, position), ahead: [] };
  return { isShown: ahead.length === 0 && !isNearDoor(ride, others, left, position), ahead };
}

function doorsAhead(ride: Ride, others: readonly Ride[], plan: readonly DriverStop[]): readonly LatLng[] | null {
  const own = plan.findIndex((stop) => stop.orderId === ride.orderId && stop.kind === ride.stop);
  if (own < 0) return null;
  return plan
    .slice(0, own)
    .filter((stop) => others.some((other) => other.orderId === stop.orderId) && !isSameShop(stop, ride))
    .map((stop) => stop.position);
}

function isSameShop(stop: DriverStop, ride: Ride): boolean {
  return stop.kind === 'pickup' && ride.stop === 'pickup' && distanceM(stop.position, ride.at) <= SAME_SHOP_M;
}

/** Whoever stands at the ride's own stop is seen there, whoever else lives next to it; one that rode on without a word is not there. */
function isNearDoor(ride: Ride, others: readonly Ride[], left: LatLng | null, position: LatLng): boolean {
  if (!ride.isRiding && distanceM(ride.at, position) <= DOOR_M) return false;
  const doors = [left, ...others.map((other) => other.door)];
  return doors.some((door) => door !== null && distanceM(door, position) <= DOOR_M);
}
