/** The fold of a conversation's events into its state. Total also after erasure, when personal parts are gone. */

import type { EventMeta } from '../../../runtime/behaviour.ts';
import type { EntityRef } from '../../../runtime/entity.ts';
import { evolveLane } from './lane.ts';
import { type ConversationActorState, type ConversationEvent, EMPTY_CART, NOBODY, type Session } from './session.ts';
import { revised } from './session-change.ts';

const INITIAL: ConversationActorState = {
  session: {
    state: 'IDLE',
    step: null,
    language: null,
    languageChosen: false,
    greeted: false,
    checkout: null,
    orders: [],
    optedOut: false,
    hinted: false,
    misses: 0,
    lastInboundAtMs: null,
    lastActivityAtMs: 0,
    sessionArmedAtMs: 0,
    replaced: 0,
    contact: NOBODY,
    cart: EMPTY_CART,
    place: null,
  },
  head: null,
  queue: [],
  recent: [],
};

/** A customer who never wrote. */
export function initial(_ref: EntityRef): ConversationActorState {
  return INITIAL;
}

/** The state after one event; `meta.atMs` is the journal's time. Never throws for an event that `decide` made. */
export function evolve(state: ConversationActorState, event: ConversationEvent, meta: EventMeta): ConversationActorState {
  const { data, personal } = event;
  const lane = evolveLane(state, data, personal, meta.seq);
  let session = state.session;
  if (data.set !== undefined) session = revised(session, data.set);
  if (personal?.set !== undefined) session = revised(session, personal.set);
  if (data.inbound !== undefined || event.type === 'agent_replied') session = revised(session, activity(session, event, meta));
  return session === state.session && lane === state ? state : { session, head: lane.head, queue: lane.queue, recent: lane.recent };
}

/** The 24 h window counts from when the customer wrote, which news of their account is not; a quiet session from when we heard of it. */
function activity(
  session: Session,
  { data: { inbound } }: ConversationEvent,
  meta: EventMeta,
): Pick<Session, 'keysToldAtMs' | 'lastActivityAtMs' | 'lastInboundAtMs'> {
  const { keysToldAtMs = null, lastInboundAtMs } = session;
  const lastActivityAtMs = meta.atMs;
  if (inbound === undefined) return { keysToldAtMs, lastActivityAtMs, lastInboundAtMs };
  const sentAtMs = Math.min(inbound.sentAtMs, meta.atMs);
  return inbound.kind === 'system'
    ? { keysToldAtMs: Math.max(keysToldAtMs ?? 0, sentAtMs), lastActivityAtMs, lastInboundAtMs }
    : { keysToldAtMs, lastActivityAtMs, lastInboundAtMs: Math.max(lastInboundAtMs ?? 0, sentAtMs) };
}
