/**
 * The HTTP format of OSRM 5 and later: GET only, longitude before latitude, seconds and metres. No I/O.
 * `fallback_speed` is never asked for: it would pass a guess off as a way on the road.
 */
import { z } from 'zod';
import type { LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import { decodePolyline6 } from './polyline6.ts';
import type { Protocol, WireRoute } from './protocol.ts';
import { failed, type Reading } from './provider-client.ts';
import { matrixSchema, pairMatrices } from './wire-matrix.ts';

/** The default of `osrm-routed --max-table-size`. */
const TABLE_POSITIONS_MAX = 100;
/** Its default `--max-viaroute-size` is 500; a round has far fewer. */
const ROUTE_STOPS_MAX = 100;
/** Besides the first. Given for two stops only. */
const ALTERNATIVES = 2;
/** About 0.1 m. */
const DECIMALS = 6;
const METRES = 1;
/** The names of the public profiles. A server with one data set takes any name; a proxy in front tells them apart. */
const PROFILES: Readonly<Record<VehicleType, string>> = {
  bicycle: 'cycling',
  motorbike: 'driving',
  car: 'driving',
  bakkie: 'driving',
  truck: 'driving',
};

const refusal = z.object({ code: z.string().refine((code) => code !== 'Ok') });
const tableAnswer = z.object({ code: z.literal('Ok'), durations: matrixSchema, distances: matrixSchema });
const leg = z.object({ duration: z.number(), distance: z.number() });
const routeAnswer = z.object({
  code: z.literal('Ok'),
  routes: z
    .array(z.object({ legs: z.array(leg), geometry: z.string() }))
    .min(1)
    .max(1 + ALTERNATIVES),
});

export const OSRM: Protocol = {
  source: 'osrm',
  tablePositionsMax: TABLE_POSITIONS_MAX,
  routeStopsMax: ROUTE_STOPS_MAX,

  tableRequest(from, to, vehicle) {
    const sources = from.map((_, i) => i).join(';');
    const destinations = to.map((_, i) => from.length + i).join(';');
    const query = `sources=${sources}&destinations=${destinations}&annotations=duration,distance`;
    return { operation: 'table', path: `/table/v1/${PROFILES[vehicle]}/${coordinates([...from, ...to])}?${query}`, body: null };
  },

  readTable(status, body, rows, columns) {
    const answer = tableAnswer.safeParse(body);
    if (status !== 200 || !answer.success) return notOk(body);
    const value = pairMatrices(answer.data.durations, answer.data.distances, { rows, columns, metres: METRES });
    return value === null ? failed('malformed') : { ok: true, value };
  },

  routeRequest(stops, vehicle) {
    const alternatives = stops.length === 2 ? ALTERNATIVES : false;
    // `simplified` is drawn for a screen: on a long way it is off by more than a driver may be.
    const query = `overview=full&geometries=polyline6&steps=false&alternatives=${alternatives}`;
    return { operation: 'route', path: `/route/v1/${PROFILES[vehicle]}/${coordinates(stops)}?${query}`, body: null };
  },

  readRoute(status, body, legs) {
    const answer = routeAnswer.safeParse(body);
    if (status !== 200 || !answer.success) return notOk(body);
    const routes: WireRoute[] = [];
    for (const route of answer.data.routes) {
      const line = decodePolyline6(route.geometry);
      if (line === null || route.legs.length !== legs) return failed('malformed');
      routes.push({ line, legs: route.legs.map(({ duration, distance }) => ({ durationS: duration, distanceM: distance })) });
    }
    return { ok: true, value: routes };
  },
};

function notOk(body: unknown): Reading<never> {
  return failed(refusal.safeParse(body).success ? 'refused' : 'malformed');
}

function coordinates(positions: readonly LatLng[]): string {
  return positions.map(({ lat, lng }) => `${lng.toFixed(DECIMALS)},${lat.toFixed(DECIMALS)}`).join(';');
}
