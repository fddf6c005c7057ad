/** Every kind of actor that has a journal, for whoever runs, replays or checks them all. It must never know what one decides. */
import type { AnyBehaviour } from '../runtime/behaviour.ts';
import { conversationBehaviour, conversationWith } from './conversation/actor.ts';
import { driverBehaviour } from './driver/actor.ts';
import { orderBehaviour } from './order/actor.ts';
import type { OrderTerms } from './order/protocol.ts';
import { tenantBehaviour } from './tenant/actor.ts';

type AnyDurableBehaviour = Extract<AnyBehaviour, { readonly durable: true }>;

export const DURABLE_ACTORS: readonly AnyDurableBehaviour[] = [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour];

/** The same as they run. @param terms of every order */
export function durableActors(terms: OrderTerms): readonly AnyDurableBehaviour[] {
  return DURABLE_ACTORS.map((behaviour) => (behaviour === conversationBehaviour ? conversationWith(terms) : behaviour));
}
