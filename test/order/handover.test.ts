/** What a shop has to tell its customer by itself, and how long an order goes on seeking. */
import { describe, expect, it } from 'vitest';
import { assigned, carried, near, OTP, seeking, step, withCode } from './delivery-desk.ts';

describe('what the door needs', () => {
  it('is for the shop too, whose customer the chat does not reach, while somebody rides', () => {
    const refusal = { ok: false, refusal: { code: 'delivery.wrong_phase' } };
    expect(seeking().send({ type: 'handover' })).toMatchObject(refusal);
    expect(assigned().send({ type: 'handover' })).toMatchObject(refusal);
    expect(withCode().send({ type: 'handover' })).toMatchObject({
      ok: true,
      events: [],
      reply: { otp: OTP, trackingUrl: 'https://x/t/t' },
    });
    const desk = carried();
    step(desk, 'delivered', undefined, OTP);
    expect(desk.send({ type: 'handover' })).toMatchObject(refusal);
  });

  it('is never nothing: without a code that was issued only a dispatcher closes the delivery', () => {
    const desk = assigned();
    step(desk, 'arrived');
    step(desk, 'picked_up');
    expect(step(desk, 'delivered')).toMatchObject({ ok: false, refusal: { code: 'delivery.otp_missing' } });
    expect(step(desk, 'delivered', undefined, '0000')).toMatchObject({ reply: { ok: false, code: 'delivery.otp_wrong' } });
    expect(step(desk, 'delivered', near(desk, 'dispatcher'))).toMatchObject({ reply: { ok: true } });
  });

  it('is a place: an order that looks for a driver, or has one, keeps one', () => {
    const nowhere = { type: 'change_dropoff', dropoff: { position: null, address: 'somewhere', note: null } } as const;
    for (const desk of [seeking(), withCode()])
      expect(desk.send(nowhere)).toEqual({ ok: false, refusal: { code: 'delivery.no_position' } });
  });
});

it('an order that nobody takes for ten minutes tells its market once a minute, and never stops', () => {
  const desk = seeking();
  const next = (): number => {
    const [timer] = desk.timers;
    if (timer?.op !== 'arm') throw new Error('no timer');
    return timer.dueAtMs - desk.nowMs;
  };
  expect(next()).toBe(20_000);
  desk.nowMs += 599_000;
  desk.send({ type: 'seek_due' });
  expect(next()).toBe(20_000);
  desk.nowMs += 20_000;
  desk.send({ type: 'seek_due' });
  expect(next()).toBe(60_000);
  desk.nowMs += 86_400_000;
  desk.send({ type: 'seek_due' });
  expect(next()).toBe(60_000);
});
