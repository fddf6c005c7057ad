/** What a routing service's wire format comes down to: requests as data and readers of answers. Types only, no I/O. */
import type { LatLng } from '../../geo/distance.ts';
import type { VehicleType } from '../../geo/eta/eta-model.ts';
import type { ProviderRequest, Reading } from './provider-client.ts';

/** As the service says it, believable or not. */
interface WireLeg {
  readonly durationS: number;
  readonly distanceM: number;
}

/** Null where the service knows no way. As many rows and columns as were asked for. */
export type WireTable = readonly (readonly (WireLeg | null)[])[];

export interface WireRoute {
  /** One fewer than the stops. */
  readonly legs: readonly WireLeg[];
  readonly line: readonly LatLng[];
}

export interface Protocol {
  readonly source: 'osrm' | 'valhalla';
  /** Most positions of one table request, from and to together. */
  readonly tablePositionsMax: number;
  readonly routeStopsMax: number;
  tableRequest(from: readonly LatLng[], to: readonly LatLng[], vehicle: VehicleType): ProviderRequest;
  /** A matrix of another size is malformed. */
  readTable(status: number, body: unknown, rows: number, columns: number): Reading<WireTable>;
  routeRequest(stops: readonly LatLng[], vehicle: VehicleType): ProviderRequest;
  /** One way at least, in the order of the service. */
  readRoute(status: number, body: unknown, legs: number): Reading<readonly WireRoute[]>;
}
