/** The real dispatcher as a policy of a simulated day: the same class and ticks as in production, every offer accepted when it can be kept. */
import { rulesOf } from '../actors/market/dispatch/candidates.ts';
import { Dispatcher } from '../actors/market/dispatch/dispatcher.ts';
import { bestInsertion } from '../actors/market/dispatch/insertion.ts';
import { type DispatchPolicy, resolveOptions } from '../actors/market/dispatch/policy.ts';
import type { DriverProfile, DriverStop, Job, MarketOffer } from '../actors/market/protocol.ts';
import type { Position } from '../actors/tenant/protocol.ts';
import { type Courier, placeOf, type Stop } from './courier.ts';
import type { Day, Matcher } from './day.ts';
import type { Order } from './instance.ts';
import { apartM, type Plane, planeAround } from './plane.ts';

interface JointOptions {
  readonly policy: Partial<DispatchPolicy>;
  /** Orders that a courier may have at once. */
  readonly slots: number;
}

const MINUTE_MS = 60_000;
/** As in production. Whole minutes are all that an instance knows, so that only the first ticks of a minute can differ. */
const TICK_MS = 2_000;
const TICKS_MAX = 30;
/** A tick without an offer: the next ones of the minute would see what it saw. */
const QUIET_TICKS = 1;
/** What the projection and back may add to a way. */
const ROUNDING = 1e-4;

export class JointMatcher implements Matcher {
  readonly #day: Day;
  readonly #slots: number;
  readonly #plane: Plane;
  readonly #dispatcher: Dispatcher;
  readonly #options: ReturnType<typeof resolveOptions>;
  readonly #orders = new Map<string, Order>();
  readonly #jobs = new Map<string, Job>();
  readonly #couriers = new Map<string, Courier>();

  constructor(day: Day, options: JointOptions) {
    const { instance } = day;
    const { parameters } = instance;
    this.#day = day;
    this.#slots = options.slots;
    this.#plane = planeAround([...instance.restaurants, ...instance.orders, ...instance.couriers]);
    const shared = {
      policy: {
        freeLeadS: 0,
        pickupServiceS: parameters.pickupServiceMin * 60,
        dropoffServiceS: parameters.dropoffServiceMin * 60,
        ...options.policy,
      },
      etaS: (from: Position, to: Position): number => this.#etaS(from, to),
      fits: (driver: DriverProfile, _job: Job, pickupAtMs: number): boolean => {
        const offMin = this.#couriers.get(driver.driverId)?.shift.offMin ?? 0;
        return pickupAtMs <= offMin * MINUTE_MS;
      },
    };
    this.#options = resolveOptions(shared);
    this.#dispatcher = new Dispatcher(shared);
  }

  courierChanged(courier: Courier, min: number): void {
    this.#couriers.set(courier.shift.id, courier);
    this.#dispatcher.setDriver(this.#profileOf(courier, min));
  }

  courierOff(courier: Courier): void {
    this.#couriers.delete(courier.shift.id);
    this.#dispatcher.removeDriver(courier.shift.id);
  }

  placed(order: Order, min: number): void {
    const job: Job = {
      orderId: order.id,
      version: 1,
      pickup: this.#plane.toLatLng(order.restaurant),
      dropoff: this.#plane.toLatLng(order),
      readyAtMs: order.readyMin * MINUTE_MS,
      openedAtMs: min * MINUTE_MS,
      promisedAtMs: this.#promisedAtMs(order),
      distanceM: apartM(order.restaurant, order),
      feeMinor: Math.round(this.#day.instance.parameters.payPerOrder * 100),
      currency: 'USD',
      cashMinor: 0,
      needs: { vehicles: [], coldStorage: false, minRating: 0 },
      excludedDriverIds: [],
    };
    this.#orders.set(order.id, order);
    this.#jobs.set(order.id, job);
    this.#dispatcher.openJob(job);
  }

  givenUp(order: Order): void {
    this.#dispatcher.closeJob(order.id);
  }

  match(min: number): void {
    for (const courier of this.#couriers.values()) {
      const at = this.#positionOf(courier, min);
      this.#dispatcher.place(courier.shift.id, at.lat, at.lng, min * MINUTE_MS);
    }
    let quiet = 0;
    for (let tick = 0; tick < TICKS_MAX && quiet < QUIET_TICKS; tick++) {
      const nowMs = min * MINUTE_MS + tick * TICK_MS;
      const { offers } = this.#dispatcher.tick(nowMs);
      for (const offer of offers) this.#answer(offer, min, nowMs);
      quiet = offers.length === 0 ? quiet + 1 : 0;
    }
  }

  #answer(offer: MarketOffer, min: number, nowMs: number): void {
    const courier = this.#couriers.get(offer.driverId) as Courier;
    const order = this.#orders.get(offer.orderId) as Order;
    const stops = this.#stopsWith(courier, order, min, nowMs);
    const accepted = stops !== null && this.#day.assign(courier, order, stops, min);
    this.#dispatcher.ended(offer.offerId, accepted ? 'won' : 'refused', nowMs);
    if (accepted) this.#dispatcher.setDriver(this.#profileOf(courier, min));
  }

  #stopsWith(courier: Courier, order: Order, min: number, nowMs: number): Stop[] | null {
    const profile = this.#profileOf(courier, min);
    const job = this.#jobs.get(order.id) as Job;
    const fitted = bestInsertion(nowMs, this.#positionOf(courier, min), profile.stops, job, rulesOf(this.#options, profile));
    if (fitted === null) return null;
    const stops = courier.stops.toSpliced(fitted.pickupIndex, 0, { kind: 'pickup', order });
    return stops.toSpliced(fitted.dropoffIndex, 0, { kind: 'dropoff', order });
  }

  #profileOf(courier: Courier, min: number): DriverProfile {
    return {
      driverId: courier.shift.id,
      vehicle: 'car',
      coldStorage: false,
      rating: 5,
      completion: 1,
      acceptance: 1,
      completedJobs: courier.deliveries.length,
      recentJobsMs: courier.deliveries
        .filter(({ assignedMin }) => assignedMin > min - 120)
        .map(({ assignedMin }) => assignedMin * MINUTE_MS),
      idleSinceMs: courier.idleSinceMin * MINUTE_MS,
      earnedTodayMinor: 0,
      onlineSinceMs: courier.shift.onMin * MINUTE_MS,
      freeSlots: Math.max(0, this.#slots - courier.load),
      stops: courier.stops.map((stop) => this.#stopOf(courier, stop)),
    };
  }

  /** That a courier picks up before it goes off is a promise like that to a customer. */
  #stopOf(courier: Courier, stop: Stop): DriverStop {
    const common = { orderId: stop.order.id, kind: stop.kind, position: this.#plane.toLatLng(placeOf(stop)) };
    return stop.kind === 'pickup'
      ? { ...common, dueAtMs: courier.shift.offMin * MINUTE_MS, readyAtMs: stop.order.readyMin * MINUTE_MS }
      : { ...common, dueAtMs: this.#promisedAtMs(stop.order) };
  }

  #promisedAtMs(order: Order): number {
    return (order.placementMin + this.#day.instance.parameters.targetClickToDoorMin) * MINUTE_MS;
  }

  #positionOf(courier: Courier, min: number): Position {
    return this.#plane.toLatLng(courier.reckonedAt(min));
  }

  #etaS(from: Position, to: Position): number {
    const metres = apartM(this.#plane.toPoint(from), this.#plane.toPoint(to));
    return Math.ceil(metres / this.#day.instance.parameters.metersPerMinute - ROUNDING) * 60;
  }
}
