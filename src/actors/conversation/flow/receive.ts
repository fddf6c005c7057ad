/** One inbound message: who wrote, what it asks for as the table sees it, and the action that the table names. */
import { NAME_MAX_CHARS } from '../limits.ts';
import type { Contact, InboundContent, ReceiveMessage } from '../protocol.ts';
import { marketingWasSaid } from '../session/marketing.ts';
import type { ConversationActorState } from '../session/session.ts';
import { buttons, menuButton, personButton, say, shopName, text } from '../session/speech.ts';
import { change, startTurn, type Turn } from '../session/turn.ts';
import { type Action, TABLE, type TableEvent } from '../table.ts';
import { isSurelyAddress } from '../text/meaning/addresses.ts';
import { positionIn } from '../text/meaning/pins.ts';
import { cut } from '../text/saying/cut.ts';
import { normalise } from '../text/words/normalise.ts';
import { type Meaning, meaningOf } from './reading/meaning.ts';
import { isLateTap, withoutEarlyYes } from './reading/seen.ts';
import { isTappedTwice, keepTapped } from './reading/tapped-twice.ts';
import { closeAsked } from './steps/asked.ts';
import { fillCart } from './steps/cart.ts';
import { showMenu } from './steps/catalogue.ts';
import { isPlacing, showCheckout, takePlace } from './steps/checkout.ts';
import { openOrder } from './steps/orders.ts';
import { answeredRating } from './steps/rating.ts';
import { adoptLanguage, begin, converse } from './turns/converse.ts';
import { keepSaid, takeReworded } from './turns/reworded.ts';
import { cancel, chooseLanguage, handOver, optOut, setLanguage, showHelp } from './turns/service.ts';
import { showPresent, stale, tap } from './turns/taps.ts';

/** A message as the table sees it; `meaning` only for texts. */
interface Sorted {
  readonly event: TableEvent;
  readonly meaning: Meaning | null;
}

/**
 * Fills the turn for one inbound message. A defect on the way is mapped to the table's answer to it (apologise
 * once, then silence), so a turn always ends in an event.
 * @returns the turn to commit and the defect's name, null when there was none.
 */
export function receive(turn: Turn, command: ReceiveMessage): { readonly turn: Turn; readonly defect: string | null } {
  const contact = contactAfter(turn.before, command);
  if (contact !== turn.session.contact) change(turn, { contact });
  const { view } = turn.context;
  // Nobody to speak for, or nobody to speak to: keep the message, decide not to reply.
  if (view === null || (contact.waId === null && contact.userId === null)) return { turn, defect: null };
  try {
    closeAsked(turn, command.content);
    const content = pinned(answeredRating(turn, command.content));
    const sorted = sort(turn, content);
    const action = TABLE[turn.session.state][sorted.event];
    const isShut = view.status === 'suspended' || view.status === 'closed';
    if (isShut && action !== 'store' && action !== 'opt_out' && !isAboutOrder(turn, sorted, content)) {
      turn.reply = text(say(turn, 'shop_suspended', { shop: shopName(turn) }));
      return { turn, defect: null };
    }
    if (sorted.meaning !== null) adoptLanguage(turn, sorted.meaning.language);
    const forwarded = content.about?.forwarded === true;
    const meaning = sorted.meaning === null ? null : withoutEarlyYes(turn, sorted.meaning, command.sentAtMs, forwarded);
    if (action === 'tap' && isLateTap(turn, content, command.sentAtMs)) stale(turn);
    else if (action === 'tap' && isTappedTwice(turn, content, command.sentAtMs)) showPresent(turn);
    else CARRIED_OUT[action](turn, content, meaning);
    if ((content.kind === 'edit' || content.kind === 'revoke') && !isShut && turn.session.state !== 'SUPPORT') takeReworded(turn, content);
    keepSaid(turn, content, command.whatsappId);
    keepTapped(turn, content, command.sentAtMs);
    if (sorted.event === 'stop' || turn.session.optedOut !== turn.before.session.optedOut) marketingWasSaid(turn, command.sentAtMs);
    if (turn.session.state === 'IDLE' && turn.reply !== null && sorted.event !== 'stop') change(turn, { state: 'GREETING' });
    if (turn.session.state === 'ERROR') change(turn, { state: turn.session.cart.lines.length > 0 ? 'CUSTOMER_FLOW' : 'GREETING' });
    return { turn, defect: null };
  } catch (error) {
    const after = startTurn(turn.before, turn.context);
    change(after, { contact });
    if (TABLE[after.session.state].defect === 'apologise') {
      change(after, { state: 'ERROR' });
      after.reply = buttons(say(after, 'error_sorry'), [menuButton(after), personButton(after)]);
    }
    return { turn: after, defect: error instanceof Error ? error.name : 'unknown' };
  }
}

/** What is under way outlives the shop's suspension: it may be asked about and cancelled. */
function isAboutOrder({ session }: Turn, { event, meaning }: Sorted, content: InboundContent): boolean {
  if (!isPlacing(session.checkout) && openOrder(session) === null) return false;
  return event === 'cancel' || meaning?.kind === 'track' || (content.kind === 'reply' && /^(?:cancel|track):/.test(content.id));
}

function sort(turn: Turn, content: InboundContent): Sorted {
  switch (content.kind) {
    case 'text': {
      const meaning = meaningOf(turn, content.text);
      return { event: meaning.kind === 'global' ? meaning.event : 'text', meaning };
    }
    case 'reply':
      return isGlobalTap(content.id)
        ? { event: content.id, meaning: null }
        : (templateTap(turn, content) ?? { event: 'tap', meaning: null });
    case 'location':
      return { event: 'location', meaning: null };
    case 'cart':
      return { event: 'cart', meaning: null };
    case 'media':
      // A sticker says as much as an emoji.
      if (content.mediaKind === 'sticker') return { event: 'text', meaning: { kind: 'emoji', language: null } };
      return captioned(turn, content.named === true ? null : content.caption) ?? { event: 'media', meaning: null };
    case 'reaction':
    case 'system':
    case 'edit':
    case 'revoke':
      return { event: 'silent', meaning: null };
    case 'other':
      // They opened the chat for the first time and have not said anything.
      if (content.originalType === 'request_welcome') return { event: 'text', meaning: { kind: 'greet', language: null } };
      return { event: 'other', meaning: null };
    default:
      return assertNever(content);
  }
}

/** What the button of a template may ask for by its words. It stands below no quote and no cart of ours: it neither agrees nor drops anything. */
const TEMPLATE_ASKS: ReadonlySet<Meaning['kind']> = new Set<Meaning['kind']>([
  'global',
  'start',
  'show_cart',
  'checkout',
  'track',
  'items',
]);

/** A button that we did not make, with its text for an id or a payload of the template's author. @returns null for what says nothing we know. */
function templateTap(turn: Turn, { id, title }: Extract<InboundContent, { kind: 'reply' }>): Sorted | null {
  if (id.includes(':') || isOwnTap(id)) return null;
  const meaning = meaningOf(turn, title === '' ? id : title);
  if (!TEMPLATE_ASKS.has(meaning.kind) || (meaning.kind === 'global' && meaning.event === 'cancel')) return null;
  return { event: meaning.kind === 'global' ? meaning.event : 'text', meaning };
}

/** What is said under a picture without asking for anything: the picture is answered. */
const SMALL_TALK: ReadonlySet<Meaning['kind']> = new Set<Meaning['kind']>(['unknown', 'empty', 'emoji', 'too_long', 'greet', 'thanks']);

/** A picture with an order, an answer or a command under it is that. @returns null for any other caption. */
function captioned(turn: Turn, caption: string | null): Sorted | null {
  const meaning = caption === null ? null : meaningOf(turn, caption);
  if (meaning === null || SMALL_TALK.has(meaning.kind)) return null;
  // "This is my house" speaks of the picture: no driver finds it by that.
  if (meaning.kind === 'address' && !isSurelyAddress(normalise(meaning.address).words)) return null;
  return { event: meaning.kind === 'global' ? meaning.event : 'text', meaning };
}

/** Coordinates, or a link of a map that has them, are as good as a pin. */
function pinned(content: InboundContent): InboundContent {
  const position = content.kind === 'text' ? positionIn(content.text) : null;
  return position === null ? content : { kind: 'location', position, name: null, address: null };
}

/** Ids without an argument that `tap` knows. */
function isOwnTap(id: string): boolean {
  return id === 'more' || id === 'cart';
}

function isGlobalTap(id: string): id is 'menu' | 'cancel' | 'help' | 'person' | 'language' | 'stop' {
  return id === 'menu' || id === 'cancel' || id === 'help' || id === 'person' || id === 'language' || id === 'stop';
}

type Carry = (turn: Turn, content: InboundContent, meaning: Meaning | null) => void;

/** Not for messages: the decision not to reply. */
const saysNothing: Carry = () => undefined;

const CARRIED_OUT: Readonly<Record<Action, Carry>> = {
  begin: (turn, _content, meaning) => {
    if (meaning !== null) begin(turn, meaning);
  },
  understand: (turn, _content, meaning) => {
    if (meaning !== null) converse(turn, meaning);
  },
  tap: (turn, content) => {
    if (content.kind === 'reply') tap(turn, content.id);
  },
  locate: (turn, content) => {
    if (content.kind === 'location') takePlace(turn, { position: content.position, address: addressOf(content) });
  },
  fill_cart: (turn, content) => {
    if (content.kind === 'cart') fillCart(turn, content);
  },
  hint: (turn, content) => {
    if (content.kind === 'media') hintAtWords(turn, content);
  },
  hint_once: hintOnce,
  show_menu: (turn) => showMenu(turn, 0),
  cancel,
  show_help: showHelp,
  hand_over: handOver,
  choose_language: (turn, _content, meaning) => {
    if (meaning?.kind === 'global' && meaning.chosen !== null) setLanguage(turn, meaning.chosen);
    else chooseLanguage(turn);
  },
  opt_out: optOut,
  store: saysNothing,
  ignore: saysNothing,
  apologise: saysNothing,
  expire: saysNothing,
  note_order: saysNothing,
  take_reservation: saysNothing,
  take_order: saysNothing,
  take_cancellation: saysNothing,
  take_rating: saysNothing,
  speak_for_agent: saysNothing,
  take_back: saysNothing,
};

/** A picture or a voice is not read. It ends no checkout: its question stands. */
function hintAtWords(turn: Turn, { mediaKind }: Extract<InboundContent, { kind: 'media' }>): void {
  const said = say(turn, mediaKind === 'voice' || mediaKind === 'audio' ? 'voice_received' : 'media_received');
  const { checkout } = turn.session;
  if (checkout !== null && !isPlacing(checkout)) {
    turn.leads.push(said);
    showCheckout(turn);
  } else turn.reply = buttons(said, [menuButton(turn), personButton(turn)]);
}

/** What a person filled in or tapped is answered each time, what a program sent by itself once. It ends no checkout. */
function hintOnce(turn: Turn, content: InboundContent): void {
  const isMade = content.kind === 'other' && content.originalType.startsWith('interactive');
  if (turn.session.hinted && !isMade) return;
  change(turn, { hinted: true });
  const { checkout } = turn.session;
  if (checkout !== null) {
    if (isPlacing(checkout)) return;
    turn.leads.push(say(turn, 'not_understood'));
    showCheckout(turn);
  } else turn.reply = buttons(say(turn, 'not_understood'), [menuButton(turn), personButton(turn)]);
}

/**
 * What is known of the writer: new keys are added, a known one is never lost; a changed number replaces the old one. What was sent before
 * their last message, or before WhatsApp told of new keys, changes no key: it may come from a number that they have left, which others are given.
 */
function contactAfter({ session }: ConversationActorState, { contact: from, content, sentAtMs }: ReceiveMessage): Contact {
  const { contact, keysToldAtMs, lastInboundAtMs } = session;
  const moved = content.kind === 'system' ? content : null;
  const waId = moved?.newWaId ?? from.waId;
  const userId = moved?.newUserId ?? from.userId;
  const isOvertaken = sentAtMs < Math.max(lastInboundAtMs ?? 0, keysToldAtMs ?? 0);
  const next: Contact = {
    waId: isOvertaken ? (contact.waId ?? waId) : (waId ?? contact.waId),
    userId: isOvertaken ? (contact.userId ?? userId) : (userId ?? contact.userId),
    name: from.name === null || from.name === '' ? contact.name : cut(from.name, NAME_MAX_CHARS),
  };
  return next.waId === contact.waId && next.userId === contact.userId && next.name === contact.name ? contact : next;
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String(value)}`);
}

/** A shared place has a name ("Vilakazi Street") and the part of town beside it; a driver needs both. */
function addressOf({ name, address }: { readonly name: string | null; readonly address: string | null }): string | null {
  if (name === null || name.trim() === '') return address;
  if (address === null || address.trim() === '') return name;
  return address.toLowerCase().includes(name.trim().toLowerCase()) ? address : `${name}, ${address}`;
}
