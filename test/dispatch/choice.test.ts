/** Which driver a job is offered to, and when none is. */
import { describe, expect, it } from 'vitest';
import { IDLE_CREDIT_MAX_S, PRESETS, priceAll, totalOf } from '../../src/actors/market/dispatch/cost.ts';
import { Dispatcher } from '../../src/actors/market/dispatch/dispatcher.ts';
import { DISPATCH_DEFAULTS, DISPATCH_LIMITS, type DispatchPolicy, resolveOptions } from '../../src/actors/market/dispatch/policy.ts';
import type { DriverProfile, Job } from '../../src/actors/market/protocol.ts';
import { at, driver, job, NOW_MS, STRAIGHT } from './support.ts';

function market(profiles: readonly DriverProfile[], northM: (i: number) => number, policy: Partial<DispatchPolicy> = {}): Dispatcher {
  const dispatcher = new Dispatcher({ ...STRAIGHT, policy });
  profiles.forEach((profile, i) => {
    dispatcher.setDriver(profile);
    const { lat, lng } = at(northM(i));
    dispatcher.place(profile.driverId, lat, lng, NOW_MS);
  });
  return dispatcher;
}

function chosen(profiles: readonly DriverProfile[], given: Job = job('o1'), policy: Partial<DispatchPolicy> = {}): string | undefined {
  const dispatcher = market(profiles, () => 200, policy);
  dispatcher.openJob(given);
  return dispatcher.tick(NOW_MS).offers[0]?.driverId;
}

describe('hard filters', () => {
  const refused: readonly [string, Partial<DriverProfile>, Partial<Job>][] = [
    ['the vehicle', { vehicle: 'bicycle' }, { needs: { vehicles: ['car', 'bakkie'], coldStorage: false, minRating: 0 } }],
    ['cold storage', {}, { needs: { vehicles: [], coldStorage: true, minRating: 0 } }],
    ['the rating', { rating: 3.9 }, { needs: { vehicles: [], coldStorage: false, minRating: 4 } }],
    ['a blocked pair', {}, { excludedDriverIds: ['d'] }],
  ];
  it.each(refused)('case 58: keep a driver out for %s, however near, and say that none fits', (_, profile, changes) => {
    const dispatcher = market([driver('d', profile)], () => 1);
    dispatcher.openJob(job('o1', changes));
    expect(dispatcher.tick(NOW_MS)).toMatchObject({ offers: [], stalled: [{ orderId: 'o1', reason: 'market.none_fit' }] });
  });

  it('case 58: keep a driver without a free slot out', () => {
    expect(chosen([driver('full', { freeSlots: 0 })])).toBeUndefined();
  });

  it('case 58: void an open offer when the driver fits no more', () => {
    const needs: Job['needs'] = { vehicles: ['motorbike'], coldStorage: false, minRating: 4 };
    const dispatcher = market([driver('d')], () => 1);
    dispatcher.openJob(job('o1', { needs }));
    expect(dispatcher.tick(NOW_MS).offers).toHaveLength(1);
    expect(dispatcher.setDriver(driver('d', { rating: 3.5 }))).toMatchObject([{ reason: 'driver_changed' }]);
    expect(dispatcher.tick(NOW_MS).offers).toEqual([]);
  });

  it('ask the further filter of the owner', () => {
    const dispatcher = new Dispatcher({ ...STRAIGHT, fits: ({ driverId }) => driverId !== 'ends-soon' });
    dispatcher.setDriver(driver('ends-soon'));
    dispatcher.place('ends-soon', at(10).lat, at(10).lng, NOW_MS);
    dispatcher.openJob(job('o1'));
    expect(dispatcher.tick(NOW_MS).offers).toEqual([]);
  });
});

describe('the choice among drivers', () => {
  it('case 57: falls on the longest idle among equals, then on the lower id', () => {
    const beyondCredit = NOW_MS - 2 * IDLE_CREDIT_MAX_S * 1_000;
    expect(chosen([driver('b', { idleSinceMs: beyondCredit }), driver('a', { idleSinceMs: beyondCredit - 1 })])).toBe('a');
    expect(chosen([driver('c'), driver('b'), driver('d')])).toBe('b');
  });

  it('case 57: leaves nobody out at a stand where everybody is alike', () => {
    const profiles = Array.from({ length: 60 }, (_, i) =>
      driver(`d${String(i).padStart(2, '0')}`, { idleSinceMs: NOW_MS - 7_200_000 + i }),
    );
    const dispatcher = market(profiles, () => 200);
    const served = new Set<string>();
    for (let i = 0; i < 60; i++) {
      dispatcher.openJob(job(`o${i}`));
      const [offer] = dispatcher.tick(NOW_MS + i).offers;
      served.add(offer?.driverId as string);
      dispatcher.ended(offer?.offerId as string, 'won', NOW_MS + i);
      dispatcher.setDriver(driver(offer?.driverId as string, { idleSinceMs: NOW_MS + i }));
    }
    expect(served.size).toBe(60);
  });

  it('case 59: gives no more credit for idling than its cap, so that waiting at a hotspot does not outweigh the way', () => {
    const since = (seconds: number): DriverProfile => driver('d', { idleSinceMs: NOW_MS - seconds * 1_000 });
    expect(cost(since(10 * 3_600))).toBe(cost(since(IDLE_CREDIT_MAX_S)));
    expect(cost(since(IDLE_CREDIT_MAX_S))).toBe(cost(since(0)) - IDLE_CREDIT_MAX_S / 2);
  });

  it('case 59: counts against who declines much, who leaves jobs unfinished, and who had jobs lately', () => {
    const usual = cost(driver('d'));
    expect(cost(driver('d', { acceptance: 0 }))).toBe(usual + 90);
    expect(cost(driver('d', { completion: 0.5 }))).toBe(usual + 30);
    expect(cost(driver('d', { recentJobsMs: [NOW_MS - 7_200_001, NOW_MS - 60_000, NOW_MS - 1] }))).toBe(usual + 120);
    // However busy the night was, a driver is better than none.
    expect(cost(driver('d', { recentJobsMs: Array.from({ length: 100 }, () => NOW_MS - 1) }))).toBe(usual + 600);
  });

  it('follows the published weightings when told, normalised among the candidates', () => {
    for (const [name, weights] of Object.entries(PRESETS)) {
      expect(
        Object.values(weights).reduce((sum, weight) => sum + weight, 0),
        name,
      ).toBeCloseTo(1, 9);
    }
    const near = driver('near', { rating: 3, recentJobsMs: [NOW_MS - 1, NOW_MS - 2] });
    const rated = driver('rated', { rating: 5 });
    const policy = (weights: DispatchPolicy['weights']): string | undefined => {
      const dispatcher = new Dispatcher({ ...STRAIGHT, policy: { weights, delayWeight: 0 } });
      for (const [profile, northM] of [
        [near, 100],
        [rated, 400],
      ] as const) {
        dispatcher.setDriver(profile);
        dispatcher.place(profile.driverId, at(northM).lat, at(northM).lng, NOW_MS);
      }
      dispatcher.openJob(job('o1'));
      return dispatcher.tick(NOW_MS).offers[0]?.driverId;
    };
    expect(policy('proximity')).toBe('near');
    expect(policy('balanced')).toBe('near');
    expect(policy('fair')).toBe('rated');
  });

  it('takes rings that widen and nothing else', () => {
    expect(() => resolveOptions({ policy: { ringsM: [3_000, 1_500] } })).toThrow(RangeError);
    expect(() => resolveOptions({ policy: { ringsM: [] } })).toThrow(RangeError);
  });

  function cost(profile: DriverProfile): number {
    const insertion = {
      pickupIndex: 0,
      dropoffIndex: 1,
      pickupAtMs: NOW_MS,
      dropoffAtMs: NOW_MS,
      turnsAtMs: NOW_MS,
      legS: 100,
      legFrom: at(0),
      driveS: 100,
      delayS: 0,
      lateS: 0,
    };
    return totalOf(priceAll([{ driver: profile, insertion }], job('o1'), DISPATCH_DEFAULTS, NOW_MS)[0] ?? {});
  }
});

describe('a job that nobody takes', () => {
  it('case 56: is looked at in wider rings up to the last, then stalls with the reason, told once', () => {
    const ringed = market([driver('d')], () => 5_000);
    ringed.openJob(job('near'));
    expect(ringed.tick(NOW_MS).offers).toHaveLength(1);

    const beyond = market([driver('d')], () => 13_000);
    beyond.openJob(job('far'));
    expect(beyond.tick(NOW_MS)).toMatchObject({ offers: [], stalled: [{ orderId: 'far', reason: 'market.none_in_range' }] });
    beyond.place('d', at(13_000).lat, at(13_000).lng, NOW_MS + 10_000);
    expect(beyond.tick(NOW_MS + 10_000).stalled).toEqual([]);
    expect(market([], () => 0).openJob(job('o')).outcome).toBe('opened');
  });

  it('case 56: says when all declined, asks each of them once more, and then nobody for a while', () => {
    const dispatcher = market([driver('a'), driver('b')], (i) => 100 + i);
    dispatcher.openJob(job('o1'));
    const asked: string[] = [];
    const reasons: string[] = [];
    for (let i = 0; i < 12; i++) {
      const nowMs = NOW_MS + i * 4_000;
      const { offers, stalled } = dispatcher.tick(nowMs);
      reasons.push(...stalled.map(({ reason }) => reason));
      for (const { offerId, driverId } of offers) {
        asked.push(driverId);
        dispatcher.ended(offerId, 'declined', nowMs);
      }
    }
    expect(asked.sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(reasons[0]).toBe('market.all_declined');
    expect(new Set(reasons).size).toBe(1);
  });

  it('asks those who let it pass again every five minutes: who was busy is free by and by', () => {
    const dispatcher = market([driver('a')], () => 100);
    dispatcher.openJob(job('o1'));
    const askedAtMs: number[] = [];
    for (let nowMs = NOW_MS; nowMs < NOW_MS + 18 * 60_000; nowMs += 4_000) {
      dispatcher.place('a', at(100).lat, at(100).lng, nowMs);
      for (const { offerId } of dispatcher.tick(nowMs).offers) {
        askedAtMs.push(nowMs);
        dispatcher.ended(offerId, 'expired', nowMs);
      }
    }
    const gapsMin = askedAtMs.slice(1).map((atMs, i) => Math.floor((atMs - (askedAtMs[i] as number)) / 60_000));
    expect(gapsMin).toEqual([0, 5, 5, 5]);
  });

  it('tells a reason again when it changes', () => {
    const dispatcher = market([driver('d', { rating: 1 })], () => 100);
    dispatcher.openJob(job('o1', { needs: { vehicles: [], coldStorage: false, minRating: 4 } }));
    expect(dispatcher.tick(NOW_MS).stalled).toMatchObject([{ reason: 'market.none_fit' }]);
    dispatcher.removeDriver('d');
    expect(dispatcher.tick(NOW_MS + 5_000).stalled).toMatchObject([{ reason: 'market.no_drivers' }]);
  });
});

describe('a rush', () => {
  it('case 55: of 500 jobs on 20 drivers gives every driver one offer and in the end every job a driver, the oldest not last', () => {
    const profiles = Array.from({ length: 20 }, (_, i) => driver(`d${i}`));
    const dispatcher = market(profiles, (i) => 50 * i);
    for (let i = 0; i < 500; i++)
      dispatcher.openJob(job(`o${String(i).padStart(3, '0')}`, { pickup: at(0, 3 * i), openedAtMs: NOW_MS + i }));
    const served: string[] = [];
    let nowMs = NOW_MS + 500;
    for (let round = 0; round < 25; round++) {
      // Some are nearest of no job; they get theirs a tick later.
      const taken: string[] = [];
      for (let tick = 0; tick < 2; tick++) {
        const { offers } = dispatcher.tick(nowMs + tick * 2_000);
        for (const { offerId, orderId, driverId } of offers) {
          served.push(orderId);
          taken.push(driverId);
          dispatcher.ended(offerId, 'won', nowMs);
          dispatcher.setDriver(driver(driverId, { freeSlots: 0 }));
        }
      }
      expect(taken).toHaveLength(20);
      expect(new Set(taken).size).toBe(20);
      nowMs += 60_000;
      profiles.forEach((profile, i) => {
        dispatcher.setDriver(profile);
        dispatcher.place(profile.driverId, at(50 * i).lat, at(50 * i).lng, nowMs);
      });
    }
    expect(new Set(served).size).toBe(500);
  });

  it('case 55: of one job with 10,000 drivers at one stand asks the one that idles longest, whoever came first', () => {
    const profiles = Array.from({ length: 10_000 }, (_, i) =>
      driver(`d${i}`, { idleSinceMs: NOW_MS - 1_000 - ((i * 7_919) % 10_000) * 1_000 }),
    );
    const longest = profiles.reduce((a, b) => (b.idleSinceMs < a.idleSinceMs ? b : a));
    const dispatcher = market(profiles, () => 200);
    dispatcher.openJob(job('o1'));
    expect(dispatcher.tick(NOW_MS).offers).toMatchObject([{ driverId: longest.driverId }]);
  });

  it('case 55: of jobs that nobody can take does not hold up the one that somebody can', () => {
    const dispatcher = market(
      Array.from({ length: 3_000 }, (_, i) => driver(`d${i}`)),
      (i) => i / 10,
    );
    for (let i = 0; i < 600; i++) {
      dispatcher.openJob(job(`cold${i}`, { openedAtMs: NOW_MS - 1_000, needs: { vehicles: [], coldStorage: true, minRating: 0 } }));
    }
    dispatcher.openJob(job('fits'));
    const seen: string[] = [];
    for (let tick = 0; tick < 25; tick++) seen.push(...dispatcher.tick(NOW_MS + tick * 2_000).offers.map(({ orderId }) => orderId));
    expect(new Set(seen)).toEqual(new Set(['fits']));
  });

  it('a job that waited outweighs a nearer one when there is one driver: nobody starves', () => {
    const dispatcher = market([driver('d')], () => 0);
    dispatcher.openJob(job('far', { pickup: at(1_400), openedAtMs: NOW_MS - 600_000, readyAtMs: NOW_MS - 600_000 }));
    dispatcher.openJob(job('near', { pickup: at(10) }));
    expect(dispatcher.tick(NOW_MS).offers).toMatchObject([{ orderId: 'far' }]);
  });

  it('beyond its bounds refuses jobs and says so', () => {
    const dispatcher = market([], () => 0);
    for (let i = 0; i < DISPATCH_LIMITS.jobs; i++) dispatcher.openJob(job(`o${i}`));
    expect(dispatcher.openJob(job('one-more')).outcome).toBe('full');
    expect(dispatcher.openJob(job('o1')).outcome).toBe('known');
    expect(dispatcher.openJob(job('o1', { version: 2 })).outcome).toBe('replaced');
    dispatcher.closeJob('o0');
    expect(dispatcher.openJob(job('one-more')).outcome).toBe('opened');
    expect(dispatcher.openJob(job('nowhere', { pickup: { lat: Number.NaN, lng: 0 } })).outcome).toBe('full');
    dispatcher.closeJob('o2');
    expect(dispatcher.openJob(job('nowhere', { pickup: { lat: Number.NaN, lng: 0 } })).outcome).toBe('invalid');
  });
});
