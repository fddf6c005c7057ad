/** Routing as the configuration says: the port's two faces, ready to be handed to markets. It must never know the environment. */
import type { RoundPlanner, Routing } from '../../actors/market/routing.ts';
import type { RoutingHook } from './events.ts';
import { OSRM } from './osrm.ts';
import { createProviderClient, type ProviderClient } from './provider-client.ts';
import { createProviderRouting } from './provider-routing.ts';
import { createModelRouting, createRoadModel, type RoadModelOptions } from './road-model.ts';
import { createRoundPlanner } from './round-planner.ts';
import { VALHALLA } from './valhalla.ts';

/** The `routing` part of the configuration. */
export interface RoutingConfig {
  readonly kind: 'model' | 'osrm' | 'valhalla';
  /** Without a slash at the end; not null unless `kind` is the model. */
  readonly url: string | null;
  /** Without a slash at the end; null: rounds by the model. */
  readonly vroomUrl: string | null;
  /** Total limit of one call. */
  readonly timeoutMs: number;
  /** Of each service. */
  readonly maxInFlight: number;
}

export interface RoutingServices {
  readonly routing: Routing;
  readonly rounds: RoundPlanner;
  /** After the last call; calls after it are answered by the model. */
  close(): Promise<void>;
}

export interface RoutingOptions extends RoadModelOptions {
  readonly hook?: RoutingHook | undefined;
  readonly circuit?: { readonly failures: number; readonly openMs: number } | undefined;
}

export function createRouting(config: RoutingConfig, options: RoutingOptions = {}): RoutingServices {
  const { hook, circuit } = options;
  const { timeoutMs, maxInFlight } = config;
  const model = createRoadModel(options);
  const clients: ProviderClient[] = [];
  const connect = (source: ProviderClient['source'], url: string): ProviderClient => {
    const client = createProviderClient({ source, url, timeoutMs, maxInFlight, hook, circuit });
    clients.push(client);
    return client;
  };

  let routing = createModelRouting(model);
  if (config.kind !== 'model' && config.url !== null) {
    const protocol = config.kind === 'osrm' ? OSRM : VALHALLA;
    routing = createProviderRouting({ protocol, client: connect(protocol.source, config.url), model, limitMs: timeoutMs, hook });
  }
  const vroom = config.vroomUrl === null ? null : connect('vroom', config.vroomUrl);
  return {
    routing,
    rounds: createRoundPlanner({ client: vroom, model, limitMs: timeoutMs, hook }),
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
