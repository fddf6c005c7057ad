/** Every bound of a conversation, named once; this file must never hold behaviour. */
import type { OrderTerms } from '../order/protocol.ts';

/** Messages waiting behind the one in flight. */
export const LANE_MAX = 32;
/** Tries of one message before it is dead. */
export const SEND_ATTEMPTS_MAX = 5;
/** Longest wait before another try, whatever the gateway asks for. */
export const SEND_RETRY_MAX_MS = 60 * 60_000;
/** Messages in a row that WhatsApp called undeliverable before the shop is told that this customer cannot be reached. */
export const UNREACHABLE_AFTER = 2;
/** How long a view waits for what else the customer wrote in the same post. */
export const REST_OF_POST_MS = 2_000;
/** Sent messages remembered so that their delivery statuses find them; final ones leave at once. */
export const RECENT_MAX = 8;
/** Longest carried-over opening of a reply that replaced an unsent one, characters. */
export const LEAD_MAX_CHARS = 400;
/** Longest text above buttons or a list, and of a plain message, characters (WhatsApp takes 1,024 and 4,096). */
export const BODY_MAX_CHARS = 1_000;
export const TEXT_BODY_MAX_CHARS = 4_096;

export const CART_LINES_MAX = 30;
export const QUANTITY_MAX = 50;
/** Items of a WhatsApp cart message, or of one text, that are looked at. */
export const ITEMS_MAX = 30;
/** Items that one text is told to be unknown or ambiguous about. */
export const NAMED_MAX = 5;
export const NAMED_MAX_CHARS = 40;

/** Rows of one WhatsApp list; with more entries a page has one row less and "More". */
export const LIST_ROWS_MAX = 10;
export const LIST_PAGE = 9;
export const ROW_TITLE_MAX_CHARS = 24;
export const ROW_DESCRIPTION_MAX_CHARS = 72;
/** Part of a category's name that goes into a row id (ids take 200 characters). */
export const CATEGORY_ID_MAX_CHARS = 120;
export const BUTTON_TITLE_MAX_CHARS = 20;

/** Characters of a text that are read; a longer one is answered with a request to be short. */
export const TEXT_MAX_CHARS = 1_000;
export const NAME_MAX_CHARS = 80;
export const ADDRESS_MAX_CHARS = 300;
/** What a customer asks of the driver. */
export const NOTE_MAX_CHARS = 200;
/** How one line of the cart is wished, and all that the shop reads beside an order. */
export const LINE_NOTE_MAX_CHARS = 80;
export const ORDER_NOTE_MAX_CHARS = 500;
export const AGENT_TEXT_MAX_CHARS = 4_096;
export const REASON_MAX_CHARS = 200;

/** Orders whose last seen version is remembered. */
export const ORDERS_MAX = 4;
/** Turns in a row that were not understood before a person is offered. */
export const MISSES_BEFORE_PERSON = 2;

/** A quiet conversation forgets its cart and goes back to IDLE; also how long a silent hand-off lasts. */
export const SESSION_MS = 24 * 60 * 60_000;
/** The session timer is written again only when the last arming is older than this. */
export const SESSION_REARM_MS = 60 * 60_000;
/** How long after a customer's last message WhatsApp takes free text. */
const WINDOW_MS = 24 * 60 * 60_000;
/** Within which we send it: WhatsApp's clock decides when it arrives there, and a message may wait in its lane. */
export const FREE_TEXT_MS = WINDOW_MS - 5 * 60_000;
/** With a younger message of the customer WhatsApp's word that the window is closed is doubted once. */
export const FREE_TEXT_SURE_MS = WINDOW_MS - 10 * 60_000;
/** A confirmation that reaches us this long after it was given is asked for again: WhatsApp delivers for days, hunger does not last. */
export const LATE_YES_MS = 2 * 60 * 60_000;
/** The same row tapped again within this time, by WhatsApp's clock of whole seconds, is one tap that was sent twice: opening a list, choosing and sending takes longer. */
export const DOUBLE_TAP_MS = 3_000;
/** How far WhatsApp's clock may be behind ours. */
export const CLOCK_SKEW_MS = 60_000;
/** Where no operator says otherwise. */
export const USUAL_TERMS: OrderTerms = { acceptWithinMs: 15 * 60_000, reservationTtlMs: 15 * 60_000 };
/** What is promised, minutes, when an address in words leaves the distance unknown. */
export const ETA_WITHOUT_POSITION_MIN = 45;
