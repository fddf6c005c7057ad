/** Binds the conversation's pure functions to the runtime. */
import type { DurableBehaviour } from '../../runtime/behaviour.ts';
import type { OrderTerms } from '../order/protocol.ts';
import type { TenantView } from '../tenant/view.ts';
import { projectConversation } from './project.ts';
import type { ConversationCommand } from './protocol.ts';
import { evolve, initial } from './session/evolve.ts';
import { sendInput } from './session/lane.ts';
import { CONVERSATION_EVENTS, type ConversationActorState, type ConversationEvent } from './session/session.ts';
import { decide } from './state.ts';

type ConversationBehaviour = DurableBehaviour<ConversationActorState, ConversationCommand, ConversationEvent, TenantView | null>;

/** One customer with one tenant; the customer id is the actor's id and the person whose key encrypts it. */
export const conversationBehaviour: ConversationBehaviour = {
  durable: true,
  kind: 'conversation',
  kindCode: 2,
  stateVersion: 1,
  eventVersions: CONVERSATION_EVENTS,
  initial,
  decide,
  evolve,
  project: projectConversation,
  subject: (ref) => ref.id,
  effectInput: sendInput,
};

/** @param terms of every order that is placed by chat */
export function conversationWith(terms: OrderTerms): ConversationBehaviour {
  return {
    ...conversationBehaviour,
    // Member by member: spreading a context took 4 % of an answered message.
    decide: (state, command, { ref, nowMs, seq, uniqueId, view }) => decide(state, command, { ref, nowMs, seq, uniqueId, view, terms }),
  };
}
