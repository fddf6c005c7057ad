/** Binds the conversation's pure functions to the runtime. */
import type { DurableBehaviour } from '../../runtime/behaviour.ts';
import type { TenantView } from '../tenant/view.ts';
import { projectConversation } from './project.ts';
import type { ConversationCommand } from './protocol.ts';
import { evolve, initial } from './session/evolve.ts';
import { sendInput } from './session/lane.ts';
import { CONVERSATION_EVENTS, type ConversationActorState, type ConversationEvent } from './session/session.ts';
import { decide } from './state.ts';

/** One customer with one tenant; the customer id is the actor's id and the person whose key encrypts it. */
export const conversationBehaviour: DurableBehaviour<ConversationActorState, ConversationCommand, ConversationEvent, TenantView | null> = {
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
