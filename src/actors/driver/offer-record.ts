/** How a driver's last offers ended, and why offers were refused. Pure and bounded; it must never know what an offer was for. */
import type { AcceptOutcome, DeclineReason } from './protocol.ts';

const SETTLED_MAX = 64;
const ANSWERS_MAX = 50;

export type Settled = Exclude<AcceptOutcome, 'pending' | 'already_yours'>;

export interface SettledOffer {
  readonly offerId: string;
  readonly outcome: Settled;
  /** The job for which this answer named a price that the market may pay; there is no second one for it. */
  readonly pricedJob?: { readonly orderId: string; readonly jobVersion: number };
  /** Why it was refused; of refusals only, and said once. */
  readonly reason?: DeclineReason;
}

export type Refusals = Readonly<Partial<Record<DeclineReason, number>>>;

export function withSettled(settled: readonly SettledOffer[], offer: SettledOffer): readonly SettledOffer[] {
  return [...settled, offer].slice(-SETTLED_MAX);
}

export function withAnswer(answers: readonly boolean[], isAccepted: boolean): readonly boolean[] {
  return [...answers, isAccepted].slice(-ANSWERS_MAX);
}

/** The offer with the reason that was said after it was refused. */
export function explained(settled: readonly SettledOffer[], offerId: string, reason: DeclineReason): readonly SettledOffer[] {
  return settled.map((offer) => (offer.offerId === offerId ? { ...offer, reason } : offer));
}

export function countRefusal(refusals: Refusals, reason: DeclineReason): Refusals {
  return { ...refusals, [reason]: (refusals[reason] ?? 0) + 1 };
}
