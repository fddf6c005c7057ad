/** The payout statement: every cent of every fee is named, days add up to the whole, and the balance is what is owed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../src/actors/driver/state.ts';
import { type DriverEntry, ridesOf, sumsOf } from '../../src/actors/driver/statement.ts';

const DAY_MS = 86_400_000;
const utcDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const entry = (seq: number, atMs: number, event: unknown): DriverEntry => ({ seq, atMs, event: event as DriverEvent });
const closed = (seq: number, atMs: number, orderId: string, feeMinor: number, cashMinor = 0, outcome = 'delivered') =>
  entry(seq, atMs, {
    type: 'job_closed',
    data: { orderId, outcome, feeMinor, platformFeeMinor: Math.round(feeMinor * 0.15), cashMinor, currency: 'ZAR' },
  });
const offered = (seq: number, atMs: number, offerId: string, orderId: string, surge = 1, distanceM: number | null = 2_000) =>
  entry(seq, atMs, {
    type: 'offer_made',
    data: { offer: { offerId, orderId, surge }, manualBy: null },
    ...(distanceM === null ? {} : { personal: { job: { distanceM } } }),
  });
const won = (seq: number, atMs: number, offerId: string) => entry(seq, atMs, { type: 'job_won', data: { offerId } });

describe('a ride', () => {
  it('is the tariff first, then what is above it, then the surge', () => {
    const offers = [offered(1, 0, 'o1', 'a'), won(2, 10, 'o1'), offered(4, 20, 'o2', 'b', 1.5, 1_000), won(5, 30, 'o2')];
    const rides = ridesOf([closed(3, 1_000, 'a', 2_500), closed(6, 9_000, 'b', 3_000)], offers);
    expect(rides[0]).toMatchObject({
      startedAtMs: 10,
      distanceM: 2_000,
      baseMinor: 1_200,
      distanceMinor: 900,
      otherMinor: 400,
      surgeMinor: 0,
    });
    expect(rides[1]).toMatchObject({ baseMinor: 1_200, distanceMinor: 450, otherMinor: 350, surgeMinor: 1_000, platformFeeMinor: 450 });
  });

  it('begins with the last win before its end, whatever was offered besides', () => {
    const offers = [
      offered(1, 0, 'o1', 'a'),
      won(2, 10, 'o1'),
      offered(3, 20, 'o2', 'a'),
      offered(5, 40, 'o3', 'a'),
      won(6, 50, 'o3'),
      won(9, 90, 'o2'),
    ];
    expect(ridesOf([closed(7, 60, 'a', 1_000)], offers).map(({ startedAtMs }) => startedAtMs)).toEqual([50]);
  });

  it('without its offer, or of a driver who was erased, still is what was paid', () => {
    const unknown = ridesOf([closed(3, 1_000, 'a', 2_500)], []);
    expect(unknown).toMatchObject([{ startedAtMs: null, distanceM: null, baseMinor: 1_200, otherMinor: 1_300, feeMinor: 2_500 }]);
    const erased = ridesOf([closed(3, 1_000, 'a', 2_500)], [offered(1, 0, 'o', 'a', 1, null), won(2, 5, 'o')]);
    expect(erased).toMatchObject([{ startedAtMs: 5, distanceM: null, distanceMinor: 0 }]);
  });

  it('that paid nothing and took nothing is none; one called off with the goods on board is', () => {
    const entries = [closed(1, 0, 'a', 0, 0, 'released'), closed(2, 1, 'b', 1_000, 0, 'cancelled')];
    expect(ridesOf(entries, []).map(({ orderId, outcome }) => [orderId, outcome])).toEqual([['b', 'cancelled']]);
    expect(sumsOf(entries, utcDay).total.rides).toBe(1);
  });
});

it('the balance is fees less the platform’s, less the cash that is still held', () => {
  const entries = [
    closed(1, 0, 'a', 2_000, 10_000),
    entry(2, 1, { type: 'cash_settled', data: { amountMinor: 6_000, by: 'x' } }),
    closed(3, DAY_MS, 'b', 1_000, 0),
    entry(4, DAY_MS + 1, { type: 'cash_returned', data: { orderId: 'a', amountMinor: 4_000 } }),
    entry(5, 2 * DAY_MS, { type: 'shift_ended', data: { reason: 'driver' } }),
  ];
  const { total, days } = sumsOf(entries, utcDay);
  expect(total).toMatchObject({ rides: 2, feeMinor: 3_000, platformFeeMinor: 450, cashCollectedMinor: 10_000, balanceMinor: 2_550 });
  expect(days.map(({ day, balanceMinor }) => [day, balanceMinor])).toEqual([
    ['1970-01-01', 1_700 - 4_000],
    ['1970-01-02', 850 + 4_000],
  ]);
  expect(sumsOf([], utcDay)).toMatchObject({ total: { rides: 0, balanceMinor: 0 }, days: [] });
});

it('parts add up to fees and days to totals, whatever happened', () => {
  const ride = fc.record({
    fee: fc.nat(100_000),
    cash: fc.nat(200_000),
    surge: fc.double({ min: 1, max: 2, noNaN: true }),
    distanceM: fc.option(fc.nat(60_000)),
    laterMs: fc.nat(2 * DAY_MS),
  });
  fc.assert(
    fc.property(fc.array(ride, { maxLength: 40 }), (rides) => {
      let atMs = 0;
      const offers: DriverEntry[] = [];
      const entries = rides.map(({ fee, cash, surge, distanceM, laterMs }, i) => {
        atMs += laterMs;
        offers.push(offered(3 * i, atMs, `o${i}`, `a${i}`, surge, distanceM), won(3 * i + 1, atMs, `o${i}`));
        return closed(3 * i + 2, atMs, `a${i}`, fee, cash);
      });
      for (const one of ridesOf(entries, offers)) {
        const parts = [one.baseMinor, one.distanceMinor, one.otherMinor, one.surgeMinor];
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(one.feeMinor);
      }
      const { total, days } = sumsOf(entries, utcDay);
      for (const field of Object.keys(total) as (keyof typeof total)[])
        expect(days.reduce((sum, day) => sum + day[field], 0)).toBe(total[field]);
      expect(days.map(({ day }) => day)).toEqual(days.map(({ day }) => day).toSorted());
    }),
  );
});
