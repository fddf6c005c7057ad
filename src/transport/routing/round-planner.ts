/** Rounds by VROOM, or by the model wherever VROOM gives none in time. It must never know a wire format, and never throws. */
import type { Round, RoundPlan, RoundPlanner } from '../../actors/market/routing.ts';
import type { FallbackReason, RoutingHook } from './events.ts';
import type { ProviderClient } from './provider-client.ts';
import type { RoadModel } from './road-model.ts';
import { planByModel } from './round-model.ts';
import { readVroom, vroomRequest } from './vroom.ts';
import { within } from './within.ts';

interface RoundPlannerOptions {
  /** Null: the model alone. */
  readonly client: ProviderClient | null;
  readonly model: RoadModel;
  /** From the call to its answer, whatever VROOM does; the model's own 20 ms come on top. */
  readonly limitMs: number;
  readonly hook?: RoutingHook | undefined;
}

export function createRoundPlanner({ client, model, limitMs, hook }: RoundPlannerOptions): RoundPlanner {
  return {
    async plan(round, signal) {
      if (client === null || round.parcels.length === 0) return planByModel(round, model);
      const told = await askVroom(client, round, limitMs, signal);
      if (typeof told !== 'string') return told;
      hook?.({ type: 'fallback', source: client.source, operation: 'round', reason: told, count: 1 });
      return planByModel(round, model);
    },
  };
}

/** @returns the reason when there is no plan. */
async function askVroom(
  client: ProviderClient,
  round: Round,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<RoundPlan | FallbackReason> {
  const request = vroomRequest(round);
  if (request === null) return 'not_asked';
  const reading = await within(limitMs, signal, (late) => client.ask(request, (status, body) => readVroom(status, body, round), late));
  if (reading === null) return signal?.aborted === true ? 'cancelled' : 'timeout';
  if (!reading.ok) return reading.reason;
  return reading.value ?? 'infeasible';
}
