/** What the shop reads of a ride that went astray. */
import { expect, it } from 'vitest';
import { ALERTS_MAX } from '../../src/actors/order/delivery-state.ts';
import type { OrderCommand, RideAlert } from '../../src/actors/order/protocol.ts';
import { assigned, carried, DRIVER, OTHER, seeking, step } from './delivery-desk.ts';
import type { Desk } from './harness.ts';

const NOTHING = { ok: true, events: [] };

function alerted(desk: Desk, more: Partial<RideAlert> = {}, driverId: string = DRIVER.id): OrderCommand {
  return { type: 'ride_alert', driverId, alert: { alert: 'off_route', stop: 'dropoff', atMs: desk.nowMs, ...more } };
}

it('an alert of the ride under way is kept with the order, and changes neither its status nor its history', () => {
  const desk = carried();
  const before = desk.view();
  expect(before.delivery?.alerts).toBeUndefined();
  desk.send(alerted(desk, { atMs: 5 }));
  desk.send(alerted(desk, { alert: 'stopped', atMs: 9 }));
  const after = desk.view();
  expect(after.delivery?.alerts).toEqual([
    { alert: 'off_route', stop: 'dropoff', atMs: 5 },
    { alert: 'stopped', stop: 'dropoff', atMs: 9 },
  ]);
  expect([after.status, after.history]).toEqual([before.status, before.history]);
  expect(desk.effects).toEqual([]);
});

it('an alert of another driver, of another stop, or of no ride is nothing', () => {
  const desk = carried();
  expect(desk.send(alerted(desk, {}, OTHER.id))).toEqual(NOTHING);
  expect(desk.send(alerted(desk, { stop: 'pickup' }))).toEqual(NOTHING);
  step(desk, 'arrived');
  expect(desk.send(alerted(desk))).toEqual(NOTHING);
  const early = seeking();
  expect(early.send(alerted(early))).toEqual(NOTHING);
  const toShop = assigned();
  expect(toShop.send(alerted(toShop))).toEqual(NOTHING);
  toShop.send(alerted(toShop, { stop: 'pickup' }));
  expect(toShop.view().delivery?.alerts).toHaveLength(1);
});

it('the order remembers the last ten', () => {
  const desk = carried();
  for (let i = 0; i < ALERTS_MAX + 3; i++) desk.send(alerted(desk, { atMs: i }));
  expect(desk.view().delivery?.alerts?.map((one) => one.atMs)).toEqual(Array.from({ length: ALERTS_MAX }, (_, i) => i + 3));
});
