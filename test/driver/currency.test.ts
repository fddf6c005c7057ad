/** Pay and the limit of cash in the currency of the shop. */
import { describe, expect, it } from 'vitest';
import { ridesOf } from '../../src/actors/driver/statement.ts';
import { driverFeeMinor } from '../../src/actors/order/job.ts';
import { cashMaxMinor, driverPay } from '../../src/actors/order/tariff.ts';
import { PLACE } from '../order/harness.ts';
import { ORDER, offerOf, Rider } from './harness.ts';

const quoteIn = (currency: string, deliveryFeeMinor: number) => ({ ...PLACE.quote, currency, deliveryFeeMinor });

describe('a shop of another currency', () => {
  it('pays a ride what is worth about as much as it is in South Africa, never less than its own delivery fee', () => {
    expect(driverPay('ZAR')).toEqual({ baseMinor: 1_200, perKmMinor: 450 });
    expect(driverFeeMinor(quoteIn('ZAR', 0), 10_000)).toBe(5_700);
    expect(driverFeeMinor(quoteIn('KES', 0), 10_000)).toBe(39_900);
    // No minor unit: 12 rand are some 2,400 shillings.
    expect(driverFeeMinor(quoteIn('UGX', 0), 10_000)).toBe(11_400);
    expect(driverFeeMinor(quoteIn('KES', 50_000), 10_000)).toBe(50_000);
  });

  it('that nobody has decided on counts whole units as the rand does, with or without a minor unit', () => {
    expect(driverPay('SCR')).toEqual({ baseMinor: 1_200, perKmMinor: 450 });
    expect(driverPay('JPY')).toEqual({ baseMinor: 12, perKmMinor: 5 });
    expect(cashMaxMinor('TND')).toBe(5_000_000);
    for (const odd of ['', 'toString', '__proto__', 'zar']) expect(driverPay(odd)).toEqual(driverPay('ZAR'));
  });

  it('lets a driver carry as much cash as is worth the same', () => {
    const shillings = (amountMinor: number): number => {
      const rider = new Rider().online();
      const offer = offerOf('off_1');
      rider.send({ type: 'offer', offer: { ...offer, currency: 'KES', job: { ...offer.job, currency: 'KES' } } });
      rider.accept();
      rider.answered('won');
      rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: amountMinor });
      expect(rider.view().earnings).toMatchObject({ currency: 'KES', cashOnHandMinor: amountMinor });
      return rider.view().profile.freeSlots;
    };
    expect([shillings(500_001), shillings(3_500_000), shillings(3_500_001)]).toEqual([2, 2, 0]);
  });

  it('sees the parts of a fee by its own tariff on the statement', () => {
    const data = { orderId: 'o', outcome: 'delivered', feeMinor: 9_000, platformFeeMinor: 1_350, cashMinor: 0, currency: 'KES' } as const;
    const [ride] = ridesOf([{ seq: 1, atMs: 1, event: { type: 'job_closed', data } }], []);
    expect(ride).toMatchObject({ baseMinor: 8_400, distanceMinor: 0, otherMinor: 600, feeMinor: 9_000 });
  });
});
