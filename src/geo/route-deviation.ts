/**
 * Tells when a driver leaves the planned route and is back on it: more than 100 m off on three fixes in a row, within
 * 60 m on three. Plain data and one pure step. It must never know why there is a route.
 */
import { distanceM, isPosition, type LatLng } from './distance.ts';
import { distanceToPolylineM } from './polyline.ts';

export interface PlannedRoute {
  readonly line: readonly LatLng[];
  /** Pick-up and drop-off: near them, drivers look for parking and gates. */
  readonly stops: readonly LatLng[];
}

export interface RouteFix extends LatLng {
  readonly atMs: number;
  readonly accuracyM: number | null;
}

export interface DeviationState {
  readonly deviated: boolean;
  /** Fixes in a row that speak for the opposite. */
  readonly streak: number;
  readonly lastAtMs: number | null;
}

export type DeviationEvent = 'deviated' | 'returned';

export const ON_ROUTE: DeviationState = { deviated: false, streak: 0, lastAtMs: null };
const OFF_ROUTE_M = 100;
const BACK_ON_ROUTE_M = 60;
const CONFIRMATIONS = 3;
const STOP_RADIUS_M = 100;
const MAX_ACCURACY_M = 50;

/**
 * Fixes that are inaccurate, invalid or not newer than the last are as if they had not been. Within 100 m of a stop
 * nothing is decided and the count begins anew. A line of fewer than two vertices is no route: nothing is decided.
 * O(vertices).
 */
export function stepDeviation(
  route: PlannedRoute,
  state: DeviationState,
  fix: RouteFix,
): { readonly state: DeviationState; readonly event: DeviationEvent | null } {
  if (!isUsable(fix) || (state.lastAtMs !== null && fix.atMs <= state.lastAtMs)) return { state, event: null };
  const atStop = route.stops.some((stop) => distanceM(stop, fix) <= STOP_RADIUS_M);
  if (atStop || route.line.length < 2) return { state: { ...state, streak: 0, lastAtMs: fix.atMs }, event: null };
  const offM = distanceToPolylineM(fix, route.line);
  const speaksForChange = state.deviated ? offM <= BACK_ON_ROUTE_M : offM > OFF_ROUTE_M;
  const streak = speaksForChange ? state.streak + 1 : 0;
  if (streak < CONFIRMATIONS) return { state: { ...state, streak, lastAtMs: fix.atMs }, event: null };
  return {
    state: { deviated: !state.deviated, streak: 0, lastAtMs: fix.atMs },
    event: state.deviated ? 'returned' : 'deviated',
  };
}

function isUsable(fix: RouteFix): boolean {
  return isPosition(fix.lat, fix.lng) && Number.isFinite(fix.atMs) && !(fix.accuracyM !== null && fix.accuracyM > MAX_ACCURACY_M);
}
