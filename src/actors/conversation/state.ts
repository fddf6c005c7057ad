/**
 * The conversation's decisions: one command in, one event at most out (two for what the shop said elsewhere), with
 * the effects and timers that belong to it. Pure and total; must never know how a message travels or where a row is stored.
 */
import type { Accepted, Decision } from '../../runtime/behaviour.ts';
import { withReferredProduct } from './flow/reading/referred.ts';
import { keepWhetherSeen } from './flow/reading/seen.ts';
import { receive } from './flow/receive.ts';
import { forgetAsked } from './flow/steps/asked.ts';
import { noteOrder, openOrder, takeCancellation } from './flow/steps/orders.ts';
import { takeRating } from './flow/steps/rating.ts';
import { takeOrder, takeReservation } from './flow/turns/placing.ts';
import { takeBack } from './flow/turns/service.ts';
import { AGENT_TEXT_MAX_CHARS, FREE_TEXT_MS, LANE_MAX, SESSION_MS } from './limits.ts';
import type { ConversationCommand, ConversationView, ReceiveMessage } from './protocol.ts';
import { decideSending } from './sending.ts';
import { takePreference } from './session/marketing.ts';
import { isUnreachable, noteReached } from './session/reach.ts';
import { isHeld } from './session/rest-of-post.ts';
import type { ConversationActorState, ConversationEvent, ConversationEventType } from './session/session.ts';
import { languageOf, text } from './session/speech.ts';
import { type ConversationContext, change, commit, startTurn, type Turn } from './session/turn.ts';
import { TABLE, type TableEvent } from './table.ts';
import { cut } from './text/saying/cut.ts';

type Context = ConversationContext;
type Outcome = Decision<ConversationEvent>;

const NOTHING: Accepted<ConversationEvent> = { ok: true, events: [] };

/**
 * @returns accepted for everything but an agent's text that cannot be sent: `conversation.nobody` (the customer
 * never wrote), `conversation.text_invalid` (empty or over 4,096 characters), `conversation.window_closed` (the last word of the
 * customer is a day old), `conversation.lane_full`.
 */
export function decide(state: ConversationActorState, command: ConversationCommand, context: Context): Outcome {
  switch (command.type) {
    case 'receive':
      return decideReceive(state, command, context);
    case 'status':
    case 'send_succeeded':
    case 'send_failed':
    case 'send_retry_due': {
      const { turn, event } = decideSending(state, command, context);
      if (event !== null) return accept(turn, event);
      return turn.effects.length === 0 ? NOTHING : { ...NOTHING, effects: turn.effects };
    }
    case 'order_changed':
      return react(state, context, 'order_changed', 'order_noted', (turn) => noteOrder(turn, command));
    case 'reserved':
      return react(
        state,
        context,
        'reserved',
        'checkout_reserved',
        did((turn) => takeReservation(turn, command)),
      );
    case 'placed':
      return react(
        state,
        context,
        'placed',
        'checkout_placed',
        did((turn) => takeOrder(turn, command)),
      );
    case 'cancel_answered':
      return react(state, context, 'cancel_answered', 'cancel_answered', (turn) => takeCancellation(turn, command));
    case 'rate_answered':
      return react(state, context, 'rate_answered', 'rate_answered', (turn) => takeRating(turn, command));
    case 'marketing_preference': {
      const turn = startTurn(state, context);
      return takePreference(turn, command) ? accept(turn, commit(turn, 'marketing_preference_noted', {})) : NOTHING;
    }
    case 'answered_elsewhere':
      return decideAnsweredElsewhere(state, command, context);
    case 'agent_reply':
      return decideAgentReply(state, command.text, context);
    case 'release':
      return kept(command.isKept === true, react(state, context, 'release', 'released', did(takeBack)));
    case 'reply_due': {
      const turn = startTurn(state, context);
      return isHeld(state) ? accept(turn, commit(turn, 'reply_released', {})) : NOTHING;
    }
    case 'session_due':
      return decideSession(state, context);
    case 'get':
      return accepted(viewOf(startTurn(state, context)));
    default:
      // A command of a newer version: nothing that this version could do about it.
      return unknown(command);
  }
}

function unknown(_command: never): Outcome {
  return { ok: false, refusal: { code: 'conversation.unknown_command' } };
}

function decideReceive(state: ConversationActorState, command: ReceiveMessage, context: Context): Outcome {
  const before = startTurn(state, context);
  const { turn, defect } = receive(before, withReferredProduct(before, command));
  keepWhetherSeen(turn);
  noteReached(turn);
  const inbound = { whatsappId: command.whatsappId, kind: command.content.kind, sentAtMs: command.sentAtMs };
  const personal = { content: command.content, contact: command.contact };
  const event = commit(turn, defect === null ? 'message_received' : 'turn_failed', {
    data: defect === null ? { inbound } : { inbound, defect },
    personal,
    moreFollows: command.moreFollows === true,
  });
  return accept(turn, event);
}

/** The id of a command is remembered only with an event. */
function kept(isKept: boolean, released: Outcome): Outcome {
  return isKept && released.ok && released.events.length === 0 ? { ...released, events: [{ type: 'released', data: {} }] } : released;
}

/** A step that always counts as news. */
function did(step: (turn: Turn) => void): (turn: Turn) => boolean {
  return (turn) => {
    step(turn);
    return true;
  };
}

/** Answers of other actors: they never wake a bot that a person has silenced. `step` false means nothing new. */
function react(
  state: ConversationActorState,
  context: Context,
  event: TableEvent,
  type: ConversationEventType,
  step: (turn: Turn) => boolean,
): Outcome {
  const turn = startTurn(state, context);
  if (TABLE[state.session.state][event] === 'ignore' || step(turn) === false)
    return accepted(event === 'release' ? viewOf(turn) : undefined);
  if (state.session.state === 'SUPPORT' && type !== 'released' && turn.session.state !== 'SUPPORT') change(turn, { state: 'SUPPORT' });
  keepWhetherSeen(turn);
  if (turn.session === state.session && turn.reply === null && turn.notices.length === 0) return { ...NOTHING, effects: turn.effects };
  const refused = type === 'checkout_reserved' && turn.session.checkout?.phase !== 'placing' ? 'checkout_refused' : type;
  return accept(turn, commit(turn, refused, {}), event === 'release' ? viewOf(turn) : undefined);
}

function decideAgentReply(state: ConversationActorState, value: string, context: Context): Outcome {
  const { contact } = state.session;
  if (contact.waId === null && contact.userId === null) return { ok: false, refusal: { code: 'conversation.nobody' } };
  if (value.trim() === '' || value.length > AGENT_TEXT_MAX_CHARS)
    return { ok: false, refusal: { code: 'conversation.text_invalid', details: { max_chars: AGENT_TEXT_MAX_CHARS } } };
  const { lastInboundAtMs } = state.session;
  // WhatsApp would refuse it later, out of the agent's sight.
  if (lastInboundAtMs === null || context.nowMs - lastInboundAtMs >= FREE_TEXT_MS)
    return { ok: false, refusal: { code: 'conversation.window_closed' } };
  if (state.queue.length >= LANE_MAX) return { ok: false, refusal: { code: 'conversation.lane_full' } };
  const turn = startTurn(state, context);
  change(turn, { state: 'SUPPORT' });
  forgetAsked(turn);
  turn.notices.push(text(cut(value, AGENT_TEXT_MAX_CHARS)));
  const event = commit(turn, 'agent_replied', {});
  return accept(turn, event, viewOf(turn));
}

type AnsweredElsewhere = Extract<ConversationCommand, { type: 'answered_elsewhere' }>;

/** The bot is silent as after an agent's reply, unless the news is from before a whole quiet session. What was said is shown in any case. */
function decideAnsweredElsewhere(state: ConversationActorState, command: AnsweredElsewhere, context: Context): Outcome {
  const { atMs, contact, text: said = null, whatsappId } = command;
  const isNews = context.nowMs - atMs < SESSION_MS;
  if (!isNews && said === null) return NOTHING;
  const turn = startTurn(state, context);
  const known = state.session.contact;
  if (contact !== undefined && known.waId === null && known.userId === null) change(turn, { contact });
  if (isNews) {
    change(turn, { state: 'SUPPORT' });
    forgetAsked(turn);
  }
  const event = commit(turn, 'agent_replied', {});
  return said === null ? accept(turn, event) : { ...accept(turn, event), events: sentElsewhere(turn, event, whatsappId, said) };
}

/** A message that WhatsApp has already: journaled as queued and through in one go, so that the lane never sends it. */
function sentElsewhere(turn: Turn, event: ConversationEvent, whatsappId: string, said: string): readonly ConversationEvent[] {
  const body = text(cut(said, AGENT_TEXT_MAX_CHARS));
  const id = turn.context.uniqueId('elsewhere');
  return [
    { ...event, data: { ...event.data, out: [{ id, class: 'notice', kind: body.kind }] }, personal: { ...event.personal, out: [body] } },
    { type: 'message_sent', data: { settled: { id, whatsappId, status: 'sent', code: null } } },
  ];
}

/** The timer finds out itself whether a whole quiet session has passed. */
function decideSession(state: ConversationActorState, context: Context): Outcome {
  const { session } = state;
  if (TABLE[session.state].session_due === 'ignore') return NOTHING;
  const dueAtMs = session.lastActivityAtMs + SESSION_MS;
  if (dueAtMs > context.nowMs)
    return { ...NOTHING, timers: [{ op: 'arm', name: 'session', dueAtMs, durable: true, command: { type: 'session_due' } }] };
  const turn = startTurn(state, context);
  const { cart, checkout } = session;
  forgetAsked(turn);
  // An order that is being placed goes on; its answer opens the conversation again.
  const placing = checkout !== null && checkout.orderId !== null;
  change(turn, {
    state: 'IDLE',
    misses: 0,
    hinted: false,
    place: placing ? session.place : null,
    ...(placing || session.note == null ? {} : { note: null }),
    step: placing ? session.step : null,
    checkout: placing ? checkout : null,
    ...(placing || cart.lines.length === 0 ? {} : { cart: { version: cart.version + 1, lines: [] } }),
  });
  return accept(turn, commit(turn, 'session_expired', {}));
}

function accept(turn: Turn, event: ConversationEvent, reply?: unknown): Accepted<ConversationEvent> {
  return { ok: true, events: [event], effects: turn.effects, timers: turn.timers, reply };
}

/** With no event. */
function accepted(reply: unknown): Accepted<ConversationEvent> {
  return { ok: true, events: NOTHING.events, reply };
}

function viewOf(turn: Turn): ConversationView {
  const { session } = turn;
  const { waId, userId, name } = session.contact;
  return {
    waId,
    userId,
    name,
    state: session.state,
    step: session.step,
    language: languageOf(turn),
    cart: session.cart.lines,
    openOrderId: openOrder(session)?.id ?? null,
    lastInboundAtMs: session.lastInboundAtMs,
    unreachable: isUnreachable(session),
  };
}
