/**
 * Several messages of a customer in one post are answered once: a cart or a page of the menu waits for the rest of its post, and
 * another view takes its place. What tells or asks anything else goes out at once. Must never know how a message travels.
 */
import type { OutboundBody } from '../protocol.ts';
import type { ConversationActorState, QueuedMessage, Session } from './session.ts';

/** A reply waits and nothing is in flight: only for the rest of a post, and only with a timer. */
export function isHeld({ head, queue }: Pick<ConversationActorState, 'head' | 'queue'>): boolean {
  return head === null && queue.length > 0;
}

/** @returns whether the lane's only message, decided in this session, may wait for what follows: the next view shows all of it and more. */
export function mayWait(
  queue: readonly Pick<QueuedMessage, 'class' | 'body'>[],
  { listShown = null }: Pick<Session, 'listShown'>,
): boolean {
  const [only, ...others] = queue;
  if (only === undefined || others.length > 0 || only.class !== 'reply') return false;
  return isCart(only.body) || (only.body.kind === 'list' && listShown !== null);
}

/** A view that stands for the one before it. Words alone do not: both are said. */
export function isView(body: OutboundBody): boolean {
  return body.kind === 'list' || body.kind === 'location_request' || isCart(body) || hasButton(body, 'confirm:');
}

function isCart(body: OutboundBody): boolean {
  return hasButton(body, 'checkout:');
}

function hasButton(body: OutboundBody, prefix: string): boolean {
  return body.kind === 'buttons' && body.buttons.some((button) => button.id.startsWith(prefix));
}
