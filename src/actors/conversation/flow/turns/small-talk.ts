/** What is said beside an order and changes nothing: greetings, thanks, pictures, and questions that the shop's settings answer. Must never touch the cart. */
import { buttons, menuButton, money, say, shopName, text } from '../../session/speech.ts';
import type { Turn } from '../../session/turn.ts';
import { showCart } from '../steps/cart.ts';
import { cheapestOf, showCheapest } from '../steps/catalogue.ts';
import { isPlacing, showCheckout } from '../steps/checkout.ts';
import { openOrder, showOrder } from '../steps/orders.ts';
import { sayDelivery } from '../steps/service-asked.ts';
import { showPresent } from './taps.ts';

export function greetBack(turn: Turn): void {
  if (isPlacing(turn.session.checkout)) return;
  turn.leads.push(say(turn, 'greeting_back', { shop: shopName(turn), name: turn.session.contact.name ?? '' }));
  showPresent(turn);
}

/** In the middle of a checkout, its question stands. */
export function takeThanks(turn: Turn): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  const said = say(turn, 'thanks', { shop: shopName(turn) });
  if (checkout === null) turn.reply = text(said);
  else {
    turn.leads.push(said);
    showCheckout(turn);
  }
}

/** Nothing is asked of them, and nothing changes. */
export function takeYourTime(turn: Turn): void {
  if (!isPlacing(turn.session.checkout)) turn.reply = text(say(turn, 'take_your_time'));
}

/** What costs less, and what was going on. */
export function takeTooDear(turn: Turn): void {
  const { checkout, cart } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout === null && cart.lines.length === 0) {
    if (openOrder(turn.session) === null) showCheapest(turn, null);
    else showOrder(turn, null);
    return;
  }
  const items = cheapestOf(turn, null).map(({ name, priceMinor }) => `${name} ${money(turn, priceMinor)}`);
  const example = cart.lines[cart.lines.length - 1]?.name ?? '';
  turn.leads.push(say(turn, 'too_dear', { items: items.join(', '), example: example.toLowerCase() }));
  if (checkout === null) showCart(turn);
  else showCheckout(turn);
}

/** A picture asks for nothing: what was going on goes on. */
export function takeEmoji(turn: Turn): void {
  const { checkout, cart } = turn.session;
  if (checkout !== null) showCheckout(turn);
  else if (cart.lines.length > 0) showCart(turn);
  else if (openOrder(turn.session) !== null) showOrder(turn, null);
  else turn.reply = buttons(say(turn, 'emoji_only'), [menuButton(turn)]);
}

const SAID_IN_QUOTE: ReadonlySet<string> = new Set(['pay_cash', 'how_long']);

/** Says how it is; what was going on goes on. */
export function tellAndShow(turn: Turn, key: 'pay_cash' | 'delivery_only' | 'how_long' | 'open_now'): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (!SAID_IN_QUOTE.has(key) || checkout?.phase !== 'confirm') turn.leads.push(say(turn, key, { shop: shopName(turn) }));
  if (checkout === null) showPresent(turn);
  else showCheckout(turn);
}

/** Of what is on its way, how far it is. */
export function tellHowLong(turn: Turn): void {
  if (openOrder(turn.session) !== null) showOrder(turn, null);
  else tellAndShow(turn, 'how_long');
}

/** The quote has the fee; before that, how far and from how much. */
export function tellDelivery(turn: Turn): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout?.phase !== 'confirm') sayDelivery(turn);
  showPresent(turn);
}
