/** What answers our last question: yes, no, and what is said to the driver beside it. Must never know which words said so. */
import { NOTE_MAX_CHARS } from '../../limits.ts';
import { buttons, personButton, say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { PAYING_WITH } from '../../text/data/around-words.ts';
import { isAboutDelivery } from '../../text/data/rules.ts';
import { cut } from '../../text/saying/cut.ts';
import { normalise } from '../../text/words/normalise.ts';
import { quantityWasAsked } from '../steps/asked.ts';
import { showCart } from '../steps/cart.ts';
import { enterCustomerFlow, productOf } from '../steps/catalogue.ts';
import { beginCheckout, isPlacing, showCheckout } from '../steps/checkout.ts';
import { openOrder, orderButtons } from '../steps/orders.ts';
import { noteOrderWish } from '../steps/wishes.ts';
import { confirm, endDraft } from './placing.ts';
import { handOver } from './service.ts';
import { tellAndShow, tellDelivery } from './small-talk.ts';
import { showPresent } from './taps.ts';

/** "Yes" answers the last question: the quote, else the cart's "check out?". */
export function agree(turn: Turn): void {
  const { checkout, cart } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout === null && askHowMany(turn)) return;
  if (checkout?.phase === 'confirm') confirm(turn);
  else if (checkout !== null) showCheckout(turn);
  else if (cart.lines.length > 0) beginCheckout(turn);
  else showPresent(turn);
}

/** "Do you have coke?", "yes please": how many is still open. @returns false when nothing of the kind was asked. */
function askHowMany(turn: Turn): boolean {
  const { quantityAsked } = turn.before.session;
  const product = quantityAsked == null ? null : productOf(turn, quantityAsked);
  if (product?.available !== true) return false;
  turn.leads.push(say(turn, 'quantity_zero', { item: product.name }));
  quantityWasAsked(turn, product.id);
  showCart(turn);
  return true;
}

/** "No" to the quote drops nothing yet: the cart is shown, cancelling is one tap away. */
export function disagree(turn: Turn): void {
  const { checkout, cart } = turn.session;
  if (isPlacing(checkout)) return;
  if (checkout !== null && cart.lines.length === 0) endDraft(turn);
  else showPresentWithoutCheckout(turn);
}

function showPresentWithoutCheckout(turn: Turn): void {
  if (turn.session.checkout !== null) enterCustomerFlow(turn);
  showPresent(turn);
}

/** Kept for the next order's driver. What is on its way already is for a person, and so is who has ordered nothing, unless they speak of paying. */
export function takeNote(turn: Turn, note: string, { agreed, beside }: { readonly agreed: boolean; readonly beside: boolean }): void {
  const { cart, checkout } = turn.session;
  if (isPlacing(checkout)) return;
  if (cart.lines.length === 0) {
    const open = openOrder(turn.session);
    if (open === null && PAYING_WITH.test(note)) tellAndShow(turn, 'pay_cash');
    else if (open === null && isAboutDelivery(normalise(note).words)) tellDelivery(turn);
    else if (open === null) handOver(turn);
    else
      turn.reply = buttons(say(turn, 'note_of_order', { code: open.code }), [
        personButton(turn),
        ...orderButtons(turn, open.id).slice(0, 1),
      ]);
    return;
  }
  if (beside) noteOrderWish(turn, note);
  else change(turn, { note: cut(note, NOTE_MAX_CHARS) });
  if (agreed && checkout?.phase === 'confirm') {
    confirm(turn);
    return;
  }
  // The quote says it by itself.
  if (checkout?.phase !== 'confirm') turn.leads.push(say(turn, 'note_taken', { note }));
  showPresent(turn);
}
