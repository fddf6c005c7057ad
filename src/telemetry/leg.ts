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
export const STOPPED_AFTER_MS = 300_000;
/** Within this it is the same place. */
const SAME_PLACE_M = 50;
/** At the stops one may stand. */
const STOP_RADIUS_M = 100;

export interface LegPlan {
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

export interface LegStep {
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
  #start: { readonly from: LatLng; readonly progress: LegProgress; readonly spread: number } | null = null;
  #told: PushGateState | null = null;
  #deviation: DeviationState = ON_ROUTE;
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

  /** The way that the driver should take, once somebody has planned it. */
  follow(line: readonly LatLng[]): void {
    this.#route = { line, stops: this.#plan.stops };
  }

  /** @param isFenceWorthy good enough to arrive by */
  step(position: Position, isFenceWorthy: boolean, model: EtaModel): LegStep {
    let fence: FenceEvent | null = null;
    if (isFenceWorthy) {
      const stepped = stepFence(this.#fence, this.#fenceState, position);
      this.#fenceState = stepped.state;
      fence = stepped.event;
      if (fence === 'arrived') this.#hasArrived = true;
    }
    if (this.isInside) return { fence, eta: null, push: false, alert: null };
    const eta = this.#estimate(position, model);
    const gate = gateEta(this.#told, { atMs: position.atMs, arrivalAtMs: eta.arrivalAtMs, source: ETA_SOURCE });
    this.#told = gate.state;
    // Who has been told that the driver is there need not hear when the driver would be.
    return { fence, eta, push: gate.push && !this.#hasArrived, alert: this.#alert(position) };
  }

  /** What the finished leg teaches; null when it was never under way. */
  trip(arrivedAtMs: number): Trip | null {
    if (this.#start === null) return null;
    const { from, progress } = this.#start;
    return {
      from,
      distanceM: progress.startRemainingM,
      vehicle: this.#plan.vehicle,
      hour: this.#plan.hour,
      durationS: (arrivedAtMs - progress.startedAtMs) / MS_PER_S,
    };
  }

  #estimate(position: Position, model: EtaModel): LegEta {
    const leftM = distanceM(position, this.#plan.stop);
    this.#start ??= this.#begin(position, leftM, model);
    const leftS = remainingS(this.#start.progress, leftM, position.atMs);
    return {
      arrivalAtMs: position.atMs + leftS * MS_PER_S,
      latestAtMs: position.atMs + leftS * this.#start.spread * MS_PER_S,
    };
  }

  #begin(position: Position, leftM: number, model: EtaModel) {
    const from = { lat: position.lat, lng: position.lng };
    const eta = predictEta(model, { from, distanceM: leftM, vehicle: this.#plan.vehicle, hour: this.#plan.hour });
    const progress = { startedAtMs: position.atMs, startRemainingM: leftM, priorDrivingS: eta.drivingS };
    return { from, progress, spread: eta.p80S / eta.p50S };
  }

  #alert(position: Position): 'off_route' | 'stopped' | null {
    if (this.#route !== null) {
      const stepped = stepDeviation(this.#route, this.#deviation, position);
      this.#deviation = stepped.state;
      if (stepped.event === 'deviated') return 'off_route';
    }
    return this.#standsTooLong(position) ? 'stopped' : null;
  }

  #standsTooLong(position: Position): boolean {
    const standing = this.#standing;
    if (standing === null || distanceM(standing.at, position) > SAME_PLACE_M) {
      this.#standing = { at: { lat: position.lat, lng: position.lng }, sinceMs: position.atMs };
      this.#toldStanding = false;
      return false;
    }
    if (this.#toldStanding || position.atMs - standing.sinceMs < STOPPED_AFTER_MS) return false;
    if (this.#plan.stops.some((stop) => distanceM(stop, position) <= STOP_RADIUS_M)) return false;
    this.#toldStanding = true;
    return true;
  }
}
