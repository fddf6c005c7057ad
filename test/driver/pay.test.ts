/** What a driver is paid and owes: rides that were called off, cash that was given back, refusals with a reason. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECLINE_REASONS } from '../../src/actors/driver/protocol.ts';
import { ORDER, offerOf, Rider } from './harness.ts';

const SECOND = 'ord_4000002';
const CALLED_OFF = { type: 'job_ended', orderId: ORDER, outcome: 'cancelled', cashMinor: 0 } as const;

describe('a ride that is called off', () => {
  it('after the pick-up is paid in full, less the platform’s share, and is no delivery', () => {
    const rider = new Rider().online().won();
    rider.send({ type: 'job_changed', orderId: ORDER, phase: 'to_dropoff', dropoff: null });
    expect(rider.send({ ...CALLED_OFF, carried: true })).toMatchObject({
      events: [{ type: 'job_closed', data: { outcome: 'cancelled', feeMinor: 2_000, platformFeeMinor: 300, cashMinor: 0 } }],
    });
    expect(rider.view().earnings).toMatchObject({
      todayMinor: 1_700,
      totalMinor: 1_700,
      platformFeeMinor: 300,
      deliveries: 0,
      cashOnHandMinor: 0,
    });
    expect(rider.view().earnings.currency).toBe('ZAR');
  });

  it('is never paid twice, nor after a restart', () => {
    const rider = new Rider().online().won();
    rider.send({ ...CALLED_OFF, carried: true });
    expect(rider.restarted().send({ ...CALLED_OFF, carried: true })).toMatchObject({ ok: true, events: [] });
    expect(rider.view().earnings.totalMinor).toBe(1_700);
  });

  it('before the pick-up, or given back by the driver, pays nothing', () => {
    for (const ended of [CALLED_OFF, { ...CALLED_OFF, outcome: 'released', carried: true } as const]) {
      const rider = new Rider().online().won();
      rider.send(ended);
      expect(rider.view().earnings).toMatchObject({ totalMinor: 0, platformFeeMinor: 0 });
    }
  });

  it('says nothing about the driver, paid or not', () => {
    const rider = new Rider().online().won();
    const before = new Rider().online().view().profile.completion;
    rider.send({ ...CALLED_OFF, carried: true });
    expect(rider.view().profile.completion).toBe(before);
  });
});

describe('cash that was given back to the customer', () => {
  const deliver = (rider: Rider, offerId: string, orderId: string, cashMinor: number): Rider => {
    rider.won(offerId, orderId).send({ type: 'job_ended', orderId, outcome: 'delivered', cashMinor });
    return rider;
  };

  it('is not owed to the shop any more, once', () => {
    const rider = deliver(deliver(new Rider().online(), 'off_1', ORDER, 8_000), 'off_2', SECOND, 5_000);
    expect(rider.send({ type: 'cash_refunded', orderId: ORDER })).toMatchObject({
      events: [{ type: 'cash_returned', data: { orderId: ORDER, amountMinor: 8_000 } }],
    });
    expect(rider.restarted().send({ type: 'cash_refunded', orderId: ORDER })).toMatchObject({ ok: true, events: [] });
    expect(rider.view().earnings).toMatchObject({ cashOnHandMinor: 5_000, totalMinor: 3_400 });
  });

  it('changes nothing for a driver who handed it in: then the shop had it', () => {
    const rider = deliver(new Rider().online(), 'off_1', ORDER, 8_000);
    rider.send({ type: 'settle_cash', amountMinor: 8_000, by: 'owner' });
    deliver(rider, 'off_2', SECOND, 5_000);
    expect(rider.send({ type: 'cash_refunded', orderId: ORDER })).toMatchObject({ ok: true, events: [] });
    expect(rider.view().earnings.cashOnHandMinor).toBe(5_000);
  });

  it('of which some was handed in, is the rest', () => {
    const rider = deliver(deliver(new Rider().online(), 'off_1', ORDER, 8_000), 'off_2', SECOND, 5_000);
    rider.send({ type: 'settle_cash', amountMinor: 3_000, by: 'owner' });
    rider.send({ type: 'cash_refunded', orderId: ORDER });
    expect(rider.view().earnings.cashOnHandMinor).toBe(5_000);
  });

  it('is settled all the same when that word comes before the word of the delivery, which changes nothing then', () => {
    const refunded = { type: 'cash_refunded', orderId: ORDER, cashMinor: 8_000 } as const;
    const ended = { type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 8_000 } as const;
    const late = new Rider().online().won('off_1', ORDER);
    late.send(refunded);
    expect(late.send(ended)).toMatchObject({ ok: true, events: [] });
    const usual = new Rider().online().won('off_1', ORDER);
    usual.send(ended);
    usual.send(refunded);
    expect(late.state).toEqual(usual.state);
    expect(late.view().earnings).toMatchObject({ cashOnHandMinor: 0, deliveries: 1 });
  });

  it('never leaves less than nothing, and what is left is always that of the orders that are not settled', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('deliver' as const), cashMinor: fc.integer({ min: 0, max: 9_000 }) }),
      fc.record({ type: fc.constant('refund' as const), order: fc.nat({ max: 12 }) }),
      fc.record({ type: fc.constant('settle' as const), amountMinor: fc.integer({ min: 1, max: 20_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const rider = new Rider().online();
        let orders = 0;
        for (const one of steps) {
          if (one.type === 'deliver') deliver(rider, `off_${++orders}`, `ord_400000${orders}`, one.cashMinor);
          else if (one.type === 'refund') rider.send({ type: 'cash_refunded', orderId: `ord_400000${one.order}` });
          else rider.send({ type: 'settle_cash', amountMinor: one.amountMinor, by: 'owner' });
          const { cashOnHandMinor, cash } = rider.state;
          expect(cashOnHandMinor).toBeGreaterThanOrEqual(0);
          expect(cash.reduce((sum, taken) => sum + taken.amountMinor, 0)).toBe(cashOnHandMinor);
        }
      }),
    );
  });
});

describe('a refusal', () => {
  it.each(DECLINE_REASONS)('with the reason %s is journaled and counted', (reason) => {
    const rider = new Rider().online().offered();
    expect(rider.send({ type: 'decline', offerId: 'off_1', reason })).toMatchObject({
      events: [{ type: 'offer_closed', data: { outcome: 'declined', reason } }],
      reply: { outcome: 'declined' },
    });
    rider.offered('off_2').send({ type: 'decline', offerId: 'off_2', reason });
    expect(rider.restarted().view().refusals).toEqual({ [reason]: 2 });
  });

  it('without one is a refusal as before, and said twice is counted once', () => {
    const rider = new Rider().online().offered();
    rider.send({ type: 'decline', offerId: 'off_1' });
    expect(rider.send({ type: 'decline', offerId: 'off_1' })).toMatchObject({ events: [] });
    expect(rider.journal.at(-1)?.event.data).toEqual({ offerId: 'off_1', outcome: 'declined', bidMinor: null });
    expect(rider.view().refusals).toEqual({});
  });
});

it('who turns up at another stop than planned rides to that one', () => {
  const rider = new Rider().online().won();
  const plan = [
    { orderId: ORDER, kind: 'pickup' },
    { orderId: SECOND, kind: 'pickup' },
    { orderId: ORDER, kind: 'dropoff' },
    { orderId: SECOND, kind: 'dropoff' },
  ] as const;
  rider.send({ type: 'offer', offer: offerOf('off_2', SECOND, { plan }) });
  rider.accept('off_2');
  rider.answered('won', 'off_2');
  const first = () => rider.view().profile.stops[0];
  expect(first()).toMatchObject({ orderId: ORDER, kind: 'pickup' });
  rider.send({ type: 'job_changed', orderId: SECOND, phase: 'at_pickup', dropoff: null });
  expect(first()).toMatchObject({ orderId: SECOND, kind: 'pickup' });
  rider.send({ type: 'job_changed', orderId: SECOND, phase: 'to_dropoff', dropoff: null });
  expect(first()).toMatchObject({ orderId: ORDER, kind: 'pickup' });
  rider.send({ type: 'job_changed', orderId: SECOND, phase: 'at_dropoff', dropoff: null });
  expect(first()).toMatchObject({ orderId: SECOND, kind: 'dropoff' });
});
