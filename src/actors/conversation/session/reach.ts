/**
 * Whether messages reach the customer's phone at all, for the shop to see. Must never decide what is sent: what WhatsApp could not
 * bring now may arrive with the next one.
 */
import { UNREACHABLE_AFTER } from '../limits.ts';
import type { ConversationCommand } from '../protocol.ts';
import type { Session } from './session.ts';
import { change, type Turn } from './turn.ts';

/** Meta's code for "not on WhatsApp, too old an app, or terms not accepted". */
const UNDELIVERABLE = 131_026;
const ON_THE_PHONE: ReadonlySet<string> = new Set(['delivered', 'read', 'played']);

export function isUnreachable({ undelivered }: Session): boolean {
  return (undelivered ?? 0) >= UNREACHABLE_AFTER;
}

/** One message failed, for good. Other failures say nothing about the phone. */
export function noteUndelivered(turn: Turn, errorCode: number | null): void {
  const { undelivered = 0 } = turn.session;
  if (errorCode === UNDELIVERABLE && undelivered < UNREACHABLE_AFTER) change(turn, { undelivered: undelivered + 1 });
}

/** The customer wrote, or their phone has a message: also one that the lane has forgotten. */
export function noteReached(turn: Turn): void {
  if ((turn.session.undelivered ?? 0) > 0) change(turn, { undelivered: 0 });
}

/** @returns whether the status comes from the phone itself. */
export function isFromPhone({ status }: Pick<Extract<ConversationCommand, { type: 'status' }>, 'status'>): boolean {
  return ON_THE_PHONE.has(status);
}
