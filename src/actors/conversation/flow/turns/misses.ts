/** The reply to what nobody understood. Must never know what was said. */
import { MISSES_BEFORE_PERSON } from '../../limits.ts';
import { buttons, menuButton, personButton, say, shopName } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { isPlacing, showCheckout } from '../steps/checkout.ts';
import { openOrder, orderButtons } from '../steps/orders.ts';

/** Once: say so and offer the menu; again, a person, too. In the middle of a checkout the question is repeated. */
export function miss(turn: Turn): void {
  offerWaysOut(turn, say(turn, 'not_understood', { shop: shopName(turn) }), []);
}

/** A person may know what nobody here does: offered at once. */
export function missQuestion(turn: Turn): void {
  offerWaysOut(turn, say(turn, 'question_unknown', { shop: shopName(turn) }), [personButton(turn)]);
}

/** A bare number below a quote: a quantity of what, a door, or the first button? Says what it can mean, and changes nothing. */
export function missNumber(turn: Turn, number: number): void {
  const item = turn.session.cart.lines[0]?.name ?? '';
  offerWaysOut(turn, say(turn, 'number_at_quote', { number: String(number), item: item.toLowerCase() }), []);
}

function offerWaysOut(turn: Turn, said: string, first: readonly ReturnType<typeof personButton>[]): void {
  const { checkout, misses } = turn.session;
  if (isPlacing(checkout)) return;
  const again = misses + 1 >= MISSES_BEFORE_PERSON;
  if (checkout !== null && !again) {
    turn.leads.push(said);
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
  turn.reply = buttons(`${said}${asked}`, [...yes, menuButton(turn), ...(again ? [personButton(turn)] : first), ...more]);
}
