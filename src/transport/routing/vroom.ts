/**
 * The HTTP format of VROOM 1.9 and later behind vroom-express: one POST, longitude before latitude, whole seconds from
 * the departure. No I/O. Time windows are hard there, so a round that cannot keep them all is not for it.
 */
import { z } from 'zod';
import type { PlannedStop, Round, RoundPlan, RoundStop } from '../../actors/market/routing.ts';
import { isPosition, type LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import { isBelievableDuration } from './believable.ts';
import { failed, type ProviderRequest, type Reading } from './provider-client.ts';
import { capacityOf, fits, lateOf } from './round-model.ts';

const VEHICLE_ID = 1;
/** A round is over within a day. */
const HORIZON_S = 24 * 3_600;
/** Larger rounds are not asked for: VROOM would take longer than our limit. */
const VROOM_PARCELS_MAX = 50;
/** As vroom-express names its routing servers by default; others are up to its configuration. */
const PROFILES: Readonly<Record<VehicleType, string>> = { bicycle: 'bike', motorbike: 'car', car: 'car', bakkie: 'car', truck: 'car' };
/** Whole seconds leave this much between what is added up and what is told. */
const ROUNDING_S = 2;

const refusal = z.object({ code: z.number().min(1), error: z.string() });
const seconds = z.number().min(0).max(HORIZON_S);
const step = z.object({
  type: z.enum(['start', 'pickup', 'delivery', 'job', 'end']),
  id: z.number().int().optional(),
  arrival: seconds,
  /** On the road since the start of the round. */
  duration: seconds,
});
const answerSchema = z.object({
  code: z.literal(0),
  unassigned: z.array(z.unknown()),
  routes: z.array(z.object({ vehicle: z.literal(VEHICLE_ID), steps: z.array(step) })).length(1),
});

type Step = z.infer<typeof step>;

/** Null for what VROOM cannot take: no parcels or too many, no position, a window that is over or holds no second. */
export function vroomRequest(round: Round): ProviderRequest | null {
  const { parcels, atMs } = round;
  const stops = parcels.flatMap(({ pickup, dropoff }) => (pickup === null ? [dropoff] : [pickup, dropoff]));
  const places = [round.start, ...stops.map((stop) => stop.position)];
  if (parcels.length === 0 || parcels.length > VROOM_PARCELS_MAX) return null;
  if (!places.every(({ lat, lng }) => isPosition(lat, lng)) || !stops.every((stop) => isOpen(stop, atMs))) return null;
  const task = (stop: RoundStop, id: number) => {
    return { id, location: lngLat(stop.position), service: Math.max(0, Math.round(stop.serviceS)), time_windows: [windowOf(stop, atMs)] };
  };
  const vehicle = {
    id: VEHICLE_ID,
    profile: PROFILES[round.vehicle],
    start: lngLat(round.start),
    capacity: [capacityOf(round)],
  };
  const jobs = parcels.flatMap(({ pickup, dropoff }, i) => (pickup === null ? [{ ...task(dropoff, i + 1), delivery: [1] }] : []));
  const shipments = parcels.flatMap(({ pickup, dropoff }, i) =>
    pickup === null ? [] : [{ amount: [1], pickup: task(pickup, i + 1), delivery: task(dropoff, i + 1) }],
  );
  return { operation: 'round', path: '/', body: { vehicles: [vehicle], jobs, shipments } };
}

/** `value` is null when VROOM is well but leaves a parcel out, because the windows cannot all be kept. */
export function readVroom(status: number, body: unknown, round: Round): Reading<RoundPlan | null> {
  const answer = answerSchema.safeParse(body);
  if (status !== 200 || !answer.success) return readNone(body);
  if (answer.data.unassigned.length > 0) return { ok: true, value: null };
  const stops = stopsOf(answer.data.routes[0]?.steps ?? [], round);
  if (stops === null || !fits(stops, capacityOf(round))) return failed('malformed');
  if (!isBelievable(stops, round)) return failed('unbelievable');
  return { ok: true, value: { stops, source: 'vroom' } };
}

const allUnassigned = z.object({ code: z.literal(0), unassigned: z.array(z.unknown()).min(1), routes: z.array(z.unknown()).length(0) });

/** A round of which nothing can be kept has no route at all. */
function readNone(body: unknown): Reading<null> {
  if (allUnassigned.safeParse(body).success) return { ok: true, value: null };
  return failed(refusal.safeParse(body).success ? 'refused' : 'malformed');
}

/** Null unless every stop comes once, each pickup before its dropoff, and time does not run backwards. */
function stopsOf(steps: readonly Step[], { parcels, atMs }: Round): PlannedStop[] | null {
  const [start, ...rest] = steps;
  if (start?.type !== 'start') return null;
  const tasks = rest.at(-1)?.type === 'end' ? rest.slice(0, -1) : rest;
  const done = new Set<string>();
  const planned: PlannedStop[] = [];
  let before = start;
  for (const task of tasks) {
    const { type, id, arrival, duration } = task;
    const parcel = id === undefined ? undefined : parcels[id - 1];
    const at = type === 'pickup' ? parcel?.pickup : parcel?.dropoff;
    const expected = parcel?.pickup === null ? ['job'] : ['pickup', 'delivery'];
    if (parcel === undefined || at === undefined || at === null || !expected.includes(type) || done.has(`${type} ${id}`)) return null;
    if (type === 'delivery' && !done.has(`pickup ${id}`)) return null;
    const drivingS = duration - before.duration;
    if (drivingS < 0 || arrival - before.arrival < drivingS - ROUNDING_S) return null;
    done.add(`${type} ${id}`);
    const arriveAtMs = atMs + arrival * 1_000;
    const kind = type === 'pickup' ? 'pickup' : 'dropoff';
    planned.push({ orderId: parcel.orderId, kind, drivingS, arriveAtMs, lateS: lateOf(at, arriveAtMs) });
    before = task;
  }
  const expectedStops = parcels.reduce((sum, parcel) => sum + (parcel.pickup === null ? 1 : 2), 0);
  return planned.length === expectedStops ? planned : null;
}

function isBelievable(stops: readonly PlannedStop[], round: Round): boolean {
  const parcelOf = new Map(round.parcels.map((parcel) => [parcel.orderId, parcel]));
  let from: LatLng = round.start;
  for (const { orderId, kind, drivingS } of stops) {
    const parcel = parcelOf.get(orderId);
    const to = (kind === 'pickup' ? parcel?.pickup : parcel?.dropoff)?.position;
    if (to === undefined || !isBelievableDuration(from, to, drivingS)) return false;
    from = to;
  }
  return true;
}

function isOpen(stop: RoundStop, atMs: number): boolean {
  const [first, last] = windowOf(stop, atMs);
  return first <= last && last >= 0;
}

/** Seconds after the departure, both inclusive. */
function windowOf({ earliestMs, latestMs }: RoundStop, atMs: number): [number, number] {
  const first = earliestMs === null ? 0 : Math.max(0, Math.ceil((earliestMs - atMs) / 1_000));
  const last = latestMs === null ? HORIZON_S : Math.min(HORIZON_S, Math.floor((latestMs - atMs) / 1_000));
  return [first, last];
}

function lngLat({ lat, lng }: LatLng): [number, number] {
  return [lng, lat];
}
