/**
 * What can be said to a conversation actor: one customer with one tenant. It owns session, cart, language and
 * the sending lane (one WhatsApp message in flight at a time, so that replies keep their order).
 */
import type { OrderStatus } from '../order/protocol.ts';
import type { Language, Position } from '../tenant/protocol.ts';

export const CONVERSATION_STATES = [
  'IDLE',
  'GREETING',
  'INTENT_DETECTION',
  'CUSTOMER_FLOW',
  'VENDOR_FLOW',
  'DRIVER_FLOW',
  'ORDER_TRACKING',
  'SUPPORT',
  'ERROR',
] as const;
export type ConversationState = (typeof CONVERSATION_STATES)[number];

/** Who wrote, as far as the webhook tells. */
export interface Contact {
  /** Phone in WhatsApp form (digits only) when known. */
  readonly waId: string | null;
  /** Business-scoped user id (`ZA.…`) when known. */
  readonly userId: string | null;
  readonly name: string | null;
}

/** What a message points at. Absent members: nothing of the kind. */
export interface MessageAbout {
  /** WhatsApp's id of the message that this one answers. */
  readonly quotedId?: string;
  readonly forwarded?: true;
  /** Asked from the page of a product in the catalogue. */
  readonly product?: { readonly productId: string; readonly catalogId: string | null };
  /** The ad or post that opened the chat. */
  readonly ad?: {
    readonly sourceType: string | null;
    readonly sourceId: string | null;
    readonly sourceUrl: string | null;
    readonly headline: string | null;
    readonly text: string | null;
    readonly clickId: string | null;
  };
}

/** Normalised content of one inbound message. Text has lone surrogates and NUL removed, at most 4,096 characters. */
export type InboundContent = InboundPayload & { readonly about?: MessageAbout };

type InboundPayload =
  | { readonly kind: 'text'; readonly text: string }
  /** Button, list or template-button tap; `id` is what we put into the button. */
  | { readonly kind: 'reply'; readonly id: string; readonly title: string }
  | { readonly kind: 'location'; readonly position: Position; readonly name: string | null; readonly address: string | null }
  | {
      readonly kind: 'cart';
      readonly items: readonly { readonly productId: string; readonly quantity: number }[];
      readonly note: string | null;
    }
  | {
      readonly kind: 'media';
      readonly mediaKind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker';
      readonly mediaId: string | null;
      readonly caption: string | null;
      /** The caption is a file's name: shown to the shop, but nobody's words. */
      readonly named?: true;
    }
  | { readonly kind: 'reaction'; readonly messageId: string; readonly emoji: string | null }
  | { readonly kind: 'system'; readonly event: string; readonly newWaId: string | null; readonly newUserId: string | null }
  | { readonly kind: 'edit' | 'revoke'; readonly originalId: string; readonly text: string | null }
  /** contacts, flow replies, unsupported, unknown types: stored, answered with a hint once. */
  | { readonly kind: 'other'; readonly originalType: string };

export interface ReceiveMessage {
  readonly type: 'receive';
  readonly whatsappId: string;
  readonly contact: Contact;
  readonly content: InboundContent;
  /** When the customer wrote (message timestamp), unix ms; opens the 24 h window. */
  readonly sentAtMs: number;
  /** Another message of the same person stands behind it in the same post. */
  readonly moreFollows?: true;
}

/** Outbound message in our own words; transport/whatsapp turns it into a Graph body and enforces limits. */
export type OutboundBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'buttons'; readonly text: string; readonly buttons: readonly { readonly id: string; readonly title: string }[] }
  | {
      readonly kind: 'list';
      readonly text: string;
      readonly button: string;
      readonly sections: readonly {
        readonly title: string;
        readonly rows: readonly { readonly id: string; readonly title: string; readonly description?: string }[];
      }[];
    }
  | { readonly kind: 'location_request'; readonly text: string };

/** The external effect handler that sends. Journaled with each promised send, so it never changes. */
export const SEND_HANDLER = 'whatsapp.send';

/** Its input. `opaqueId` goes out as biz_opaque_callback_data. */
export interface SendInput {
  readonly opaqueId: string;
  readonly to: { readonly waId: string | null; readonly userId: string | null };
  readonly body: OutboundBody;
}

/** Input of the same handler for a message that WhatsApp took and lost on the way: its body, as it went out under this `opaqueId`, once more. */
export interface SendAgainInput {
  readonly opaqueId: string;
  readonly to: SendInput['to'];
  readonly again: true;
}

/** What `whatsapp.send` resolves to: the private command that completes the effect. */
export type SendOutcome =
  | { readonly type: 'send_succeeded'; readonly opaqueId: string; readonly whatsappId: string }
  /** `retryAfterMs` null: never again; the message is dead. */
  | {
      readonly type: 'send_failed';
      readonly opaqueId: string;
      readonly code: string;
      readonly graphCode: number | null;
      readonly retryAfterMs: number | null;
    };

export type DeliveryStatus = 'queued' | 'sent' | 'delivered' | 'read' | 'played' | 'failed';

export type ConversationCommand =
  | ReceiveMessage
  | {
      readonly type: 'status';
      readonly whatsappId: string;
      readonly opaqueId: string | null;
      readonly status: string;
      readonly atMs: number;
      readonly errorCode: number | null;
      /** Of a failure that may pass: after how long another try is worth it. Absent: never. */
      readonly retryAfterMs?: number;
    }
  /** A person of the shop wrote to the customer in the Business app. `text` absent or null: nothing that could be shown. */
  | {
      readonly type: 'answered_elsewhere';
      readonly whatsappId: string;
      readonly atMs: number;
      readonly contact?: Contact;
      readonly text?: string | null;
    }
  /** The customer stopped (`isWanted` false) or resumed marketing in WhatsApp's own settings, at `atMs` by WhatsApp's clock. */
  | { readonly type: 'marketing_preference'; readonly isWanted: boolean; readonly atMs: number }
  | SendOutcome
  /** From the order actor, through a `send` effect; older `version` than already seen is ignored. */
  | {
      readonly type: 'order_changed';
      readonly orderId: string;
      readonly code: string;
      readonly status: OrderStatus;
      readonly version: number;
      readonly reason: string | null;
      /** DELIVERED only: a driver brought it, who may be rated. */
      readonly byDriver?: boolean;
      /** The arrival that was told does not hold any more: minutes from now. Says nothing of the status. */
      readonly eta?: { readonly fromMin: number; readonly toMin: number } | null;
      /** No driver has taken it for long, and one is still looked for. Says nothing of the status. */
      readonly isSeekingLong?: true;
      /** Link, door code and who comes; with the news that a driver has the order. */
      readonly tracking?: { readonly url: string; readonly otp: string; readonly driverName: string | null } | null;
    }
  /** Answer of the tenant's `reserve` (SendResult) for the checkout in progress. */
  | { readonly type: 'reserved'; readonly checkoutId: string; readonly result: unknown }
  /** Answer of the order's `place` (SendResult). */
  | { readonly type: 'placed'; readonly checkoutId: string; readonly result: unknown }
  /** Answer of the order's `cancel` transition (SendResult). */
  | { readonly type: 'cancel_answered'; readonly orderId: string; readonly result: unknown }
  /** Answer of the order's `rate_driver` (SendResult). */
  | { readonly type: 'rate_answered'; readonly orderId: string; readonly result: unknown }
  | { readonly type: 'agent_reply'; readonly text: string }
  /** `isKept`: journaled also where nobody has to be released, so that a late repeat under the same id hears this answer and silences nobody. */
  | { readonly type: 'release'; readonly isKept?: true }
  /** Backoff before a retry is over: of the head of the lane, or of a message that failed after it was taken. */
  | { readonly type: 'send_retry_due'; readonly opaqueId: string }
  /** What else the customer wrote in one post should be here: what waited for it goes out. */
  | { readonly type: 'reply_due' }
  | { readonly type: 'session_due' }
  | { readonly type: 'get' };

export interface CartLine {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly priceMinor: number;
  /** How the customer wishes it, in their words: "no onions". Absent: as it comes. */
  readonly note?: string;
}

/** Reply of `get`. */
export interface ConversationView {
  readonly waId: string | null;
  readonly userId: string | null;
  readonly name: string | null;
  readonly state: ConversationState;
  readonly step: string | null;
  readonly language: Language;
  readonly cart: readonly CartLine[];
  readonly openOrderId: string | null;
  readonly lastInboundAtMs: number | null;
  /** WhatsApp could not bring the last messages, and nothing has come from the customer's phone since. Absent: not known here (lists, older answers). */
  readonly unreachable?: boolean;
}
