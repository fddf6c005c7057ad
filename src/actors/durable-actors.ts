/** Every kind of actor that has a journal, for whoever runs, replays or checks them all. It must never know what one decides. */
import type { AnyBehaviour } from '../runtime/behaviour.ts';
import { conversationBehaviour } from './conversation/actor.ts';
import { driverBehaviour } from './driver/actor.ts';
import { orderBehaviour } from './order/actor.ts';
import { tenantBehaviour } from './tenant/actor.ts';

type AnyDurableBehaviour = Extract<AnyBehaviour, { readonly durable: true }>;

export const DURABLE_ACTORS: readonly AnyDurableBehaviour[] = [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour];
