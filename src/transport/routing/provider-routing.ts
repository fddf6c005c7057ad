/**
 * Roads by a routing service, with the model under it: every leg begins as the model's, and what the service tells in
 * time and can be believed takes its place. It must never know a wire format, and never throws.
 */
import type { RoadLeg, RoadRoute, RouteAnswer, Routing } from '../../actors/market/routing.ts';
import { isPosition, type LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import { isBelievableLeg, isBelievableLine } from './believable.ts';
import type { FallbackReason, RoutingHook, RoutingOperation } from './events.ts';
import type { Protocol, WireRoute, WireTable } from './protocol.ts';
import { failed, type ProviderClient, type Reading } from './provider-client.ts';
import { type RoadModel, sumOf } from './road-model.ts';
import { bestFirst } from './route-score.ts';
import { within } from './within.ts';

interface ProviderRoutingOptions {
  readonly protocol: Protocol;
  readonly client: ProviderClient;
  readonly model: RoadModel;
  /** From the call to its answer, whatever the service does. */
  readonly limitMs: number;
  readonly hook?: RoutingHook | undefined;
}

/** A part of a table, small enough for one request: positions in the whole table's rows and columns. */
interface Block {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** More pairs than this are not asked for; the model alone answers. */
const TABLE_MAX_PAIRS = 20_000;

export function createProviderRouting(options: ProviderRoutingOptions): Routing {
  const { protocol, model, limitMs, hook } = options;

  function fellBack(operation: RoutingOperation, reason: FallbackReason, count: number): void {
    if (count > 0) hook?.({ type: 'fallback', source: protocol.source, operation, reason, count });
  }

  return {
    async table(from, to, vehicle, atMs, signal) {
      const legs = model.table(from, to, vehicle, atMs);
      const blocks = from.length * to.length > TABLE_MAX_PAIRS ? [] : blocksOf(from, to, protocol.tablePositionsMax);
      if (blocks.length === 0) {
        fellBack('table', 'not_asked', from.length * to.length);
        return { legs };
      }
      const missing = new Set(blocks);
      const done = await within(limitMs, signal, (late) =>
        Promise.all(
          blocks.map(async (block) => {
            const outcome = await askBlock(options, { block, from, to, vehicle, late });
            // The table has been handed out meanwhile.
            if (late.aborted) return;
            missing.delete(block);
            if (outcome.ok) fill(legs, block, { ...options, from, to, wire: outcome.value }, fellBack);
            else fellBack('table', outcome.reason, block.rows.length * block.columns.length);
          }),
        ),
      );
      if (done === null) {
        let count = 0;
        for (const { rows, columns } of missing) count += rows.length * columns.length;
        fellBack('table', reasonOf(signal), count);
      }
      return { legs };
    },

    async route(stops, vehicle, atMs, signal) {
      const byModel: RouteAnswer = { best: model.route(stops, vehicle, atMs), others: [] };
      if (stops.length < 2) return byModel;
      if (stops.length > protocol.routeStopsMax || !stops.every(isOnGlobe)) {
        fellBack('route', 'not_asked', 1);
        return byModel;
      }
      const outcome = await within(limitMs, signal, (late) => askRoute(options, stops, vehicle, late));
      if (outcome?.ok === true) return outcome.value;
      fellBack('route', outcome === null ? reasonOf(signal) : outcome.reason, 1);
      return byModel;
    },
  };
}

function reasonOf(signal: AbortSignal | undefined): FallbackReason {
  return signal?.aborted === true ? 'cancelled' : 'timeout';
}

function isOnGlobe({ lat, lng }: LatLng): boolean {
  return isPosition(lat, lng);
}

/** Covers every pair of positions on the globe once; one request's positions, rows and columns together, are `max` at most. */
function blocksOf(from: readonly LatLng[], to: readonly LatLng[], max: number): Block[] {
  const rows = from.flatMap((position, i) => (isOnGlobe(position) ? [i] : []));
  const columns = to.flatMap((position, i) => (isOnGlobe(position) ? [i] : []));
  // A short side is never cut, so that the other may be long.
  const half = Math.floor(max / 2);
  const height = Math.min(rows.length, columns.length < half ? max - columns.length : half);
  const width = max - height;
  const blocks: Block[] = [];
  for (let i = 0; i < rows.length; i += height) {
    for (let j = 0; j < columns.length; j += width) {
      blocks.push({ rows: rows.slice(i, i + height), columns: columns.slice(j, j + width) });
    }
  }
  return blocks;
}

interface Asked {
  readonly block: Block;
  readonly from: readonly LatLng[];
  readonly to: readonly LatLng[];
  readonly vehicle: VehicleType;
  readonly late: AbortSignal;
}

function askBlock({ protocol, client }: ProviderRoutingOptions, { block, from, to, vehicle, late }: Asked): Promise<Reading<WireTable>> {
  const starts = block.rows.map((row) => from[row] as LatLng);
  const ends = block.columns.map((column) => to[column] as LatLng);
  const read = (status: number, body: unknown): Reading<WireTable> => {
    const reading = protocol.readTable(status, body, starts.length, ends.length);
    return reading.ok && isNonsense(reading.value, starts, ends) ? failed('unbelievable') : reading;
  };
  return client.ask(protocol.tableRequest(starts, ends, vehicle), read, late);
}

/** True when ways were told and none of them can be: a service with another country's map, or one gone mad. */
function isNonsense(table: WireTable, starts: readonly LatLng[], ends: readonly LatLng[]): boolean {
  let told = 0;
  for (const [i, row] of table.entries()) {
    for (const [j, cell] of row.entries()) {
      if (cell === null) continue;
      if (isBelievableLeg(starts[i] as LatLng, ends[j] as LatLng, cell.durationS, cell.distanceM)) return false;
      told += 1;
    }
  }
  return told > 0;
}

interface Told {
  readonly protocol: Protocol;
  readonly from: readonly LatLng[];
  readonly to: readonly LatLng[];
  readonly wire: WireTable;
}

/** Puts the service's legs in place of the model's, where they can be believed. */
function fill(
  legs: RoadLeg[][],
  { rows, columns }: Block,
  { protocol, from, to, wire }: Told,
  fellBack: (operation: 'table', reason: FallbackReason, count: number) => void,
): void {
  let noWay = 0;
  let unbelievable = 0;
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      const cell = wire[i]?.[j] ?? null;
      if (cell === null) noWay += 1;
      else if (!isBelievableLeg(from[row] as LatLng, to[column] as LatLng, cell.durationS, cell.distanceM)) unbelievable += 1;
      else (legs[row] as RoadLeg[])[column] = { ...cell, source: protocol.source };
    }
  }
  fellBack('table', 'no_way', noWay);
  fellBack('table', 'unbelievable', unbelievable);
}

function askRoute(
  { protocol, client }: ProviderRoutingOptions,
  stops: readonly LatLng[],
  vehicle: VehicleType,
  late: AbortSignal,
): Promise<Reading<RouteAnswer>> {
  const read = (status: number, body: unknown): Reading<RouteAnswer> => {
    const reading = protocol.readRoute(status, body, stops.length - 1);
    if (!reading.ok) return reading;
    const routes = reading.value.filter((route) => isBelievable(route, stops)).map((route) => roadRoute(route, protocol));
    const [best, ...others] = bestRoutes(routes);
    return best === undefined ? failed('unbelievable') : { ok: true, value: { best, others } };
  };
  return client.ask(protocol.routeRequest(stops, vehicle), read, late);
}

function isBelievable({ legs, line }: WireRoute, stops: readonly LatLng[]): boolean {
  const legsAre = legs.every((leg, i) => isBelievableLeg(stops[i] as LatLng, stops[i + 1] as LatLng, leg.durationS, leg.distanceM));
  return legsAre && isBelievableLine(line, stops);
}

function roadRoute({ legs, line }: WireRoute, { source }: Protocol): RoadRoute {
  return sumOf(
    legs.map((leg) => ({ ...leg, source })),
    line,
    source,
  );
}

/** Neither service tells delay, danger or cost, so distance and duration decide. */
function bestRoutes(routes: readonly RoadRoute[]): RoadRoute[] {
  const options = routes.map((route) => {
    return { route, distanceM: route.distanceM, durationS: route.durationS, trafficDelayS: null, unsafeShare: null, costMinor: null };
  });
  return bestFirst(options).map(({ route }) => route);
}
