/**
 * The HTTP format of Valhalla 3.3 and later, which has compact matrices: POST, named coordinates, seconds and
 * kilometres. No I/O. No `date_time` is sent: it wants local time, and matrices of many to many refuse it.
 */
import { z } from 'zod';
import type { LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import { decodePolyline6 } from './polyline6.ts';
import type { Protocol, WireRoute } from './protocol.ts';
import { failed, type Reading } from './provider-client.ts';
import { matrixSchema, pairMatrices } from './wire-matrix.ts';

/** At most 50 x 50: the default `max_matrix_location_pairs` is 2,500. */
const TABLE_POSITIONS_MAX = 100;
/** The default `max_locations` of its costings for cars. */
const ROUTE_STOPS_MAX = 20;
/** Besides the first. Given for two stops only. */
const ALTERNATES = 2;
const METRES_PER_KM = 1_000;
const UNITS = 'kilometers';
const COSTINGS: Readonly<Record<VehicleType, string>> = {
  bicycle: 'bicycle',
  motorbike: 'motor_scooter',
  car: 'auto',
  bakkie: 'auto',
  truck: 'truck',
};

const refusal = z.object({ error_code: z.number(), error: z.string() });
const tableAnswer = z.object({
  sources_to_targets: z.object({ durations: matrixSchema, distances: matrixSchema }),
  units: z.literal(UNITS),
});
const leg = z.object({ summary: z.object({ time: z.number(), length: z.number() }), shape: z.string() });
const trip = z.object({ status: z.literal(0), units: z.literal(UNITS), legs: z.array(leg) });
const routeAnswer = z.object({ trip, alternates: z.array(z.object({ trip })).max(ALTERNATES).optional() });

export const VALHALLA: Protocol = {
  source: 'valhalla',
  tablePositionsMax: TABLE_POSITIONS_MAX,
  routeStopsMax: ROUTE_STOPS_MAX,

  tableRequest(from, to, vehicle) {
    const body = { sources: from.map(location), targets: to.map(location), costing: COSTINGS[vehicle], units: UNITS, verbose: false };
    return { operation: 'table', path: '/sources_to_targets', body };
  },

  readTable(status, body, rows, columns) {
    const answer = tableAnswer.safeParse(body);
    if (status !== 200 || !answer.success) return notOk(body);
    const { durations, distances } = answer.data.sources_to_targets;
    const value = pairMatrices(durations, distances, { rows, columns, metres: METRES_PER_KM });
    return value === null ? failed('malformed') : { ok: true, value };
  },

  routeRequest(stops, vehicle) {
    const locations = stops.map((stop) => ({ ...location(stop), type: 'break' }));
    const alternates = stops.length === 2 ? { alternates: ALTERNATES } : {};
    const body = { locations, costing: COSTINGS[vehicle], units: UNITS, directions_type: 'none', ...alternates };
    return { operation: 'route', path: '/route', body };
  },

  readRoute(status, body, legs) {
    const answer = routeAnswer.safeParse(body);
    if (status !== 200 || !answer.success) return notOk(body);
    const routes: WireRoute[] = [];
    for (const way of [answer.data.trip, ...(answer.data.alternates ?? []).map((alternate) => alternate.trip)]) {
      const line = lineOf(way.legs.map(({ shape }) => shape));
      if (line === null || way.legs.length !== legs) return failed('malformed');
      routes.push({ line, legs: way.legs.map(({ summary }) => ({ durationS: summary.time, distanceM: summary.length * METRES_PER_KM })) });
    }
    return { ok: true, value: routes };
  },
};

function notOk(body: unknown): Reading<never> {
  return failed(refusal.safeParse(body).success ? 'refused' : 'malformed');
}

function location({ lat, lng }: LatLng): { lat: number; lon: number } {
  return { lat, lon: lng };
}

/** A leg begins where the one before ends; that vertex is kept once. */
function lineOf(shapes: readonly string[]): LatLng[] | null {
  const line: LatLng[] = [];
  for (const shape of shapes) {
    const part = decodePolyline6(shape);
    if (part === null) return null;
    line.push(...(line.length === 0 ? part : part.slice(1)));
  }
  return line;
}
