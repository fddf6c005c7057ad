/**
 * One turn: a working copy of the session, what is to be said and done, and the single event that makes all of
 * it durable. Must never know what the customer wants; the flow does.
 */
import type { DecideContext, Effect, TimerOp } from '../../../runtime/behaviour.ts';
import type { OrderTerms } from '../../order/protocol.ts';
import type { TenantView } from '../../tenant/view.ts';
import { BODY_MAX_CHARS, LEAD_MAX_CHARS, REST_OF_POST_MS, SESSION_MS, SESSION_REARM_MS, TEXT_BODY_MAX_CHARS } from '../limits.ts';
import type { OutboundBody } from '../protocol.ts';
import { cut } from '../text/saying/cut.ts';
import { evolveLane, replacedBy, sendEffect } from './lane.ts';
import { isHeld, isView, mayWait } from './rest-of-post.ts';
import type {
  ConversationActorState,
  ConversationEvent,
  ConversationEventData,
  ConversationEventPersonal,
  ConversationEventType,
  OutClass,
  Session,
} from './session.ts';
import { personalDifference, publicDifference, revised } from './session-change.ts';

export interface ConversationContext extends DecideContext<TenantView | null> {
  /** Default USUAL_TERMS. */
  readonly terms?: OrderTerms;
}

export interface Turn {
  readonly before: ConversationActorState;
  readonly context: ConversationContext;
  session: Session;
  /** What happened in this turn, said before the reply itself and carried on when the reply is replaced unsent. */
  leads: string[];
  /** At most one a turn; null is the decision not to reply. */
  reply: OutboundBody | null;
  notices: OutboundBody[];
  effects: Effect[];
  timers: TimerOp[];
}

export function startTurn(before: ConversationActorState, context: ConversationContext): Turn {
  return { before, context, session: before.session, leads: [], reply: null, notices: [], effects: [], timers: [] };
}

export function change(turn: Turn, patch: Partial<Session>): void {
  turn.session = revised(turn.session, patch);
}

/** What of an event `commit` cannot find out by itself. */
interface EventFacts {
  readonly data?: Pick<ConversationEventData, 'inbound' | 'settled' | 'waiting' | 'delivery' | 'started' | 'defect'>;
  readonly personal?: Pick<ConversationEventPersonal, 'content' | 'contact'>;
  /** The customer's next message is here in a moment. */
  readonly moreFollows?: boolean;
}

/** Builds the one event of this turn; starts the next message of the lane when nothing is in flight. Adds to the turn's effects. */
export function commit(turn: Turn, type: ConversationEventType, facts: EventFacts): ConversationEvent {
  const { before } = turn;
  const out = outgoing(turn);
  const replaced = out.dropped.length + out.superseded.length;
  if (replaced > 0) change(turn, { replaced: turn.session.replaced + replaced });
  armSession(turn, type);
  const { data, personal } = eventParts(facts);
  const wasPersonal = personal.content !== undefined || personal.contact !== undefined;
  if (out.messages.length > 0) {
    personal.out = out.messages.map((message) => message.body);
    data.out = out.messages.map(({ id, class: kind, body }) => ({ id, class: kind, kind: body.kind }));
  }
  const changedPersonal = personalDifference(before.session, turn.session);
  const changedPublic = publicDifference(before.session, turn.session);
  if (changedPersonal !== null) personal.set = changedPersonal;
  if (changedPublic !== null) data.set = changedPublic;
  if (out.dropped.length > 0) data.dropped = out.dropped;
  if (out.superseded.length > 0) data.superseded = out.superseded;
  const lane = evolveLane(before, data, personal, turn.context.seq);
  const holds = facts.moreFollows === true && lane.head === null && mayWait(lane.queue, turn.session);
  // Only a message that has to wait can be replaced.
  const waits = holds || before.head !== null || isHeld(before);
  if (waits && out.messages.some((message) => message.lead !== '')) personal.leads = out.messages.map((message) => message.lead);
  timeRest(turn, holds);
  const next = lane.head === null && !holds ? lane.queue[0] : undefined;
  if (next !== undefined) {
    turn.effects.push(sendEffect(next, 1, turn.session.contact));
    data.started = { id: next.id, attempt: 1 };
  }
  const isPersonal = wasPersonal || personal.out !== undefined || personal.set !== undefined;
  return isPersonal ? { type, data, personal } : { type, data };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Copies for `commit` to fill. Member by member, as everything that runs twice a message: after a spread the engine meets
 * ever new shapes of object, and every read of one is slow.
 */
function eventParts({ data: from, personal: own }: EventFacts): {
  readonly data: Writable<ConversationEventData>;
  readonly personal: Writable<ConversationEventPersonal>;
} {
  const data: Writable<ConversationEventData> = {};
  if (from?.inbound !== undefined) data.inbound = from.inbound;
  if (from?.settled !== undefined) data.settled = from.settled;
  if (from?.waiting !== undefined) data.waiting = from.waiting;
  if (from?.delivery !== undefined) data.delivery = from.delivery;
  if (from?.started !== undefined) data.started = from.started;
  if (from?.defect !== undefined) data.defect = from.defect;
  const personal: Writable<ConversationEventPersonal> = {};
  if (own?.content !== undefined) personal.content = own.content;
  if (own?.contact !== undefined) personal.contact = own.contact;
  return { data, personal };
}

interface Outgoing {
  readonly messages: readonly { readonly id: string; readonly class: OutClass; readonly lead: string; readonly body: OutboundBody }[];
  readonly dropped: readonly string[];
  readonly superseded: readonly string[];
}

function outgoing(turn: Turn): Outgoing {
  if (turn.notices.length === 0 && turn.reply === null) return { messages: [], dropped: [], superseded: [] };
  const queue: { id: string; class: OutClass; lead: string }[] = [...turn.before.queue];
  const messages: Outgoing['messages'][number][] = [];
  const dropped: string[] = [];
  const superseded: string[] = [];
  let made = 0;
  const put = (kind: OutClass, body: OutboundBody): void => {
    // Words are said beside the view that waits for them.
    const replaced = kind === 'reply' && isHeld(turn.before) && !isView(body) ? [] : replacedBy(queue, kind);
    let lead = kind === 'reply' ? turn.leads.join('\n') : '';
    for (const id of replaced) {
      const at = queue.findIndex((message) => message.id === id);
      const [old] = queue.splice(at, 1);
      if (kind === 'reply' && old !== undefined) lead = joinLeads(old.lead, lead);
      const own = messages.findIndex((message) => message.id === id);
      if (own >= 0) messages.splice(own, 1);
      else if (old?.class === 'reply') superseded.push(id);
      else dropped.push(id);
    }
    const message = { id: turn.context.uniqueId(`out${made++}`), class: kind, lead, body: withLead(lead, body) };
    messages.push(message);
    queue.push(message);
  };
  for (const body of turn.notices) put('notice', body);
  if (turn.reply !== null) put('reply', turn.reply);
  return { messages, dropped, superseded };
}

function joinLeads(older: string, newer: string): string {
  if (older === '' || newer.startsWith(older)) return newer;
  const joined = newer === '' ? older : `${older}\n${newer}`;
  return joined.length <= LEAD_MAX_CHARS ? joined : newer;
}

const BETWEEN = '\n\n';

/** What does not fit is the opening's loss: a total or a question stands at the end. */
function withLead(lead: string, body: OutboundBody): OutboundBody {
  const maxChars = body.kind === 'text' ? TEXT_BODY_MAX_CHARS : BODY_MAX_CHARS;
  const roomChars = maxChars - body.text.length - BETWEEN.length;
  const opening = lead !== '' && body.text !== '' && roomChars > 0 ? cut(lead, roomChars) : lead;
  const text = opening === '' ? body.text : body.text === '' ? opening : `${opening}${BETWEEN}${body.text}`;
  return { ...body, text: cut(text, maxChars) };
}

/** Durable however short: nobody else would wake the lane after a crash. */
function timeRest({ before, context, timers }: Turn, holds: boolean): void {
  const name = 'rest_of_post';
  if (holds) timers.push({ op: 'arm', name, dueAtMs: context.nowMs + REST_OF_POST_MS, durable: true, command: { type: 'reply_due' } });
  else if (isHeld(before)) timers.push({ op: 'cancel', name, durable: true });
}

/** One durable write an hour at most: the timer finds out itself whether the conversation was quiet. */
function armSession(turn: Turn, type: ConversationEventType): void {
  const { state, sessionArmedAtMs } = turn.session;
  const nowMs = turn.context.nowMs;
  if (state === 'IDLE' || type === 'session_expired') return;
  const entered = turn.before.session.state === 'IDLE';
  if (!entered && nowMs - sessionArmedAtMs < SESSION_REARM_MS) return;
  change(turn, { sessionArmedAtMs: nowMs });
  turn.timers.push({ op: 'arm', name: 'session', dueAtMs: nowMs + SESSION_MS, durable: true, command: { type: 'session_due' } });
}
