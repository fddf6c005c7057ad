/** What a text leads to, once it is understood: the customer flow from the first greeting to the confirmation. */
import type { Language } from '../../tenant/protocol.ts';
import { CATEGORY_ID_MAX_CHARS, MISSES_BEFORE_PERSON, NOTE_MAX_CHARS } from '../limits.ts';
import { buttons, menuButton, money, personButton, say, shopName, text } from '../speech.ts';
import { cut } from '../text/cut.ts';
import { PAYING_WITH } from '../text/data/around-words.ts';
import { normalise } from '../text/normalise.ts';
import { change, type Turn } from '../turn.ts';
import { takeAgain } from './again.ts';
import { quantityWasAsked } from './asked.ts';
import { showCart } from './cart.ts';
import { chooseProducts, enterCustomerFlow, showCategory, showMenu } from './catalogue.ts';
import { beginCheckout, changeAddress, isPlacing, showCheckout, takeAddress } from './checkout.ts';
import type { Meaning } from './meaning.ts';
import { openOrder, orderButtons, showOrder } from './orders.ts';
import { confirm, endDraft } from './placing.ts';
import { isQuoteUnderWay } from './seen.ts';
import { handOver, optIn } from './service.ts';
import { mayTakeAddress, productsOf, takeItems } from './taking.ts';
import { emptyCart, showPresent } from './taps.ts';
import { askWhichAgain } from './which.ts';

/** First words of a session: a newcomer is greeted whatever they ask, a known customer only when they ask for nothing. */
export function begin(turn: Turn, meaning: Meaning): void {
  const { greeted, contact } = turn.session;
  const shop = shopName(turn);
  const asksNothing = meaning.kind === 'greet' || meaning.kind === 'unknown' || meaning.kind === 'emoji' || meaning.kind === 'empty';
  if (!greeted) turn.leads.push(say(turn, 'greeting_new', { shop }));
  else if (asksNothing) turn.leads.push(say(turn, 'greeting_back', { shop, name: contact.name ?? '' }));
  change(turn, { greeted: true });
  if (!asksNothing) {
    converse(turn, meaning);
    return;
  }
  if (openOrder(turn.session) !== null) showOrder(turn, null);
  else {
    showMenu(turn, 0);
    change(turn, { state: 'GREETING' });
  }
}

/** Detection only proposes: it changes the language of the answers as long as the customer has chosen none. */
export function adoptLanguage(turn: Turn, detected: Language | null): void {
  const { language, languageChosen } = turn.session;
  const offered = turn.context.view?.settings.languages ?? [];
  if (languageChosen) return;
  const next = detected !== null && offered.includes(detected) ? detected : (language ?? offered[0] ?? null);
  if (next !== language) change(turn, { language: next });
}

/** To "which one?" they are no answer. */
const SAYS_NOT_WHICH: ReadonlySet<Meaning['kind']> = new Set<Meaning['kind']>(['yes', 'emoji', 'unknown']);

/** One text of a running conversation. Leaves exactly one reply, or none when an answer is already under way. */
export function converse(turn: Turn, meaning: Meaning): void {
  if (SAYS_NOT_WHICH.has(meaning.kind) && askWhichAgain(turn)) return;
  switch (meaning.kind) {
    case 'global':
      // The table has its own actions for these.
      return;
    case 'greet':
      showPresentAfterGreeting(turn);
      return;
    case 'thanks':
      takeThanks(turn);
      return;
    case 'start':
      optIn(turn);
      return;
    case 'show_cart':
      // "My order?" of somebody who waits for one.
      if (turn.session.cart.lines.length === 0 && openOrder(turn.session) !== null) showOrder(turn, null);
      else showCart(turn);
      return;
    case 'clear':
      emptyCart(turn);
      return;
    case 'checkout':
      beginCheckout(turn);
      return;
    case 'yes':
      agree(turn);
      return;
    case 'early_yes':
      if (!isQuoteUnderWay(turn)) showCheckout(turn);
      return;
    case 'no':
      disagree(turn);
      return;
    case 'track':
      // With nothing on its way yet they ask about what they are ordering: the quote says how long it takes.
      if (openOrder(turn.session) === null && turn.session.checkout !== null) showCheckout(turn);
      else showOrder(turn, null);
      return;
    case 'resume':
      showCheckout(turn);
      return;
    case 'note':
      takeNote(turn, meaning.note, meaning.agreed);
      return;
    case 'pay_cash':
      // Cash is the only way, so the answer is where the order stands.
      tellAndShow(turn, 'pay_cash');
      return;
    case 'pickup':
      tellAndShow(turn, 'delivery_only');
      return;
    case 'delivery':
      tellDelivery(turn);
      return;
    case 'how_long':
      if (openOrder(turn.session) !== null) showOrder(turn, null);
      else tellAndShow(turn, 'how_long');
      return;
    case 'open':
      tellAndShow(turn, 'open_now');
      return;
    case 'wait':
      // Nothing is asked of them, and nothing changes.
      if (!isPlacing(turn.session.checkout)) turn.reply = text(say(turn, 'take_your_time'));
      return;
    case 'change_address':
      changeAddress(turn);
      return;
    case 'address':
      if (!mayTakeAddress(turn)) miss(turn, false);
      else if (meaning.agreed && repeatsAddress(turn, meaning.address)) agree(turn);
      else takeAddress(turn, meaning.address);
      return;
    case 'category':
      showCategory(turn, cut(meaning.category, CATEGORY_ID_MAX_CHARS), 0);
      return;
    case 'asked':
      showAsked(turn, meaning.productIds);
      return;
    case 'items':
      if (meaning.again !== undefined) takeAgain(turn, meaning, meaning.again);
      else if (!takeItems(turn, meaning)) miss(turn, false);
      return;
    case 'too_long':
      turn.reply = buttons(say(turn, 'too_long'), [menuButton(turn)]);
      return;
    case 'emoji':
      if (turn.session.checkout !== null) showCheckout(turn);
      else if (turn.session.cart.lines.length > 0) showCart(turn);
      else if (openOrder(turn.session) !== null) showOrder(turn, null);
      else turn.reply = buttons(say(turn, 'emoji_only'), [menuButton(turn)]);
      return;
    case 'empty':
      miss(turn, false);
      return;
    case 'unknown':
      miss(turn, meaning.asking === true);
      return;
    default:
      assertNever(meaning);
  }
}

/** In the middle of a checkout, its question stands. */
function takeThanks(turn: Turn): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  const said = say(turn, 'thanks', { shop: shopName(turn) });
  if (checkout === null) turn.reply = text(said);
  else {
    turn.leads.push(said);
    showCheckout(turn);
  }
}

/** Kept for the next order's driver. What is on its way already is for a person, and so is who has ordered nothing, unless they speak of paying. */
function takeNote(turn: Turn, note: string, agreed: boolean): void {
  const { cart, checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (cart.lines.length === 0) {
    const open = openOrder(turn.session);
    if (open === null && PAYING_WITH.test(note)) tellAndShow(turn, 'pay_cash');
    else if (open === null) handOver(turn);
    else
      turn.reply = buttons(say(turn, 'note_of_order', { code: open.code }), [
        personButton(turn),
        ...orderButtons(turn, open.id).slice(0, 1),
      ]);
    return;
  }
  change(turn, { note: cut(note, NOTE_MAX_CHARS) });
  if (agreed && checkout?.phase === 'confirm') {
    confirm(turn);
    return;
  }
  // The quote says it by itself.
  if (checkout?.phase !== 'confirm') turn.leads.push(say(turn, 'note_taken', { note }));
  showPresent(turn);
}

const SAID_IN_QUOTE: ReadonlySet<string> = new Set(['pay_cash', 'how_long']);

/** Says how it is; what was going on goes on. */
function tellAndShow(turn: Turn, key: 'pay_cash' | 'delivery_only' | 'how_long' | 'open_now'): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (!SAID_IN_QUOTE.has(key) || checkout?.phase !== 'confirm') turn.leads.push(say(turn, key, { shop: shopName(turn) }));
  if (checkout === null) showPresent(turn);
  else showCheckout(turn);
}

function showPresentAfterGreeting(turn: Turn): void {
  if (isPlacing(turn.session.checkout)) return;
  turn.leads.push(say(turn, 'greeting_back', { shop: shopName(turn), name: turn.session.contact.name ?? '' }));
  showPresent(turn);
}

/** "yes to 12 main road" says nothing new. */
function repeatsAddress({ session }: Turn, address: string): boolean {
  const known = session.place?.address ?? null;
  return known !== null && normalise(address).words.endsWith(normalise(known).words);
}

/** "Yes" answers the last question: the quote, else the cart's "check out?". */
function agree(turn: Turn): void {
  const { checkout, cart } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout?.phase === 'confirm') confirm(turn);
  else if (checkout !== null) showCheckout(turn);
  else if (cart.lines.length > 0) beginCheckout(turn);
  else showPresent(turn);
}

/** "No" to the quote drops nothing yet: the cart is shown, cancelling is one tap away. */
function disagree(turn: Turn): void {
  const { checkout, cart } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout !== null && cart.lines.length === 0) endDraft(turn);
  else showPresentWithoutCheckout(turn);
}

function showPresentWithoutCheckout(turn: Turn): void {
  if (turn.session.checkout !== null) enterCustomerFlow(turn);
  showPresent(turn);
}

/** What a question was about, with prices; a tap orders it. */
function showAsked(turn: Turn, productIds: readonly string[]): void {
  enterCustomerFlow(turn);
  const [only, other] = productIds;
  // "How much is a kota?", "ok give me 2": with some in the cart it could be on top of them.
  if (only !== undefined && other === undefined && !turn.session.cart.lines.some((line) => line.productId === only))
    quantityWasAsked(turn, only);
  turn.reply = chooseProducts(turn, say(turn, 'menu_intro', { shop: shopName(turn) }), productsOf(turn, productIds), (id) => `prod:${id}`);
}

/** The quote has the fee; before that, how far and from how much. */
function tellDelivery(turn: Turn): void {
  const { checkout } = turn.session;
  const { view } = turn.context;
  if (isPlacing(checkout) || view === null) return;
  const { baseFeeMinor, maxKm } = view.settings.delivery;
  if (checkout?.phase !== 'confirm')
    turn.leads.push(say(turn, 'delivery_about', { shop: shopName(turn), max_km: maxKm, fee: money(turn, baseFeeMinor) }));
  showPresent(turn);
}

/** Once: say so and offer the menu. Again, or when something was asked: offer a person, too. In the middle of a checkout the question is repeated. */
function miss(turn: Turn, asking: boolean): void {
  const { checkout, misses } = turn.session;
  if (isPlacing(checkout)) return;
  const again = misses + 1 >= MISSES_BEFORE_PERSON;
  if (checkout !== null && !again) {
    turn.leads.push(say(turn, 'not_understood'));
    showCheckout(turn);
    change(turn, { misses: misses + 1 });
    return;
  }
  const open = openOrder(turn.session);
  const more = open === null ? [] : orderButtons(turn, open.id).slice(0, 1);
  change(turn, { misses: misses + 1, ...(checkout === null ? { state: 'INTENT_DETECTION' as const } : {}) });
  const asked = checkout === null ? '' : `\n\n${say(turn, checkout.phase === 'address' ? 'ask_address_again' : 'ask_confirm')}`;
  // Who is asked for a yes finds it under the question.
  const yes = checkout?.phase === 'confirm' ? [{ id: `confirm:${checkout.version}`, title: say(turn, 'button_confirm') }] : [];
  turn.reply = buttons(`${say(turn, 'not_understood')}${asked}`, [
    ...yes,
    menuButton(turn),
    ...(again || asking ? [personButton(turn)] : []),
    ...more,
  ]);
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String(value)}`);
}
