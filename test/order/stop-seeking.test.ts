/** What the market hears when nobody is looked for any more: no offer of an order outlives it. */
import { describe, expect, it } from 'vitest';
import { marketRef } from '../../src/actors/refs.ts';
import { assign, assigned, DRIVER, seeking } from './delivery-desk.ts';
import { DATA_SHARD, Desk, PLACE, REF } from './harness.ts';

const MARKET = marketRef(REF.tenantId, DATA_SHARD, PLACE.pickup.position);

function closings(desk: Desk): unknown[] {
  return desk.effects.flatMap((effect) =>
    effect.type === 'send' && effect.to.kind === 'market' && (effect.command as { type: string }).type === 'close_job'
      ? [{ to: effect.to, command: effect.command }]
      : [],
  );
}

const closed = (reason: 'taken' | 'cancelled') => [{ to: MARKET, command: { type: 'close_job', orderId: REF.id, reason } }];

describe('an order that looks for a driver', () => {
  it('takes its offers back when it is cancelled', () => {
    const desk = seeking();
    desk.step('cancel', 'vendor');
    expect(closings(desk)).toEqual(closed('cancelled'));
  });

  it('takes its offers back when the shop hands it over by itself, or gives it to a driver', () => {
    const collected = seeking();
    collected.step('deliver', 'vendor');
    expect(closings(collected)).toEqual(closed('taken'));
    const given = seeking();
    given.send(assign(DRIVER, 'man_1', 1, 'usr_1'));
    expect(closings(given)).toEqual(closed('taken'));
  });

  it('says nothing to a market whose own offer won, or that was never asked', () => {
    const desk = assigned();
    expect(closings(desk)).toEqual([]);
    desk.step('cancel', 'vendor');
    expect(closings(desk)).toEqual([]);
    const early = new Desk().placed();
    early.step('cancel', 'customer');
    expect(closings(early)).toEqual([]);
  });
});
