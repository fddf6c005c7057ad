/** Case 56: nobody takes an order for long, and its customer hears that one is still looked for. */
import { expect, it } from 'vitest';
import { assign, assigned, DRIVER, seeking } from './delivery-desk.ts';
import type { Desk } from './harness.ts';

const TEN_MINUTES_MS = 600_000;

/** What the customer is told by the next look for a driver, `afterMs` from now. */
function toldAfter(desk: Desk, afterMs: number): unknown[] {
  desk.nowMs += afterMs;
  desk.send({ type: 'seek_due' });
  return desk.effects.flatMap((effect) => (effect.type === 'send' && effect.to.kind === 'conversation' ? [effect.command] : []));
}

it('the customer is told after ten minutes, once a search, also when the order was recovered in between', () => {
  const desk = seeking();
  const before = desk.view();
  expect(toldAfter(desk, TEN_MINUTES_MS - 5_000)).toEqual([]);
  const told = { type: 'order_changed', orderId: before.id, code: before.code, status: 'READY_FOR_PICKUP', isSeekingLong: true };
  expect(toldAfter(desk, 10_000)).toMatchObject([told]);
  // The market hears of it all the same, and will again.
  expect(desk.effects.some((effect) => effect.type === 'send' && effect.to.kind === 'market')).toBe(true);
  expect(desk.timers).toMatchObject([{ op: 'arm', name: 'seek' }]);
  desk.state = desk.replayed();
  for (let minute = 0; minute < 30; minute++) expect(toldAfter(desk, 60_000)).toEqual([]);
  expect({ ...desk.view(), version: 0 }).toEqual({ ...before, version: 0 });
});

it('a search that begins anew has ten minutes of its own', () => {
  const desk = assigned();
  expect(toldAfter(desk, 2 * TEN_MINUTES_MS)).toEqual([]);
  desk.send({ type: 'release_driver', driverId: DRIVER.id, by: 'driver', reason: null });
  expect(toldAfter(desk, 60_000)).toEqual([]);
  expect(toldAfter(desk, TEN_MINUTES_MS)).toHaveLength(1);
  desk.send(assign({ ...DRIVER, id: 'drv_4000c3' as typeof DRIVER.id }, 'off_2', 2));
  expect(desk.view().delivery?.phase).toBe('assigned');
  desk.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: null });
  expect(toldAfter(desk, TEN_MINUTES_MS + 5_000)).toHaveLength(1);
});
