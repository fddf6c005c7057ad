/** How long a driver is under way when no routing service says more: the published line of the estimate, by great-circle distance. Pure. */
import { distanceM, type LatLng } from '../../../geo/distance.ts';
import { newEtaModel, predictEta, type VehicleType } from '../../../geo/eta/eta-model.ts';

const NOWHERE: LatLng = { lat: 0, lng: 0 };
const secondsPerKm = new Map<VehicleType, number>();

/** Seconds without waiting, parking and doors. */
export function drivingS(from: LatLng, to: LatLng, vehicle: VehicleType): number {
  return (distanceM(from, to) / 1_000) * paceOf(vehicle);
}

function paceOf(vehicle: VehicleType): number {
  let pace = secondsPerKm.get(vehicle);
  if (pace === undefined) {
    // Nothing was learned in a new model, so neither place nor hour matter.
    pace = predictEta(newEtaModel(), { from: NOWHERE, distanceM: 1_000, vehicle, hour: 12 }).drivingS;
    secondsPerKm.set(vehicle, pace);
  }
  return pace;
}
