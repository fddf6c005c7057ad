/**
 * What a conversation does about each event in each state (C1): total, so that an omission does not compile.
 * The flow carries the actions out and says which state follows. Must never hold behaviour.
 */
import type { ConversationState } from './protocol.ts';

/** Events as the table sees them: messages by what they ask for, then everything that is not a message. */
const TABLE_EVENTS = [
  'text',
  'tap',
  'location',
  'cart',
  'media',
  'other',
  'silent',
  'menu',
  'cancel',
  'help',
  'person',
  'language',
  'stop',
  'order_changed',
  'reserved',
  'placed',
  'cancel_answered',
  'rate_answered',
  'agent_reply',
  'release',
  'session_due',
  'defect',
] as const;
export type TableEvent = (typeof TABLE_EVENTS)[number];

export type Action =
  /** First words of a session: greet, and serve what was asked at once. */
  | 'begin'
  | 'understand'
  | 'tap'
  | 'locate'
  | 'fill_cart'
  | 'hint'
  | 'hint_once'
  /** Keep the message, answer nothing: the decision not to reply. */
  | 'store'
  | 'show_menu'
  | 'cancel'
  | 'show_help'
  | 'hand_over'
  | 'choose_language'
  | 'opt_out'
  | 'note_order'
  | 'take_reservation'
  | 'take_order'
  | 'take_cancellation'
  | 'take_rating'
  | 'speak_for_agent'
  | 'take_back'
  | 'expire'
  | 'apologise'
  | 'ignore';

type Row = Readonly<Record<TableEvent, Action>>;

const CHAT: Row = {
  text: 'understand',
  tap: 'tap',
  location: 'locate',
  cart: 'fill_cart',
  media: 'hint',
  other: 'hint_once',
  silent: 'store',
  menu: 'show_menu',
  cancel: 'cancel',
  help: 'show_help',
  person: 'hand_over',
  language: 'choose_language',
  stop: 'opt_out',
  order_changed: 'note_order',
  reserved: 'take_reservation',
  placed: 'take_order',
  cancel_answered: 'take_cancellation',
  rate_answered: 'take_rating',
  agent_reply: 'speak_for_agent',
  release: 'ignore',
  session_due: 'expire',
  defect: 'apologise',
};

export const TABLE: Readonly<Record<ConversationState, Row>> = {
  IDLE: { ...CHAT, text: 'begin', session_due: 'ignore' },
  GREETING: CHAT,
  /** The last words were not understood, or named something twice. */
  INTENT_DETECTION: CHAT,
  CUSTOMER_FLOW: CHAT,
  /** Staff and drivers are served as customers as long as no role has been given to them. */
  VENDOR_FLOW: CHAT,
  DRIVER_FLOW: CHAT,
  ORDER_TRACKING: CHAT,
  /** A person has taken over: the bot is silent, what happens to an order is still told, and an opt-out still counts. */
  SUPPORT: {
    ...CHAT,
    text: 'store',
    tap: 'store',
    location: 'store',
    cart: 'store',
    media: 'store',
    other: 'store',
    menu: 'store',
    cancel: 'store',
    help: 'store',
    person: 'store',
    language: 'store',
    release: 'take_back',
    defect: 'store',
  },
  /** Apologised once; a second defect in a row is stored without a word, so that nothing loops. */
  ERROR: { ...CHAT, defect: 'store' },
};
