/**
 * The way that a driver is expected to take to a stop, as a line that is cheap to compare positions with. Only what a road service says is
 * such a way: the built-in model knows no streets. It must never know which service answers, or who is told of a driver who leaves it.
 */
import type { Routing } from '../actors/market/routing.ts';
import { simplifyPolyline } from '../geo/polyline.ts';
import type { JobSurroundings } from './job-watch.ts';

/** Questions of one thread at a time: when thousands of legs begin at once, markets still get their travel times. */
export const WAYS_IN_FLIGHT_MAX = 2;
/** Far below the 100 m that make a deviation. */
export const WAY_TOLERANCE_M = 10;
/** Every position is compared with all of them. */
export const WAY_VERTICES_MAX = 500;
/** As a service tells them; a longer line is not looked at. */
export const TOLD_VERTICES_MAX = 5_000;

/**
 * @returns the planner of legs: null when no service answers in time, when enough is being asked already, or when the way has more bends
 * than can be watched. The line begins at the driver and ends at the stop, wherever the nearest road is.
 */
export function plannedWays(routing: Pick<Routing, 'route'>, nowMs: () => number): NonNullable<JobSurroundings['routeOf']> {
  let inFlight = 0;
  return async (from, to, vehicle) => {
    if (inFlight >= WAYS_IN_FLIGHT_MAX) return null;
    inFlight++;
    try {
      const { best } = await routing.route([from, to], vehicle, nowMs());
      if (best.source === 'model' || best.line.length > TOLD_VERTICES_MAX) return null;
      return simplifyPolyline([from, ...best.line, to], WAY_TOLERANCE_M, WAY_VERTICES_MAX);
    } finally {
      inFlight--;
    }
  };
}
