/** What the lane does about answers of sends and about delivery statuses. Must never know what a message says. */
import type { DecideContext, Effect } from '../../runtime/behaviour.ts';
import type { TenantView } from '../tenant/view.ts';
import { noteUnsent } from './flow/reading/seen.ts';
import { FREE_TEXT_SURE_MS, SEND_RETRY_MAX_MS } from './limits.ts';
import { type ConversationCommand, type DeliveryStatus, SEND_HANDLER, type SendAgainInput } from './protocol.ts';
import { deliveryStatus, earlyFailure, isEarly, isProgress, retryAt, sendEffect, settledStatus } from './session/lane.ts';
import { noteStopped } from './session/marketing.ts';
import { isFromPhone, noteReached, noteUndelivered } from './session/reach.ts';
import type { ConversationActorState, ConversationEvent, DeliveryFailure, LaneHead, SentMessage } from './session/session.ts';
import { commit, startTurn, type Turn } from './session/turn.ts';

type LaneCommand = Extract<ConversationCommand, { type: 'status' | 'send_succeeded' | 'send_failed' | 'send_retry_due' }>;

/** @returns the turn and its event. Without an event only the turn's effects count: none when the command is news about nothing we know. */
export function decideSending(
  state: ConversationActorState,
  command: LaneCommand,
  context: DecideContext<TenantView | null>,
): { readonly turn: Turn; readonly event: ConversationEvent | null } {
  const turn = startTurn(state, context);
  if (command.type === 'status' || command.type === 'send_failed') noteStopped(turn, command);
  if (command.type === 'status' && isFromPhone(command)) noteReached(turn);
  const event = laneEvent(turn, command);
  // News of a message that the lane has forgotten may still say something about its reader.
  if (event === null && turn.session !== state.session) {
    const type = turn.session.optedOut === state.session.optedOut ? 'customer_reached' : 'marketing_preference_noted';
    return { turn, event: commit(turn, type, {}) };
  }
  return { turn, event };
}

function laneEvent(turn: Turn, command: LaneCommand): ConversationEvent | null {
  const { head } = turn.before;
  switch (command.type) {
    case 'send_succeeded':
      return head?.message.id === command.opaqueId ? accepted(turn, head, command.whatsappId) : lateId(turn, command);
    case 'send_failed':
      // While waiting, the failure of the earlier try is known already.
      return head !== null && head.message.id === command.opaqueId && head.retryAtMs === null ? failed(turn, head, command) : null;
    case 'send_retry_due':
      if (head?.message.id !== command.opaqueId) return sentAgain(turn, command.opaqueId);
      return head.retryAtMs !== null ? retried(turn, head) : null;
    case 'status':
      return progress(turn, command);
  }
}

function settle(
  turn: Turn,
  head: LaneHead,
  whatsappId: string | null,
  status: 'sent' | 'delivered' | 'read' | 'played' | 'failed',
  code: string | null,
): ConversationEvent {
  if (head.retryAtMs !== null) turn.timers.push({ op: 'cancel', name: 'send_retry', durable: true });
  if (status === 'failed') noteUnsent(turn, head.message.body);
  return commit(turn, status === 'failed' ? 'message_failed' : 'message_sent', {
    data: { settled: { id: head.message.id, whatsappId, status, code } },
  });
}

function accepted(turn: Turn, head: LaneHead, whatsappId: string): ConversationEvent {
  return taken(turn, head, whatsappId, 'sent');
}

/** WhatsApp has the message of the head, and told `status` of it now: settled by the furthest that was heard under this id. */
function taken(
  turn: Turn,
  head: LaneHead,
  whatsappId: string,
  status: Exclude<DeliveryStatus, 'queued'>,
  told?: DeliveryFailure,
): ConversationEvent {
  const { recent } = turn.before;
  const reached = settledStatus(recent, whatsappId, status);
  if (reached !== 'failed') return settle(turn, head, whatsappId, reached, null);
  const failure = told ?? earlyFailure(recent, whatsappId) ?? UNEXPLAINED;
  noteUndelivered(turn, failure.errorCode);
  planAgain(turn, head.message.id, failure);
  return settle(turn, head, whatsappId, reached, `whatsapp.${failure.errorCode ?? 'failed'}`);
}

/** A status overtook the answer of the send, or a failed message was taken again: only the id is new. */
function lateId(turn: Turn, command: Extract<LaneCommand, { type: 'send_succeeded' }>): ConversationEvent | null {
  const sent = turn.before.recent.find((message) => message.id === command.opaqueId);
  if (sent === undefined || sent.whatsappId === command.whatsappId) return null;
  if (sent.whatsappId !== null && sent.status !== 'failed') return null;
  return commit(turn, 'message_status_changed', {
    data: { delivery: { id: sent.id, whatsappId: command.whatsappId, status: sent.status, atMs: turn.context.nowMs } },
  });
}

/** Meta's code for free text outside the 24 hours; known to be wrong at times. */
const OUTSIDE_WINDOW = 131_047;

/** Both Meta and our clock say so: another try would be refused, too. */
function isWindowClosed(turn: Turn, graphCode: number | null): boolean {
  const { lastInboundAtMs } = turn.before.session;
  return graphCode === OUTSIDE_WINDOW && (lastInboundAtMs === null || turn.context.nowMs - lastInboundAtMs >= FREE_TEXT_SURE_MS);
}

function failed(turn: Turn, head: LaneHead, command: Extract<LaneCommand, { type: 'send_failed' }>): ConversationEvent {
  const retryAtMs = isWindowClosed(turn, command.graphCode) ? null : retryAt(head, command.retryAfterMs, turn.context.nowMs);
  if (retryAtMs === null) {
    noteUndelivered(turn, command.graphCode);
    return settle(turn, head, null, 'failed', command.code);
  }
  const { id } = head.message;
  // Durable however short: nobody else would wake the lane after a crash.
  turn.timers.push({ op: 'arm', name: 'send_retry', dueAtMs: retryAtMs, durable: true, command: { type: 'send_retry_due', opaqueId: id } });
  return commit(turn, 'message_retry_planned', { data: { waiting: { id, attempt: head.attempt, retryAtMs } } });
}

function retried(turn: Turn, head: LaneHead): ConversationEvent {
  const attempt = head.attempt + 1;
  turn.effects.push(sendEffect(head.message, attempt, turn.session.contact));
  return commit(turn, 'message_retried', { data: { started: { id: head.message.id, attempt } } });
}

/** Unknown and without our own id, while a try is under way: perhaps the answer names this id in a moment. */
function mayBeEarly(head: LaneHead | null, command: Extract<LaneCommand, { type: 'status' }>): boolean {
  return head !== null && head.retryAtMs === null && command.opaqueId === null;
}

function progress(turn: Turn, command: Extract<LaneCommand, { type: 'status' }>): ConversationEvent | null {
  const status = deliveryStatus(command.status);
  if (status === null || status === 'queued') return null;
  const { head, recent } = turn.before;
  if (head !== null && head.message.id === command.opaqueId) {
    return taken(turn, head, command.whatsappId, status, status === 'failed' ? failureOf(command) : undefined);
  }
  const sent =
    recent.find((message) => message.id === command.opaqueId) ?? recent.find((message) => message.whatsappId === command.whatsappId);
  if (sent === undefined ? !mayBeEarly(head, command) : !isProgress(sent.status, status)) return null;
  const delivery = { id: sent?.id ?? command.whatsappId, whatsappId: command.whatsappId, status, atMs: command.atMs };
  if (status !== 'failed') return commit(turn, 'message_status_changed', { data: { delivery } });
  const failure = failureOf(command);
  // An early one has no body under WhatsApp's id: why it failed is kept for the answer of its send.
  if (sent === undefined || isEarly(sent)) return commit(turn, 'message_status_changed', { data: { delivery: { ...delivery, failure } } });
  noteUndelivered(turn, failure.errorCode);
  planAgain(turn, sent.id, failure);
  return commit(turn, 'message_status_changed', { data: { delivery } });
}

const UNEXPLAINED: DeliveryFailure = { errorCode: null };

function failureOf({ errorCode, retryAfterMs }: Extract<LaneCommand, { type: 'status' }>): DeliveryFailure {
  return retryAfterMs === undefined ? { errorCode } : { errorCode, retryAfterMs };
}

/**
 * WhatsApp took a message and could not bring it for a reason that may pass: tried again once. A message fails but once, because
 * nothing less than the phone's own word lifts a failure, so no number of failed statuses makes it go out a third time.
 */
function planAgain(turn: Turn, id: string, { errorCode, retryAfterMs }: DeliveryFailure): void {
  if (retryAfterMs === undefined || isWindowClosed(turn, errorCode)) return;
  const dueAtMs = turn.context.nowMs + Math.min(Math.max(0, retryAfterMs), SEND_RETRY_MAX_MS);
  turn.timers.push({ op: 'arm', name: `send_again:${id}`, dueAtMs, durable: true, command: { type: 'send_retry_due', opaqueId: id } });
}

/** Beside the lane: what was sent after it has arrived already, perhaps. */
function sentAgain(turn: Turn, opaqueId: string): null {
  const sent = turn.before.recent.find((message) => message.id === opaqueId);
  // Meanwhile the phone may have shown that it had it.
  if (sent?.status === 'failed') turn.effects.push(againEffect(turn, sent));
  return null;
}

function againEffect(turn: Turn, { id }: SentMessage): Effect {
  const { waId, userId } = turn.session.contact;
  const input: SendAgainInput = { opaqueId: id, to: { waId, userId }, again: true };
  return { type: 'external', id: `${id}#again`, handler: SEND_HANDLER, input };
}
