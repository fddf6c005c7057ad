/** One thing of the cart for another: "stoney instead", "make one of them a full house". Must never know how that is said. */
import { QUANTITY_MAX } from '../../limits.ts';
import { say } from '../../session/speech.ts';
import type { Turn } from '../../session/turn.ts';
import type { Exchanged } from '../reading/meaning.ts';
import { putItems, removeItems } from '../steps/cart.ts';
import { isSellable, productOf } from '../steps/catalogue.ts';

/**
 * What stands in the cart in the same part of the menu goes, all of it or as many as were said; the other comes in its number.
 * With nothing of the kind it is simply ordered, with several it is asked what goes, and nothing changes.
 */
export function putInstead(turn: Turn, { productId, quantity, instead }: Exchanged): void {
  const product = productOf(turn, productId);
  const lines = turn.session.cart.lines.filter((line) => line.productId !== productId);
  const alike = lines.filter((line) => product !== null && productOf(turn, line.productId)?.category === product.category);
  const [gone, other] = alike;
  const isHeld = lines.length < turn.session.cart.lines.length;
  // "I said kota" of a kota that is there.
  if (isHeld && gone === undefined) {
    if (quantity !== null) putItems(turn, [{ productId, quantity }], 'set');
    return;
  }
  // What cannot come takes nothing away.
  if (product === null || gone === undefined || !isSellable(product) || (quantity ?? 1) > QUANTITY_MAX) {
    putItems(turn, [{ productId, quantity: quantity ?? 1 }], 'add');
    return;
  }
  if (other !== undefined) {
    turn.leads.push(say(turn, 'instead_of_what', { item: product.name, example: gone.name }));
    return;
  }
  const goes = instead === null ? gone.quantity : Math.min(instead, gone.quantity);
  removeItems(turn, [{ productId: gone.productId, quantity: goes }]);
  putItems(turn, [{ productId, quantity: quantity ?? goes }], 'add');
}
