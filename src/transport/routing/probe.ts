/** One small question to each configured road service, for whoever looks an installation over. It must never know who asks. */
import type { Round } from '../../actors/market/routing.ts';
import type { LatLng } from '../../geo/distance.ts';
import type { RoutingConfig } from './create-routing.ts';
import type { CallFailure } from './events.ts';
import { OSRM } from './osrm.ts';
import { createProviderClient, type ProviderClient, type Reading } from './provider-client.ts';
import { VALHALLA } from './valhalla.ts';
import { readVroom, vroomRequest } from './vroom.ts';

export interface ProbedService {
  readonly source: 'osrm' | 'valhalla' | 'vroom';
  /** Host and port only: the rest of an address may hold a key. */
  readonly host: string;
  /** `refused`: it is well and knows no road at the place that was asked about. */
  readonly outcome: 'ok' | CallFailure;
}

/** Two places in Soweto, 1.5 km apart. A service with another map refuses them, and that is an answer too. */
const FROM: LatLng = { lat: -26.2485, lng: 27.854 };
const TO: LatLng = { lat: -26.2385, lng: 27.864 };
const VEHICLE = 'motorbike';
const DEPARTURE_MS = 0;

type Ask = (client: ProviderClient, late: AbortSignal) => Promise<Reading<unknown>>;

/** Asks all at the same time, each once and within the configured limit. Never rejects; empty when the model answers everything. */
export async function probeRouting(config: RoutingConfig): Promise<ProbedService[]> {
  const probes: Promise<ProbedService>[] = [];
  if (config.kind !== 'model' && config.url !== null) probes.push(probe(config, config.kind, config.url, askRoads(config.kind)));
  if (config.vroomUrl !== null) probes.push(probe(config, 'vroom', config.vroomUrl, askRound));
  return await Promise.all(probes);
}

async function probe(config: RoutingConfig, source: ProbedService['source'], url: string, ask: Ask): Promise<ProbedService> {
  const client = createProviderClient({ source, url, timeoutMs: config.timeoutMs, maxInFlight: 1 });
  try {
    const reading = await ask(client, new AbortController().signal);
    return { source, host: new URL(url).host, outcome: reading.ok ? 'ok' : reading.reason };
  } finally {
    await client.close();
  }
}

function askRoads(kind: 'osrm' | 'valhalla'): Ask {
  const protocol = kind === 'osrm' ? OSRM : VALHALLA;
  return (client, late) => {
    return client.ask(protocol.routeRequest([FROM, TO], VEHICLE), (status, body) => protocol.readRoute(status, body, 1), late);
  };
}

async function askRound(client: ProviderClient, late: AbortSignal): Promise<Reading<unknown>> {
  const dropoff = { position: TO, serviceS: 0, earliestMs: null, latestMs: null };
  const parcels = [{ orderId: 'probe', pickup: null, dropoff }];
  const round: Round = { start: FROM, vehicle: VEHICLE, atMs: DEPARTURE_MS, capacity: 1, parcels };
  const request = vroomRequest(round);
  if (request === null) throw new TypeError('the question to VROOM is none');
  return await client.ask(request, (status, body) => readVroom(status, body, round), late);
}
