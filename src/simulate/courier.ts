/** One courier of a simulation: drives, waits, picks up, hands over, minute by minute. It must never choose what it works on. */
import type { CourierShift, InstanceParameters, Order, Point } from './instance.ts';
import { apartM, travelMin } from './plane.ts';

export interface Stop {
  readonly kind: 'pickup' | 'dropoff';
  readonly order: Order;
}

interface Move {
  readonly departureMin: number;
  readonly origin: string;
  readonly destination: string;
}

/** What happened to an order; minutes. */
export interface Delivery {
  readonly order: Order;
  readonly courierId: string;
  readonly assignedMin: number;
  /** Courier to restaurant in a straight line when it was assigned. */
  readonly pickupM: number;
  pickupMin: number;
  dropoffMin: number;
}

interface Place extends Point {
  readonly id: string;
}

export class Courier {
  readonly shift: CourierShift;
  readonly moves: Move[] = [];
  readonly deliveries: Delivery[] = [];
  /** What is left to do, in order. A stop leaves when the courier is ready to drive on. */
  stops: Stop[] = [];
  idleSinceMin: number;
  readonly #parameters: InstanceParameters;
  readonly #byOrder = new Map<string, Delivery>();
  #place: Place;
  #leg: { readonly to: Place; readonly departureMin: number; readonly arrivalMin: number } | null = null;
  /** When it came to where it is for its first stop. */
  #thereMin: number | null = null;

  constructor(shift: CourierShift, parameters: InstanceParameters) {
    this.shift = shift;
    this.#parameters = parameters;
    this.#place = shift;
    this.idleSinceMin = shift.onMin;
  }

  isOnDuty(min: number): boolean {
    return min >= this.shift.onMin && min <= this.shift.offMin;
  }

  /** Orders that it has and has not handed over. */
  get load(): number {
    return new Set(this.stops.map(({ order }) => order.id)).size;
  }

  /** In a straight line, at a steady speed. */
  positionAt(min: number): Point {
    if (this.#leg === null) return this.#place;
    const { to, departureMin, arrivalMin } = this.#leg;
    const share = arrivalMin === departureMin ? 1 : Math.min(1, (min - departureMin) / (arrivalMin - departureMin));
    return { x: this.#place.x + (to.x - this.#place.x) * share, y: this.#place.y + (to.y - this.#place.y) * share };
  }

  /** Where it would be if it drove the rest of its way at full speed: the way from there takes what is left, in whole minutes. */
  reckonedAt(min: number): Point {
    if (this.#leg === null) return this.#place;
    const { to, arrivalMin } = this.#leg;
    const wholeM = apartM(this.#place, to);
    const leftM = Math.min(wholeM, Math.max(0, arrivalMin - min) * this.#parameters.metersPerMinute);
    const share = wholeM === 0 ? 1 : 1 - leftM / wholeM;
    return { x: this.#place.x + (to.x - this.#place.x) * share, y: this.#place.y + (to.y - this.#place.y) * share };
  }

  /** Takes an order for good. @param stops all that is to do from now on; the first one stays when the courier is under way. */
  assign(order: Order, stops: readonly Stop[], min: number): void {
    const at = this.positionAt(min);
    const delivery: Delivery = {
      order,
      courierId: this.shift.id,
      assignedMin: min,
      pickupM: apartM(at, order.restaurant),
      pickupMin: Number.NaN,
      dropoffMin: Number.NaN,
    };
    this.deliveries.push(delivery);
    this.#byOrder.set(order.id, delivery);
    this.stops = [...stops];
  }

  /** All that has happened by this minute. @returns whether a stop ended. */
  advance(min: number): boolean {
    let ended = false;
    for (;;) {
      if (this.#leg !== null) {
        if (this.#leg.arrivalMin > min) return ended;
        this.#place = this.#leg.to;
        this.#thereMin = this.#leg.arrivalMin;
        this.#leg = null;
      }
      const stop = this.stops[0];
      if (stop === undefined || this.#thereMin === null || placeOf(stop).id !== this.#place.id) return ended;
      const delivery = this.#byOrder.get(stop.order.id) as Delivery;
      const { atMin, doneMin } = serviceMin(stop, this.#thereMin, delivery.assignedMin, this.#parameters);
      if (atMin <= min) {
        if (stop.kind === 'pickup') delivery.pickupMin = atMin;
        else delivery.dropoffMin = atMin;
      }
      if (doneMin > min) return ended;
      ended = true;
      this.stops.shift();
      const next = this.stops[0];
      // Goods of one restaurant are fetched on one visit; anything else begins with a new arrival.
      if (next === undefined || next.kind !== 'pickup' || stop.kind !== 'pickup' || placeOf(next).id !== this.#place.id)
        this.#thereMin = null;
      if (next === undefined) this.idleSinceMin = doneMin;
    }
  }

  /** Drives on when there is where to. */
  depart(min: number): void {
    const stop = this.stops[0];
    if (stop === undefined || this.#leg !== null || this.#thereMin !== null) return;
    const to = placeOf(stop);
    if (to.id === this.#place.id) {
      this.#thereMin = min;
      return;
    }
    this.moves.push({ departureMin: min, origin: this.#place.id, destination: to.id });
    this.#leg = { to, departureMin: min, arrivalMin: min + travelMin(this.#place, to, this.#parameters.metersPerMinute) };
  }

  /** When each of these stops would happen if nothing else came: exact. The first must be the present one when the courier is under way. */
  foresee(stops: readonly Stop[], min: number): number[] {
    const times: number[] = [];
    let place = this.#leg?.to ?? this.#place;
    let freeMin = this.#leg?.arrivalMin ?? min;
    let thereMin: number | null = this.#leg?.arrivalMin ?? this.#thereMin;
    let previous: Stop | undefined;
    for (const stop of stops) {
      const to = placeOf(stop);
      const staysFor =
        previous === undefined ? to.id === place.id : to.id === place.id && previous.kind === 'pickup' && stop.kind === 'pickup';
      if (!staysFor || thereMin === null) thereMin = freeMin + travelMin(place, to, this.#parameters.metersPerMinute);
      const { atMin, doneMin } = serviceMin(stop, thereMin, this.#byOrder.get(stop.order.id)?.assignedMin ?? min, this.#parameters);
      times.push(atMin);
      freeMin = Math.max(doneMin, min);
      place = to;
      previous = stop;
    }
    return times;
  }
}

export function placeOf(stop: Stop): Place {
  return stop.kind === 'pickup' ? stop.order.restaurant : stop.order;
}

/** Half of the service lies before the goods change hands, at least a minute, so that nobody hands over on arrival; nor before it has the order. */
function serviceMin(
  stop: Stop,
  thereMin: number,
  assignedMin: number,
  parameters: InstanceParameters,
): { readonly atMin: number; readonly doneMin: number } {
  const totalMin = stop.kind === 'pickup' ? parameters.pickupServiceMin : parameters.dropoffServiceMin;
  const beforeMin = Math.max(1, Math.ceil(totalMin / 2));
  const atMin = Math.max(thereMin + beforeMin, assignedMin, stop.kind === 'pickup' ? stop.order.readyMin : 0);
  return { atMin, doneMin: atMin + Math.max(0, Math.ceil(totalMin) - beforeMin) };
}
