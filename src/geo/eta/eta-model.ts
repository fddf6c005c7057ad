/**
 * How long a delivery leg takes, learned online: a line for the market, shrunk from a prior; one for each area (an H3
 * cell of resolution 7), shrunk toward the market's; one for each hour of an area, shrunk toward the area's. Plain data
 * and pure functions, so that a journal can hold it. It must never know the clock, the road or the driver.
 */
import { latLngToCell } from 'h3-js';
import { isPosition, type LatLng } from '../distance.ts';
import { addTrip, clamp, durationS, fitLine, type Line, type LineSums, NO_SUMS } from './line.ts';
import { observeRatio, PRIOR_QUANTILES, type Quantiles } from './quantiles.ts';

export type VehicleType = 'bicycle' | 'motorbike' | 'car' | 'bakkie' | 'truck';

/** Mean actual / expected of a vehicle, where expected is that of a car. */
interface VehicleFactor {
  readonly trips: number;
  readonly factor: number;
}

interface AreaModel {
  readonly all: LineSums;
  /** By local hour, "0" to "23"; absent while unseen. */
  readonly hours: Readonly<Record<string, LineSums>>;
}

export interface EtaModel {
  readonly version: 1;
  readonly market: LineSums;
  /** By H3 cell, at most MAX_AREAS. */
  readonly areas: Readonly<Record<string, AreaModel>>;
  readonly vehicles: Readonly<Record<VehicleType, VehicleFactor>>;
  readonly quantiles: Quantiles;
}

export interface Leg {
  /** Where it begins; decides the area. */
  readonly from: LatLng;
  /** Great-circle distance, or the road's when all trips are given with it. */
  readonly distanceM: number;
  readonly vehicle: VehicleType;
  /** 0 to 23, local time. */
  readonly hour: number;
}

export interface Trip extends Leg {
  readonly durationS: number;
}

/** Seconds from now; p80 is not below p50, and both are a minute at least. */
interface Eta {
  readonly p50S: number;
  readonly p80S: number;
  /** The part of p50S that grows with the distance; the rest is waiting, parking and doors. No minimum. */
  readonly drivingS: number;
}

/** Fitted on 4,001 published Nairobi deliveries by great-circle distance. */
const PRIOR_LINE: Line = { overheadS: 760, paceSPerKm: 128 };
const PRIOR_FACTORS: Readonly<Record<VehicleType, number>> = { bicycle: 1.3, motorbike: 0.95, car: 1, bakkie: 1.05, truck: 1.2 };
const AREA_RESOLUTION = 7;
export const MAX_AREAS = 1_000;
/** The prior factor of a vehicle counts as this many trips, and no more than the second number are remembered. */
const FACTOR_PRIOR_TRIPS = 10;
const FACTOR_MEMORY_TRIPS = 500;
const MIN_FACTOR = 0.5;
const MAX_FACTOR = 3;
export const MIN_ETA_S = 60;
/** What a driver's own taps report is dirty: trips outside these bounds teach nothing. */
const MIN_TRIP_S = 60;
const MAX_TRIP_S = 4 * 3_600;
const MAX_TRIP_M = 100_000;
const MAX_SPEED_MPS = 100 / 3.6;

export function newEtaModel(): EtaModel {
  const vehicle = (type: VehicleType): VehicleFactor => ({ trips: 0, factor: PRIOR_FACTORS[type] });
  return {
    version: 1,
    market: NO_SUMS,
    areas: {},
    vehicles: {
      bicycle: vehicle('bicycle'),
      motorbike: vehicle('motorbike'),
      car: vehicle('car'),
      bakkie: vehicle('bakkie'),
      truck: vehicle('truck'),
    },
    quantiles: PRIOR_QUANTILES,
  };
}

/** The estimate of a leg. A leg that is invalid in a number (NaN, below 0, not a position) is estimated as one of no length in no area. */
export function predictEta(model: EtaModel, leg: Leg): Eta {
  const line = lineOf(model, leg);
  const { factor } = model.vehicles[leg.vehicle];
  const { p50, p80 } = model.quantiles;
  const expectedS = durationS(line, kilometres(leg)) * factor;
  return {
    p50S: Math.max(MIN_ETA_S, expectedS * p50),
    p80S: Math.max(MIN_ETA_S, expectedS * p80),
    drivingS: line.paceSPerKm * kilometres(leg) * factor * p50,
  };
}

/** The model after a finished trip; the same object when the trip cannot be true. O(areas), for the copy. */
export function observe(model: EtaModel, trip: Trip): EtaModel {
  if (!isBelievable(trip)) return model;
  const km = kilometres(trip);
  const carS = durationS(lineOf(model, trip), km);
  const vehicle = model.vehicles[trip.vehicle];
  const asCarS = trip.durationS / vehicle.factor;
  const name = areaOf(trip) as string;
  const area = model.areas[name] ?? { all: NO_SUMS, hours: {} };
  const hour = area.hours[trip.hour] ?? NO_SUMS;
  const learned: AreaModel = {
    all: addTrip(area.all, km, asCarS),
    hours: { ...area.hours, [trip.hour]: addTrip(hour, km, asCarS) },
  };
  return {
    version: 1,
    market: addTrip(model.market, km, asCarS),
    areas: withArea(model.areas, name, learned),
    vehicles: { ...model.vehicles, [trip.vehicle]: nextFactor(vehicle, trip.durationS / carS) },
    quantiles: observeRatio(model.quantiles, trip.durationS / (carS * vehicle.factor)),
  };
}

function lineOf(model: EtaModel, leg: Leg): Line {
  const market = fitLine(model.market, PRIOR_LINE);
  const name = areaOf(leg);
  const area = name === null ? undefined : model.areas[name];
  if (area === undefined) return market;
  return fitLine(area.hours[leg.hour] ?? NO_SUMS, fitLine(area.all, market));
}

/** Null for what is not a position. */
function areaOf(leg: Leg): string | null {
  return isPosition(leg.from.lat, leg.from.lng) ? latLngToCell(leg.from.lat, leg.from.lng, AREA_RESOLUTION) : null;
}

function kilometres(leg: Leg): number {
  return leg.distanceM > 0 ? clamp(leg.distanceM, 0, MAX_TRIP_M) / 1_000 : 0;
}

function isBelievable(trip: Trip): boolean {
  return (
    isPosition(trip.from.lat, trip.from.lng) &&
    Number.isInteger(trip.hour) &&
    trip.hour >= 0 &&
    trip.hour <= 23 &&
    trip.distanceM >= 0 &&
    trip.distanceM <= MAX_TRIP_M &&
    trip.durationS >= MIN_TRIP_S &&
    trip.durationS <= MAX_TRIP_S &&
    trip.distanceM / trip.durationS <= MAX_SPEED_MPS
  );
}

/** A new area takes the place of the one with the least weight when there are too many. */
function withArea(areas: EtaModel['areas'], name: string, learned: AreaModel): EtaModel['areas'] {
  const next: Record<string, AreaModel> = { ...areas, [name]: learned };
  if (Object.keys(next).length <= MAX_AREAS) return next;
  let lightest = '';
  let least = Number.POSITIVE_INFINITY;
  for (const [other, { all }] of Object.entries(areas)) {
    if (all.weight < least) {
      least = all.weight;
      lightest = other;
    }
  }
  delete next[lightest];
  return next;
}

/** A mean that begins at the prior; one wild trip counts no more than three times the usual. */
function nextFactor(before: VehicleFactor, ratio: number): VehicleFactor {
  const trips = Math.min(before.trips + 1, FACTOR_MEMORY_TRIPS);
  const believed = clamp(ratio, before.factor / 3, before.factor * 3);
  const factor = before.factor + (believed - before.factor) / (FACTOR_PRIOR_TRIPS + trips);
  return { trips, factor: clamp(factor, MIN_FACTOR, MAX_FACTOR) };
}
