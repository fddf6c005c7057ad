/**
 * Made-up city-days in the MDRP format, the same for the same seed: crowded spots, lunch and dinner peaks, short shifts that are
 * tight at the peaks. Distances, preparation and shifts follow the published characteristics of real days. It must never know a policy.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../make-folder.ts';
import {
  type CourierShift,
  type Instance,
  type InstanceParameters,
  type Order,
  PARAMETER_COLUMNS,
  type Point,
  type Restaurant,
} from './instance.ts';

export interface CityDayOptions {
  readonly seed: number;
  readonly orders: number;
  readonly couriers: number;
  readonly restaurants: number;
}

export const CITY_DAY_DEFAULTS: CityDayOptions = { seed: 1, orders: 3_000, couriers: 400, restaurants: 300 };

const SPOTS = 12;
const CITY_RADIUS_M = 5_000;
const SPOT_SPREAD_M = 700;
/** Of restaurants; customers live more evenly. */
const AT_SPOTS = 0.7;
/** Restaurant to customer: a mean of 2.2 km, nobody beyond 5.8 km. */
const DELIVERY_SPREAD_M = 1_750;
const DELIVERY_MAX_M = 5_800;
const OPEN_MIN = 0;
const CLOSE_MIN = 840;
/** Middle and spread of the peaks, and the share of orders in each; the rest comes evenly. */
const PEAKS = [
  { middleMin: 150, spreadMin: 60, share: 0.3 },
  { middleMin: 525, spreadMin: 90, share: 0.4 },
] as const;
/** Median and spread of the time to prepare. */
const PREPARATION_MIN = 15;
const PREPARATION_SPREAD = 0.55;
const PREPARATION_MAX_MIN = 55;
const SHIFTS_MIN = [210, 240, 270, 300, 330] as const;
/** Shifts begin in quarters of an hour. */
const SHIFT_STEP_MIN = 15;

const PARAMETERS: InstanceParameters = {
  metersPerMinute: 320,
  pickupServiceMin: 4,
  dropoffServiceMin: 4,
  targetClickToDoorMin: 40,
  maxClickToDoorMin: 90,
  payPerOrder: 10,
  guaranteedPayPerHour: 15,
};

/** @throws RangeError for a seed that is no whole number, and for counts below 1. */
export function makeCityDay(given: Partial<CityDayOptions> = {}): Instance {
  const options = { ...CITY_DAY_DEFAULTS, ...given };
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || (name !== 'seed' && value < 1)) throw new RangeError(`${name} ${value} is no whole number above 0`);
  }
  const dice = new Dice(options.seed);
  const spots = Array.from({ length: SPOTS }, () => dice.inDisk({ x: 0, y: 0 }, CITY_RADIUS_M));
  const restaurants = Array.from({ length: options.restaurants }, (_, i): Restaurant => ({ id: `r${i + 1}`, ...somewhere(dice, spots) }));
  const orders = Array.from({ length: options.orders }, () => anOrder(dice, restaurants))
    .sort((a, b) => a.placementMin - b.placementMin)
    .map((order, i): Order => ({ id: `o${i + 1}`, ...order }));
  const couriers = Array.from({ length: options.couriers }, () => aShift(dice, spots))
    .sort((a, b) => a.onMin - b.onMin)
    .map((shift, i): CourierShift => ({ id: `c${i + 1}`, ...shift }));
  return { orders, couriers, restaurants, parameters: PARAMETERS };
}

function somewhere(dice: Dice, spots: readonly Point[]): Point {
  if (dice.next() >= AT_SPOTS) return whole(dice.inDisk({ x: 0, y: 0 }, CITY_RADIUS_M));
  return whole(dice.near(dice.oneOf(spots), SPOT_SPREAD_M));
}

function anOrder(dice: Dice, restaurants: readonly Restaurant[]): Omit<Order, 'id'> {
  // A few restaurants have most of the orders.
  const restaurant = restaurants[Math.floor(restaurants.length * dice.next() ** 2)] as Restaurant;
  let home = dice.near(restaurant, DELIVERY_SPREAD_M);
  while (Math.hypot(home.x - restaurant.x, home.y - restaurant.y) > DELIVERY_MAX_M) home = dice.near(restaurant, DELIVERY_SPREAD_M);
  const placementMin = aMinute(dice);
  const preparation = Math.min(
    PREPARATION_MAX_MIN,
    Math.max(1, Math.round(PREPARATION_MIN * Math.exp(PREPARATION_SPREAD * dice.normal()))),
  );
  return { ...whole(home), placementMin, readyMin: placementMin + preparation, restaurant };
}

function aMinute(dice: Dice): number {
  const which = dice.next();
  let sum = 0;
  for (const peak of PEAKS) {
    sum += peak.share;
    if (which < sum) return clampMinute(peak.middleMin + peak.spreadMin * dice.normal());
  }
  return clampMinute(OPEN_MIN + dice.next() * (CLOSE_MIN - OPEN_MIN));
}

/** Planned by demand: a shift covers a minute in which orders come, wherever in it. The smoothing is what leaves the peaks tight. */
function aShift(dice: Dice, spots: readonly Point[]): Omit<CourierShift, 'id'> {
  const lengthMin = dice.oneOf(SHIFTS_MIN);
  const startMin = aMinute(dice) - dice.next() * lengthMin;
  const onMin = Math.max(0, Math.round(startMin / SHIFT_STEP_MIN) * SHIFT_STEP_MIN);
  return { ...whole(dice.near(dice.oneOf(spots), SPOT_SPREAD_M)), onMin, offMin: onMin + lengthMin };
}

function clampMinute(minute: number): number {
  return Math.round(Math.min(CLOSE_MIN, Math.max(OPEN_MIN, minute)));
}

function whole({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
}

/** The same throws for the same seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  oneOf<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }

  inDisk(middle: Point, radius: number): Point {
    const angle = 2 * Math.PI * this.next();
    const away = radius * Math.sqrt(this.next());
    return { x: middle.x + away * Math.cos(angle), y: middle.y + away * Math.sin(angle) };
  }

  near(middle: Point, spread: number): Point {
    return { x: middle.x + spread * this.normal(), y: middle.y + spread * this.normal() };
  }
}

/** Writes the four files. @throws Error when the folder cannot be written. */
export function writeInstance(folder: string, { orders, couriers, restaurants, parameters }: Instance): void {
  makeFolder(folder);
  const write = (file: string, rows: readonly (readonly (string | number)[])[]): void =>
    writeFileSync(path.join(folder, file), `${rows.map((row) => row.join('\t')).join('\n')}\n`);
  write('orders.txt', [
    ['order', 'x', 'y', 'placement_time', 'restaurant', 'ready_time'],
    ...orders.map((order) => [order.id, order.x, order.y, order.placementMin, order.restaurant.id, order.readyMin]),
  ]);
  write('couriers.txt', [
    ['courier', 'x', 'y', 'on_time', 'off_time'],
    ...couriers.map(({ id, x, y, onMin, offMin }) => [id, x, y, onMin, offMin]),
  ]);
  write('restaurants.txt', [['restaurant', 'x', 'y'], ...restaurants.map(({ id, x, y }) => [id, x, y])]);
  write('instance_parameters.txt', [
    PARAMETER_COLUMNS,
    [
      parameters.metersPerMinute,
      parameters.pickupServiceMin,
      parameters.dropoffServiceMin,
      parameters.targetClickToDoorMin,
      parameters.maxClickToDoorMin,
      parameters.payPerOrder,
      parameters.guaranteedPayPerHour,
    ],
  ]);
}
