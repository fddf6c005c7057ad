/** A text written from the page of a product: "2 of these" then means that product. Pure; must never change what is journaled. */

import type { ReceiveMessage } from '../../protocol.ts';
import type { Turn } from '../../session/turn.ts';
import { ORDERING } from '../../text/data/around-words.ts';
import { productOf } from '../steps/catalogue.ts';
import { type Meaning, meaningOf } from './meaning.ts';

/** What leaves open which product is meant. A question that was not understood stays one: nothing is ordered by it. */
const OPEN: ReadonlySet<Meaning['kind']> = new Set<Meaning['kind']>(['unknown', 'start', 'resume']);

/** At what they wrote from. */
const POINTING = /\b(?:this|these|it|lokhu|lo|le|hierdie|dit|ena|sena)\b/iu;

/** @returns the message to act on: with the product's name behind a text that names none and asks for nothing else. */
export function withReferredProduct(turn: Turn, command: ReceiveMessage): ReceiveMessage {
  const { content } = command;
  if (content.kind !== 'text' || content.about?.product === undefined) return command;
  const product = productOf(turn, content.about.product.productId);
  if (product === null) return command;
  const meaning = meaningOf(turn, content.text);
  return leavesOpen(meaning, content.text) ? { ...command, content: { ...content, text: `${content.text} ${product.name}` } } : command;
}

function leavesOpen(meaning: Meaning, text: string): boolean {
  if (meaning.kind === 'items')
    return meaning.added.length + meaning.counted.length + meaning.removed.length + meaning.ambiguous.length === 0;
  // Asked for a price without a name, which the menu would answer; the bare word asks for the menu.
  if (meaning.kind === 'global') return meaning.event === 'menu' && (text.includes('?') || POINTING.test(text));
  // "Hi, I want this"
  if (meaning.kind === 'greet') return POINTING.test(text) && ORDERING.test(text.toLowerCase());
  return OPEN.has(meaning.kind) && !(meaning.kind === 'unknown' && text.includes('?'));
}
