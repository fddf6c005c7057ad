/**
 * Stars for the driver: the question under the notice of the delivery, its answer, and what the order says to it.
 * It must never judge whether stars count: the order does.
 */
import type { RateDriverReply } from '../../../order/protocol.ts';
import { orderRef } from '../../../refs.ts';
import { BUTTON_TITLE_MAX_CHARS, FREE_TEXT_MS } from '../../limits.ts';
import type { ConversationCommand, InboundContent, OutboundBody } from '../../protocol.ts';
import { say, text } from '../../session/speech.ts';
import type { Turn } from '../../session/turn.ts';
import { cut } from '../../text/saying/cut.ts';
import { okValue } from './answers.ts';
import { ratingWasAsked } from './asked.ts';

/** The best first. */
const STARS = [5, 4, 3, 2, 1] as const;
const ONE_TO_FIVE = /^[1-5]$/;
/** "5", "4 stars", "5/5", "5 out of 5" */
const RATED = /^([1-5])\s*(?:stars?|\/\s*5|out of 5|izinkanyezi|sterre)?[.!\s]*$/i;
const STAR = /[⭐🌟★]/gu;
const ONLY_STARS = /^(?:[⭐🌟★]\ufe0f?\s*){1,5}$/u;

/** Not in the middle of the next order, past a person who has taken over, after an opt-out, or outside WhatsApp's window for free text. */
export function mayAskRating({ session, context }: Turn): boolean {
  return session.cart.lines.length === 0 && maySayMore({ session, context });
}

/** Whether the notice that an order is over may go on to something else. */
export function maySayMore({ session, context }: Pick<Turn, 'session' | 'context'>): boolean {
  const { checkout, lastInboundAtMs, optedOut, state } = session;
  if (optedOut || state === 'SUPPORT' || checkout !== null) return false;
  return lastInboundAtMs !== null && context.nowMs - lastInboundAtMs < FREE_TEXT_MS;
}

/** @returns the notice `told` with the question under it: one message. */
export function askRating(turn: Turn, orderId: string, told: string): OutboundBody {
  ratingWasAsked(turn, orderId);
  const title = cut(say(turn, 'button_rate'), BUTTON_TITLE_MAX_CHARS);
  const rows = STARS.map((stars) => ({ id: `rate:${orderId}:${stars}`, title: shown(stars) }));
  return { kind: 'list', text: `${told}\n\n${say(turn, 'ask_rating')}`, button: title, sections: [{ title, rows }] };
}

/** A bare digit, or as many stars, right after the question is the tap that it stands for; whatever else is said, digits mean what they always mean. */
export function answeredRating({ before }: Turn, content: InboundContent): InboundContent {
  const { ratingAsked } = before.session;
  if (ratingAsked == null || content.kind !== 'text') return content;
  const said = content.text.trim();
  const stars = ONLY_STARS.test(said) ? String(said.match(STAR)?.length) : RATED.exec(said)?.[1];
  return stars === undefined ? content : { kind: 'reply', id: `rate:${ratingAsked}:${stars}`, title: said };
}

/** Brings the stars to the order; the customer is answered when it has decided. @returns false for an id that no question had. */
export function rateDriver(turn: Turn, orderId: string, stars: string): boolean {
  const { ref, uniqueId } = turn.context;
  const to = orderRef(ref.tenantId, orderId);
  if (to === null || !ONE_TO_FIVE.test(stars)) return false;
  turn.effects.push({
    type: 'send',
    id: uniqueId('rate'),
    to,
    command: { type: 'rate_driver', customerId: ref.id, stars: Number(stars) },
    onResult: { type: 'rate_answered', orderId },
  });
  return true;
}

/** What the order said to the stars; there is a word for everything. @returns false when there is nobody to tell it to. */
export function takeRating(turn: Turn, { result }: Extract<ConversationCommand, { type: 'rate_answered' }>): boolean {
  const { contact } = turn.session;
  if (contact.waId === null && contact.userId === null) return false;
  const reply = okValue(result);
  if (!isCounted(reply)) turn.notices.push(text(say(turn, 'rating_closed')));
  else if (reply.outcome === 'rated') turn.notices.push(text(say(turn, 'rated', { stars: shown(reply.stars) })));
  else turn.notices.push(text(say(turn, 'rated_before', { code: reply.code, stars: shown(reply.stars) })));
  return true;
}

/** Guards against an answer of another shape, too: it counts as closed. */
function isCounted(value: unknown): value is Exclude<RateDriverReply, { outcome: 'closed' }> {
  if (typeof value !== 'object' || value === null) return false;
  const { code, outcome, stars } = value as Partial<Exclude<RateDriverReply, { outcome: 'closed' }>>;
  return (outcome === 'rated' || outcome === 'rated_before') && typeof code === 'string' && ONE_TO_FIVE.test(String(stars));
}

function shown(stars: number): string {
  return '⭐'.repeat(stars);
}
