/**
 * What a market remembers of ways on the road, so that a tick never waits for a router: known legs answer at once, unknown ones by the
 * model while they are asked for. Bounded and short-lived; must never know which service answers.
 */
import type { LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import type { Clock } from '../../runtime/clock.ts';
import { drivingS } from './dispatch/driving.ts';
import type { Routing } from './routing.ts';

/** Legs remembered; the oldest are forgotten first. */
export const KNOWN_LEGS_MAX = 20_000;
/** Traffic changes; so do drivers' places, whose cells are this wide: 0.001 degrees, some 110 m. */
export const KNOWN_FOR_MS = 120_000;
const CELLS_PER_DEGREE = 1_000;
/** Drivers whose way to one pickup is asked for in one question. */
export const ASKED_DRIVERS_MAX = 20;

interface KnownLeg {
  readonly durationS: number;
  /** Monotonic. */
  readonly untilMs: number;
}

export class RoadEtas {
  readonly #routing: Routing;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownLeg>();

  constructor(routing: Routing, clock: Clock) {
    this.#routing = routing;
    this.#clock = clock;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Seconds on the road, by the router where it was asked in time. */
  etaS(from: LatLng, to: LatLng, vehicle: VehicleType): number {
    const leg = this.#known.get(keyOf(from, to, vehicle));
    return leg !== undefined && leg.untilMs > this.#clock.monotonicMs() ? leg.durationS : drivingS(from, to, vehicle);
  }

  /** Asks for the ways of these drivers to one place, those that are not known. Resolves when they are; never rejects. */
  async learn(drivers: readonly { readonly position: LatLng; readonly vehicle: VehicleType }[], to: LatLng): Promise<void> {
    const monotonicMs = this.#clock.monotonicMs();
    const byVehicle = new Map<VehicleType, LatLng[]>();
    for (const { position, vehicle } of drivers.slice(0, ASKED_DRIVERS_MAX)) {
      const known = this.#known.get(keyOf(position, to, vehicle));
      if (known !== undefined && known.untilMs > monotonicMs) continue;
      byVehicle.set(vehicle, [...(byVehicle.get(vehicle) ?? []), position]);
    }
    await Promise.all([...byVehicle].map(([vehicle, from]) => this.#ask(from, to, vehicle, monotonicMs)));
  }

  async #ask(from: readonly LatLng[], to: LatLng, vehicle: VehicleType, monotonicMs: number): Promise<void> {
    const { legs } = await this.#routing.table(from, [to], vehicle, this.#clock.nowMs());
    from.forEach((position, i) => {
      const leg = legs[i]?.[0];
      // The model is asked again the next time: the service may be back by then.
      if (leg === undefined || leg.source === 'model' || !Number.isFinite(leg.durationS)) return;
      this.#remember(keyOf(position, to, vehicle), { durationS: leg.durationS, untilMs: monotonicMs + KNOWN_FOR_MS });
    });
  }

  #remember(key: string, leg: KnownLeg): void {
    this.#known.delete(key);
    this.#known.set(key, leg);
    if (this.#known.size <= KNOWN_LEGS_MAX) return;
    const oldest = this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf(from: LatLng, to: LatLng, vehicle: VehicleType): string {
  const cell = (degrees: number): number => Math.round(degrees * CELLS_PER_DEGREE);
  return `${cell(from.lat)},${cell(from.lng)},${cell(to.lat)},${cell(to.lng)},${vehicle}`;
}
