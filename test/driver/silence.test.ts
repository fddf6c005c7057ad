/** The reminder by which a shift ends of which nothing is heard, and what a suspension says to whom. */
import { describe, expect, it } from 'vitest';
import { HEARD_EVERY_MS, SILENT_MS } from '../../src/actors/driver/silence.ts';
import { ORDER, Rider, T0 } from './harness.ts';

const dueAt = (rider: Rider): number[] =>
  rider.timers.flatMap((timer) => (timer.op === 'arm' && timer.name === 'silence' && timer.durable ? [timer.dueAtMs] : []));

describe('the silence of a driver on shift', () => {
  it('is counted from the beginning of the shift, and anew with each word of the home thread, later than that thread would count', () => {
    const rider = new Rider().online();
    expect(dueAt(rider)[0]).toBeGreaterThanOrEqual(T0 + SILENT_MS + HEARD_EVERY_MS);
    rider.nowMs = T0 + 500_000;
    rider.send({ type: 'heard', atMs: T0 + 490_000 });
    expect(dueAt(rider)[0]).toBeGreaterThanOrEqual(T0 + 490_000 + SILENT_MS + HEARD_EVERY_MS);
  });

  it('ends the shift, with its open offer, once', () => {
    const rider = new Rider().online().offered();
    rider.nowMs = T0 + SILENT_MS * 2;
    rider.send({ type: 'silence_due' });
    expect(rider.timers).toMatchObject([{ op: 'arm', name: 'silence', durable: true, command: { type: 'silence_due', isLastCall: true } }]);
    expect(rider.view().online).toBe(true);
    rider.send({ type: 'silence_due', isLastCall: true });
    expect(rider.journal.slice(-2).map(({ event }) => [event.type, event.data])).toEqual([
      ['offer_closed', { offerId: 'off_1', outcome: 'expired', bidMinor: null }],
      ['shift_ended', { reason: 'silent' }],
    ]);
    expect(rider.send({ type: 'silence_due' })).toEqual({ ok: true, events: [] });
  });

  it('waits while there is a job or an acceptance under way', () => {
    const riding = new Rider().online().won();
    riding.nowMs = T0 + SILENT_MS * 2;
    riding.send({ type: 'silence_due', isLastCall: true });
    expect(dueAt(riding)[0]).toBeGreaterThan(riding.nowMs);
    expect(riding.view().online).toBe(true);
    riding.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 0 });
    riding.send({ type: 'silence_due', isLastCall: true });
    expect(riding.view().online).toBe(false);
    const accepting = new Rider().online().offered();
    accepting.accept();
    accepting.send({ type: 'silence_due', isLastCall: true });
    expect(dueAt(accepting)).toHaveLength(1);
  });

  it('means nothing off shift: no word and no reminder starts one', () => {
    const rider = new Rider().online();
    rider.send({ type: 'go_offline', reason: 'driver' });
    expect(rider.timers).toEqual([{ op: 'cancel', name: 'silence', durable: true }]);
    rider.send({ type: 'heard', atMs: T0 });
    expect(rider.timers).toEqual([]);
    expect(rider.send({ type: 'silence_due' })).toEqual({ ok: true, events: [] });
  });
});

describe('a suspension', () => {
  const standing = (rider: Rider) => rider.news.filter((news) => news.type === 'standing');

  it('locks a driver out at once, and takes back its open offer', () => {
    const rider = new Rider().online().offered();
    rider.send({ type: 'suspend', by: 'owner', reason: null });
    expect(standing(rider)).toEqual([{ type: 'standing', lockedOut: true }]);
    expect(rider.news).toContainEqual({ type: 'offer_closed', offerId: 'off_1', reason: 'cancelled' });
  });

  it('locks out who rides when the ride has ended, whoever called it off', () => {
    for (const outcome of ['delivered', 'cancelled', 'released'] as const) {
      const rider = new Rider().online().won();
      rider.send({ type: 'suspend', by: 'owner', reason: null });
      expect(standing(rider)).toEqual([{ type: 'standing', lockedOut: false }]);
      rider.send({ type: 'job_ended', orderId: ORDER, outcome, cashMinor: 0 });
      expect(standing(rider)).toEqual([{ type: 'standing', lockedOut: true }]);
    }
  });

  it('is over with an approval; the end of a usual shift locks nobody out', () => {
    const rider = new Rider().online();
    rider.send({ type: 'suspend', by: 'owner', reason: null });
    rider.send({ type: 'approve', by: 'owner' });
    expect(standing(rider)).toEqual([{ type: 'standing', lockedOut: false }]);
    rider.send({ type: 'go_online' });
    rider.send({ type: 'go_offline', reason: 'driver' });
    expect(standing(rider)).toEqual([]);
  });
});
