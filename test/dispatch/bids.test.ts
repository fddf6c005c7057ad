/** Drivers who name a price: what it costs them in the next tick, and what the ride pays. */
import { describe, expect, it } from 'vitest';
import { priceAll } from '../../src/actors/market/dispatch/cost.ts';
import { Dispatcher } from '../../src/actors/market/dispatch/dispatcher.ts';
import type { Insertion } from '../../src/actors/market/dispatch/insertion.ts';
import { DISPATCH_DEFAULTS } from '../../src/actors/market/dispatch/policy.ts';
import type { MarketOffer } from '../../src/actors/market/protocol.ts';
import { at, driver, job, NOW_MS, STRAIGHT } from './support.ts';

const FEE = 3_000;

/** Drivers by their distance from the pickup, and one job for 30.00. */
function market(metres: Readonly<Record<string, number>>): Dispatcher {
  const dispatcher = new Dispatcher(STRAIGHT);
  for (const [id, m] of Object.entries(metres)) {
    const { lat, lng } = at(m);
    dispatcher.setDriver(driver(id));
    dispatcher.place(id, lat, lng, NOW_MS);
  }
  dispatcher.openJob(job('o1', { feeMinor: FEE }));
  return dispatcher;
}

function tick(dispatcher: Dispatcher, n: number): readonly MarketOffer[] {
  return dispatcher.tick(NOW_MS + n * 2_000).offers;
}

function bid(dispatcher: Dispatcher, offer: MarketOffer | undefined, minor: number, n: number): void {
  dispatcher.ended(offer?.offerId ?? '', 'declined', NOW_MS + n * 2_000, minor);
}

describe('a price that a driver names', () => {
  it('takes part in the next tick, and is what the ride pays when it wins', () => {
    const dispatcher = market({ near: 100, far: 9_000 });
    const [first] = tick(dispatcher, 0);
    expect([first?.driverId, first?.feeMinor]).toEqual(['near', FEE]);
    bid(dispatcher, first, 3_600, 1);
    const [second] = tick(dispatcher, 1);
    expect([second?.driverId, second?.feeMinor]).toEqual(['near', 3_600]);
    expect(second?.breakdown.cost).toBeCloseTo(120, 6);
    expect(first?.breakdown.cost).toBe(0);
  });

  it('loses to a driver who takes the usual pay and is not much further away', () => {
    const dispatcher = market({ near: 100, next: 1_000 });
    bid(dispatcher, tick(dispatcher, 0)[0], 4_500, 1);
    const [second] = tick(dispatcher, 1);
    expect([second?.driverId, second?.feeMinor]).toEqual(['next', FEE]);
  });

  it('counts in the cost part of every weighting', () => {
    const insertion = { legS: 60, driveS: 60, delayS: 0, lateS: 0 } as Insertion;
    const same = { driver: driver('a'), insertion };
    for (const weights of ['balanced', 'proximity', 'fair', 'recommended'] as const) {
      const priced = priceAll([{ ...same, dearer: 0.2 }, same], job('o1'), { ...DISPATCH_DEFAULTS, weights }, NOW_MS);
      const [dear, usual] = priced.map((parts) => parts.cost ?? Number.NaN);
      // The published weight of the cost is a tenth of the span of 600 s; where there is none, the seconds count.
      expect(dear).toBeCloseTo(weights === 'balanced' ? 60 : 120, 6);
      expect(usual).toBeCloseTo(0, 6);
    }
  });

  it('beyond the bound is a refusal, as is one that is no more than the usual pay', () => {
    const dearest = FEE * DISPATCH_DEFAULTS.bidMaxFactor;
    for (const minor of [dearest + 1, Number.MAX_SAFE_INTEGER, FEE]) {
      const dispatcher = market({ near: 100, far: 9_000 });
      bid(dispatcher, tick(dispatcher, 0)[0], minor, 1);
      expect(tick(dispatcher, 1)[0]?.driverId).toBe('far');
    }
    const dispatcher = market({ near: 100, far: 9_000 });
    bid(dispatcher, tick(dispatcher, 0)[0], dearest, 1);
    expect(tick(dispatcher, 1)[0]?.feeMinor).toBe(dearest);
  });

  it('follows surge: overtaken by it, the ride pays the usual; left above the bound by it, no more than the bound', () => {
    const surgePolicy = { ...DISPATCH_DEFAULTS.surge, smoothingS: 1 };
    const dispatcher = new Dispatcher({ ...STRAIGHT, policy: { surge: surgePolicy } });
    const crowd = (n: number): string[] => Array.from({ length: n }, (_, i) => `crowd${i}`);
    dispatcher.setDriver(driver('near'));
    dispatcher.place('near', at(100).lat, at(100).lng, NOW_MS);
    dispatcher.openJob(job('o1', { feeMinor: FEE }));
    const [first] = tick(dispatcher, 0);
    for (const id of crowd(9)) dispatcher.openJob(job(id, { readyAtMs: NOW_MS + 86_400_000 }));
    tick(dispatcher, 5);
    expect(dispatcher.surge(job('o1').pickup)).toBe(2);
    bid(dispatcher, first, 3_600, 5);
    const [hot] = tick(dispatcher, 6);
    expect([hot?.feeMinor, hot?.breakdown.cost]).toEqual([2 * FEE, 0]);

    dispatcher.openJob(job('o1', { feeMinor: FEE, version: 2 }));
    const [again] = tick(dispatcher, 7);
    bid(dispatcher, again, 3 * FEE, 7);
    for (const id of crowd(9)) dispatcher.closeJob(id);
    dispatcher.setDriver(driver('near', { freeSlots: 0 }));
    tick(dispatcher, 12);
    dispatcher.setDriver(driver('near'));
    const [cool] = tick(dispatcher, 20);
    expect([cool?.surge, cool?.feeMinor]).toEqual([1, FEE * DISPATCH_DEFAULTS.bidMaxFactor]);
  });

  it('is named once: a second one, like an offer at the own price that is not taken, is a refusal', () => {
    for (const end of [3_900, null]) {
      const dispatcher = market({ near: 100, far: 9_000 });
      bid(dispatcher, tick(dispatcher, 0)[0], 3_600, 1);
      dispatcher.ended(tick(dispatcher, 1)[0]?.offerId ?? '', 'declined', NOW_MS + 3_000, end);
      const [third] = tick(dispatcher, 2);
      expect([third?.driverId, third?.feeMinor]).toEqual(['far', FEE]);
    }
  });

  it('is forgotten with the version of the job that it was named for', () => {
    const dispatcher = market({ near: 100 });
    bid(dispatcher, tick(dispatcher, 0)[0], 3_600, 1);
    dispatcher.openJob(job('o1', { feeMinor: FEE, version: 2 }));
    expect(tick(dispatcher, 1)[0]?.feeMinor).toBe(FEE);
  });
});
