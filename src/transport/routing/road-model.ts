/**
 * The built-in estimate of roads: the learned pace over the great-circle distance, with no network and no waiting. It
 * answers alone when no service is configured, and fills in wherever one fails. It must never know about services.
 */
import type { RoadLeg, RoadRoute, Routing } from '../../actors/market/routing.ts';
import { distanceM, isPosition, type LatLng } from '../../geo/distance.ts';
import { type EtaModel, newEtaModel, predictEta, type VehicleType } from '../../geo/eta/eta-model.ts';

export interface RoadModelOptions {
  /** Asked at every call, so that what is learned counts. Default: the untaught model. */
  readonly etaModel?: (() => EtaModel) | undefined;
  /** Local hour, 0 to 23. Default: UTC. */
  readonly hourOf?: ((atMs: number) => number) | undefined;
}

export interface RoadModel {
  leg(from: LatLng, to: LatLng, vehicle: VehicleType, atMs: number): RoadLeg;
  /** Fresh arrays, which the caller may change. */
  table(from: readonly LatLng[], to: readonly LatLng[], vehicle: VehicleType, atMs: number): RoadLeg[][];
  route(stops: readonly LatLng[], vehicle: VehicleType, atMs: number): RoadRoute;
}

/** Way on the road by great-circle distance, fitted on published Nairobi deliveries. */
const ROAD_FACTOR = 1.47;
const NO_WAY: RoadLeg = { distanceM: Number.POSITIVE_INFINITY, durationS: Number.POSITIVE_INFINITY, source: 'model' };

export function createRoadModel({ etaModel, hourOf = utcHour }: RoadModelOptions = {}): RoadModel {
  const untaught = newEtaModel();
  const current = (): EtaModel => etaModel?.() ?? untaught;

  function estimate(model: EtaModel, from: LatLng, to: LatLng, vehicle: VehicleType, hour: number): RoadLeg {
    if (!isPosition(from.lat, from.lng) || !isPosition(to.lat, to.lng)) return NO_WAY;
    const crowM = distanceM(from, to);
    const { drivingS } = predictEta(model, { from, distanceM: crowM, vehicle, hour });
    return { distanceM: crowM * ROAD_FACTOR, durationS: drivingS, source: 'model' };
  }

  return {
    leg: (from, to, vehicle, atMs) => estimate(current(), from, to, vehicle, hourOf(atMs)),
    table(from, to, vehicle, atMs) {
      const model = current();
      const hour = hourOf(atMs);
      return from.map((start) => to.map((end) => estimate(model, start, end, vehicle, hour)));
    },
    route(stops, vehicle, atMs) {
      const model = current();
      const hour = hourOf(atMs);
      const legs = stops.slice(1).map((stop, i) => estimate(model, stops[i] as LatLng, stop, vehicle, hour));
      return sumOf(legs, stops, 'model');
    },
  };
}

/** The model alone, as the port. */
export function createModelRouting(model: RoadModel): Routing {
  return {
    table: async (from, to, vehicle, atMs) => ({ legs: model.table(from, to, vehicle, atMs) }),
    route: async (stops, vehicle, atMs) => ({ best: model.route(stops, vehicle, atMs), others: [] }),
  };
}

export function sumOf(legs: readonly RoadLeg[], line: readonly LatLng[], source: RoadRoute['source']): RoadRoute {
  const total = (of: (leg: RoadLeg) => number): number => legs.reduce((sum, leg) => sum + of(leg), 0);
  return { legs, line, source, distanceM: total((leg) => leg.distanceM), durationS: total((leg) => leg.durationS) };
}

function utcHour(atMs: number): number {
  return Number.isFinite(atMs) ? ((Math.floor(atMs / 3_600_000) % 24) + 24) % 24 : 0;
}
