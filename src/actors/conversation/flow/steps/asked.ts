/**
 * What the customer's next few words answer: stars, how many, which one, or a row of the menu. At most one question is open, the one asked last.
 * Must never know what the answer leads to.
 */
import type { InboundContent } from '../../protocol.ts';
import type { ChoiceAsked } from '../../session/session.ts';
import { change, type Turn } from '../../session/turn.ts';

/** The stars for the driver of this order were asked for. */
export function ratingWasAsked(turn: Turn, orderId: string): void {
  forgetAsked(turn);
  change(turn, { ratingAsked: orderId });
}

/** How many of this product was asked. */
export function quantityWasAsked(turn: Turn, productId: string): void {
  forgetAsked(turn);
  change(turn, { quantityAsked: productId });
}

/** Which of these was asked, each with how many of it would come. */
export function choiceWasAsked(turn: Turn, choices: readonly ChoiceAsked[]): void {
  forgetAsked(turn);
  change(turn, { choiceAsked: choices });
}

/** A page of the menu was shown. @param page the id that shows it again. */
export function listWasShown(turn: Turn, page: string): void {
  forgetAsked(turn);
  change(turn, { listShown: page });
}

/** From here on a bare number answers nothing. */
export function forgetAsked(turn: Turn): void {
  if (turn.session.ratingAsked != null) change(turn, { ratingAsked: null });
  if (turn.session.quantityAsked != null) change(turn, { quantityAsked: null });
  if (turn.session.choiceAsked != null) change(turn, { choiceAsked: null });
  if (turn.session.listShown != null) change(turn, { listShown: null });
}

/** Kinds of messages that say nothing: a question stays open past them. */
const SILENT: ReadonlySet<InboundContent['kind']> = new Set<InboundContent['kind']>(['reaction', 'system', 'edit', 'revoke']);

/** Only the very next message answers; what was asked stays readable in `turn.before`. */
export function closeAsked(turn: Turn, { kind }: InboundContent): void {
  if (!SILENT.has(kind)) forgetAsked(turn);
}
