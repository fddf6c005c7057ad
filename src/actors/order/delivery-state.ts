/**
 * What an order remembers of its delivery, and how events change it. Pure; must never decide anything: deliver.ts does.
 */
import type {
  AssignedDriver,
  CustomerRating,
  DeliveryPhase,
  DeliveryView,
  Dropoff,
  EtaTold,
  OrderActorRole,
  OrderStatus,
  ProofPiece,
  RideAlert,
  StepEvidence,
} from './protocol.ts';
import { isOver } from './table.ts';

/** With what nobody outside may see. */
export interface DeliveryState extends DeliveryView {
  /** The customer's code for the door; null until issued or erased. */
  readonly otp: string | null;
  readonly otpFailures: number;
  readonly trackingUrl: string | null;
  /** Drivers who were taken off it. */
  readonly excludedDriverIds: readonly string[];
  /** Absent in states that were kept before there was any. */
  readonly proofs?: readonly ProofPiece[];
  /** Absent until the driver said it; null after the customer's erasure. */
  readonly customerRating?: CustomerRating | null;
  /** What the customer gave the driver, 1 to 5. Absent until said. */
  readonly driverStars?: number;
  /** Of this leg; null or absent until an arrival was told. */
  readonly etaTold?: EtaTold | null;
  /** The customer knows that this search takes long. */
  readonly isWaitTold?: boolean;
}

/** Events of a delivery, a part of the order's. */
export type DeliveryEvent =
  | { readonly type: 'seeking_started'; readonly data: { readonly feeMinor: number } }
  | {
      readonly type: 'driver_assigned';
      readonly data: Pick<AssignedDriver, 'id' | 'vehicle'> & {
        readonly offerId: string;
        readonly feeMinor: number;
        readonly manualBy: string | null;
        /** What the ride pays beyond its usual fee, by surge or by the driver's bid. The customer's fee stays; absent: nothing. */
        readonly extra?: { readonly amountMinor: number; readonly paidBy: 'platform' };
      };
      readonly personal?: Pick<AssignedDriver, 'name' | 'registration'>;
    }
  | {
      readonly type: 'credentials_issued';
      readonly data: { readonly leg: number };
      readonly personal?: { readonly otp: string; readonly trackingUrl: string };
    }
  | { readonly type: 'leg_moved'; readonly data: { readonly to: LegPhase; readonly evidence: StepEvidence; readonly otpVerified: boolean } }
  /** Nothing moved. Only of builds that kept an answer in this way. */
  | { readonly type: 'step_repeated'; readonly data: unknown }
  | { readonly type: 'otp_failed'; readonly data: Readonly<Record<string, never>> }
  | {
      readonly type: 'driver_released';
      readonly data: {
        readonly driverId: string;
        readonly reason: string | null;
        /** What the ride pays without the surge of the offer that was given back; absent in old ones. */
        readonly feeMinor?: number;
      };
    }
  | {
      readonly type: 'dropoff_changed';
      /** The fee while nobody has agreed to one. */
      readonly data: { readonly feeMinor?: number };
      readonly personal?: { readonly dropoff: Dropoff };
    }
  | {
      readonly type: 'proof_added';
      readonly data: Pick<ProofPiece, 'kind' | 'hash' | 'mediaType' | 'sizeBytes'> & {
        readonly by: OrderActorRole;
        readonly byId: string | null;
      };
    }
  | {
      readonly type: 'customer_rated';
      readonly data: { readonly driverId: string };
      readonly personal?: Pick<CustomerRating, 'stars' | 'reason'>;
    }
  | { readonly type: 'driver_rated'; readonly data: { readonly driverId: string; readonly stars: number } }
  | { readonly type: 'delivery_stalled'; readonly data: { readonly reason: string } }
  | { readonly type: 'ride_alerted'; readonly data: RideAlert }
  | { readonly type: 'wait_told'; readonly data: Readonly<Record<string, never>> }
  | { readonly type: 'eta_told'; readonly data: Pick<EtaTold, 'arrivalAtMs'> };

export type LegPhase = 'at_pickup' | 'picked_up' | 'at_dropoff' | 'delivered';

/** Alerts of one order that it remembers; older ones are in the journal. */
export const ALERTS_MAX = 10;
/** Drivers taken off one order that are remembered. */
const EXCLUDED_MAX = 20;

/** Phases in which one driver has the order. */
export const RIDING: Readonly<Record<DeliveryPhase, boolean>> = {
  seeking: false,
  assigned: true,
  at_pickup: true,
  picked_up: true,
  at_dropoff: true,
  delivered: false,
  ended: false,
};

const ARRIVALS = {
  at_pickup: 'arrivedPickupAtMs',
  picked_up: 'pickedUpAtMs',
  at_dropoff: 'arrivedDropoffAtMs',
  delivered: 'deliveredAtMs',
} as const satisfies Record<LegPhase, keyof DeliveryView>;

const NO_LEG = {
  driver: null,
  offerId: null,
  assignedAtMs: null,
  arrivedPickupAtMs: null,
  pickedUpAtMs: null,
  arrivedDropoffAtMs: null,
  deliveredAtMs: null,
  otpVerified: false,
  otp: null,
  otpFailures: 0,
  trackingUrl: null,
  etaTold: null,
  isWaitTold: false,
} as const;

/** The delivery after one of its events; null stays null for an event that has no delivery to change. */
export function evolveDelivery(delivery: DeliveryState | null, event: DeliveryEvent, atMs: number): DeliveryState | null {
  return event.type === 'seeking_started'
    ? startSeeking(delivery, event.data.feeMinor, atMs)
    : delivery === null
      ? null
      : move(delivery, event, atMs);
}

function move(delivery: DeliveryState, event: Exclude<DeliveryEvent, { type: 'seeking_started' }>, atMs: number): DeliveryState {
  switch (event.type) {
    case 'driver_assigned': {
      const { id, vehicle, offerId, feeMinor } = event.data;
      const driver = { id, vehicle, name: event.personal?.name ?? null, registration: event.personal?.registration ?? null };
      return {
        ...delivery,
        ...NO_LEG,
        phase: 'assigned',
        leg: delivery.leg + 1,
        driver,
        offerId,
        feeMinor,
        problem: null,
        assignedAtMs: atMs,
      };
    }
    case 'credentials_issued':
      return { ...delivery, otp: event.personal?.otp ?? null, trackingUrl: event.personal?.trackingUrl ?? null };
    case 'leg_moved': {
      const { to, otpVerified } = event.data;
      return { ...delivery, phase: to, otpVerified: delivery.otpVerified || otpVerified, [ARRIVALS[to]]: atMs };
    }
    case 'step_repeated':
      return delivery;
    case 'otp_failed':
      return { ...delivery, otpFailures: delivery.otpFailures + 1 };
    case 'driver_released': {
      const excludedDriverIds = [...delivery.excludedDriverIds, event.data.driverId].slice(-EXCLUDED_MAX);
      const jobVersion = delivery.jobVersion + 1;
      const feeMinor = event.data.feeMinor ?? delivery.feeMinor;
      return { ...delivery, ...NO_LEG, phase: 'seeking', jobVersion, feeMinor, seekingSinceMs: atMs, excludedDriverIds };
    }
    case 'dropoff_changed':
      return { ...delivery, jobVersion: delivery.jobVersion + 1, feeMinor: event.data.feeMinor ?? delivery.feeMinor };
    case 'proof_added': {
      const { proofs = [] } = delivery;
      return { ...delivery, proofs: [...proofs, { n: proofs.length + 1, ...event.data, atMs }] };
    }
    case 'customer_rated':
      return { ...delivery, customerRating: event.personal === undefined ? null : { ...event.personal, atMs } };
    case 'driver_rated':
      return { ...delivery, driverStars: event.data.stars };
    case 'delivery_stalled':
      return { ...delivery, problem: event.data.reason };
    case 'ride_alerted':
      return { ...delivery, alerts: [...(delivery.alerts ?? []), event.data].slice(-ALERTS_MAX) };
    case 'wait_told':
      return { ...delivery, isWaitTold: true };
    case 'eta_told':
      return { ...delivery, etaTold: { count: (delivery.etaTold?.count ?? 0) + 1, arrivalAtMs: event.data.arrivalAtMs, atMs } };
  }
}

function startSeeking(before: DeliveryState | null, feeMinor: number, atMs: number): DeliveryState {
  return {
    ...NO_LEG,
    phase: 'seeking',
    jobVersion: (before?.jobVersion ?? 0) + 1,
    leg: before?.leg ?? 0,
    feeMinor,
    problem: null,
    seekingSinceMs: atMs,
    excludedDriverIds: before?.excludedDriverIds ?? [],
  };
}

/** An order that has come to its end takes its delivery with it; one that the shop closed while it was carried is delivered. */
export function endDelivery(delivery: DeliveryState | null, status: OrderStatus, atMs: number): DeliveryState | null {
  if (delivery === null || delivery.phase === 'delivered') return delivery;
  if (status === 'DELIVERED' && RIDING[delivery.phase]) return { ...delivery, phase: 'delivered', deliveredAtMs: atMs };
  return isOver(status) ? { ...delivery, phase: 'ended' } : delivery;
}

export function deliveryView(delivery: DeliveryState): DeliveryView {
  const {
    otp: _otp,
    otpFailures: _failures,
    trackingUrl: _url,
    excludedDriverIds: _excluded,
    proofs: _proofs,
    customerRating: _rating,
    driverStars: _stars,
    etaTold: _eta,
    isWaitTold: _wait,
    ...view
  } = delivery;
  return view;
}
