/** What a driver's phone hears of its actor's events, and the market of its offers. Pure. */
import type { OfferOutcome } from '../market/protocol.ts';
import type { DriverNews, OfferClosedReason } from './protocol.ts';
import { isLockedOut } from './standing.ts';
import type { ClosedOutcome, DriverActorState, DriverEvent } from './state.ts';

const REASONS: Readonly<Record<ClosedOutcome, OfferClosedReason>> = {
  lost: 'taken',
  expired: 'expired',
  withdrawn: 'cancelled',
  declined: 'declined',
  undelivered: 'undelivered',
  refused: 'cancelled',
};

/** In the order of the events, the standing last. @param after the state that includes them (it may be ahead of what is durable: a hint only) */
export function newsOf(events: readonly DriverEvent[], after: DriverActorState): DriverNews[] {
  const news: DriverNews[] = [];
  let hasStanding = false;
  for (const event of events) {
    switch (event.type) {
      case 'offer_made': {
        const job = event.personal?.job;
        // A dispatcher's offer is a job the moment it is made: there is nothing to answer.
        if (job !== undefined && event.data.manualBy === null) news.push({ type: 'offer', offer: { ...event.data.offer, job } });
        break;
      }
      case 'offer_closed': {
        const { offerId, outcome } = event.data;
        news.push({ type: 'offer_closed', offerId, reason: REASONS[outcome] });
        news.push({
          type: 'offer_settled',
          offerId,
          outcome: outcome === 'undelivered' ? 'expired' : outcome === 'refused' ? 'withdrawn' : outcome,
        });
        break;
      }
      case 'job_won': {
        const job = after.jobs.find((known) => known.offerId === event.data.offerId);
        news.push({ type: 'offer_settled', offerId: event.data.offerId, outcome: 'won' });
        if (job !== undefined) news.push({ type: 'delivery', job });
        break;
      }
      case 'job_moved': {
        const job = after.jobs.find((known) => known.job.orderId === event.data.orderId);
        if (job !== undefined) news.push({ type: 'delivery', job });
        break;
      }
      case 'job_closed':
        news.push({ type: 'delivery_ended', orderId: event.data.orderId, outcome: event.data.outcome });
        break;
      case 'shift_started':
      case 'shift_ended':
        news.push({ type: 'shift', online: event.type === 'shift_started' });
        hasStanding ||= event.type === 'shift_ended' && event.data.reason === 'suspended';
        break;
      case 'driver_approved':
      case 'driver_suspended':
        hasStanding = true;
        break;
      default:
        break;
    }
  }
  const status = after.person?.status;
  if (hasStanding && status !== undefined)
    news.push({ type: 'standing', lockedOut: isLockedOut({ status, online: after.onlineSinceMs !== null }) });
  return news;
}

/** Which offers these events ended, and how, for the market that made them. */
export function endedOffers(events: readonly DriverEvent[]): readonly EndedOffer[] {
  return events.flatMap((event): EndedOffer[] => {
    if (event.type === 'job_won') return [{ offerId: event.data.offerId, outcome: 'won', bidMinor: null }];
    return event.type === 'offer_closed' ? [event.data] : [];
  });
}

interface EndedOffer {
  readonly offerId: string;
  readonly outcome: OfferOutcome;
  /** What the driver would have taken it for. */
  readonly bidMinor: number | null;
}
