/** Taps on buttons and list rows. Ids carry what they were made for; one that no longer fits shows the present state. */
import { LANGUAGES, type Language } from '../../../tenant/protocol.ts';
import { say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { clearCart, putItems, showCart } from '../steps/cart.ts';
import { isSellable, productOf, showCategory, showMenu } from '../steps/catalogue.ts';
import { beginCheckout, isPlacing, showCheckout } from '../steps/checkout.ts';
import { cancelOrder, isFinished, openOrder, showOrder } from '../steps/orders.ts';
import { rateDriver } from '../steps/rating.ts';
import { confirm, endDraft } from './placing.ts';
import { chooseLanguage, setLanguage } from './service.ts';

/** Splits `kind:argument`; a bare id has an empty argument. */
function parse(id: string): { readonly kind: string; readonly argument: string } {
  const at = id.indexOf(':');
  return at < 0 ? { kind: id, argument: '' } : { kind: id.slice(0, at), argument: id.slice(at + 1) };
}

/** Does what the button says, or shows the present state when it is stale or unknown. */
export function tap(turn: Turn, id: string): void {
  const { kind, argument } = parse(id);
  const { cart, checkout } = turn.session;
  switch (kind) {
    case 'menu':
      showMenu(turn, Number(argument));
      return;
    case 'more':
      showMenu(turn, 0);
      return;
    case 'cat':
      showCategory(turn, argument, 0);
      return;
    case 'page': {
      const page = parse(argument);
      showCategory(turn, page.argument, Number(page.kind));
      return;
    }
    case 'prod':
      addProduct(turn, argument, 1);
      return;
    case 'pick': {
      const choice = parse(argument);
      addProduct(turn, choice.argument, Number(choice.kind));
      return;
    }
    case 'count': {
      const counted = parse(argument);
      countProduct(turn, counted.kind, parse(counted.argument));
      return;
    }
    case 'cart':
      showCart(turn);
      return;
    case 'clear':
      if (argument !== String(cart.version)) stale(turn);
      else emptyCart(turn);
      return;
    case 'checkout':
      if (argument !== String(cart.version) || cart.lines.length === 0) stale(turn);
      else beginCheckout(turn);
      return;
    case 'confirm':
      if (checkout === null || argument !== String(checkout.version)) stale(turn);
      else confirm(turn);
      return;
    case 'cancel':
      cancelTapped(turn, argument);
      return;
    case 'track':
      showOrder(turn, argument);
      return;
    case 'rate': {
      const rated = parse(argument);
      if (!rateDriver(turn, rated.kind, rated.argument)) stale(turn);
      return;
    }
    case 'lang':
      if (isLanguage(argument)) setLanguage(turn, argument);
      else chooseLanguage(turn);
      return;
    default:
      stale(turn);
  }
}

function addProduct(turn: Turn, productId: string, quantity: number): void {
  const product = productOf(turn, productId);
  if (product === null || !product.available) {
    stale(turn);
    return;
  }
  if (!isSellable(product)) {
    turn.leads.push(say(turn, 'sold_out', { item: product.name }));
    showMenu(turn, 0);
    return;
  }
  putItems(turn, [{ productId, quantity }], 'add');
  showCart(turn);
}

/** Counted in the cart that it was asked about: in any other it means nothing. */
function countProduct(turn: Turn, version: string, { kind, argument: productId }: ReturnType<typeof parse>): void {
  const { cart, checkout } = turn.session;
  const isHeld = cart.lines.some((line) => line.productId === productId);
  if (version !== String(cart.version) || !isHeld || isPlacing(checkout)) {
    stale(turn);
    return;
  }
  putItems(turn, [{ productId, quantity: Number(kind) }], 'set');
  showCart(turn);
}

/** Empties the cart on request. */
export function emptyCart(turn: Turn): void {
  clearCart(turn);
  turn.leads.push(say(turn, 'cart_cleared'));
  showMenu(turn, 0);
}

function cancelTapped(turn: Turn, argument: string): void {
  const { cart, checkout, orders } = turn.session;
  if (argument === 'draft') {
    if (isPlacing(checkout)) change(turn, { checkout: { ...checkout, cancelled: true } });
    else if (cart.lines.length === 0 && checkout === null) stale(turn);
    else endDraft(turn);
    return;
  }
  const mark = orders.find((known) => known.id === argument);
  if (mark === undefined || isFinished(mark.status)) stale(turn);
  else cancelOrder(turn, mark.id);
}

/** Says that the button is old and shows what is true now; acts on nothing. */
export function stale(turn: Turn): void {
  // The answer to the confirmation is under way and will say everything.
  if (isPlacing(turn.session.checkout)) return;
  turn.leads.push(say(turn, 'stale_button'));
  showPresent(turn);
}

/** The most advanced thing under way: checkout, cart, order, or the menu. */
export function showPresent(turn: Turn): void {
  const { cart, checkout } = turn.session;
  if (checkout !== null) showCheckout(turn);
  else if (cart.lines.length > 0) showCart(turn);
  else if (openOrder(turn.session) !== null) showOrder(turn, null);
  else showMenu(turn, 0);
}

function isLanguage(value: string): value is Language {
  return (LANGUAGES as readonly string[]).includes(value);
}
