/** Surge of the fee and fairness between drivers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dispatcher } from '../../src/actors/market/dispatch/dispatcher.ts';
import { fairnessReport, gini } from '../../src/actors/market/dispatch/fairness.ts';
import { DISPATCH_DEFAULTS } from '../../src/actors/market/dispatch/policy.ts';
import { SurgeBoard } from '../../src/actors/market/dispatch/surge.ts';
import { at, CENTRE, driver, job, NOW_MS, STRAIGHT } from './support.ts';

const POLICY = DISPATCH_DEFAULTS.surge;

describe('surge', () => {
  it('rises slowly with jobs a free driver, in steps, up to its cap, and falls back to 1', () => {
    const board = new SurgeBoard(POLICY);
    const area = board.areaOf(CENTRE);
    const seen: number[] = [];
    for (let s = 0; s <= 3_600; s += 2) {
      board.update(NOW_MS + s * 1_000, new Map([[area, 30]]), () => 2);
      seen.push(board.at(area));
    }
    expect(seen[0]).toBe(1);
    expect(seen.every((value, i) => i === 0 || value - (seen[i - 1] as number) < POLICY.step + 1e-9)).toBe(true);
    expect(seen.every((value) => Math.abs(value * 10 - Math.round(value * 10)) < 1e-9)).toBe(true);
    expect(seen[seen.length - 1]).toBeGreaterThanOrEqual(POLICY.cap - POLICY.step);
    expect(Math.max(...seen)).toBeLessThanOrEqual(POLICY.cap);
    for (let s = 3_600; s <= 10_800; s += 2) board.update(NOW_MS + s * 1_000, new Map(), () => 2);
    expect(board.at(area)).toBe(1);
    expect(board.highest()).toBe(1);
  });

  it('stays away while every job has a free driver, and where nothing is asked for', () => {
    const board = new SurgeBoard(POLICY);
    const area = board.areaOf(CENTRE);
    for (let s = 0; s <= 3_600; s += 60) board.update(NOW_MS + s * 1_000, new Map([[area, 5]]), () => 5);
    expect(board.at(area)).toBe(1);
    expect(board.at(board.areaOf(at(50_000)))).toBe(1);
  });

  it('is paid with the offer', () => {
    const dispatcher = new Dispatcher({ ...STRAIGHT, policy: { horizonS: 0 } });
    for (let i = 0; i < 9; i++) dispatcher.openJob(job(`o${i}`, { pickup: at(20_000) }));
    dispatcher.openJob(job('paid', { feeMinor: 3_333 }));
    for (let i = 0; i < 9; i++) dispatcher.openJob(job(`p${i}`));
    for (let s = 0; s <= 3_600; s += 4) dispatcher.tick(NOW_MS + s * 1_000);
    const nowMs = NOW_MS + 3_604_000;
    dispatcher.setDriver(driver('d'));
    dispatcher.place('d', at(50).lat, at(50).lng, nowMs);
    const offer = dispatcher.tick(nowMs).offers[0];
    expect(offer?.surge).toBeGreaterThanOrEqual(1.9);
    expect(offer?.feeMinor).toBe(Math.round((offer?.orderId === 'paid' ? 3_333 : 3_000) * (offer?.surge ?? 0)));
    expect(dispatcher.surge(CENTRE)).toBe(offer?.surge);
    expect(dispatcher.view().surge).toBe(offer?.surge);
  });
});

describe('the fairness report', () => {
  it('has the Gini coefficient of its definition', () => {
    expect(gini([])).toBe(0);
    expect(gini([5, 5, 5])).toBeCloseTo(0, 9);
    expect(gini([0, 0, 0, 8])).toBeCloseTo(0.75, 9);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 40 }), (values) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        fc.pre(mean > 0);
        const apart = values.reduce((sum, a) => sum + values.reduce((inner, b) => inner + Math.abs(a - b), 0), 0);
        expect(gini(values)).toBeCloseTo(apart / (2 * values.length ** 2 * mean), 9);
      }),
    );
  });

  it('counts earnings by online hour, leaves newcomers out, and shares offers among all', () => {
    const hour = 3_600_000;
    const profiles = [
      driver('even', { earnedTodayMinor: 20_000, onlineSinceMs: NOW_MS - 2 * hour }),
      driver('same', { earnedTodayMinor: 10_000, onlineSinceMs: NOW_MS - hour }),
      driver('new', { earnedTodayMinor: 0, onlineSinceMs: NOW_MS - 60_000 }),
    ];
    const report = fairnessReport(
      profiles,
      NOW_MS,
      new Map([
        ['even', 3],
        ['same', 1],
      ]),
    );
    expect(report).toEqual({
      drivers: 3,
      giniOfEarningsPerHour: 0,
      meanEarnedPerHourMinor: 10_000,
      lowestFifthShare: 1,
      offerShares: [
        { driverId: 'even', share: 0.75 },
        { driverId: 'same', share: 0.25 },
        { driverId: 'new', share: 0 },
      ],
    });
    expect(fairnessReport([], NOW_MS, new Map())).toMatchObject({ drivers: 0, giniOfEarningsPerHour: 0, offerShares: [] });
  });
});

describe('what a market knows of drivers', () => {
  it('ignores places of drivers that it was not told of, late ones and those that are none', () => {
    const dispatcher = new Dispatcher(STRAIGHT);
    expect(dispatcher.place('stranger', CENTRE.lat, CENTRE.lng, NOW_MS)).toBe('unknown');
    dispatcher.setDriver(driver('d'));
    expect(dispatcher.place('d', CENTRE.lat, CENTRE.lng, NOW_MS)).toBe('added');
    expect(dispatcher.place('d', 0, 0, NOW_MS - 1)).toBe('late');
    expect(dispatcher.place('d', Number.NaN, 0, NOW_MS + 1)).toBe('invalid');
    expect(dispatcher.view().drivers).toEqual([{ driverId: 'd', position: CENTRE, atMs: NOW_MS, freeSlots: 1 }]);
  });

  it('holds a job for a driver who comes free beside it rather than send one from afar, and asks it shortly before', () => {
    const dispatcher = new Dispatcher(STRAIGHT);
    const stops = [{ orderId: 'x', kind: 'dropoff' as const, position: at(100), dueAtMs: null }];
    dispatcher.setDriver(driver('soon', { stops, freeSlots: 1, idleSinceMs: NOW_MS }));
    dispatcher.setDriver(driver('afar', { idleSinceMs: NOW_MS }));
    dispatcher.place('soon', at(1_100).lat, at(1_100).lng, NOW_MS);
    dispatcher.place('afar', at(-9_000).lat, at(-9_000).lng, NOW_MS);
    dispatcher.openJob(job('o1', { openedAtMs: NOW_MS, readyAtMs: NOW_MS }));
    // 100 s on the way and 240 s at the door: asked a minute before.
    expect(dispatcher.tick(NOW_MS).offers).toEqual([]);
    for (const id of ['soon', 'afar']) dispatcher.place(id, at(id === 'soon' ? 100 : -9_000).lat, at(0).lng, NOW_MS + 100_000);
    dispatcher.setDriver(driver('soon', { stops: [], freeSlots: 1, idleSinceMs: NOW_MS + 100_000 }));
    expect(dispatcher.tick(NOW_MS + 100_000).offers).toMatchObject([{ driverId: 'soon' }]);
  });

  it('does neither stack nor wait when the policy says so', () => {
    const dispatcher = new Dispatcher({ ...STRAIGHT, policy: { stacking: false, lookAhead: false } });
    const stops = [{ orderId: 'x', kind: 'pickup' as const, position: CENTRE, dueAtMs: null }];
    dispatcher.setDriver(driver('busy', { stops, freeSlots: 1 }));
    dispatcher.setDriver(driver('afar'));
    dispatcher.place('busy', at(10).lat, at(10).lng, NOW_MS);
    dispatcher.place('afar', at(-5_000).lat, at(-5_000).lng, NOW_MS);
    dispatcher.openJob(job('o1'));
    expect(dispatcher.tick(NOW_MS).offers).toMatchObject([{ driverId: 'afar' }]);
  });
});
