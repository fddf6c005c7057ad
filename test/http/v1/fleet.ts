/** A driver and its order as their actors show them. */
import type { ActiveJob, DriverOffer, DriverView, OfferedJob } from '../../../src/actors/driver/protocol.ts';
import type { DeliveryView } from '../../../src/actors/order/protocol.ts';
import { API_ROUTES } from '../../../src/transport/http/register-api.ts';

/** A reply with all that the contract does not describe left out. @throws when something that it describes is missing or of another type. */
export function asDescribed(operationId: string, body: unknown): unknown {
  const schema = API_ROUTES.find((route) => route.operationId === operationId)?.reply.schema;
  if (schema == null) throw new Error(`no reply of ${operationId} is described`);
  return schema.parse(body);
}

/** In the data shards of tenants A (3) and B (4). */
export const DRIVER = 'drv_30abc123';
export const DRIVER_OF_B = 'drv_40abc123';
export const ORDER = 'ord_30abc123';

const at = { lat: -26.25, lng: 27.85 };

const job: OfferedJob = {
  orderId: ORDER,
  code: 'K7F',
  jobVersion: 1,
  pickup: { position: at, name: 'Shop', address: null, note: null },
  dropoff: { position: { lat: -26.26, lng: 27.86 }, name: null, address: '1 Vilakazi St', note: 'blue gate' },
  distanceM: 1500,
  currency: 'ZAR',
  cashMinor: 8500,
  promisedAtMs: 1_700_000_900_000,
};

export const offer: DriverOffer = {
  offerId: 'ofr_1',
  orderId: ORDER,
  jobVersion: 1,
  driverId: DRIVER,
  expiresAtMs: 1_700_000_060_000,
  exclusive: true,
  feeMinor: 1875,
  surge: 1,
  pickupDistanceM: 400,
  pickupEtaS: 90,
  plan: [],
  breakdown: {},
  job,
  currency: 'ZAR',
};

export const activeJob: ActiveJob = { offerId: 'ofr_0', feeMinor: 1875, job, phase: 'to_pickup', startedAtMs: 1_700_000_000_000 };

export function driverView(id: string, change: Partial<DriverView> = {}): DriverView {
  return {
    id,
    name: 'Bongani Dube',
    phone: '27821234567',
    vehicle: { type: 'motorbike', registration: 'GP 1', coldStorage: false },
    documents: {},
    status: 'approved',
    online: false,
    onlineSinceMs: null,
    offer: null,
    jobs: [],
    profile: {
      driverId: id,
      vehicle: 'motorbike',
      coldStorage: false,
      rating: 4.5,
      completion: 1,
      acceptance: 0.8,
      completedJobs: 12,
      recentJobsMs: [],
      idleSinceMs: 0,
      earnedTodayMinor: 0,
      onlineSinceMs: 0,
      freeSlots: 1,
      stops: [],
    },
    earnings: { currency: 'ZAR', todayMinor: 5000, totalMinor: 90_000, platformFeeMinor: 13_500, deliveries: 12, cashOnHandMinor: 8500 },
    version: 3,
    createdAtMs: 1_700_000_000_000,
    ...change,
  };
}

export function delivery(change: Partial<DeliveryView> = {}): DeliveryView {
  return {
    phase: 'seeking',
    jobVersion: 1,
    leg: 0,
    driver: null,
    offerId: null,
    feeMinor: 1875,
    problem: null,
    seekingSinceMs: 1_700_000_000_000,
    assignedAtMs: null,
    arrivedPickupAtMs: null,
    pickedUpAtMs: null,
    arrivedDropoffAtMs: null,
    deliveredAtMs: null,
    otpVerified: false,
    ...change,
  };
}

/** As one driver carries it. */
export function carriedBy(driverId: string, change: Partial<DeliveryView> = {}): DeliveryView {
  const driver = { id: driverId, name: 'Bongani', vehicle: 'motorbike', registration: 'GP 1' } as const;
  return delivery({ phase: 'assigned', leg: 1, driver, offerId: 'ofr_0', assignedAtMs: 1_700_000_100_000, ...change });
}
