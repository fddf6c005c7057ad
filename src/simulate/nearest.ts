/** Baselines without a dispatcher: each order goes by itself to the nearest free courier, who has one order at a time. They must never plan ahead. */
import type { Courier, Stop } from './courier.ts';
import type { Day, Matcher } from './day.ts';
import type { Order } from './instance.ts';
import { apartM } from './plane.ts';

/**
 * What a courier that comes free takes: `fifo` the oldest order that waits, `nearest` the one whose restaurant is nearest.
 * `bids`: every order is put up for bids of the ten nearest in a sealed window, and only then given to the best.
 */
type Baseline = 'fifo' | 'nearest' | 'bids';

/** A window of seconds ends in the next minute of the instance's clock. */
const BID_WINDOW_MIN = 1;
const BIDDERS = 10;
/** A minute of idling is worth as many metres in a bid, up to the second number. */
const IDLE_M_PER_MIN = 50;
const IDLE_MAX_M = 500;

export class NearestMatcher implements Matcher {
  readonly #day: Day;
  readonly #baseline: Baseline;
  readonly #waiting = new Map<string, { readonly order: Order; readonly fromMin: number }>();
  readonly #free = new Set<Courier>();
  readonly #freed: Courier[] = [];
  readonly #arrived: Order[] = [];

  constructor(day: Day, baseline: Baseline) {
    this.#day = day;
    this.#baseline = baseline;
  }

  courierChanged(courier: Courier): void {
    if (courier.stops.length > 0) return;
    this.#free.add(courier);
    this.#freed.push(courier);
  }

  courierOff(courier: Courier): void {
    this.#free.delete(courier);
  }

  placed(order: Order, min: number): void {
    const fromMin = this.#baseline === 'bids' ? min + BID_WINDOW_MIN : min;
    this.#waiting.set(order.id, { order, fromMin });
    this.#arrived.push(order);
  }

  givenUp(order: Order): void {
    this.#waiting.delete(order.id);
  }

  match(min: number): void {
    if (this.#baseline === 'bids') {
      for (const { order, fromMin } of this.#waiting.values()) if (fromMin <= min) this.#give(order, this.#bidders(order, min), min);
    } else {
      for (const courier of this.#freed) if (this.#free.has(courier)) this.#serve(courier, min);
      for (const order of this.#arrived) if (this.#waiting.has(order.id)) this.#give(order, this.#nearestFirst(order, min), min);
    }
    this.#freed.length = 0;
    this.#arrived.length = 0;
  }

  /** Orders wait in the order of their placement. */
  #serve(courier: Courier, min: number): void {
    const at = courier.positionAt(min);
    const orders = [...this.#waiting.values()]
      .map(({ order }) => order)
      .filter(({ id }) => !this.#arrived.some((order) => order.id === id));
    if (this.#baseline === 'nearest') orders.sort((a, b) => apartM(at, a.restaurant) - apartM(at, b.restaurant));
    for (const order of orders) if (this.#give(order, [courier], min)) return;
  }

  #give(order: Order, couriers: readonly Courier[], min: number): boolean {
    const stops: Stop[] = [
      { kind: 'pickup', order },
      { kind: 'dropoff', order },
    ];
    const taker = couriers.find((courier) => this.#day.assign(courier, order, stops, min));
    if (taker === undefined) return false;
    this.#free.delete(taker);
    this.#waiting.delete(order.id);
    return true;
  }

  #nearestFirst(order: Order, min: number): Courier[] {
    const away = (courier: Courier): number => apartM(courier.positionAt(min), order.restaurant);
    return [...this.#free].sort((a, b) => away(a) - away(b));
  }

  #bidders(order: Order, min: number): Courier[] {
    const bidM = (courier: Courier): number =>
      apartM(courier.positionAt(min), order.restaurant) - Math.min(IDLE_MAX_M, IDLE_M_PER_MIN * (min - courier.idleSinceMin));
    return this.#nearestFirst(order, min)
      .slice(0, BIDDERS)
      .sort((a, b) => bidM(a) - bidM(b));
  }
}
