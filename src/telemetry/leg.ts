/**
 * What one leg of a job makes of its driver's positions: arrival by fence, expected arrival, leaving the route, standing still. The
 * composition of the pure parts of geo, the same for a live trip and for a replay. It must never know where the positions come from
 * or who is told.
 */
import { distanceM, type LatLng } from '../geo/distance.ts';
import { type EtaModel, predictEta, type Trip, type VehicleType } from '../geo/eta/eta-model.ts';
import { type LegProgress, remainingS } from '../geo/eta/live-eta.ts';
import { gateEta, type PushGateState } from '../geo/eta/push-gate.ts';
import { type Fence, type FenceEvent, type FenceState, fenceAround, NEW_FENCE_STATE, stepFence } from '../geo/geofence.ts';
import type { Position } from '../geo/gps/fix.ts';
import { type DeviationState, ON_ROUTE, type PlannedRoute, stepDeviation } from '../geo/route-deviation.ts';

export const ETA_SOURCE = 'model';
const MS_PER_S = 1_000;
/** Standing for so long away from the stops is worth a word. */
const STOPPED_AFTER_MS = 300_000;
/** Within this it is the same place. */
const SAME_PLACE_M = 50;
/** At the stops one may stand. */
const STOP_RADIUS_M = 100;
/** Whoever keeps leaving the way is told of once in so long, however often it is planned anew. */
export const OFF_ROUTE_QUIET_MS = 300_000;
/** Handing over at each door that comes before the leg's own. */
const DOOR_S = 180;

interface LegPlan {
  /** Where the leg ends. */
  readonly stop: LatLng;
  /** Pickup and drop-off. */
  readonly stops: readonly LatLng[];
  readonly vehicle: VehicleType;
  /** Local hour in which it begins, 0 to 23. */
  readonly hour: number;
}

export interface LegEta {
  readonly arrivalAtMs: number;
  /** What four of five trips keep. */
  readonly latestAtMs: number;
}

interface LegStep {
  readonly fence: FenceEvent | null;
  /** null once inside the fence. */
  readonly eta: LegEta | null;
  /** The estimate has changed so much that somebody should be told. */
  readonly push: boolean;
  readonly alert: 'off_route' | 'stopped' | null;
}

export class Leg {
  readonly #plan: LegPlan;
  readonly #fence: Fence;
  #route: PlannedRoute | null = null;
  #fenceState: FenceState = NEW_FENCE_STATE;
  #start: { readonly from: LatLng; readonly progress: LegProgress; readonly spread: number; readonly doors: number } | null = null;
  #told: PushGateState | null = null;
  /** As it was before the message under way; it comes back when nobody got that. */
  #toldBefore: PushGateState | null = null;
  #deviation: DeviationState = ON_ROUTE;
  #toldOffRouteAtMs: number | null = null;
  #standing: { readonly at: LatLng; readonly sinceMs: number } | null = null;
  #toldStanding = false;
  #hasArrived = false;

  constructor(plan: LegPlan) {
    this.#plan = plan;
    this.#fence = fenceAround(plan.stop);
  }

  get isInside(): boolean {
    return this.#fenceState.phase === 'inside';
  }

  /** Messages of this leg before the one that the last step was for. */
  get pushesBefore(): number {
    return this.#toldBefore?.pushes ?? 0;
  }

  /** Nobody has planned the way yet, or the driver has left it. */
  get lacksWay(): boolean {
    return this.#route === null || this.#deviation.deviated;
  }

  /** The way that the driver should take from here. */
  follow(line: readonly LatLng[]): void {
    this.#route = { line, stops: this.#plan.stops };
    this.#deviation = ON_ROUTE;
  }

  /** The driver rides to another stop first: where this leg will be ridden is not known yet. */
  forgetWay(): void {
    this.#route = null;
    this.#deviation = ON_ROUTE;
  }

  /** @param isFenceWorthy good enough to arrive by. @param ahead doors that the driver rides to before, in their order */
  step(position: Position, isFenceWorthy: boolean, model: EtaModel, ahead: readonly LatLng[] = []): LegStep {
    let fence: FenceEvent | null = null;
    if (isFenceWorthy) {
      const stepped = stepFence(this.#fence, this.#fenceState, position);
      this.#fenceState = stepped.state;
      fence = stepped.event;
      if (fence === 'arrived') this.#hasArrived = true;
    }
    if (this.isInside) return { fence, eta: null, push: false, alert: null };
    const eta = this.#estimate(position, model, ahead);
    const gate = gateEta(this.#told, { atMs: position.atMs, arrivalAtMs: eta.arrivalAtMs, source: ETA_SOURCE });
    if (gate.push) this.#toldBefore = this.#told;
    this.#told = gate.state;
    // Who has been told that the driver is there need not hear when the driver would be.
    return { fence, eta, push: gate.push && !this.#hasArrived, alert: this.#alert(position, ahead) };
  }

  /** What the customer was told last of this leg, perhaps by another thread. */
  heard(told: { readonly count: number; readonly arrivalAtMs: number; readonly atMs: number }): void {
    if (this.#told === null) return;
    // By a clock that was ahead: nothing is waited for until then.
    const toldAtMs = Math.min(told.atMs, this.#told.toldAtMs);
    this.#told = { ...this.#told, pushes: told.count, toldArrivalAtMs: told.arrivalAtMs, toldAtMs };
  }

  /** Nobody was told what the last push was for: the next fix decides again. */
  untold(): void {
    this.#told = this.#toldBefore;
  }

  /** What the finished leg teaches; null when it was never under way by itself. */
  trip(arrivedAtMs: number): Trip | null {
    if (this.#start === null || this.#start.doors > 0) return null;
    const { from, progress } = this.#start;
    return {
      from,
      distanceM: progress.startRemainingM,
      vehicle: this.#plan.vehicle,
      hour: this.#plan.hour,
      durationS: (arrivedAtMs - progress.startedAtMs) / MS_PER_S,
    };
  }

  #estimate(position: Position, model: EtaModel, ahead: readonly LatLng[]): LegEta {
    const leftM = wayM([position, ...ahead, this.#plan.stop]);
    // A door less, or one more: the way is another one, and what was driven of the old says nothing of its speed.
    if (this.#start?.doors !== ahead.length) this.#start = this.#begin(position, leftM, model, ahead.length);
    const leftS = remainingS(this.#start.progress, leftM, position.atMs) + ahead.length * DOOR_S;
    return {
      arrivalAtMs: position.atMs + leftS * MS_PER_S,
      latestAtMs: position.atMs + leftS * this.#start.spread * MS_PER_S,
    };
  }

  #begin(position: Position, leftM: number, model: EtaModel, doors: number) {
    const from = { lat: position.lat, lng: position.lng };
    const eta = predictEta(model, { from, distanceM: leftM, vehicle: this.#plan.vehicle, hour: this.#plan.hour });
    const progress = { startedAtMs: position.atMs, startRemainingM: leftM, priorDrivingS: eta.drivingS };
    return { from, progress, spread: eta.p80S / eta.p50S, doors };
  }

  #alert(position: Position, ahead: readonly LatLng[]): 'off_route' | 'stopped' | null {
    if (this.#route !== null) {
      const stepped = stepDeviation(this.#route, this.#deviation, position);
      this.#deviation = stepped.state;
      if (stepped.event === 'deviated' && this.#mayTellOffRoute(position.atMs)) return 'off_route';
    }
    return this.#standsTooLong(position, ahead) ? 'stopped' : null;
  }

  #mayTellOffRoute(atMs: number): boolean {
    if (this.#toldOffRouteAtMs !== null && atMs - this.#toldOffRouteAtMs < OFF_ROUTE_QUIET_MS) return false;
    this.#toldOffRouteAtMs = atMs;
    return true;
  }

  /** Time at a stop, the driver's other ones among them, does not count, and not for what comes after it either. */
  #standsTooLong(position: Position, ahead: readonly LatLng[]): boolean {
    if ([...this.#plan.stops, ...ahead].some((stop) => distanceM(stop, position) <= STOP_RADIUS_M)) {
      this.#standing = null;
      return false;
    }
    const standing = this.#standing;
    if (standing === null || distanceM(standing.at, position) > SAME_PLACE_M) {
      this.#standing = { at: { lat: position.lat, lng: position.lng }, sinceMs: position.atMs };
      this.#toldStanding = false;
      return false;
    }
    if (this.#toldStanding || position.atMs - standing.sinceMs < STOPPED_AFTER_MS) return false;
    this.#toldStanding = true;
    return true;
  }
}

/** Along these places, metres of great circles. */
function wayM(places: readonly LatLng[]): number {
  let sumM = 0;
  for (let i = 1; i < places.length; i++) sumM += distanceM(places[i - 1] as LatLng, places[i] as LatLng);
  return sumM;
}
