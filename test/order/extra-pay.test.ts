/** A ride that pays more than its usual fee: the order's record says how much more and who pays it, and the customer pays what was agreed. */
import { expect, it } from 'vitest';
import type { OrderCommand } from '../../src/actors/order/protocol.ts';
import { assign, DRIVER, seeking } from './delivery-desk.ts';

const assignFor = (feeMinor: number) => ({ ...(assign(DRIVER, 'off_1') as OrderCommand & { readonly type: 'assign' }), feeMinor });

it('what a bid or a surge adds is on record with who pays it; the customer owes what was quoted', () => {
  const desk = seeking();
  const before = desk.view();
  const usualMinor = before.delivery?.feeMinor ?? 0;
  const decision = desk.send(assignFor(usualMinor + 700));
  const event = decision.ok ? decision.events.find(({ type }) => type === 'driver_assigned') : undefined;
  expect(event?.data).toMatchObject({ feeMinor: usualMinor + 700, extra: { amountMinor: 700, paidBy: 'platform' } });
  expect(desk.view().quote).toEqual(before.quote);
});

it('a ride at its usual fee has nothing of the kind', () => {
  const desk = seeking();
  const feeMinor = desk.view().delivery?.feeMinor ?? 0;
  const decision = desk.send(assignFor(feeMinor));
  const event = decision.ok ? decision.events.find(({ type }) => type === 'driver_assigned') : undefined;
  expect(event?.data).not.toHaveProperty('extra');
});
