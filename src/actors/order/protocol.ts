/**
 * What can be said to an order actor. The order is the single owner of its status and of its history.
 */
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import type { Language, LineRequest, Position, Quote } from '../tenant/protocol.ts';

/** Of payment there are only the statuses so far: no command leads to PAYMENT_PENDING or PAID. */
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
  /** When the driver took the step, of one that was told later; the position is that of then. Absent: now. */
  readonly saidAtMs?: number;
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
  /** The last ones, oldest first; absent when there was none. */
  readonly alerts?: readonly RideAlert[];
}

/** The arrival that the customer was told last. */
export interface EtaTold {
  /** Messages of this leg so far, from 1. */
  readonly count: number;
  readonly arrivalAtMs: number;
  /** When it was told. */
  readonly atMs: number;
}

/** What the shop may want to ask its driver about. */
export interface RideAlert {
  /** `silent`: nothing was heard of the driver for minutes. */
  readonly alert: 'off_route' | 'stopped' | 'silent';
  /** Where the driver was riding to. */
  readonly stop: 'pickup' | 'dropoff';
  readonly atMs: number;
}

export const PROOF_KINDS = ['photo', 'signature', 'note'] as const;
export type ProofKind = (typeof PROOF_KINDS)[number];

/** One piece of what proves a delivery; the bytes lie elsewhere, under the hash. */
export interface ProofPiece {
  /** From 1, in the order of adding. */
  readonly n: number;
  readonly kind: ProofKind;
  /** Keyed hash of the content: names the bytes and tells nothing of them. */
  readonly hash: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly atMs: number;
  readonly by: OrderActorRole;
  readonly byId: string | null;
}

export interface ProofAuthor {
  readonly role: OrderActorRole;
  readonly id: string | null;
}

/** Reply `ProofReply`. Refusals: `delivery.not_yours`, `delivery.wrong_phase`, `proof.too_late`, `proof.full`. */
export interface AddProof {
  readonly type: 'add_proof';
  readonly piece: Pick<ProofPiece, 'kind' | 'hash' | 'mediaType' | 'sizeBytes'>;
  readonly by: ProofAuthor;
  /** The bytes are durable. false only asks whether the piece would be taken. */
  readonly stored: boolean;
}

export const ORDER_ROLES = ['customer', 'vendor', 'driver', 'platform', 'system'] as const;
export type OrderActorRole = (typeof ORDER_ROLES)[number];

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

/** Whom an order is for, as they were known when it was placed; all null after erasure. */
interface OrderCustomer {
  readonly waId: string | null;
  /** Absent when it was not known, and of orders placed before it was written down. */
  readonly userId?: string;
  readonly name: string | null;
}

/** What an operator grants every order (`WAKALA_ACCEPT_WITHIN_S`, `WAKALA_RESERVATION_TTL_S`), ms. */
export interface OrderTerms {
  /** How long the vendor has to accept. */
  readonly acceptWithinMs: number;
  /** How long the tenant holds stock for an order that is not placed. */
  readonly reservationTtlMs: number;
}

export interface PlaceOrder {
  readonly type: 'place';
  readonly customerId: string;
  readonly customer: OrderCustomer & { readonly language: Language };
  readonly lines: readonly LineRequest[];
  /** As priced by the tenant actor when it reserved. */
  readonly quote: Quote;
  readonly pickup: Pickup;
  readonly dropoff: Dropoff;
  readonly paymentMethod: 'cod';
  readonly source: 'whatsapp' | 'api';
  /** Who placed it over the API; absent: the customer, by chat. */
  readonly by?: { readonly role: OrderActorRole; readonly id: string };
  /** How long the vendor has to accept before the order expires. */
  readonly acceptWithinMs: number;
}

/** Effect handler that makes code and link of a leg. Input `{ leg }`; answers with `credentials_issued`. */
export const CREDENTIALS_HANDLER = 'delivery.credentials';

export type OrderTransition = 'accept' | 'reject' | 'prepare' | 'ready' | 'deliver' | 'cancel' | 'expire' | 'refund';

export type OrderCommand =
  | PlaceOrder
  /** Refusals: `order.illegal_transition` (details: status, transition), `order.not_found`. */
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
  /**
   * Reply `StepReply`. Refusals: `delivery.not_yours`, `delivery.wrong_phase`, `delivery.not_at_stop`, `delivery.otp_locked`,
   * `delivery.otp_missing`.
   */
  | {
      readonly type: 'driver_step';
      readonly driverId: string;
      readonly step: 'arrived' | 'picked_up' | 'delivered';
      /** The door that an arrival was seen at: told late, it is none at the next one. Absent: wherever the driver is due. */
      readonly stop?: 'pickup' | 'dropoff';
      readonly otp: string | null;
      readonly evidence: StepEvidence;
      /** The answer is kept also where nothing moves, so that a late repeat under the same id hears this answer and moves nothing. */
      readonly isKept?: true;
    }
  /** Before pick-up only: the driver is taken off and another one is looked for. */
  | { readonly type: 'release_driver'; readonly driverId: string | null; readonly by: OrderActorRole; readonly reason: string | null }
  /** What is not named stays as it is when the command is decided: two corrections at once keep each other's. */
  | { readonly type: 'change_dropoff'; readonly dropoff: Partial<Dropoff> }
  | { readonly type: 'job_stalled'; readonly jobVersion: number; readonly reason: string }
  /**
   * From telemetry, gated there: when the driver is expected at the door, unix ms. Told to the customer, and kept, only when `toldBefore` is how
   * often the customer has heard it of this leg. Reply: the `EtaTold` that holds now; none while nobody carries the goods.
   */
  | {
      readonly type: 'eta_moved';
      readonly driverId: string;
      readonly atMs: number;
      readonly latestAtMs: number;
      readonly toldBefore: number;
    }
  /** From telemetry, at most once in five minutes there for each kind. */
  | { readonly type: 'ride_alert'; readonly driverId: string; readonly alert: RideAlert }
  | { readonly type: 'seek_due' }
  /** From the effect handler CREDENTIALS_HANDLER. */
  | {
      readonly type: 'credentials_issued';
      readonly leg: number;
      readonly otp: string;
      readonly trackingToken: string;
      readonly trackingUrl: string;
    }
  /** What a person who holds a tracking link may see. Reply `TrackedOrder`; refusal `tracking.ended` (410) or `order.not_found`. */
  | { readonly type: 'track'; readonly leg: number }
  | AddProof
  | RateCustomer
  | RateDriver
  /** Reply `ProofList`; refusal `delivery.not_yours` for a driver who did not carry the order. */
  | { readonly type: 'proofs'; readonly by: ProofAuthor }
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
  readonly customer: OrderCustomer;
  readonly quote: Quote;
  readonly pickup: Pickup;
  readonly dropoff: Dropoff;
  readonly paymentMethod: 'cod';
  readonly source: 'whatsapp' | 'api';
  /** null until a driver is looked for. */
  readonly delivery: DeliveryView | null;
  /** Absent until rated, and after erasure. Staff only: nothing that a customer sees may hold it. */
  readonly customerRating?: CustomerRating;
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

/** `proof` is null when it would be taken and is not there yet. */
export interface ProofReply {
  readonly customerId: string;
  readonly proof: ProofPiece | null;
}

export interface ProofList {
  readonly customerId: string;
  readonly proofs: readonly ProofPiece[];
}

/** Why a driver gave few stars; a closed list, so that nobody is described in free words. */
export const CUSTOMER_RATING_REASONS = ['not_reachable', 'wrong_address', 'long_wait', 'no_cash', 'rude', 'unsafe', 'friendly'] as const;
export type CustomerRatingReason = (typeof CUSTOMER_RATING_REASONS)[number];

/** Of the driver who delivered; for the shop only. */
export interface CustomerRating {
  /** 1 to 5. */
  readonly stars: number;
  readonly reason: CustomerRatingReason | null;
  readonly atMs: number;
}

/** Reply `CustomerRating`. Refusals: `delivery.not_yours`, `delivery.wrong_phase`, `order.customer_rated`. */
export interface RateCustomer {
  readonly type: 'rate_customer';
  readonly driverId: string;
  readonly stars: number;
  readonly reason: CustomerRatingReason | null;
}

/** From the customer's conversation. Reply `RateDriverReply`; never a refusal for an order that exists. */
export interface RateDriver {
  readonly type: 'rate_driver';
  readonly customerId: string;
  /** 1 to 5. */
  readonly stars: number;
}

/** `stars`: those that count. `closed`: not delivered, by no driver, too long ago, or not this customer's. */
export type RateDriverReply =
  | { readonly outcome: 'rated' | 'rated_before'; readonly code: string; readonly stars: number }
  | { readonly outcome: 'closed' };

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
