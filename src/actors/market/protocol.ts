/**
 * What can be said to a market: one dispatch area of a tenant. A market knows where drivers are and which jobs wait; it is never
 * the truth about either: a driver is reserved only by its driver actor, an order gets its driver only from its order actor.
 */
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import type { Position } from '../tenant/protocol.ts';

/** One order that looks for a driver. */
export interface Job {
  readonly orderId: string;
  /** Grows when the order is edited; an offer of an older version is void. */
  readonly version: number;
  readonly pickup: Position;
  readonly dropoff: Position;
  /** When the goods can be picked up, unix ms; may lie ahead. */
  readonly readyAtMs: number;
  /** Since when a driver is looked for. */
  readonly openedAtMs: number;
  /** When the customer was told to expect it; null when nothing was promised. */
  readonly promisedAtMs: number | null;
  readonly distanceM: number;
  /** What the driver gets, before the platform's fee; surge is added by the market. */
  readonly feeMinor: number;
  readonly currency: string;
  /** Cash that the driver takes at the door; 0 when it is paid. */
  readonly cashMinor: number;
  readonly needs: JobNeeds;
  /** Drivers who may not get it (blocked by the shop, or taken off it). */
  readonly excludedDriverIds: readonly string[];
}

/** One end of a job, as the driver sees it. */
export interface Stop {
  readonly position: Position;
  readonly name: string | null;
  readonly address: string | null;
  readonly note: string | null;
}

/** What an offer is about; everything that the driver needs to decide, and later to ride. */
export interface OfferedJob {
  readonly orderId: string;
  /** Short human code of the order. */
  readonly code: string;
  readonly jobVersion: number;
  readonly pickup: Stop;
  readonly dropoff: Stop;
  /** Pickup to drop-off by road, metres. */
  readonly distanceM: number;
  readonly currency: string;
  readonly cashMinor: number;
  readonly promisedAtMs: number | null;
}

interface JobNeeds {
  /** Empty: any. */
  readonly vehicles: readonly VehicleType[];
  readonly coldStorage: boolean;
  /** Lowest rating, 0 to 5; 0: any. */
  readonly minRating: number;
}

/** A driver's standing sealed bid: everything that scores it, told by its driver actor whenever it changes. */
export interface DriverProfile {
  readonly driverId: string;
  readonly vehicle: VehicleType;
  readonly coldStorage: boolean;
  /** 0 to 5. */
  readonly rating: number;
  /** Completed of started jobs, 0 to 1. */
  readonly completion: number;
  /** Accepted of answered offers in the recent window, 0 to 1. */
  readonly acceptance: number;
  readonly completedJobs: number;
  /** Starts of the jobs of the last two hours, unix ms, oldest first. */
  readonly recentJobsMs: readonly number[];
  /** Since when it has no job. */
  readonly idleSinceMs: number;
  readonly earnedTodayMinor: number;
  readonly onlineSinceMs: number;
  /** 0: may not be offered anything now (full, suspended, or at the cash limit). An open offer takes none: the market knows its own. */
  readonly freeSlots: number;
  /** What it carries already, in the order of its stops; empty when free. */
  readonly stops: readonly DriverStop[];
  /** Of its actor when this was told: the higher is the newer. Absent where there is no actor. */
  readonly version?: number;
}

/** A driver of a neighbouring market, with its newest position. */
export interface LentDriver {
  readonly profile: DriverProfile;
  readonly position: Position;
  readonly atMs: number;
}

/** One door of one job. */
export interface StopName {
  readonly orderId: string;
  readonly kind: 'pickup' | 'dropoff';
}

export interface DriverStop extends StopName {
  readonly position: Position;
  /** Latest time that keeps the promise; null when none was made. */
  readonly dueAtMs: number | null;
  /** Of a pickup: when its goods are ready; absent when they are. */
  readonly readyAtMs?: number;
}

/** An exclusive offer goes to one driver; an open one to several, and the first durable acceptance wins. */
export interface MarketOffer {
  readonly offerId: string;
  readonly orderId: string;
  readonly jobVersion: number;
  readonly driverId: string;
  readonly expiresAtMs: number;
  readonly exclusive: boolean;
  /** With surge, or the price that this driver named for the job. */
  readonly feeMinor: number;
  readonly surge: number;
  /** From the driver to the pickup, as estimated when the offer was made. */
  readonly pickupDistanceM: number;
  readonly pickupEtaS: number;
  /** All stops of the driver with this job among them, in the order by which the promises hold. */
  readonly plan: readonly StopName[];
  /** Which parts made up the cost, seconds each; kept with the offer. */
  readonly breakdown: Readonly<Record<string, number>>;
}

/** How an offer ended for the market. `refused`: the driver actor would not take it (busy, offline, not fit). */
export type OfferOutcome = 'won' | 'lost' | 'declined' | 'expired' | 'undelivered' | 'refused' | 'withdrawn';

export type StallReason = 'market.no_drivers' | 'market.none_in_range' | 'market.none_fit' | 'market.all_declined';

export type MarketMessage =
  /** Said again every so often while nobody has it: a market forgets with its thread. */
  | { readonly type: 'open_job'; readonly job: Job; readonly offered: OfferedJob }
  | { readonly type: 'close_job'; readonly orderId: string; readonly reason: 'taken' | 'cancelled' }
  /** `known`: with the answer to an offer, perhaps of a driver who has left since; of strangers nothing is kept then. */
  | { readonly type: 'drivers'; readonly profiles: readonly DriverProfile[]; readonly known?: true }
  /** `elsewhere`: on shift still, in another market's cell; an offer that it holds stands. */
  | { readonly type: 'driver_gone'; readonly driverId: string; readonly elsewhere?: true }
  /** Float64 little-endian triples (lat, lng, at ms) in the order of the ids: the newest position of each driver since the last batch. */
  | {
      readonly type: 'positions';
      readonly driverIds: readonly string[];
      readonly packed: Uint8Array;
      /** When a front door had the fix that has waited longest for this batch, unix ms. */
      readonly receivedAtMs: number;
    }
  | { readonly type: 'offer_ended'; readonly offerId: string; readonly outcome: OfferOutcome; readonly bidMinor: number | null }
  /** From a market whose jobs lie near this one; answered with `lent`. Both name markets by their id. */
  | { readonly type: 'borrow'; readonly borrower: string; readonly near: readonly Position[]; readonly reachM: number }
  | { readonly type: 'lent'; readonly lender: string; readonly drivers: readonly LentDriver[] }
  | { readonly type: 'tick' }
  | { readonly type: 'look' };

/** Reply of `look`, for maps and operators. */
export interface MarketView {
  readonly drivers: readonly {
    readonly driverId: string;
    readonly position: Position;
    readonly atMs: number;
    readonly freeSlots: number;
  }[];
  readonly jobs: readonly { readonly orderId: string; readonly pickup: Position; readonly dropoff: Position; readonly offers: number }[];
  readonly surge: number;
}
