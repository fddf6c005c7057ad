/**
 * Whether a "yes" can be an answer to the quote: only to one that the customer can have seen when they wrote it, and only while they still
 * mean it. What they saw is judged by what is in the lane and by WhatsApp's own times, never by our clock against theirs. Must never know
 * what agreeing leads to.
 */
import { CLOCK_SKEW_MS, LATE_YES_MS } from '../../limits.ts';
import type { InboundContent, OutboundBody } from '../../protocol.ts';
import { change, type Turn } from '../../session/turn.ts';
import type { Meaning } from './meaning.ts';

/** The quote that this version of the checkout asks about. */
function isQuoteOf(body: OutboundBody, version: number): boolean {
  return body.kind === 'buttons' && body.buttons.some((button) => button.id === `confirm:${version}`);
}

/** Not yet in WhatsApp's hands, and on its way: it answers by itself whatever was said meanwhile. */
export function isQuoteUnderWay({ before, session }: Turn): boolean {
  const { checkout } = session;
  if (checkout?.phase !== 'confirm') return false;
  const waiting = before.head === null ? before.queue : [before.head.message, ...before.queue];
  return waiting.some(({ body }) => isQuoteOf(body, checkout.version));
}

/**
 * Said hours ago and delivered only now, after an outage at either end: by now the customer may have eaten elsewhere, or sit elsewhere.
 * A time from before the quote was made is of a clock that is wrong, and says nothing.
 */
function isLate({ session, context }: Turn, sentAtMs: number): boolean {
  const quotedAtMs = session.checkout?.quotedAtMs;
  return quotedAtMs !== undefined && context.nowMs - sentAtMs >= LATE_YES_MS && sentAtMs >= quotedAtMs - CLOCK_SKEW_MS;
}

/** @returns whether this tap agrees to the quote that is open, too late to be taken at its word. */
export function isLateTap(turn: Turn, content: InboundContent, sentAtMs: number): boolean {
  const { checkout } = turn.session;
  return (
    content.kind === 'reply' && checkout?.phase === 'confirm' && content.id === `confirm:${checkout.version}` && isLate(turn, sentAtMs)
  );
}

/**
 * A button was seen by who taps it; a word may be older than what it seems to answer.
 * @param sentAtMs when the customer wrote, by WhatsApp's clock. @param forwarded somebody else's words. @returns the meaning, without its agreement when that came too early or too late.
 */
export function withoutEarlyYes(turn: Turn, meaning: Meaning, sentAtMs: number, forwarded = false): Meaning {
  const { checkout } = turn.session;
  if (checkout?.phase !== 'confirm') return meaning;
  const isOvertaken = sentAtMs < (turn.before.session.lastInboundAtMs ?? 0);
  const isSeen = checkout.unseen !== true && !isOvertaken && !isQuoteUnderWay(turn);
  if (isSeen && !forwarded && !isLate(turn, sentAtMs)) return meaning;
  if (meaning.kind === 'yes') return { ...meaning, kind: 'early_yes' };
  return meaning.kind === 'note' || meaning.kind === 'address' ? { ...meaning, agreed: false } : meaning;
}

/** A quote that another reply replaced before it left was never seen; shown again, it will be. */
export function keepWhetherSeen(turn: Turn): void {
  const { checkout } = turn.session;
  if (checkout?.phase !== 'confirm' || turn.reply === null) return;
  if (!isQuoteOf(turn.reply, checkout.version)) {
    const isReplaced = turn.before.queue.some((message) => message.class === 'reply' && isQuoteOf(message.body, checkout.version));
    if (isReplaced) change(turn, { checkout: { ...checkout, unseen: true } });
  } else if (checkout.unseen === true) {
    const { unseen: _shown, ...seen } = checkout;
    change(turn, { checkout: seen });
  }
}

/** A quote that WhatsApp did not take was never seen either. */
export function noteUnsent(turn: Turn, body: OutboundBody): void {
  const { checkout } = turn.session;
  if (checkout?.phase === 'confirm' && isQuoteOf(body, checkout.version)) change(turn, { checkout: { ...checkout, unseen: true } });
}
