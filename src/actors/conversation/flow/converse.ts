/** What a text leads to, once it is understood: the customer flow from the first greeting to the confirmation. */
import type { Language, Product } from '../../tenant/protocol.ts';
import { MISSES_BEFORE_PERSON, NAMED_MAX } from '../limits.ts';
import { buttons, menuButton, personButton, say, shopName, text } from '../speech.ts';
import { change, type Turn } from '../turn.ts';
import { putItems, removeItems, showCart } from './cart.ts';
import { chooseProducts, enterCustomerFlow, productOf, showMenu } from './catalogue.ts';
import { beginCheckout, changeAddress, isPlacing, showCheckout, takeAddress } from './checkout.ts';
import type { ItemsMeaning, Meaning } from './meaning.ts';
import { openOrder, orderButtons, showOrder } from './orders.ts';
import { confirm, endDraft } from './placing.ts';
import { optIn } from './service.ts';
import { emptyCart, showPresent } from './taps.ts';

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

/** One text of a running conversation. Leaves exactly one reply, or none when an answer is already under way. */
export function converse(turn: Turn, meaning: Meaning): void {
  switch (meaning.kind) {
    case 'global':
      // The table has its own actions for these.
      return;
    case 'greet':
      showPresentAfterGreeting(turn);
      return;
    case 'thanks':
      turn.reply = text(say(turn, 'thanks', { shop: shopName(turn) }));
      return;
    case 'start':
      optIn(turn);
      return;
    case 'show_cart':
      showCart(turn);
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
    case 'no':
      disagree(turn);
      return;
    case 'track':
      showOrder(turn, null);
      return;
    case 'pay_cash':
      // Cash is the only way, so the answer is where the order stands.
      tellAndShow(turn, 'pay_cash');
      return;
    case 'pickup':
      tellAndShow(turn, 'delivery_only');
      return;
    case 'change_address':
      changeAddress(turn);
      return;
    case 'address':
      if (turn.session.checkout === null || isPlacing(turn.session.checkout)) miss(turn);
      else takeAddress(turn, meaning.address);
      return;
    case 'asked':
      showAsked(turn, meaning.productIds);
      return;
    case 'items':
      takeItems(turn, meaning);
      return;
    case 'too_long':
      turn.reply = buttons(say(turn, 'too_long'), [menuButton(turn)]);
      return;
    case 'emoji':
      if (turn.session.checkout === null) turn.reply = buttons(say(turn, 'emoji_only'), [menuButton(turn)]);
      else showCheckout(turn);
      return;
    case 'empty':
    case 'unknown':
      miss(turn);
      return;
    default:
      assertNever(meaning);
  }
}

/** Says how it is; what was going on goes on. */
function tellAndShow(turn: Turn, key: 'pay_cash' | 'delivery_only'): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  // The quote says how to pay by itself.
  if (key !== 'pay_cash' || checkout?.phase !== 'confirm') turn.leads.push(say(turn, key, { shop: shopName(turn) }));
  if (checkout === null) showPresent(turn);
  else showCheckout(turn);
}

function showPresentAfterGreeting(turn: Turn): void {
  if (isPlacing(turn.session.checkout)) return;
  turn.leads.push(say(turn, 'greeting_back', { shop: shopName(turn), name: turn.session.contact.name ?? '' }));
  showPresent(turn);
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
  turn.reply = chooseProducts(turn, say(turn, 'menu_intro', { shop: shopName(turn) }), productsOf(turn, productIds), 1);
}

/** Takes away before it adds, so that "swap the coke for a juice" never meets a limit; then says what it did not get. */
function takeItems(turn: Turn, meaning: ItemsMeaning): void {
  const { checkout } = turn.session;
  const { lines } = turn.session.cart;
  const [only] = lines;
  const { amount, ambiguous, added, counted } = meaning;
  if (amount !== null && (only === undefined || lines.length > 1)) {
    miss(turn);
    return;
  }
  for (const what of meaning.unknown.slice(0, NAMED_MAX)) turn.leads.push(say(turn, 'not_found', { what }));
  for (const entry of ambiguous.slice(1, NAMED_MAX)) turn.leads.push(say(turn, 'ambiguous', { what: entry.what }));
  const alone = added.length + counted.length + ambiguous.length === 0;
  if (alone && meaning.removed.length === 0 && amount === null && checkout !== null && !isPlacing(checkout)) {
    // What is not sold ends no checkout: its question stands.
    tellUnread(turn, meaning);
    showCheckout(turn);
    return;
  }
  removeItems(
    turn,
    meaning.removed.filter((item) => alone || !item.refused || lines.some((line) => line.productId === item.productId)),
  );
  putItems(turn, added, 'add');
  putItems(turn, counted, 'set');
  if (amount !== null && only !== undefined) changeOnly(turn, only.productId, amount);
  tellUnread(turn, meaning);
  const [first] = ambiguous;
  if (first !== undefined) {
    change(turn, { state: 'INTENT_DETECTION' });
    turn.reply = chooseProducts(turn, say(turn, 'ambiguous', { what: first.what }), productsOf(turn, first.productIds), first.quantity);
    return;
  }
  showCart(turn);
}

function tellUnread(turn: Turn, { unread }: ItemsMeaning): void {
  if (unread.length > 0) turn.leads.push(say(turn, 'not_read', { what: unread.slice(0, NAMED_MAX).join(', ') }));
}

function changeOnly(turn: Turn, productId: string, { quantity, change: mode }: NonNullable<ItemsMeaning['amount']>): void {
  if (mode === 'remove') removeItems(turn, [{ productId, quantity }]);
  else putItems(turn, [{ productId, quantity }], mode);
}

function productsOf(turn: Turn, productIds: readonly string[]): Product[] {
  return productIds.map((id) => productOf(turn, id)).filter((product) => product !== null);
}

/** Once: say so and offer the menu. Again: offer a person, too. In the middle of a checkout the question is repeated. */
function miss(turn: Turn): void {
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
  turn.reply = buttons(say(turn, 'not_understood'), [menuButton(turn), ...(again ? [personButton(turn)] : []), ...more]);
}

function assertNever(value: never): never {
  throw new TypeError(`unexpected ${String(value)}`);
}
