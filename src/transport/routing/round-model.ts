/**
 * The built-in order of a round: each parcel, the most urgent first, goes where it makes the others least late and the
 * round least long. Good, not best. It must never know about services.
 */
import type { PlannedStop, Round, RoundParcel, RoundPlan, RoundStop } from '../../actors/market/routing.ts';
import type { LatLng } from '../../geo/distance.ts';
import type { RoadModel } from './road-model.ts';

interface Stop {
  readonly orderId: string;
  readonly kind: 'pickup' | 'dropoff';
  readonly at: RoundStop;
  /** Row and column of the legs; 0 is the start. */
  readonly place: number;
}

interface Context {
  readonly round: Round;
  /** Seconds from place to place. */
  readonly legsS: readonly (readonly number[])[];
}

/** Parcels beyond this are not weighed but appended, the most urgent first. */
const WEIGHED_PARCELS_MAX = 20;
/** A second late counts as much as this many seconds of a longer round. */
const LATE_WEIGHT = 10;

/** Total; the empty plan for no parcels. O(parcels^4) up to the maximum, some 20 ms there. */
export function planByModel(round: Round, model: RoadModel): RoundPlan {
  const parcels = stopsOf(round.parcels);
  const places: LatLng[] = [round.start];
  for (const stops of parcels) for (const stop of stops) places[stop.place] = stop.at.position;
  const legsS = model.table(places, places, round.vehicle, round.atMs).map((row) => row.map((leg) => leg.durationS));
  const context = { round, legsS };
  const capacity = capacityOf(round);

  // What is on board takes room from the start, so it comes first.
  const onBoard = parcels.filter((stops) => stops.length === 1);
  const toFetch = parcels.filter((stops) => stops.length === 2);
  let sequence: readonly Stop[] = [];
  for (const [i, stops] of [...onBoard, ...toFetch].entries()) {
    sequence = i < WEIGHED_PARCELS_MAX ? insertBest(sequence, stops, capacity, context) : [...sequence, ...stops];
  }
  return { stops: timesOf(sequence, context), source: 'model' };
}

/** The stops of each parcel, one or two, by urgency. */
function stopsOf(parcels: readonly RoundParcel[]): Stop[][] {
  let place = 0;
  const urgency = ({ dropoff }: RoundParcel): number => dropoff.latestMs ?? Number.MAX_VALUE;
  return [...parcels]
    .sort((a, b) => urgency(a) - urgency(b))
    .map(({ orderId, pickup, dropoff }) => {
      const stops: Stop[] = pickup === null ? [] : [{ orderId, kind: 'pickup', at: pickup, place: ++place }];
      return [...stops, { orderId, kind: 'dropoff', at: dropoff, place: ++place }];
    });
}

/** At the end there is always room, since everything else has been dropped by then. */
function insertBest(sequence: readonly Stop[], stops: readonly Stop[], capacity: number, context: Context): readonly Stop[] {
  let best: readonly Stop[] = [...sequence, ...stops];
  let least = costOf(best, context);
  const last = stops.at(-1) as Stop;
  const pickup = stops.length === 2 ? (stops[0] as Stop) : null;
  for (let i = 0; i <= sequence.length; i++) {
    for (let j = pickup === null ? i : 0; j <= i; j++) {
      const middle = pickup === null ? [] : [pickup, ...sequence.slice(j, i)];
      const tried = [...sequence.slice(0, j), ...middle, last, ...sequence.slice(i)];
      const cost = costOf(tried, context);
      if (cost < least && fits(tried, capacity)) {
        least = cost;
        best = tried;
      }
    }
  }
  return best;
}

/** What can be on board at once, in whole parcels: one at least, and what is on board already. */
export function capacityOf({ capacity, parcels }: Round): number {
  const onBoard = parcels.filter((parcel) => parcel.pickup === null).length;
  return Math.max(1, onBoard, Number.isFinite(capacity) ? Math.floor(capacity) : 0);
}

/** What is dropped without having been picked up in the sequence was on board. */
export function fits(sequence: readonly Pick<PlannedStop, 'kind'>[], capacity: number): boolean {
  const pickups = sequence.filter((stop) => stop.kind === 'pickup').length;
  let load = sequence.length - 2 * pickups;
  for (const { kind } of sequence) {
    load += kind === 'pickup' ? 1 : -1;
    if (load > capacity) return false;
  }
  return true;
}

function costOf(sequence: readonly Stop[], context: Context): number {
  let lateS = 0;
  const endMs = drive(sequence, context, (stop, arriveAtMs) => {
    lateS += lateOf(stop.at, arriveAtMs);
  });
  return lateS * LATE_WEIGHT + (endMs - context.round.atMs) / 1_000;
}

function timesOf(sequence: readonly Stop[], context: Context): PlannedStop[] {
  const planned: PlannedStop[] = [];
  drive(sequence, context, ({ orderId, kind, at }, arriveAtMs, drivingS) => {
    planned.push({ orderId, kind, drivingS, arriveAtMs, lateS: lateOf(at, arriveAtMs) });
  });
  return planned;
}

/** @returns when the last stop is done, unix ms. */
function drive(
  sequence: readonly Stop[],
  { round, legsS }: Context,
  arrive: (stop: Stop, arriveAtMs: number, drivingS: number) => void,
): number {
  let nowMs = round.atMs;
  let place = 0;
  for (const stop of sequence) {
    const drivingS = legsS[place]?.[stop.place] as number;
    nowMs += drivingS * 1_000;
    arrive(stop, nowMs, drivingS);
    nowMs = Math.max(nowMs, stop.at.earliestMs ?? nowMs) + stop.at.serviceS * 1_000;
    place = stop.place;
  }
  return nowMs;
}

export function lateOf({ latestMs }: RoundStop, arriveAtMs: number): number {
  return latestMs === null ? 0 : Math.max(0, (arriveAtMs - latestMs) / 1_000);
}
