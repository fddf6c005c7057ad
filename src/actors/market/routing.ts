/**
 * The port through which a market learns about roads: how long each leg takes, which way a route goes, in which order
 * a round is driven, and who says so. Types only. It must never know which service answers or how it is reached.
 */
import type { LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';

/** Who computed a duration. `model`: the built-in estimate, also wherever a service gave nothing that can be believed. */
export type RouteSource = 'model' | 'osrm' | 'valhalla' | 'vroom';

/**
 * The way from one position to another. Time on the road only: waiting, parking and doors are not in it, whatever the
 * source, so that legs of different sources compare. From or to what is no position both figures are Infinity.
 */
export interface RoadLeg {
  readonly distanceM: number;
  readonly durationS: number;
  readonly source: RouteSource;
}

interface RoutingTable {
  /** `legs[i][j]` leads from `from[i]` to `to[j]`. Sources may be mixed. */
  readonly legs: readonly (readonly RoadLeg[])[];
}

export interface RoadRoute {
  /** One fewer than the stops. */
  readonly legs: readonly RoadLeg[];
  /** Sums over the legs. */
  readonly distanceM: number;
  readonly durationS: number;
  /** From the first stop to the last; the stops themselves when the source is the model. */
  readonly line: readonly LatLng[];
  readonly source: RouteSource;
}

export interface RouteAnswer {
  readonly best: RoadRoute;
  /** Other ways, better ones first; often empty. */
  readonly others: readonly RoadRoute[];
}

/**
 * Every call answers within the configured limit (at most 300 ms) and never throws: what a service does not tell in
 * time or cannot be believed comes from the model. An aborted `signal` ends the wait at once, with what there is.
 */
export interface Routing {
  /** All pairs; no rows for no `from`, empty rows for no `to`. @param atMs departure, unix ms. */
  table(from: readonly LatLng[], to: readonly LatLng[], vehicle: VehicleType, atMs: number, signal?: AbortSignal): Promise<RoutingTable>;
  /** Through the stops in their order; a route of no legs for fewer than two. @param atMs departure, unix ms. */
  route(stops: readonly LatLng[], vehicle: VehicleType, atMs: number, signal?: AbortSignal): Promise<RouteAnswer>;
}

export interface RoundStop {
  readonly position: LatLng;
  /** How long the stop itself takes. */
  readonly serviceS: number;
  /** Unix ms; null: any time. Who comes earlier waits. */
  readonly earliestMs: number | null;
  /** Unix ms; null: any time. */
  readonly latestMs: number | null;
}

export interface RoundParcel {
  readonly orderId: string;
  /** Null when the driver has it already. */
  readonly pickup: RoundStop | null;
  readonly dropoff: RoundStop;
}

/** What one driver has to carry. */
export interface Round {
  readonly start: LatLng;
  readonly vehicle: VehicleType;
  /** Departure, unix ms. */
  readonly atMs: number;
  /** Parcels that fit at once; never counted below what is on board already. */
  readonly capacity: number;
  readonly parcels: readonly RoundParcel[];
}

export interface PlannedStop {
  readonly orderId: string;
  readonly kind: 'pickup' | 'dropoff';
  /** On the road from the stop before. */
  readonly drivingS: number;
  readonly arriveAtMs: number;
  /** Beyond `latestMs`; 0 when in time. */
  readonly lateS: number;
}

export interface RoundPlan {
  /** Every stop of the round once, each pickup before its dropoff. */
  readonly stops: readonly PlannedStop[];
  /** Of the order and of every duration in it. */
  readonly source: RouteSource;
}

/** As total and as quick as `Routing`. */
export interface RoundPlanner {
  plan(round: Round, signal?: AbortSignal): Promise<RoundPlan>;
}
