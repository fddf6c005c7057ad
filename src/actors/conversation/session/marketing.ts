/**
 * Whether the customer wants marketing, said outside the chat: in WhatsApp's settings, or by its refusal to send. Never speaks, and
 * never stops an answer or news of an order.
 */
import type { ConversationCommand } from '../protocol.ts';
import { change, type Turn } from './turn.ts';

type Preference = Extract<ConversationCommand, { type: 'marketing_preference' }>;

/** Meta's code for "this person stopped marketing messages from this business". */
const MARKETING_STOPPED = 131_050;

/** The newest word counts, in whatever order the news come; of two of the same second the stop. @returns false for no news. */
export function takePreference(turn: Turn, { isWanted, atMs }: Pick<Preference, 'isWanted' | 'atMs'>): boolean {
  const { optedOut, marketingSaidAtMs } = turn.session;
  const lastAtMs = marketingSaidAtMs ?? 0;
  if (atMs < lastAtMs || (atMs === lastAtMs && (isWanted || optedOut))) return false;
  change(turn, { optedOut: !isWanted, marketingSaidAtMs: atMs });
  return true;
}

/** What was said in the chat itself, at `sentAtMs`. */
export function marketingWasSaid(turn: Turn, sentAtMs: number): void {
  change(turn, { marketingSaidAtMs: Math.max(sentAtMs, turn.session.marketingSaidAtMs ?? 0) });
}

/** @returns whether a status says that its reader stopped marketing, which is news of a person and not only of a message. */
export function saysMarketingStopped({ status, errorCode }: Extract<ConversationCommand, { type: 'status' }>): boolean {
  return status === 'failed' && errorCode === MARKETING_STOPPED;
}

/** A send, or its status, that WhatsApp refused because the person stopped marketing. Any other changes nothing. */
export function noteStopped(turn: Turn, command: Extract<ConversationCommand, { type: 'status' | 'send_failed' }>): void {
  if (command.type === 'status') {
    if (saysMarketingStopped(command)) takePreference(turn, { isWanted: false, atMs: command.atMs });
    // An answer of the API has no time by WhatsApp's clock; our own is not compared with it.
  } else if (command.graphCode === MARKETING_STOPPED && !turn.session.optedOut) change(turn, { optedOut: true });
}
