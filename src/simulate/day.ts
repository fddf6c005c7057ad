/**
 * A simulated day: the clock, the couriers, who may take what. Virtual time in whole minutes, as the instances have it. A
 * policy sees the day through `Matcher` and gives orders to couriers by `assign`, for good. It must never know which policy runs.
 */
import { Courier, type Delivery, type Stop } from './courier.ts';
import type { Instance, Order } from './instance.ts';
import { travelMin } from './plane.ts';

/** What a policy is told, in this order in each minute. Couriers accept whatever they can do in time. */
export interface Matcher {
  /** The courier came on duty, or ended a stop. */
  courierChanged(courier: Courier, min: number): void;
  /** It may not be given anything more. */
  courierOff(courier: Courier): void;
  placed(order: Order, min: number): void;
  /** Nobody may be given it any more. */
  givenUp(order: Order, min: number): void;
  match(min: number): void;
}

export interface DayOptions {
  /** An order that nobody has after so long is given up; null: only when nobody could be in time. */
  readonly expireAfterMin: number | null;
}

/** Couriers finish what they have; nobody works longer than this after the last event. */
const AFTERMATH_MIN = 600;

export class Day {
  readonly instance: Instance;
  readonly couriers: readonly Courier[];
  readonly #options: DayOptions;
  readonly #open = new Map<string, Order>();

  constructor(instance: Instance, options: DayOptions) {
    this.instance = instance;
    this.#options = options;
    this.couriers = instance.couriers.map((shift) => new Courier(shift, instance.parameters));
  }

  /** Can the courier do these stops, the order's included, before it goes off and no order's time runs out? Gives it the order then. */
  assign(courier: Courier, order: Order, stops: readonly Stop[], min: number): boolean {
    if (!this.#open.has(order.id) || !courier.isOnDuty(min)) return false;
    const times = courier.foresee(stops, min);
    const inTime = stops.every((stop, i) => (times[i] as number) <= this.#latestMin(courier, stop));
    if (!inTime) return false;
    courier.assign(order, stops, min);
    this.#open.delete(order.id);
    return true;
  }

  /** @returns what was delivered, by order of assignment of each courier. */
  run(matcher: Matcher): Delivery[] {
    const { orders } = this.instance;
    const firstMin = Math.min(0, ...orders.map(({ placementMin }) => placementMin));
    const lastMin = Math.max(0, ...orders.map(({ placementMin }) => placementMin), ...this.couriers.map(({ shift }) => shift.offMin));
    let next = 0;
    for (let min = firstMin; min <= lastMin + AFTERMATH_MIN; min++) {
      for (const courier of this.couriers) this.#advance(courier, matcher, min);
      for (; next < orders.length && (orders[next] as Order).placementMin <= min; next++) {
        const order = orders[next] as Order;
        this.#open.set(order.id, order);
        matcher.placed(order, min);
      }
      for (const order of this.#open.values()) {
        if (!this.#isHopeless(order, min)) continue;
        this.#open.delete(order.id);
        matcher.givenUp(order, min);
      }
      matcher.match(min);
      for (const courier of this.couriers) courier.depart(min);
    }
    return this.couriers.flatMap(({ deliveries }) => deliveries);
  }

  #advance(courier: Courier, matcher: Matcher, min: number): void {
    const ended = courier.advance(min);
    if (min === courier.shift.onMin || (ended && courier.isOnDuty(min))) matcher.courierChanged(courier, min);
    if (min === courier.shift.offMin + 1) matcher.courierOff(courier);
  }

  #latestMin(courier: Courier, stop: Stop): number {
    return stop.kind === 'pickup' ? courier.shift.offMin : stop.order.placementMin + this.instance.parameters.maxClickToDoorMin;
  }

  /** Nobody could be in time even if a courier stood at the restaurant. */
  #isHopeless(order: Order, min: number): boolean {
    const { maxClickToDoorMin, metersPerMinute } = this.instance.parameters;
    const { expireAfterMin } = this.#options;
    if (expireAfterMin !== null && min > order.placementMin + expireAfterMin) return true;
    const soonestMin = Math.max(min, order.readyMin) + travelMin(order.restaurant, order, metersPerMinute);
    return soonestMin > order.placementMin + maxClickToDoorMin;
  }
}
