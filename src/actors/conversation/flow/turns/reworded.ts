/**
 * A message that the customer edits or takes back after it changed the cart: the cart is set back and the new words are read in its
 * place, as long as nothing else has changed it since. What is ordered already only a person changes. Must never touch an order.
 */
import { commandHash } from '../../../../runtime/recent-commands.ts';
import type { CartLine, InboundContent } from '../../protocol.ts';
import { buttons, personButton, say } from '../../session/speech.ts';
import { change, type Turn } from '../../session/turn.ts';
import { meaningOf } from '../reading/meaning.ts';
import { showCart } from '../steps/cart.ts';
import { isPlacing } from '../steps/checkout.ts';
import { openOrder, orderButtons } from '../steps/orders.ts';
import { converse } from './converse.ts';
import { showPresent } from './taps.ts';

type Reworded = Extract<InboundContent, { kind: 'edit' | 'revoke' }>;

/**
 * Remembers a message of words that only put lines behind those of the cart: only words can be edited or taken back, and how it stood before is
 * then told by a number. What other messages changed in the cart stays for the customer to change.
 */
export function keepSaid(turn: Turn, content: InboundContent, whatsappId: string): void {
  const { cart } = turn.session;
  const before = turn.before.session.cart;
  if (cart === before || (content.kind !== 'text' && content.kind !== 'media') || !isLonger(cart.lines, before.lines)) return;
  change(turn, { said: { message: commandHash(whatsappId), cartVersion: cart.version, first: before.lines.length } });
}

function isLonger(lines: readonly CartLine[], before: readonly CartLine[]): boolean {
  return lines.length > before.length && before.every((line, i) => lines[i] === line);
}

/** Says nothing about a message that changed no cart, or is forgotten. */
export function takeReworded(turn: Turn, { kind, originalId, text }: Reworded): void {
  const { cart, checkout, said } = turn.session;
  if (said == null || said.message !== commandHash(originalId) || isPlacing(checkout)) return;
  if (said.cartVersion !== cart.version) {
    tellOfOrder(turn);
    return;
  }
  const lines = cart.lines.slice(0, said.first);
  change(turn, { cart: { version: cart.version + 1, lines } });
  const meaning = kind === 'edit' && text !== null ? meaningOf(turn, text) : null;
  if (meaning?.kind === 'items') converse(turn, meaning);
  else if (kind === 'revoke') showCart(turn);
  else {
    // Words that order nothing take nothing away: the customer sees what holds.
    change(turn, { cart });
    showPresent(turn);
    return;
  }
  change(turn, { said: { message: said.message, cartVersion: turn.session.cart.version, first: said.first } });
}

/** With something in the cart again it is no longer plain which of both is meant. */
function tellOfOrder(turn: Turn): void {
  const open = openOrder(turn.session);
  if (open === null || turn.session.cart.lines.length > 0) return;
  turn.reply = buttons(say(turn, 'note_of_order', { code: open.code }), [personButton(turn), ...orderButtons(turn, open.id).slice(0, 1)]);
}
