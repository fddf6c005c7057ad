/** The life of an offer at its market, case by case of docs/specs/dispatch.md. */
import { describe, expect, it } from 'vitest';
import { Dispatcher } from '../../src/actors/market/dispatch/dispatcher.ts';
import { DISPATCH_DEFAULTS, DISPATCH_LIMITS } from '../../src/actors/market/dispatch/policy.ts';
import type { DriverProfile, MarketOffer } from '../../src/actors/market/protocol.ts';
import type { Position } from '../../src/actors/tenant/protocol.ts';
import { at, driver, job, NOW_MS, STRAIGHT } from './support.ts';

type Placed = readonly [DriverProfile, Position];

function market(drivers: readonly Placed[]): Dispatcher {
  const dispatcher = new Dispatcher(STRAIGHT);
  for (const [profile, { lat, lng }] of drivers) {
    dispatcher.setDriver(profile);
    dispatcher.place(profile.driverId, lat, lng, NOW_MS);
  }
  return dispatcher;
}

/** Drivers whose position stays fresh. */
function placeAll(dispatcher: Dispatcher, drivers: readonly Placed[], nowMs: number): void {
  for (const [{ driverId }, { lat, lng }] of drivers) dispatcher.place(driverId, lat, lng, nowMs);
}

function driversOf(offers: readonly MarketOffer[]): string[] {
  return offers.map(({ driverId }) => driverId).sort();
}

describe('an offer', () => {
  it('goes to the nearest driver alone, with the parts of its cost', () => {
    const dispatcher = market([
      [driver('far'), at(1_400)],
      [driver('near'), at(300)],
    ]);
    dispatcher.openJob(job('o1'));
    const [offer, ...more] = dispatcher.tick(NOW_MS).offers;
    expect(more).toEqual([]);
    expect(offer).toMatchObject({ orderId: 'o1', jobVersion: 1, driverId: 'near', exclusive: true, surge: 1, feeMinor: 3_000 });
    expect(offer?.expiresAtMs).toBe(NOW_MS + DISPATCH_DEFAULTS.exclusiveOfferS * 1_000);
    expect(offer?.pickupDistanceM).toBeGreaterThan(295);
    expect(offer?.breakdown).toMatchObject({ recent_jobs: 0, idle: -30, acceptance: 0, completion: 0 });
    expect(offer?.breakdown.drive).toBeCloseTo(30, 0);
  });

  it('is not made twice for a job that has one', () => {
    const dispatcher = market([
      [driver('a'), at(100)],
      [driver('b'), at(200)],
    ]);
    dispatcher.openJob(job('o1'));
    dispatcher.tick(NOW_MS);
    expect(dispatcher.tick(NOW_MS + 2_000).offers).toEqual([]);
  });

  it('serves all jobs together at the least total, not each its nearest', () => {
    const dispatcher = market([
      [driver('between'), at(100)],
      [driver('left'), at(-400)],
    ]);
    // Both want `between`; for the one in the north it is the only one near.
    dispatcher.openJob(job('south', { pickup: at(0) }));
    dispatcher.openJob(job('north', { pickup: at(800), openedAtMs: NOW_MS }));
    const offers = dispatcher.tick(NOW_MS).offers;
    expect(offers.map(({ orderId, driverId }) => [orderId, driverId]).sort()).toEqual([
      ['north', 'between'],
      ['south', 'left'],
    ]);
  });

  it('counts as expired after its grace when nobody tells, and the next driver is asked in the same tick', () => {
    const drivers: Placed[] = [
      [driver('a'), at(100)],
      [driver('b'), at(200)],
    ];
    const dispatcher = market(drivers);
    dispatcher.openJob(job('o1'));
    const [first] = dispatcher.tick(NOW_MS).offers;
    const endMs = (first?.expiresAtMs as number) + DISPATCH_DEFAULTS.graceS * 1_000;
    expect(dispatcher.tick(endMs)).toMatchObject({ offers: [], withdrawals: [] });
    const late = dispatcher.tick(endMs + 1);
    expect(late.withdrawals).toEqual([{ offerId: first?.offerId, orderId: 'o1', driverId: 'a', reason: 'expired' }]);
    expect(driversOf(late.offers)).toEqual(['b']);
  });

  it('that was declined is not made to that driver again while others are left', () => {
    const dispatcher = market([
      [driver('a'), at(100)],
      [driver('b'), at(1_200)],
    ]);
    dispatcher.openJob(job('o1'));
    const [first] = dispatcher.tick(NOW_MS).offers;
    dispatcher.ended(first?.offerId as string, 'declined', NOW_MS);
    expect(driversOf(dispatcher.tick(NOW_MS).offers)).toEqual(['b']);
  });

  it('goes to the best five after two refusals and to ten later; the first who takes it voids the others', () => {
    const drivers: Placed[] = Array.from({ length: 20 }, (_, i) => [driver(`d${String(i).padStart(2, '0')}`), at(50 + 10 * i)]);
    const dispatcher = market(drivers);
    dispatcher.openJob(job('o1'));
    for (let i = 0; i < 2; i++) {
      const { offers } = dispatcher.tick(NOW_MS + i);
      expect(offers.map(({ exclusive }) => exclusive)).toEqual([true]);
      dispatcher.ended(offers[0]?.offerId as string, 'declined', NOW_MS + i);
    }
    const five = dispatcher.tick(NOW_MS + 2).offers;
    expect(driversOf(five)).toEqual(['d02', 'd03', 'd04', 'd05', 'd06']);
    expect(five.every(({ exclusive }) => !exclusive)).toBe(true);
    for (const { offerId } of five) dispatcher.ended(offerId, 'declined', NOW_MS + 3);
    const ten = dispatcher.tick(NOW_MS + 4).offers;
    expect(ten).toHaveLength(10);
    const voided = dispatcher.ended(ten[3]?.offerId as string, 'won', NOW_MS + 5);
    expect(voided.map(({ offerId }) => offerId).sort()).toEqual(
      ten
        .filter((_, i) => i !== 3)
        .map(({ offerId }) => offerId)
        .sort(),
    );
    expect(voided.every(({ reason }) => reason === 'taken')).toBe(true);
    expect(dispatcher.counts).toMatchObject({ jobs: 0, offers: 0 });
  });

  it('case 25: never goes to a driver who was not heard of for a minute', () => {
    const dispatcher = market([[driver('stale'), at(100)]]);
    dispatcher.openJob(job('o1'));
    expect(dispatcher.tick(NOW_MS + 60_001)).toMatchObject({ offers: [], stalled: [{ orderId: 'o1', reason: 'market.no_drivers' }] });
    dispatcher.place('stale', at(100).lat, at(100).lng, NOW_MS + 61_000);
    expect(driversOf(dispatcher.tick(NOW_MS + 65_000).offers)).toEqual(['stale']);
  });

  it('case 49: of an older version is withdrawn when the job is edited, and the new version is offered', () => {
    const dispatcher = market([[driver('a'), at(100)]]);
    expect(dispatcher.openJob(job('o1')).outcome).toBe('opened');
    const [first] = dispatcher.tick(NOW_MS).offers;
    expect(dispatcher.openJob(job('o1'))).toEqual({ outcome: 'known', withdrawals: [] });
    const edited = dispatcher.openJob(job('o1', { version: 2, dropoff: at(500) }));
    expect(edited).toEqual({
      outcome: 'replaced',
      withdrawals: [{ offerId: first?.offerId, orderId: 'o1', driverId: 'a', reason: 'edited' }],
    });
    expect(dispatcher.openJob(job('o1', { version: 1 })).outcome).toBe('known');
    const [second] = dispatcher.tick(NOW_MS + 1).offers;
    expect(second).toMatchObject({ driverId: 'a', jobVersion: 2 });
    expect(second?.offerId).not.toBe(first?.offerId);
    // What the old one becomes changes nothing.
    expect(dispatcher.ended(first?.offerId as string, 'won', NOW_MS + 2)).toEqual([]);
    expect(dispatcher.counts).toMatchObject({ jobs: 1, offers: 1 });
  });

  it('case 50: of a driver who goes offline or is full is void at once, and the job goes on', () => {
    const dispatcher = market([
      [driver('a'), at(100)],
      [driver('b'), at(300)],
      [driver('c'), at(500)],
    ]);
    dispatcher.openJob(job('o1'));
    const [first] = dispatcher.tick(NOW_MS).offers;
    expect(dispatcher.removeDriver('a')).toEqual([{ offerId: first?.offerId, orderId: 'o1', driverId: 'a', reason: 'driver_gone' }]);
    const [second] = dispatcher.tick(NOW_MS).offers;
    expect(second?.driverId).toBe('b');
    expect(dispatcher.setDriver(driver('b', { freeSlots: 0 }))).toMatchObject([{ offerId: second?.offerId, reason: 'driver_changed' }]);
    expect(driversOf(dispatcher.tick(NOW_MS).offers)).toEqual(['c']);
  });

  it('stays open when its driver merely tells news, or already has the job', () => {
    const dispatcher = market([[driver('a'), at(100)]]);
    dispatcher.openJob(job('o1'));
    const [offer] = dispatcher.tick(NOW_MS).offers;
    expect(dispatcher.setDriver(driver('a', { rating: 4.6 }))).toEqual([]);
    const stops = [{ orderId: 'o1', kind: 'pickup' as const, position: at(0), dueAtMs: null }];
    expect(dispatcher.setDriver(driver('a', { freeSlots: 0, stops }))).toEqual([]);
    expect(dispatcher.ended(offer?.offerId as string, 'won', NOW_MS)).toEqual([]);
    expect(dispatcher.counts.jobs).toBe(0);
  });

  it('case 54: that the driver would not take puts the job back at once, and leaves the pair alone for a while', () => {
    const drivers: Placed[] = [
      [driver('taken'), at(100)],
      [driver('free'), at(700)],
    ];
    const dispatcher = market(drivers);
    dispatcher.openJob(job('o1'));
    const [first] = dispatcher.tick(NOW_MS).offers;
    expect(first?.driverId).toBe('taken');
    dispatcher.ended(first?.offerId as string, 'refused', NOW_MS);
    const [second] = dispatcher.tick(NOW_MS).offers;
    expect(second).toMatchObject({ driverId: 'free', exclusive: true });
    dispatcher.ended(second?.offerId as string, 'refused', NOW_MS);
    const laterMs = NOW_MS + DISPATCH_DEFAULTS.pauseS * 1_000;
    placeAll(dispatcher, drivers, laterMs);
    expect(dispatcher.tick(laterMs - 1).offers).toEqual([]);
    expect(driversOf(dispatcher.tick(laterMs + 5_000).offers)).toEqual(['taken']);
  });

  it('case 60: is withdrawn when the order is given by hand or cancelled, and what the driver answers then changes nothing', () => {
    const dispatcher = market([[driver('a'), at(100)]]);
    dispatcher.openJob(job('o1'));
    const [offer] = dispatcher.tick(NOW_MS).offers;
    expect(dispatcher.closeJob('o1')).toEqual([{ offerId: offer?.offerId, orderId: 'o1', driverId: 'a', reason: 'closed' }]);
    expect(dispatcher.ended(offer?.offerId as string, 'won', NOW_MS)).toEqual([]);
    expect(dispatcher.closeJob('o1')).toEqual([]);
    dispatcher.openJob(job('o2'));
    expect(driversOf(dispatcher.tick(NOW_MS).offers)).toEqual(['a']);
  });

  it('case 44: of a job that is taken leaves whoever held it alone until its actor tells: it may be the winner', () => {
    const dispatcher = market([[driver('a'), at(100)]]);
    dispatcher.openJob(job('o1'));
    const [offer] = dispatcher.tick(NOW_MS).offers;
    expect(dispatcher.closeJob('o1', NOW_MS)).toMatchObject([{ offerId: offer?.offerId, reason: 'taken' }]);
    dispatcher.openJob(job('o2'));
    expect(dispatcher.tick(NOW_MS).offers).toEqual([]);
    dispatcher.setDriver(driver('a'));
    expect(driversOf(dispatcher.tick(NOW_MS + DISPATCH_LIMITS.retryS * 1_000).offers)).toEqual(['a']);
  });

  it('case 63: that was not delivered goes to the next, does not count as a refusal, and its driver rests', () => {
    const dispatcher = market([
      [driver('deaf'), at(100)],
      [driver('b'), at(500)],
      [driver('c'), at(900)],
    ]);
    dispatcher.openJob(job('o1'));
    for (const expected of ['deaf', 'b', 'c']) {
      const [offer] = dispatcher.tick(NOW_MS).offers;
      expect(offer).toMatchObject({ driverId: expected, exclusive: true });
      dispatcher.ended(offer?.offerId as string, 'undelivered', NOW_MS);
    }
    dispatcher.openJob(job('o2'));
    expect(dispatcher.tick(NOW_MS).offers).toEqual([]);
  });

  it('does not reach a driver who just won until the driver actor has told of it', () => {
    const dispatcher = market([[driver('a'), at(100)]]);
    dispatcher.openJob(job('o1'));
    dispatcher.openJob(job('o2'));
    const [offer] = dispatcher.tick(NOW_MS).offers;
    dispatcher.ended(offer?.offerId as string, 'won', NOW_MS);
    expect(dispatcher.tick(NOW_MS + 2_000).offers).toEqual([]);
    dispatcher.setDriver(driver('a'));
    expect(dispatcher.tick(NOW_MS + 6_000).offers).toHaveLength(1);
  });
});

it('of what is told of a driver, the newest version counts, in whatever order it comes', () => {
  const dispatcher = new Dispatcher(STRAIGHT);
  dispatcher.setDriver(driver('a', { version: 7, freeSlots: 0 }));
  dispatcher.setDriver(driver('a', { version: 6, freeSlots: 1 }));
  expect(dispatcher.driver('a')?.profile.freeSlots).toBe(0);
  dispatcher.setDriver(driver('a', { version: 8, freeSlots: 1 }));
  expect(dispatcher.driver('a')?.profile.freeSlots).toBe(1);
});
