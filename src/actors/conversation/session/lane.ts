/**
 * The sending lane: one WhatsApp message in flight a conversation, the rest waits in a bounded queue. Pure; must
 * never know what a message says.
 *
 * Modes: empty (no head) -> sending (started durably before the HTTP call) -> settled by the send's answer or by
 * its delivery status, or -> waiting (backoff) -> sending again, at most SEND_ATTEMPTS_MAX times.
 */
import type { Effect } from '../../../runtime/behaviour.ts';
import { LANE_MAX, RECENT_MAX, SEND_ATTEMPTS_MAX, SEND_RETRY_MAX_MS } from '../limits.ts';
import { type Contact, type DeliveryStatus, SEND_HANDLER, type SendInput } from '../protocol.ts';
import type {
  ConversationActorState,
  ConversationEventData,
  ConversationEventPersonal,
  DeliveryFailure,
  LaneHead,
  QueuedMessage,
  SentMessage,
} from './session.ts';

type Lane = Pick<ConversationActorState, 'head' | 'queue' | 'recent'>;

/** `failed` is no rank: it may only follow `queued` and `sent`, and what shows that the phone had the message after all overrules it. */
const RANKS: Readonly<Record<Exclude<DeliveryStatus, 'failed'>, number>> = { queued: 0, sent: 1, delivered: 2, read: 3, played: 4 };

/** @returns null for a status that WhatsApp may report but that says nothing about delivery. */
export function deliveryStatus(status: string): DeliveryStatus | null {
  return status === 'failed' || Object.hasOwn(RANKS, status) ? (status as DeliveryStatus) : null;
}

/** True when `to` is progress over `from`: statuses never go backwards, and a failure holds until the phone proves it wrong. */
export function isProgress(from: DeliveryStatus, to: DeliveryStatus): boolean {
  if (from === 'failed') return to !== 'failed' && RANKS[to] > RANKS.sent;
  if (to === 'failed') return RANKS[from] <= RANKS.sent;
  return RANKS[to] > RANKS[from];
}

/** No further status is of interest. */
function isFinal(status: DeliveryStatus): boolean {
  return status === 'read' || status === 'played';
}

/**
 * Ids of queued messages that `incoming` replaces: the unsent bot reply (one reply a turn, never a backlog), and
 * beyond LANE_MAX the last queued message of the same class, so that the queue stays bounded.
 */
export function replacedBy(queue: readonly Pick<QueuedMessage, 'id' | 'class'>[], incoming: QueuedMessage['class']): readonly string[] {
  if (incoming === 'reply') return queue.filter((message) => message.class === 'reply').map((message) => message.id);
  if (queue.length < LANE_MAX) return [];
  const last = queue.findLast((message) => message.class === incoming) ?? queue[queue.length - 1];
  return last === undefined ? [] : [last.id];
}

/** Folds the lane part of event `seq`. Tolerant of bodies lost by erasure: such messages are simply not queued. */
export function evolveLane(lane: Lane, data: ConversationEventData, personal: ConversationEventPersonal | undefined, seq: number): Lane {
  let { head, queue, recent } = lane;
  const { settled, waiting, started, delivery, dropped, superseded, out } = data;
  if (settled !== undefined) {
    const isHead = head?.message.id === settled.id;
    if (isHead) head = null;
    else queue = without(queue, [settled.id]);
    // What the shop wrote elsewhere settles, too, and says nothing about the message in flight.
    recent = remember(isHead && recent.some(isEarly) ? recent.filter((message) => !isEarly(message)) : recent, {
      id: settled.id,
      whatsappId: settled.whatsappId,
      status: settled.status,
    });
  }
  if (waiting !== undefined && head?.message.id === waiting.id) head = { ...head, attempt: waiting.attempt, retryAtMs: waiting.retryAtMs };
  if (delivery !== undefined) recent = remember(recent, delivery);
  if (dropped !== undefined) queue = without(queue, dropped);
  if (superseded !== undefined) queue = without(queue, superseded);
  if (out !== undefined && personal?.out !== undefined) {
    const longer = queue.slice();
    for (const [i, mark] of out.entries()) {
      const body = personal.out[i];
      if (body !== undefined)
        longer.push({ id: mark.id, class: mark.class, lead: personal.leads?.[i] ?? '', body, origin: { seq, at: i } });
    }
    queue = longer;
  }
  if (started !== undefined) {
    if (head?.message.id === started.id) head = { ...head, attempt: started.attempt, retryAtMs: null };
    else {
      const message = queue.find((queued) => queued.id === started.id);
      // Absent after erasure: everything before it went, too.
      head = message === undefined ? null : { message, attempt: started.attempt, retryAtMs: null };
      queue = without(queue, [started.id]);
    }
  }
  return head === lane.head && queue === lane.queue && recent === lane.recent ? lane : { head, queue, recent };
}

function without(queue: readonly QueuedMessage[], ids: readonly string[]): readonly QueuedMessage[] {
  return queue.some((message) => ids.includes(message.id)) ? queue.filter((message) => !ids.includes(message.id)) : queue;
}

/**
 * A status without our own id that overtook the answer of the send: remembered under WhatsApp's id, which the answer will name, and
 * only while that message is in flight.
 */
export function isEarly(message: SentMessage): boolean {
  return message.id === message.whatsappId;
}

/** @returns why the message that WhatsApp took under this id failed, as was heard before anybody could name it. */
export function earlyFailure(recent: readonly SentMessage[], whatsappId: string): DeliveryFailure | undefined {
  return recent.find((message) => isEarly(message) && message.whatsappId === whatsappId)?.failure;
}

type SettledStatus = Exclude<DeliveryStatus, 'queued'>;

/** @returns how far the message is that WhatsApp took under this id: as `told` now, or as was heard before anybody could name it. */
export function settledStatus(recent: readonly SentMessage[], whatsappId: string, told: SettledStatus): SettledStatus {
  const early = recent.find((message) => isEarly(message) && message.whatsappId === whatsappId)?.status;
  return early === undefined || early === 'queued' || !isProgress(told, early) ? told : early;
}

function remember(recent: readonly SentMessage[], sent: SentMessage): readonly SentMessage[] {
  const known = recent.find((message) => message.id === sent.id);
  const others = recent.filter((message) => message.id !== sent.id);
  if (isFinal(sent.status) && !isEarly(sent)) return others;
  const { id, status, failure } = sent;
  const kept: SentMessage = { id, whatsappId: sent.whatsappId ?? known?.whatsappId ?? null, status };
  others.push(failure === undefined ? kept : { ...kept, failure });
  return others.length > RECENT_MAX ? others.slice(-RECENT_MAX) : others;
}

/** Effect of one try. The id of a repeated try differs, because a settled effect id is never run again. */
export function sendEffect(message: Pick<QueuedMessage, 'id' | 'body'>, attempt: number, contact: Contact): Effect {
  const input: SendInput = { opaqueId: message.id, to: { waId: contact.waId, userId: contact.userId }, body: message.body };
  return { type: 'external', id: attempt === 1 ? message.id : `${message.id}#${attempt}`, handler: SEND_HANDLER, input, inState: true };
}

/** Input of the try that the head of the lane makes, as `sendEffect` made it; undefined when the head is another message or none. */
export function sendInput(effectId: string, state: Pick<ConversationActorState, 'head' | 'session'>): SendInput | undefined {
  const message = state.head?.message;
  if (message === undefined || effectId.replace(/#\d+$/, '') !== message.id) return undefined;
  const { waId, userId } = state.session.contact;
  return { opaqueId: message.id, to: { waId, userId }, body: message.body };
}

/** @returns when to try the head again, unix ms, or null when it is dead. */
export function retryAt(head: LaneHead, retryAfterMs: number | null, nowMs: number): number | null {
  if (retryAfterMs === null || !Number.isFinite(retryAfterMs) || head.attempt >= SEND_ATTEMPTS_MAX) return null;
  return nowMs + Math.min(Math.max(0, retryAfterMs), SEND_RETRY_MAX_MS);
}
