/** Steps that a phone without a network tells late, and what a driver hears of an order that is called off or paid back. */
import { describe, expect, it } from 'vitest';
import type { StepEvidence } from '../../src/actors/order/protocol.ts';
import { driverRef } from '../../src/actors/refs.ts';
import { assigned, carried, DRIVER, OTP, step, withCode } from './delivery-desk.ts';
import { type Desk, REF } from './harness.ts';

const MINUTE_MS = 60_000;

const then = (desk: Desk, agoMs: number, more: Partial<StepEvidence> = {}): StepEvidence => {
  const saidAtMs = desk.nowMs - agoMs;
  return { distanceM: 30, positionAtMs: saidAtMs, saidAtMs, by: 'driver', ...more };
};
const told = (desk: Desk): unknown[] =>
  desk.effects.flatMap((effect) =>
    effect.type === 'send' && effect.to.id === driverRef(REF.tenantId, DRIVER.id)?.id ? [effect.command] : [],
  );

describe('an arrival that is told late', () => {
  it('counts by where the driver was when it happened', () => {
    const desk = assigned();
    desk.nowMs += 30 * MINUTE_MS;
    expect(step(desk, 'arrived', then(desk, 20 * MINUTE_MS))).toMatchObject({ ok: true, reply: { ok: true } });
    expect(desk.view().delivery?.phase).toBe('at_pickup');
    const event = desk.journal.at(-1)?.event;
    expect(event).toMatchObject({ type: 'leg_moved', data: { evidence: { by: 'driver', saidAtMs: expect.any(Number) } } });
  });

  it.each<[string, (desk: Desk) => StepEvidence]>([
    ['before the driver had the order', (desk) => then(desk, 31 * MINUTE_MS)],
    ['in time to come', (desk) => then(desk, -10 * MINUTE_MS)],
    ['far away', (desk) => then(desk, 20 * MINUTE_MS, { distanceM: 151 })],
    ['with a position of another time', (desk) => then(desk, 20 * MINUTE_MS, { positionAtMs: desk.nowMs })],
  ])('%s is none', (_name, evidence) => {
    const desk = assigned();
    desk.nowMs += 30 * MINUTE_MS;
    expect(step(desk, 'arrived', evidence(desk))).toMatchObject({ refusal: { code: 'delivery.not_at_stop' } });
  });
});

describe('the driver of an order that the shop calls off', () => {
  it('hears that it was on board, once it was', () => {
    const desk = carried();
    desk.step('cancel', 'vendor');
    expect(told(desk)).toEqual([{ type: 'job_ended', orderId: REF.id, outcome: 'cancelled', cashMinor: 0, carried: true }]);
    const early = withCode();
    step(early, 'arrived');
    early.step('cancel', 'vendor');
    expect(told(early)).toEqual([{ type: 'job_ended', orderId: REF.id, outcome: 'cancelled', cashMinor: 0 }]);
  });
});

it('the driver who took the cash hears when the customer gets it back, and nobody else does', () => {
  const desk = carried();
  step(desk, 'delivered', undefined, OTP);
  desk.step('refund', 'vendor');
  expect(told(desk)).toEqual([{ type: 'cash_refunded', orderId: REF.id, cashMinor: 2_500 }]);
  const counter = assigned();
  counter.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: null });
  counter.step('deliver', 'vendor');
  counter.step('refund', 'vendor');
  expect(counter.view().status).toBe('REFUNDED');
  expect(told(counter)).toEqual([]);
});
