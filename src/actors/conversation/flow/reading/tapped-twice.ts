/** A tap that reaches us twice: a slow phone or a bad line makes two messages of it, each with an id of its own. Must never know what a tap does. */
import { DOUBLE_TAP_MS } from '../../limits.ts';
import type { InboundContent } from '../../protocol.ts';
import { change, type Turn } from '../../session/turn.ts';

/** Taps that count up; all others do the same when they are done twice, or carry a version. */
const COUNTING_UP = /^(?:prod|pick):/;

/** @param sentAtMs when it was tapped, by WhatsApp's clock. @returns whether the message right before it was the same tap, just now. */
export function isTappedTwice({ before }: Turn, content: InboundContent, sentAtMs: number): boolean {
  const { tapped } = before.session;
  return content.kind === 'reply' && content.id === tapped?.id && Math.abs(sentAtMs - tapped.sentAtMs) <= DOUBLE_TAP_MS;
}

/** Keeps what was tapped for the very next message. */
export function keepTapped(turn: Turn, content: InboundContent, sentAtMs: number): void {
  if (content.kind === 'reply' && COUNTING_UP.test(content.id)) change(turn, { tapped: { id: content.id, sentAtMs } });
  else if (turn.session.tapped != null) change(turn, { tapped: null });
}
