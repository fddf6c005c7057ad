/** A leg of a recorded track, for `wakala replay gps`: the same code as for a live trip. It must never know where the positions come from. */
import type { LatLng } from '../../geo/distance.ts';
import { newEtaModel } from '../../geo/eta/eta-model.ts';
import type { Position } from '../../geo/gps/fix.ts';
import type { ReplayEvent } from '../../geo/gps/replay.ts';
import { ETA_SOURCE, Leg } from '../../telemetry/leg.ts';

const VEHICLE = 'motorbike';
const MS_PER_S = 1_000;
const S_PER_HOUR = 3_600;

/** @returns the observer of one leg to `stop`: what happened at each published position, in order. */
export function watchLeg(stop: LatLng): (position: Position, isFenceWorthy: boolean) => readonly ReplayEvent[] {
  const model = newEtaModel();
  let leg: Leg | null = null;
  return (position, isFenceWorthy) => {
    leg ??= new Leg({ stop, stops: [stop], vehicle: VEHICLE, hour: Math.floor(position.atMs / MS_PER_S / S_PER_HOUR) % 24 });
    const step = leg.step(position, isFenceWorthy, model);
    const events: ReplayEvent[] = step.fence === null ? [] : [{ type: step.fence }];
    if (step.push && step.eta !== null)
      events.push({ type: 'eta', eta_s: Math.round((step.eta.arrivalAtMs - position.atMs) / MS_PER_S), source: ETA_SOURCE });
    return events;
  };
}
