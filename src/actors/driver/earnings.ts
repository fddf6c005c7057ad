/** What a driver has earned, and how the pay of one job adds to it. Pure; it must never know the job, nor what time it is. */

/** The platform's share of a ride. */
const PLATFORM_FEE = 0.15;

export interface Earnings {
  /** null until the first pay. */
  readonly currency: string | null;
  readonly earnedMinor: number;
  /** On `earningDay`; nothing has been earned yet on any later one. */
  readonly earnedTodayMinor: number;
  /** Days since 1970, UTC. */
  readonly earningDay: number;
  readonly platformFeeMinor: number;
}

interface Pay {
  /** Before the platform's share. */
  readonly feeMinor: number;
  readonly platformFeeMinor: number;
  readonly currency: string;
}

/** @param feeMinor what a ride pays, before it */
export function platformFeeMinor(feeMinor: number): number {
  return Math.round(feeMinor * PLATFORM_FEE);
}

/** What is left of a ride's fee for its driver; the same to the cent as what is earned with it. */
export function netMinor(feeMinor: number): number {
  return feeMinor - platformFeeMinor(feeMinor);
}

/** @param day days since 1970, UTC @returns what it was given where nothing was paid */
export function earn<Earner extends Earnings>(earner: Earner, pay: Pay, day: number): Earner {
  if (pay.feeMinor === 0) return earner;
  const earnedMinor = pay.feeMinor - pay.platformFeeMinor;
  const beforeMinor = day === earner.earningDay ? earner.earnedTodayMinor : 0;
  return {
    ...earner,
    currency: pay.currency,
    earnedMinor: earner.earnedMinor + earnedMinor,
    earnedTodayMinor: beforeMinor + earnedMinor,
    earningDay: day,
    platformFeeMinor: earner.platformFeeMinor + pay.platformFeeMinor,
  };
}
