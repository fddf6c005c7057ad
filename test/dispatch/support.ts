/** Drivers, jobs and places of a made-up town for the dispatcher's tests. Nothing here decides anything. */
import type { DispatcherOptions } from '../../src/actors/market/dispatch/policy.ts';
import type { DriverProfile, Job } from '../../src/actors/market/protocol.ts';
import type { Position } from '../../src/actors/tenant/protocol.ts';

export const NOW_MS = 1_750_000_000_000;
export const CENTRE: Position = { lat: -29.8587, lng: 31.0218 };
const METRES_PER_DEGREE = 111_195;

/** Metres north and east of the centre. */
export function at(northM: number, eastM = 0): Position {
  return {
    lat: CENTRE.lat + northM / METRES_PER_DEGREE,
    lng: CENTRE.lng + eastM / (METRES_PER_DEGREE * Math.cos((CENTRE.lat * Math.PI) / 180)),
  };
}

export function driver(driverId: string, changes: Partial<DriverProfile> = {}): DriverProfile {
  return {
    driverId,
    vehicle: 'motorbike',
    coldStorage: false,
    rating: 4.5,
    completion: 1,
    acceptance: 1,
    completedJobs: 50,
    recentJobsMs: [],
    idleSinceMs: NOW_MS - 60_000,
    earnedTodayMinor: 0,
    onlineSinceMs: NOW_MS - 3_600_000,
    freeSlots: 1,
    stops: [],
    ...changes,
  };
}

export function job(orderId: string, changes: Partial<Job> = {}): Job {
  return {
    orderId,
    version: 1,
    pickup: CENTRE,
    dropoff: at(2_000),
    readyAtMs: NOW_MS,
    openedAtMs: NOW_MS,
    promisedAtMs: null,
    distanceM: 2_000,
    feeMinor: 3_000,
    currency: 'ZAR',
    cashMinor: 0,
    needs: { vehicles: [], coldStorage: false, minRating: 0 },
    excludedDriverIds: [],
    ...changes,
  };
}

/** Ten metres a second in a straight line. */
export const STRAIGHT: DispatcherOptions = {
  etaS: (from, to) =>
    Math.hypot(from.lat - to.lat, (from.lng - to.lng) * Math.cos((CENTRE.lat * Math.PI) / 180)) * (METRES_PER_DEGREE / 10),
};
