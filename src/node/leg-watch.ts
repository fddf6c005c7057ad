/**
 * What a delivery leg makes of its driver's positions: arrival fence, estimate and the messages worth sending. Composition of the pure
 * parts of geo, the same for a live trip and for a replay; must never know where the positions come from.
 */
import { distanceM, type LatLng } from '../geo/distance.ts';
import { newEtaModel, predictEta } from '../geo/eta/eta-model.ts';
import { type LegProgress, remainingS } from '../geo/eta/live-eta.ts';
import { gateEta, type PushGateState } from '../geo/eta/push-gate.ts';
import { type FenceState, fenceAround, NEW_FENCE_STATE, stepFence } from '../geo/geofence.ts';
import type { Position } from '../geo/gps/fix.ts';
import type { ReplayEvent } from '../geo/gps/replay.ts';

const VEHICLE = 'motorbike';
const SOURCE = 'model';
const MS_PER_S = 1_000;
const S_PER_HOUR = 3_600;

/** @returns the observer of one leg to `stop`: what happened at each published position, in order. */
export function watchLeg(stop: LatLng): (position: Position, isFenceWorthy: boolean) => readonly ReplayEvent[] {
  const fence = fenceAround(stop);
  let state: FenceState = NEW_FENCE_STATE;
  let leg: LegProgress | null = null;
  let told: PushGateState | null = null;
  return (position, isFenceWorthy) => {
    const events: ReplayEvent[] = [];
    if (isFenceWorthy) {
      const step = stepFence(fence, state, position);
      state = step.state;
      if (step.event !== null) events.push({ type: step.event });
    }
    if (state.phase === 'inside') return events;
    const leftM = distanceM(position, stop);
    leg ??= startLeg(position, leftM);
    const etaS = remainingS(leg, leftM, position.atMs);
    const gate = gateEta(told, { atMs: position.atMs, arrivalAtMs: position.atMs + etaS * MS_PER_S, source: SOURCE });
    told = gate.state;
    if (gate.push) events.push({ type: 'eta', eta_s: Math.round(etaS), source: SOURCE });
    return events;
  };
}

function startLeg(from: Position, leftM: number): LegProgress {
  const hour = Math.floor(from.atMs / MS_PER_S / S_PER_HOUR) % 24;
  const { drivingS } = predictEta(newEtaModel(), { from, distanceM: leftM, vehicle: VEHICLE, hour });
  return { startedAtMs: from.atMs, startRemainingM: leftM, priorDrivingS: drivingS };
}
