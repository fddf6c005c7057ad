/** Orders and drivers as they are, in the company of actors that say nothing. */
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import type { AnyBehaviour, VolatileBehaviour } from '../../src/runtime/behaviour.ts';

/** Whoever is told something and has nothing to say to it. */
const silent = (kind: string): VolatileBehaviour<null, unknown> => ({
  durable: false,
  kind,
  initial: () => null,
  receive: (state) => state,
});

export const BEHAVIOURS: readonly AnyBehaviour[] = [
  orderBehaviour,
  driverBehaviour,
  silent('tenant'),
  silent('conversation'),
  silent('market'),
];
