/** What one session waits for: pongs and outcomes, in virtual time. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { DELIVERY_MAX_MS, OfferWaits, SETTLE_MAX_MS } from '../../../src/transport/gps/socket/offer-waits.ts';

describe('pongs', () => {
  it('case 63: one within five seconds shows the offer to be there, a later one shows nothing', () => {
    const clock = new VirtualClock();
    const waits = new OfferWaits(clock);
    const first = waits.sent('off_1') as string;
    clock.advance(DELIVERY_MAX_MS);
    expect(waits.ponged(first)).toBe('off_1');
    expect(waits.ponged(first)).toBe(null);
    expect(waits.sent('off_1')).toBe(null);
    const second = waits.sent('off_2') as string;
    clock.advance(DELIVERY_MAX_MS + 1);
    expect(waits.ponged(second)).toBe(null);
    expect(waits.ponged(waits.sent('off_2') as string)).toBe('off_2');
    expect(waits.ponged('anything')).toBe(null);
  });

  it.each([-3_600_000, 3_600_000])('count by the time that passed, whatever the clock is set to (%i ms)', (stepMs) => {
    const clock = new VirtualClock();
    const waits = new OfferWaits(clock);
    const first = waits.sent('off_1') as string;
    const second = waits.sent('off_2') as string;
    clock.step(stepMs);
    clock.advance(DELIVERY_MAX_MS);
    expect(waits.ponged(first)).toBe('off_1');
    clock.advance(1);
    expect(waits.ponged(second)).toBe(null);
  });

  it('only the last sixteen are kept in mind', () => {
    const waits = new OfferWaits(new VirtualClock());
    const pings = Array.from({ length: 20 }, (_, i) => waits.sent(`off_${i}`) as string);
    expect(pings.map((ping) => waits.ponged(ping))).toEqual(Array.from({ length: 20 }, (_, i) => (i < 4 ? null : `off_${i}`)));
  });
});

describe('outcomes', () => {
  it('reach everybody who listens for that offer, and nobody else', async () => {
    const waits = new OfferWaits(new VirtualClock());
    const [a, b, other] = [waits.listen('off_1'), waits.listen('off_1'), waits.listen('off_2')];
    waits.settled('off_1', 'won');
    expect([await a.outcome, await b.outcome]).toEqual(['won', 'won']);
    waits.settled('off_2', 'lost');
    expect(await other.outcome).toBe('lost');
  });

  it('are waited for no longer than eight seconds, nor beyond the end of the session; no timer is left', async () => {
    const clock = new VirtualClock();
    const waits = new OfferWaits(clock);
    const late = waits.listen('off_1');
    clock.advance(SETTLE_MAX_MS);
    expect(await late.outcome).toBe(null);
    const stopped = waits.listen('off_2');
    stopped.stop();
    expect(await stopped.outcome).toBe(null);
    const ended = waits.listen('off_3');
    waits.end();
    expect(await ended.outcome).toBe(null);
    expect(clock.pending).toBe(0);
  });
});
