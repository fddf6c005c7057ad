/** What a refusal is, what it costs its driver, and the reason that may follow it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import type { DeclineReason } from '../../src/actors/driver/protocol.ts';
import type { DriverEvent } from '../../src/actors/driver/state.ts';
import { ORDER, offerOf, REF, Rider, T0 } from './harness.ts';

const FEE = 2_000;
const DEAREST = 3_000;
const SECOND = 'ord_4000002';

const acceptance = (rider: Rider): number => rider.view().profile.acceptance;
const bid = (rider: Rider, amountMinor: number, offerId = 'off_1') =>
  rider.send({ type: 'bid', offerId, amountMinor, receivedAtMs: rider.nowMs });

describe('a price that a driver names', () => {
  it('is neither a refusal nor an acceptance while nothing came of it', () => {
    const rider = new Rider().online().offered('off_0');
    rider.send({ type: 'decline', offerId: 'off_0' });
    const before = rider.state.answers;
    for (const [offerId, orderId, amountMinor] of [
      ['off_1', ORDER, FEE + 1],
      ['off_2', SECOND, DEAREST],
    ] as const) {
      rider.offered(offerId, orderId);
      expect(bid(rider, amountMinor, offerId)).toMatchObject({ reply: { outcome: 'declined' } });
      expect(rider.journal.at(-1)?.event).toEqual({
        type: 'offer_closed',
        data: { offerId, outcome: 'declined', bidMinor: amountMinor, isPriced: true },
      });
      expect(rider.state.answers).toEqual(before);
    }
    expect(rider.restarted().state.answers).toEqual(before);
  });

  it('is an acceptance once it has won', () => {
    const rider = new Rider().online().offered();
    bid(rider, DEAREST);
    rider.send({ type: 'offer', offer: offerOf('off_2', ORDER, { feeMinor: DEAREST }) });
    rider.accept('off_2');
    rider.answered('won', 'off_2');
    expect(rider.state.answers).toEqual([true]);
    expect(rider.view().jobs).toMatchObject([{ feeMinor: DEAREST }]);
  });

  it('is a refusal after all when the driver does not take its own price', () => {
    for (const ending of [
      { type: 'decline', offerId: 'off_2' },
      { type: 'offer_due', offerId: 'off_2' },
    ] as const) {
      const rider = new Rider().online().offered();
      bid(rider, DEAREST);
      rider.send({ type: 'offer', offer: offerOf('off_2', ORDER, { feeMinor: DEAREST }) });
      rider.send(ending);
      expect(rider.state.answers).toEqual([false]);
    }
  });

  it('is a plain refusal when no market would pay it, and when it is the second for the job: neither is a way to refuse for nothing', () => {
    const greedy = new Rider().online().offered();
    expect(bid(greedy, DEAREST + 1)).toMatchObject({ reply: { outcome: 'declined' } });
    expect(greedy.state.answers).toEqual([false]);
    const again = new Rider().online().offered();
    bid(again, FEE + 1);
    again.send({ type: 'offer', offer: offerOf('off_2', ORDER, { feeMinor: FEE + 1 }) });
    bid(again, FEE + 2, 'off_2');
    expect(again.state.answers).toEqual([false]);
    // Another version of the job is another job to the market.
    again.send({ type: 'offer', offer: offerOf('off_3', ORDER, { jobVersion: 2 }) });
    bid(again, FEE + 1, 'off_3');
    expect(again.state.answers).toEqual([false]);
  });

  it('counts as before in events of the time when every price was a refusal', () => {
    const rider = new Rider().online().offered();
    const event: DriverEvent = { type: 'offer_closed', data: { offerId: 'off_1', outcome: 'declined', bidMinor: 2_500 } };
    rider.journal.push({ event, seq: rider.seq + 1, atMs: T0 });
    expect(rider.restarted().state).toMatchObject({ reservation: null, answers: [false] });
  });
});

describe('the reason of a refusal', () => {
  const decline = (rider: Rider, reason?: DeclineReason, offerId = 'off_1') =>
    rider.send({ type: 'decline', offerId, ...(reason === undefined ? {} : { reason }) });

  it('may follow it, is counted once, and never counts as another refusal', () => {
    const rider = new Rider().online().offered();
    decline(rider);
    const before = acceptance(rider);
    expect(decline(rider, 'unsafe')).toEqual({
      ok: true,
      events: [{ type: 'refusal_explained', data: { offerId: 'off_1', reason: 'unsafe' } }],
      reply: { outcome: 'declined' },
    });
    // Neither phone nor market has anything to hear.
    expect(rider.news).toEqual([]);
    for (const reason of ['unsafe', 'too_far', undefined] as const)
      expect(decline(rider, reason)).toEqual({ ok: true, events: [], reply: { outcome: 'declined' } });
    expect(rider.view().refusals).toEqual({ unsafe: 1 });
    expect(acceptance(rider)).toBe(before);
    expect(rider.restarted().view().refusals).toEqual({ unsafe: 1 });
  });

  it('is heard of nothing but a refusal, and of one that had none', () => {
    const told = new Rider().online().offered();
    decline(told, 'too_far');
    expect(decline(told, 'other')).toMatchObject({ events: [] });
    expect(told.view().refusals).toEqual({ too_far: 1 });
    const expired = new Rider().online().offered();
    expired.send({ type: 'offer_due', offerId: 'off_1' });
    expect(decline(expired, 'other')).toEqual({ ok: true, events: [], reply: { outcome: 'expired' } });
    const priced = new Rider().online().offered();
    bid(priced, DEAREST);
    expect(decline(priced, 'other')).toMatchObject({ events: [] });
    expect(decline(priced, 'other', 'off_x')).toEqual({ ok: false, refusal: { code: 'offer.not_yours' } });
  });

  it('is in the list of drivers, which the fairness report reads', () => {
    const rider = new Rider().online().offered();
    decline(rider);
    decline(rider, 'too_heavy');
    const event = rider.journal.at(-1)?.event as DriverEvent;
    const [row] = driverBehaviour.project?.(event, rider.state, { ref: REF, seq: rider.seq, atMs: T0 }) ?? [];
    expect(row).toMatchObject({ row: { body: { refusals: { too_heavy: 1 } } } });
  });
});

it('whatever a driver answers, each offer counts at most once, and a reason only with a refusal', () => {
  const word = fc.constantFrom('decline', 'reason', 'cheap', 'fair', 'greedy', 'expire', 'accept');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 3 }), word), { maxLength: 30 }), (words) => {
      const rider = new Rider().online();
      for (const [n, said] of words) {
        const offerId = `off_${n}`;
        rider.offered(offerId, `ord_400000${n}`);
        if (said === 'decline') rider.send({ type: 'decline', offerId });
        else if (said === 'reason') rider.send({ type: 'decline', offerId, reason: 'other' });
        else if (said === 'expire') rider.send({ type: 'offer_due', offerId });
        else if (said === 'accept') rider.accept(offerId);
        else bid(rider, { cheap: FEE, fair: DEAREST, greedy: DEAREST + 1 }[said], offerId);
        rider.answered('lost', offerId);
      }
      const { answers, refusals, settled } = rider.state;
      expect(answers.length).toBeLessThanOrEqual(settled.length);
      expect(answers.filter(Boolean)).toEqual([]);
      expect(refusals.other ?? 0).toBe(settled.filter(({ reason }) => reason === 'other').length);
      const refused = settled.filter(({ outcome, pricedJob }) => outcome === 'expired' || (outcome === 'declined' && !pricedJob));
      expect(answers).toHaveLength(refused.length);
      expect(rider.restarted().state).toEqual(rider.state);
    }),
    { numRuns: 100 },
  );
});
