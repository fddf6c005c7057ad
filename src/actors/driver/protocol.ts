/**
 * What can be said to a driver actor. It is the only place where a driver is reserved: an open offer is a reservation with an
 * expiry, an accepted one a reservation until the order has answered, a job one until it has ended.
 */
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import type { DriverProfile, MarketOffer, OfferedJob, Stop } from '../market/protocol.ts';

export type { OfferedJob, Stop } from '../market/protocol.ts';

export const VEHICLE_TYPES = ['bicycle', 'motorbike', 'car', 'bakkie', 'truck'] as const satisfies readonly VehicleType[];
export const DOCUMENT_KINDS = ['licence', 'vehicle_registration', 'insurance', 'police_clearance'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

interface Vehicle {
  readonly type: VehicleType;
  readonly registration: string | null;
  readonly coldStorage: boolean;
}

export interface DriverDocument {
  readonly number: string | null;
  /** Last valid day, `YYYY-MM-DD`; null when it does not expire. */
  readonly expiresOn: string | null;
}

/** `applied` until somebody looked at the documents; `suspended` gets no offers, may not go online, and is locked out once it rides nothing. */
export type DriverStatus = 'applied' | 'approved' | 'suspended';

export interface DriverInput {
  readonly name: string;
  /** Digits with country code. */
  readonly phone: string;
  readonly vehicle: Vehicle;
  readonly documents: Readonly<Partial<Record<DocumentKind, DriverDocument>>>;
}

/** What is not named stays, within `vehicle` and `documents` too: two changes at once never undo each other. A document that is null goes. */
export interface DriverPatch extends Partial<Pick<DriverInput, 'name' | 'phone'>> {
  readonly vehicle?: Partial<Vehicle>;
  readonly documents?: Readonly<Partial<Record<DocumentKind, DriverDocument | null>>>;
}

export interface DriverOffer extends MarketOffer {
  readonly job: OfferedJob;
  readonly currency: string;
}

export type JobPhase = 'to_pickup' | 'at_pickup' | 'to_dropoff' | 'at_dropoff';

/** A job that this driver has won and not finished. */
export interface ActiveJob {
  readonly offerId: string;
  readonly feeMinor: number;
  readonly job: OfferedJob;
  readonly phase: JobPhase;
  readonly startedAtMs: number;
}

/** What an accept, or a second one, is answered with. `pending`: the order is being asked; the outcome follows as `offer_settled`. */
export type AcceptOutcome = 'pending' | 'won' | 'already_yours' | 'lost' | 'expired' | 'withdrawn' | 'declined';

export type OfferClosedReason = 'taken' | 'expired' | 'cancelled' | 'declined' | 'undelivered';

/** Why a driver would not take a job; counted, never held against it. */
export const DECLINE_REASONS = ['too_far', 'too_heavy', 'end_of_shift', 'unsafe', 'other'] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export type DriverCommand =
  | { readonly type: 'register'; readonly driver: DriverInput }
  | { readonly type: 'change'; readonly patch: DriverPatch }
  /** `isKept`: journaled also where nothing changes, so that a late repeat under the same id hears this answer and undoes nothing. */
  | { readonly type: 'approve'; readonly by: string; readonly isKept?: true }
  | { readonly type: 'suspend'; readonly by: string; readonly reason: string | null; readonly isKept?: true }
  | { readonly type: 'get' }
  | { readonly type: 'go_online' }
  /** `reason`: the driver's own wish, or the platform's when nothing was heard for long. */
  | { readonly type: 'go_offline'; readonly reason: 'driver' | 'silent' }
  /** From the home thread, every so often: the driver was there at this time. Without such a word the shift ends by itself. */
  | { readonly type: 'heard'; readonly atMs: number }
  | { readonly type: 'silence_due'; readonly isLastCall?: true }
  /** From a market. Refusals: `driver.offline`, `driver.busy`, `driver.not_approved`, `driver.unfit`. */
  | { readonly type: 'offer'; readonly offer: DriverOffer }
  | { readonly type: 'withdraw'; readonly offerId: string; readonly reason: 'taken' | 'cancelled' }
  /** The phone has it: its socket answered a ping that was sent after the offer. */
  | { readonly type: 'offer_delivered'; readonly offerId: string }
  /** `receivedAtMs`: when the front door had it. Reply `{ outcome: AcceptOutcome }`. Refusal `offer.not_yours`. */
  | { readonly type: 'accept'; readonly offerId: string; readonly receivedAtMs: number }
  /** Said again with a reason after one without, it is only the reason that is new. */
  | { readonly type: 'decline'; readonly offerId: string; readonly reason?: DeclineReason }
  /** Willing, for another amount; the market decides in its next round. Null: for the offered fee, the same as `accept`. */
  | { readonly type: 'bid'; readonly offerId: string; readonly amountMinor: number | null; readonly receivedAtMs: number }
  /** A dispatcher gives it the job: any open offer is put aside. Same replies as `accept`. */
  | { readonly type: 'take'; readonly offer: DriverOffer; readonly by: string }
  /**
   * A dispatcher gives it an order that it has already. Reply `{ outcome: 'already_yours', offerId }`, kept: a late repeat under the same id
   * gives nothing, whoever has the order by then.
   */
  | { readonly type: 'keep_given'; readonly offerId: string }
  | { readonly type: 'offer_due'; readonly offerId: string }
  | { readonly type: 'delivery_due'; readonly offerId: string }
  /** Answer of the order's `assign` (SendResult). */
  | { readonly type: 'assign_answered'; readonly offerId: string; readonly result: unknown }
  /** From the order, through a `send` effect. */
  | {
      readonly type: 'job_changed';
      readonly orderId: string;
      readonly phase: JobPhase;
      readonly dropoff: Stop | null;
      /** Of the job with this door: an older one that comes later changes nothing. Absent without a door, and in errands from before it was said. */
      readonly jobVersion?: number;
    }
  | {
      readonly type: 'job_ended';
      readonly orderId: string;
      readonly outcome: 'delivered' | 'cancelled' | 'released';
      /** Cash that the driver took at the door. */
      readonly cashMinor: number;
      /** The goods were on board when it was called off: the ride is paid all the same. Absent: they were not. */
      readonly carried?: boolean;
    }
  /**
   * The customer got the money of this order back. What the driver still has of it is not owed to the shop any more. `cashMinor`: what was
   * taken at the door, for a driver who has not heard of the delivery yet; absent in errands from before it was said.
   */
  | { readonly type: 'cash_refunded'; readonly orderId: string; readonly cashMinor?: number }
  /** `cashMinor`: from the order, of what it has delivered, for a driver who has not heard of the delivery yet. Absent: from staff. */
  | { readonly type: 'rate'; readonly orderId: string; readonly stars: number; readonly cashMinor?: number }
  /** Cash handed in. */
  | { readonly type: 'settle_cash'; readonly amountMinor: number; readonly by: string };

/** Reply of `register`, `change`, `approve`, `suspend`, `get`, `go_online` and `go_offline`. */
export interface DriverView {
  readonly id: string;
  readonly name: string | null;
  readonly phone: string | null;
  readonly vehicle: Vehicle;
  readonly documents: Readonly<Partial<Record<DocumentKind, DriverDocument>>>;
  readonly status: DriverStatus;
  readonly online: boolean;
  readonly onlineSinceMs: number | null;
  readonly offer: DriverOffer | null;
  readonly jobs: readonly ActiveJob[];
  readonly profile: DriverProfile;
  readonly earnings: DriverEarnings;
  /** Refusals by the reason that was given with them; absent in rows from before they were counted. */
  readonly refusals?: Readonly<Partial<Record<DeclineReason, number>>>;
  readonly version: number;
  readonly createdAtMs: number;
}

export interface DriverEarnings {
  readonly currency: string | null;
  readonly todayMinor: number;
  readonly totalMinor: number;
  /** The platform's share of it, already taken off. */
  readonly platformFeeMinor: number;
  readonly deliveries: number;
  /** Of others, in the driver's pocket. */
  readonly cashOnHandMinor: number;
}

/**
 * What a driver's phone is told after it is durable, on the live topic `driver/<id>`: events of the actor in this form.
 * `offer_settled` ends an accept that was answered `pending`.
 */
export type DriverNews =
  | { readonly type: 'offer'; readonly offer: DriverOffer }
  | { readonly type: 'offer_closed'; readonly offerId: string; readonly reason: OfferClosedReason }
  | { readonly type: 'offer_settled'; readonly offerId: string; readonly outcome: Exclude<AcceptOutcome, 'pending'> }
  | { readonly type: 'delivery'; readonly job: ActiveJob }
  | { readonly type: 'delivery_ended'; readonly orderId: string; readonly outcome: 'delivered' | 'cancelled' | 'released' }
  | { readonly type: 'shift'; readonly online: boolean }
  /** Approved or suspended. Who is locked out is taken nothing from any more, whatever token it has. */
  | { readonly type: 'standing'; readonly lockedOut: boolean }
  /** Something that the driver should mend; told once a shift. */
  | { readonly type: 'notice'; readonly code: 'gps.mocked' };
