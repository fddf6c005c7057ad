/**
 * Shapes of a conversation's state and of its events. Every event says what changed (`set`) and what happened
 * in the sending lane, so that one generic fold rebuilds the state. Must never hold behaviour.
 */
import type { DomainEvent } from '../../../runtime/behaviour.ts';
import type { OrderStatus } from '../../order/protocol.ts';
import type { Language, LineRequest, Position, Quote } from '../../tenant/protocol.ts';
import type { CartLine, Contact, ConversationState, DeliveryStatus, InboundContent, OutboundBody } from '../protocol.ts';

export interface Cart {
  /** Grows with every change; buttons carry it, so a stale one is recognised. */
  readonly version: number;
  readonly lines: readonly CartLine[];
}

export interface Place {
  readonly position: Position | null;
  readonly address: string | null;
}

type CheckoutPhase = 'address' | 'confirm' | 'reserving' | 'placing';

/**
 * address -> confirm (quote shown) -> reserving (asked the tenant) -> placing (asked the order) -> gone.
 * A refusal goes back to the cart; a changed total goes back to confirm.
 */
export interface Checkout {
  readonly phase: CheckoutPhase;
  /** Carried by the confirm button; the journal's sequence number, so that no two quotes ever share one. */
  readonly version: number;
  readonly cartVersion: number;
  readonly lines: readonly LineRequest[];
  /** Null until the address is known. */
  readonly quote: Quote | null;
  /** Set while reserving and placing; also the reservation's id and the checkout id of the answers. */
  readonly orderId: string | null;
  /** The customer cancelled while the answers were under way. */
  readonly cancelled: boolean;
  /** The quote was replaced before it left, or could not be sent: a "yes" cannot mean it. Absent: it went out, or is on its way. */
  readonly unseen?: boolean;
  /** When this quote was made, by our clock. Absent: no quote yet, or one from before this was kept. */
  readonly quotedAtMs?: number;
  /** The address was typed for this checkout: the next words may be more of it. Absent: it was known, or is a pin. */
  readonly addressTyped?: boolean;
}

/** What is known of one order of this customer. */
export interface OrderMark {
  readonly id: string;
  readonly code: string;
  readonly status: OrderStatus;
  readonly version: number;
}

type Step = 'address' | 'confirm' | 'placing';

/** A message that put lines behind the `first` ones of the cart. */
interface Said {
  /** `commandHash` of WhatsApp's id, which may be long. */
  readonly message: number;
  /** The cart's version with it: of another one nothing is said here. */
  readonly cartVersion: number;
  readonly first: number;
}

/** The part that survives erasure of the person. */
export interface PublicSession {
  readonly state: ConversationState;
  readonly step: Step | null;
  /** Null until chosen or detected: the tenant's first language is used. */
  readonly language: Language | null;
  readonly languageChosen: boolean;
  readonly greeted: boolean;
  readonly checkout: Checkout | null;
  /** Oldest first. */
  readonly orders: readonly OrderMark[];
  /** No marketing. Answers and news of orders go on. */
  readonly optedOut: boolean;
  /** When the customer last said whether they want marketing, by WhatsApp's clock: news from before it changes nothing. Absent or null: never. */
  readonly marketingSaidAtMs?: number | null;
  /** The one hint about unreadable message types was given in this session. */
  readonly hinted: boolean;
  /** The order whose driver the last message asked to rate: a bare digit now means its stars. Absent or null: none. */
  readonly ratingAsked?: string | null;
  /** The product that the last message asked a quantity of: a bare number now means how many. Absent or null: none. */
  readonly quantityAsked?: string | null;
  /** What the last message let choose from, each with how many of it: a name or "the second one" now means that. Absent or null: none. */
  readonly choiceAsked?: readonly ChoiceAsked[] | null;
  /** The page of the menu that the last message showed, as the id of its row: "1" or "the second one" now means a row of it. Absent or null: none. */
  readonly listShown?: string | null;
  /** The row or button that put something into the cart with the last message, and when, by WhatsApp's clock. Absent or null: another kind of message. */
  readonly tapped?: { readonly id: string; readonly sentAtMs: number } | null;
  readonly misses: number;
  /** The last message of words that put lines behind those of the cart. Absent or null: none yet. */
  readonly said?: Said | null;
  /** Messages in a row that WhatsApp called undeliverable, at most UNREACHABLE_AFTER. Absent: none. */
  readonly undelivered?: number;
  /** When the customer last wrote, by WhatsApp's clock; from then on its 24 hours run. */
  readonly lastInboundAtMs: number | null;
  /** When WhatsApp last told by itself what became of their number or user id, by its clock. Absent or null: never. */
  readonly keysToldAtMs?: number | null;
  /** Last message of the customer or of an agent, by our clock. */
  readonly lastActivityAtMs: number;
  readonly sessionArmedAtMs: number;
  /** Replies that a newer one replaced before they were sent. */
  readonly replaced: number;
}

/** `anew`: instead of as many as the cart has; 0 takes the line out. */
export type ChoiceAsked = LineRequest & { readonly anew?: true };

/** At most as many lines as a cart has. */
interface LastOrder {
  readonly lines: readonly Omit<CartLine, 'priceMinor'>[];
  readonly place: Place | null;
}

/** The part that is encrypted under the person's key. */
export interface PersonalSession {
  readonly contact: Contact;
  readonly cart: Cart;
  /** Where to deliver, once given in this session. */
  readonly place: Place | null;
  /** What the driver is to know about handing over the next order. Absent or null: nothing. */
  readonly note?: string | null;
  /** What was ordered last, for "same as last time". Absent or null: nothing yet. */
  readonly lastOrder?: LastOrder | null;
}

export type Session = PublicSession & PersonalSession;

/** `reply`: answer of the bot, a newer one replaces it while unsent. `notice`: never replaced by a reply. */
export type OutClass = 'reply' | 'notice';

export interface QueuedMessage {
  readonly id: string;
  readonly class: OutClass;
  /** Opening that a replacing reply has to carry on; empty for none. */
  readonly lead: string;
  readonly body: OutboundBody;
  /** Where the body is journaled: the event, and its place in `personal.out`. */
  readonly origin: { readonly seq: number; readonly at: number };
}

export interface LaneHead {
  readonly message: QueuedMessage;
  /** 1 on the first try. */
  readonly attempt: number;
  /** Null while the try is under way, otherwise when the next one is due. */
  readonly retryAtMs: number | null;
}

/** Why WhatsApp could not bring a message, and after how long another try is worth it; absent: never. */
export interface DeliveryFailure {
  readonly errorCode: number | null;
  readonly retryAfterMs?: number;
}

export interface SentMessage {
  readonly id: string;
  readonly whatsappId: string | null;
  readonly status: DeliveryStatus;
  /** Of a failure that overtook the answer of its send, for when the answer comes. Absent: none, or one from before it was kept. */
  readonly failure?: DeliveryFailure;
}

export interface ConversationActorState {
  readonly session: Session;
  readonly head: LaneHead | null;
  readonly queue: readonly QueuedMessage[];
  readonly recent: readonly SentMessage[];
}

/** With the newest version of each. */
export const CONVERSATION_EVENTS = {
  message_received: 1,
  message_sent: 1,
  message_failed: 1,
  message_retry_planned: 1,
  message_retried: 1,
  reply_released: 1,
  message_status_changed: 1,
  order_noted: 1,
  checkout_reserved: 1,
  checkout_refused: 1,
  checkout_placed: 1,
  cancel_answered: 1,
  rate_answered: 1,
  marketing_preference_noted: 1,
  customer_reached: 1,
  agent_replied: 1,
  released: 1,
  session_expired: 1,
  turn_failed: 1,
} as const;
export type ConversationEventType = keyof typeof CONVERSATION_EVENTS;

interface OutMark {
  readonly id: string;
  readonly class: OutClass;
  readonly kind: OutboundBody['kind'];
}

/** Public part of every event. Absent members changed nothing. */
export interface ConversationEventData {
  readonly set?: Partial<PublicSession>;
  /** `message_received` only. */
  readonly inbound?: { readonly whatsappId: string; readonly kind: InboundContent['kind']; readonly sentAtMs: number };
  /** Queued by this event, in order; bodies are `personal.out`. */
  readonly out?: readonly OutMark[];
  /** Queued notices that a full lane pushed out. */
  readonly dropped?: readonly string[];
  /** Replies that waited and were replaced by a newer one before they left: nobody was ever shown them. */
  readonly superseded?: readonly string[];
  /** The head of the lane is through (any status but failed) or dead (failed). */
  readonly settled?: {
    readonly id: string;
    readonly whatsappId: string | null;
    readonly status: DeliveryStatus;
    readonly code: string | null;
  };
  /** The head failed and waits. */
  readonly waiting?: { readonly id: string; readonly attempt: number; readonly retryAtMs: number };
  /** From here on the try counts as made, before any HTTP call. */
  readonly started?: { readonly id: string; readonly attempt: number };
  /** Delivery progress of an already sent message. */
  readonly delivery?: {
    readonly id: string;
    readonly whatsappId: string | null;
    readonly status: DeliveryStatus;
    readonly atMs: number;
    /** Only while nobody can say which message of ours failed. */
    readonly failure?: DeliveryFailure;
  };
  /** `turn_failed` only: name of the defect, no personal data. */
  readonly defect?: string;
}

/** Personal part of every event; all of it is gone after erasure. */
export interface ConversationEventPersonal {
  readonly content?: InboundContent;
  readonly contact?: Contact;
  readonly out?: readonly OutboundBody[];
  readonly leads?: readonly string[];
  readonly set?: Partial<PersonalSession>;
}

export interface ConversationEvent extends DomainEvent {
  readonly type: ConversationEventType;
  readonly data: ConversationEventData;
  readonly personal?: ConversationEventPersonal;
}

export const EMPTY_CART: Cart = { version: 0, lines: [] };
export const NOBODY: Contact = { waId: null, userId: null, name: null };
