/** "Which one?": products to choose from, by a tap or in words, each with how many of it would come. Must never know what was said. */
import { MISSES_BEFORE_PERSON, QUANTITY_MAX } from '../../limits.ts';
import type { CartLine } from '../../protocol.ts';
import type { ChoiceAsked } from '../../session/session.ts';
import { say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import type { ItemsMeaning } from '../reading/meaning.ts';
import { choiceWasAsked } from '../steps/asked.ts';
import { chooseProducts, enterCustomerFlow, productOf } from '../steps/catalogue.ts';
import { isPlacing } from '../steps/checkout.ts';

/** Asks with `prompt`; the very next message may answer in words. */
export function askWhich(turn: Turn, prompt: string, choices: readonly ChoiceAsked[]): void {
  choiceWasAsked(turn, choices);
  const byId = new Map(choices.map((choice) => [choice.productId, choice]));
  const products = [...byId.keys()].map((id) => productOf(turn, id)).filter((product) => product !== null);
  turn.reply = chooseProducts(turn, prompt, products, (id) => tapFor(turn, byId.get(id) ?? { productId: id, quantity: 1 }));
}

/** What is counted anew is only good for the cart that it was counted in. */
function tapFor(turn: Turn, { productId, quantity, anew }: ChoiceAsked): string {
  if (anew === true) return `count:${turn.session.cart.version}:${quantity}:${productId}`;
  return quantity === 1 ? `prod:${productId}` : `pick:${quantity}:${productId}`;
}

/** The same list once more; what is misunderstood twice is for the usual way out. @returns false when nothing was asked. */
export function askWhichAgain(turn: Turn): boolean {
  const { checkout, misses } = turn.session;
  const asked = (turn.before.session.choiceAsked ?? []).filter(({ productId }) => productOf(turn, productId)?.available === true);
  if (asked.length === 0 || checkout !== null || misses + 1 >= MISSES_BEFORE_PERSON) return false;
  change(turn, { misses: misses + 1 });
  askWhich(turn, prompted(turn, asked), asked);
  return true;
}

/** "Make it 3" with several lines in the cart: of which of them? A quote that was shown no longer counts. */
export function askAmountOfWhich(
  turn: Turn,
  amount: NonNullable<ItemsMeaning['amount']>,
  lines: readonly CartLine[] = turn.session.cart.lines,
): void {
  enterCustomerFlow(turn);
  change(turn, { state: 'INTENT_DETECTION' });
  const choices = (amount.person === true ? lines.filter((line) => mayBeOf(amount, line)) : lines).map(
    ({ productId, quantity }): ChoiceAsked => ({ productId, quantity: amountAfter(quantity, amount), anew: true }),
  );
  askWhich(turn, prompted(turn, choices), choices);
}

/** "Remove the drink" with several of them in the cart. */
export function askWhichGoes(turn: Turn, productIds: readonly string[]): void {
  if (isPlacing(turn.session.checkout)) return;
  const lines = turn.session.cart.lines.filter(({ productId }) => productIds.includes(productId));
  askAmountOfWhich(turn, { quantity: QUANTITY_MAX, change: 'remove' }, lines);
}

/** "Sipho wants 1 not 2" may be of any line with two or more. */
export function mayBeOf({ wrong, person }: NonNullable<ItemsMeaning['amount']>, { quantity }: CartLine): boolean {
  return wrong === undefined || quantity === wrong || (person === true && quantity > wrong);
}

function prompted(turn: Turn, choices: readonly ChoiceAsked[]): string {
  const [only, other] = choices;
  // "5" with one line in the cart: that is no question of which. "Remove the pap" is one also of one plate.
  if (only?.anew === true && other === undefined && only.quantity > 0)
    return say(turn, 'count_meant', { count: only.quantity, item: productOf(turn, only.productId)?.name ?? '' });
  const what = choices.map(({ productId }) => productOf(turn, productId)?.name ?? '').join(' / ');
  return say(turn, choices.some(({ anew }) => anew === true) ? 'which_meant' : 'which_of', { what });
}

/** How many there will be of a line that has `held`. */
export function amountAfter(held: number, { quantity, change: mode, person, wrong }: NonNullable<ItemsMeaning['amount']>): number {
  if (person === true && wrong !== undefined) return held - wrong + quantity;
  switch (mode) {
    case 'add':
      return held + quantity;
    case 'remove':
      return Math.max(0, held - Math.floor(quantity));
    case 'multiply':
      return held * quantity;
    default:
      return quantity;
  }
}
