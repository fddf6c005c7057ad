/** Asks an order what a link may show. Whatever is not a running or an ended leg looks the same: unknown. */
import type { DeliveryPhase, TrackedOrder } from '../../actors/order/protocol.ts';
import { orderRef } from '../../actors/refs.ts';
import type { ActorSystem, Fault } from '../../runtime/behaviour.ts';
import { Problem, problemOfFault } from '../http/problem.ts';
import type { TrackingTicket } from './token.ts';

/** How a leg ended, as far as its customer needs to know. `reassigned`: another driver brings it, under another link. */
export type TrackOutcome = 'delivered' | 'reassigned' | 'ended';

export type Tracked =
  | { readonly kind: 'running'; readonly order: TrackedOrder }
  | { readonly kind: 'ended'; readonly outcome: TrackOutcome }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'fault'; readonly fault: Fault };

export type NotRunning = Exclude<Tracked, { readonly kind: 'running' }>;

/** What is said of a leg that runs no more by its own account. */
export const ENDED = { kind: 'ended', outcome: 'ended' } as const satisfies Tracked;

const ANSWER_WITHIN_MS = 5_000;

/** Never rejects. */
export async function askTracked(system: ActorSystem, ticket: TrackingTicket, nowMs: number): Promise<Tracked> {
  const ref = orderRef(ticket.tenantId, ticket.orderId);
  if (ref === null) return { kind: 'unknown' };
  const answer = await system.ask<TrackedOrder>(
    ref,
    { type: 'track', leg: ticket.leg },
    { deadlineMs: nowMs + ANSWER_WITHIN_MS, storeReply: false },
  );
  if (answer.ok) return { kind: 'running', order: answer.value };
  if ('fault' in answer) return { kind: 'fault', fault: answer.fault };
  if (answer.refusal.code !== 'tracking.ended') return { kind: 'unknown' };
  return { kind: 'ended', outcome: outcomeOf(answer.refusal.details?.phase) };
}

/** The phase that the order is in now, after the leg of the link. */
function outcomeOf(phase: unknown): TrackOutcome {
  const known = phase as DeliveryPhase | undefined;
  if (known === 'delivered') return 'delivered';
  return known === undefined || known === 'ended' ? 'ended' : 'reassigned';
}

/** What a caller is answered when there is nothing to show. */
export function problemOf(tracked: NotRunning): Problem {
  if (tracked.kind === 'ended') return new Problem('tracking.ended', { details: { outcome: tracked.outcome } });
  return tracked.kind === 'unknown' ? new Problem('tracking.not_found') : problemOfFault(tracked.fault);
}
