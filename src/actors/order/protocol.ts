/**
 * What can be said to an order actor. The order is the single owner of its status and of its history.
 */
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import type { Language, LineRequest, Position, Quote } from '../tenant/protocol.ts';

/** F1. Payment and driver states are in the table from the start; the commands that lead there come with their features. */
export const ORDER_STATUSES = [
  'CREATED',
  'PAYMENT_PENDING',
  'PAID',
  'CONFIRMED',
  'PREPARING',
  'READY_FOR_PICKUP',
  'ASSIGNED_TO_DRIVER',
  'IN_TRANSIT',
  'DELIVERED',
  'CANCELLED',
  'REFUNDED',
  'EXPIRED',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** `ended` without delivery. Phases of the leg of one driver; a re-assignment begins a new leg. */
export type DeliveryPhase = 'seeking' | 'assigned' | 'at_pickup' | 'picked_up' | 'at_dropoff' | 'delivered' | 'ended';

/** The driver as shown to the customer; the first name only. */
export interface AssignedDriver {
  readonly id: string;
  readonly name: string | null;
  readonly vehicle: VehicleType;
  readonly registration: string | null;
}

/** What speaks for a step at a stop. */
export interface StepEvidence {
  /** Distance of the driver's last believed position from the stop; null when none is known. */
  readonly distanceM: number | null;
  readonly positionAtMs: number | null;
  /** `fence`: the platform noticed by itself. `dispatcher`: a person overrides. */
  readonly by: 'driver' | 'fence' | 'dispatcher';
}

/** The delivery of one order by a driver. */
export interface DeliveryView {
  readonly phase: DeliveryPhase;
  /** Grows when the job is edited. */
  readonly jobVersion: number;
  /** 0 before the first driver, then one more for each. */
  readonly leg: number;
  readonly driver: AssignedDriver | null;
  readonly offerId: string | null;
  readonly feeMinor: number;
  /** Why nobody has taken it, as the market last said; null when there is nothing to say. */
  readonly problem: string | null;
  readonly seekingSinceMs: number | null;
  readonly assignedAtMs: number | null;
  readonly arrivedPickupAtMs: number | null;
  readonly pickedUpAtMs: number | null;
  readonly arrivedDropoffAtMs: number | null;
  readonly deliveredAtMs: number | null;
  /** Whether the customer's code was given at the door. */
  readonly otpVerified: boolean;
}

export type OrderActorRole = 'customer' | 'vendor' | 'driver' | 'platform' | 'system';

export interface Dropoff {
  readonly position: Position | null;
  readonly address: string | null;
  readonly note: string | null;
}

/** Where the goods are fetched. */
export interface Pickup {
  readonly name: string;
  readonly position: Position;
}

export interface PlaceOrder {
  readonly type: 'place';
  readonly customerId: string;
  readonly customer: { readonly waId: string | null; readonly name: string | null; readonly language: Language };
  readonly lines: readonly LineRequest[];
  /** As priced by the tenant actor when it reserved. */
  readonly quote: Quote;
  readonly pickup: Pickup;
  readonly dropoff: Dropoff;
  readonly paymentMethod: 'cod';
  readonly source: 'whatsapp' | 'api';
  /** How long the vendor has to accept before the order expires. */
  readonly acceptWithinMs: number;
}

export type OrderTransition = 'accept' | 'reject' | 'prepare' | 'ready' | 'deliver' | 'cancel' | 'expire' | 'refund';

export type OrderCommand =
  | PlaceOrder
  | {
      readonly type: 'transition';
      readonly transition: OrderTransition;
      readonly by: { readonly role: OrderActorRole; readonly id: string | null };
      readonly reason: string | null;
    }
  | { readonly type: 'get' }
  | { readonly type: 'accept_due' }
  /** From a driver actor that holds the reservation. Reply `{ outcome: AssignOutcome }`; never a refusal for an order that exists. */
  | {
      readonly type: 'assign';
      readonly driver: AssignedDriver;
      readonly offerId: string;
      readonly jobVersion: number;
      readonly feeMinor: number;
      /** A dispatcher's word: the job's version does not matter. */
      readonly manualBy: string | null;
    }
  /** Reply `StepReply`. Refusals: `delivery.not_yours`, `delivery.wrong_phase`, `delivery.not_at_stop`, `delivery.otp_locked`. */
  | {
      readonly type: 'driver_step';
      readonly driverId: string;
      readonly step: 'arrived' | 'picked_up' | 'delivered';
      /** The door that an arrival was seen at: told late, it is none at the next one. Absent: wherever the driver is due. */
      readonly stop?: 'pickup' | 'dropoff';
      readonly otp: string | null;
      readonly evidence: StepEvidence;
    }
  /** Before pick-up only: the driver is taken off and another one is looked for. */
  | { readonly type: 'release_driver'; readonly driverId: string | null; readonly by: OrderActorRole; readonly reason: string | null }
  | { readonly type: 'change_dropoff'; readonly dropoff: Dropoff }
  | { readonly type: 'job_stalled'; readonly jobVersion: number; readonly reason: string }
  /** From telemetry, gated there: when the driver is expected at the door, unix ms. Nothing is kept of it. */
  | { readonly type: 'eta_moved'; readonly driverId: string; readonly atMs: number; readonly latestAtMs: number }
  | { readonly type: 'seek_due' }
  /** From the effect handler `delivery.credentials`. */
  | {
      readonly type: 'credentials_issued';
      readonly leg: number;
      readonly otp: string;
      readonly trackingToken: string;
      readonly trackingUrl: string;
    }
  /** What a person who holds a tracking link may see. Reply `TrackedOrder`; refusal `tracking.ended` (410) or `order.not_found`. */
  | { readonly type: 'track'; readonly leg: number }
  /** Code and link of the present leg. Reply `Handover`; refusal `delivery.wrong_phase` while nobody rides. */
  | { readonly type: 'handover' }
  | { readonly type: 'market_told'; readonly result: unknown }
  | { readonly type: 'driver_told'; readonly result: unknown }
  | { readonly type: 'stock_committed'; readonly result: unknown }
  | { readonly type: 'stock_returned'; readonly result: unknown }
  | { readonly type: 'customer_told'; readonly result: unknown };

export interface OrderHistoryEntry {
  readonly status: OrderStatus;
  readonly atMs: number;
  readonly by: OrderActorRole;
  readonly byId: string | null;
  readonly reason: string | null;
}

/** Reply of `place`, `transition` and `get`. */
export interface OrderView {
  readonly id: string;
  /** Short human code, upper case, like `K7F`, derived from the id. */
  readonly code: string;
  readonly status: OrderStatus;
  readonly customerId: string;
  readonly customer: { readonly waId: string | null; readonly name: string | null };
  readonly quote: Quote;
  readonly pickup: Pickup;
  readonly dropoff: Dropoff;
  readonly paymentMethod: 'cod';
  readonly source: 'whatsapp' | 'api';
  /** null until a driver is looked for. */
  readonly delivery: DeliveryView | null;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly history: readonly OrderHistoryEntry[];
}

/** `won` also for the same driver and offer again. */
export type AssignOutcome = 'won' | 'lost' | 'withdrawn';

/** A wrong code is counted, so it is an answer and no refusal. */
export type StepReply =
  | { readonly ok: true; readonly view: OrderView }
  | { readonly ok: false; readonly code: 'delivery.otp_wrong'; readonly triesLeft: number };

/** What the customer needs at the door. */
export interface Handover {
  readonly otp: string;
  readonly trackingUrl: string;
}

/** Reply of `track`: of one leg, while it runs. */
export interface TrackedOrder {
  readonly orderId: string;
  readonly code: string;
  readonly status: OrderStatus;
  readonly delivery: DeliveryView;
  readonly pickup: Pickup;
  readonly dropoff: Dropoff;
  readonly version: number;
}

/** Refusals: `order.illegal_transition` (details: status, transition), `order.not_found`. */
