/** The last order once more: remembered when one is placed, put into the cart when it is asked for. Must never know how that is said. */
import type { LineRequest } from '../../../tenant/protocol.ts';
import { NAMED_MAX } from '../../limits.ts';
import { say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import type { Again } from '../../text/meaning/again.ts';
import type { ItemsMeaning } from '../reading/meaning.ts';
import { putItems, showCart } from '../steps/cart.ts';
import { productOf, showMenu } from '../steps/catalogue.ts';
import { beginCheckout, isPlacing, showCheckout, takeAddress, takePlace } from '../steps/checkout.ts';
import { mayTakeAddress, takeItems } from './taking.ts';

/** Call before the cart gives up what was ordered: names and wishes are the cart's. */
export function rememberOrder(turn: Turn, ordered: readonly LineRequest[]): void {
  const { cart, place } = turn.session;
  const lines = ordered.map(({ productId, quantity }) => {
    const line = cart.lines.find((known) => known.productId === productId);
    const name = line?.name ?? productOf(turn, productId)?.name ?? '';
    return { productId, name, quantity, ...(line?.note === undefined ? {} : { note: line.note }) };
  });
  change(turn, { lastOrder: { lines, place } });
}

/** The last order counts anew, so that asking twice orders it once; what is named beside it changes it. To the address question it means where to. */
export function takeAgain(turn: Turn, meaning: ItemsMeaning, again: Again): void {
  const { checkout } = turn.session;
  if (isPlacing(checkout)) return;
  const named = namesMore(meaning);
  const { lastOrder, cart } = turn.session;
  if (again.onceMore === true && lastOrder == null && cart.lines.length > 0) {
    takeItems(turn, { ...meaning, amount: { quantity: 2, change: 'multiply', of: 'all' } });
    return;
  }
  const place = turn.session.lastOrder?.place ?? null;
  const onlyPlace = !again.order || (checkout?.phase === 'address' && place !== null && !named);
  if (!onlyPlace && !putLast(turn) && !named) {
    if (turn.session.checkout !== null) showCheckout(turn);
    else if (turn.session.cart.lines.length > 0) showCart(turn);
    else showMenu(turn, 0);
    return;
  }
  if (named) takeItems(turn, again.order ? anew(turn, meaning) : meaning);
  else if (!onlyPlace) showCart(turn);
  // "Which one?" is asked first.
  if (turn.session.choiceAsked != null) return;
  if (meaning.address !== null && !named && mayTakeAddress(turn)) takeAddress(turn, meaning.address);
  else if ((onlyPlace || again.place) && place !== null && (onlyPlace || mayTakeAddress(turn))) takePlace(turn, place);
  else if (onlyPlace && !named) beginCheckout(turn);
}

function namesMore({ added, counted, exchanged, removed, ambiguous, unknown, unread, wishes, amount }: ItemsMeaning): boolean {
  return amount !== null || [added, counted, exchanged, removed, ambiguous, unknown, unread, wishes].some((list) => list.length > 0);
}

/** "The same but 3 kota": instead of how many there were. */
function anew(turn: Turn, meaning: ItemsMeaning): ItemsMeaning {
  const had = new Set(turn.session.lastOrder?.lines.map((line) => line.productId));
  return {
    ...meaning,
    added: meaning.added.filter((item) => !had.has(item.productId)),
    counted: [...meaning.counted, ...meaning.added.filter((item) => had.has(item.productId))],
  };
}

/** @returns false when nothing of it is to be had; the customer is told. */
function putLast(turn: Turn): boolean {
  const lines = turn.session.lastOrder?.lines ?? [];
  if (lines.length === 0) {
    turn.leads.push(say(turn, 'no_last_order'));
    return false;
  }
  const isSold = ({ productId }: LineRequest): boolean => productOf(turn, productId)?.available === true;
  const gone = lines.filter((line) => !isSold(line)).map((line) => line.name);
  if (gone.length > 0) turn.leads.push(say(turn, 'not_found', { what: gone.slice(0, NAMED_MAX).join(', ') }));
  const sold = lines.filter(isSold);
  putItems(turn, sold, 'set');
  const notes = new Map(sold.map(({ productId, note }) => [productId, note]));
  const { cart } = turn.session;
  const wished = cart.lines.map((line) => {
    const note = line.note ?? notes.get(line.productId);
    return note === undefined ? line : { ...line, note };
  });
  if (notes.size > 0) change(turn, { cart: { ...cart, lines: wished } });
  return turn.session.cart.lines.length > 0;
}
