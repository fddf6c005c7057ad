/** From ready to the door: seeking, assigning, every step of the driver, corrected addresses. */
import { describe, expect, it } from 'vitest';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import type { OrderCommand } from '../../src/actors/order/protocol.ts';
import { conversationRef, driverRef, marketRef } from '../../src/actors/refs.ts';
import { assign, assigned, carried, DRIVER, FENCE, NEAR, near, OTHER, OTP, seeking, step, withCode } from './delivery-desk.ts';
import { DATA_SHARD, Desk, PLACE, REF } from './harness.ts';

describe('an order that is ready', () => {
  it('tells its market of the job, and again every twenty seconds until somebody has it', () => {
    const desk = seeking();
    const market = marketRef(REF.tenantId, DATA_SHARD, PLACE.pickup.position);
    expect(desk.effects).toContainEqual(
      expect.objectContaining({ type: 'send', to: market, command: expect.objectContaining({ type: 'open_job' }) }),
    );
    const readyMs = desk.nowMs;
    expect(desk.timers).toEqual([{ op: 'arm', name: 'seek', dueAtMs: readyMs + 20_000, durable: true, command: { type: 'seek_due' } }]);
    desk.send({ type: 'seek_due' });
    expect(desk.effects).toHaveLength(1);
    expect(desk.timers).toHaveLength(1);
    desk.send(assign(DRIVER, 'off_1'));
    expect(desk.timers).toEqual([{ op: 'cancel', name: 'seek', durable: true }]);
    expect(desk.send({ type: 'seek_due' })).toEqual({ ok: true, events: [], effects: [], timers: [] });
  });

  it('looks for nobody when there is no place to ride to', () => {
    const desk = seeking({ dropoff: { position: null, address: 'behind the church', note: null } });
    expect(desk.view().delivery).toBeNull();
    expect(desk.timers).toEqual([]);
  });

  it("pays the ride at least, the customer's fee when that is more", () => {
    expect(seeking().view().delivery?.feeMinor).toBeGreaterThanOrEqual(1_200);
    const dear = seeking({ quote: { ...PLACE.quote, deliveryFeeMinor: 9_900 } });
    expect(dear.view().delivery?.feeMinor).toBe(9_900);
  });
});

describe('a drop-off that is corrected', () => {
  const MOVED = { position: { lat: -26.35, lng: 27.7 }, address: 'new', note: null };

  it('gives an order that had none, and is ready, to its market', () => {
    const desk = seeking({ dropoff: { position: null, address: 'behind the church', note: null } });
    desk.send({ type: 'change_dropoff', dropoff: MOVED });
    expect(desk.effects[0]).toMatchObject({ command: { type: 'open_job', job: { dropoff: MOVED.position } } });
    expect(desk.timers).toMatchObject([{ op: 'arm', name: 'seek' }]);
    expect(desk.view().delivery).toMatchObject({ phase: 'seeking', jobVersion: 1 });
  });

  it('keeps what it does not name, also what another one changed a moment before; null clears', () => {
    const desk = new Desk().placed();
    for (const dropoff of [{ address: 'new' }, { position: MOVED.position }, { note: 'blue gate' }])
      desk.send({ type: 'change_dropoff', dropoff });
    expect(desk.view().dropoff).toEqual({ ...MOVED, note: 'blue gate' });
    desk.send({ type: 'change_dropoff', dropoff: { note: null, position: null } });
    expect(desk.view().dropoff).toEqual({ position: null, address: 'new', note: null });
  });

  it('looks for nobody before the order is ready', () => {
    const desk = new Desk().placed({ dropoff: { position: null, address: null, note: null } });
    desk.send({ type: 'change_dropoff', dropoff: MOVED });
    expect(desk.effects).toEqual([]);
    expect(desk.view().delivery).toBeNull();
  });

  it('is refused for an order that is over, also when it never looked for a driver', () => {
    for (const status of ['DELIVERED', 'CANCELLED', 'EXPIRED', 'REFUNDED'] as const)
      expect(new Desk().in(status).send({ type: 'change_dropoff', dropoff: MOVED })).toMatchObject({
        ok: false,
        refusal: { code: 'delivery.wrong_phase' },
      });
  });

  it('is paid for as far as it is, while nobody has taken it', () => {
    const desk = seeking();
    const before = desk.view().delivery?.feeMinor ?? 0;
    desk.send({ type: 'change_dropoff', dropoff: MOVED });
    const [told] = desk.effects;
    const after = desk.view().delivery?.feeMinor ?? 0;
    expect(after).toBeGreaterThan(before);
    expect(told).toMatchObject({ command: { job: { feeMinor: after } } });
    const agreed = assigned();
    agreed.send({ type: 'change_dropoff', dropoff: MOVED });
    expect(agreed.view().delivery?.feeMinor).toBe(2_000);
  });
});

describe('the driver of an order', () => {
  it('case 43: the first acceptance wins, every other one has lost, whoever asks again hears the same', () => {
    const desk = seeking();
    expect(desk.send(assign(DRIVER, 'off_1'))).toMatchObject({ ok: true, reply: { outcome: 'won' } });
    expect(desk.send(assign(OTHER, 'off_2'))).toEqual({ ok: true, events: [], reply: { outcome: 'lost' } });
    expect(desk.send(assign(DRIVER, 'off_1'))).toEqual({ ok: true, events: [], reply: { outcome: 'won' } });
    expect(desk.view()).toMatchObject({
      status: 'ASSIGNED_TO_DRIVER',
      delivery: { phase: 'assigned', leg: 1, driver: DRIVER, feeMinor: 2_000 },
    });
  });

  it('case 48: who accepts an order that was cancelled meanwhile hears withdrawn and never has it', () => {
    const desk = seeking();
    desk.step('cancel', 'vendor');
    expect(desk.timers).toEqual([{ op: 'cancel', name: 'seek', durable: true }]);
    expect(desk.send(assign(DRIVER, 'off_1'))).toEqual({ ok: true, events: [], reply: { outcome: 'withdrawn' } });
    expect(desk.view()).toMatchObject({ status: 'CANCELLED', delivery: { phase: 'ended', driver: null } });
  });

  it('case 48: an order that is cancelled after the assignment tells its driver so', () => {
    const desk = withCode();
    desk.step('cancel', 'vendor');
    expect(desk.effects).toContainEqual(
      expect.objectContaining({
        to: driverRef(REF.tenantId, DRIVER.id),
        command: { type: 'job_ended', orderId: REF.id, outcome: 'cancelled', cashMinor: 0 },
      }),
    );
  });

  it('case 49: an offer from before the address changed is withdrawn, one made after it wins', () => {
    const desk = seeking();
    desk.send({ type: 'change_dropoff', dropoff: { position: { lat: -26.24, lng: 27.86 }, address: 'new', note: null } });
    expect(desk.effects[0]).toMatchObject({ command: { type: 'open_job', job: { version: 2, dropoff: { lat: -26.24, lng: 27.86 } } } });
    expect(desk.send(assign(DRIVER, 'off_1', 1))).toEqual({ ok: true, events: [], reply: { outcome: 'withdrawn' } });
    expect(desk.send(assign(DRIVER, 'off_2', 2))).toMatchObject({ reply: { outcome: 'won' } });
  });

  it('case 60: a dispatcher gives it away whatever the version of the job', () => {
    const desk = seeking();
    expect(desk.send(assign(DRIVER, 'off_9', 7, 'desk'))).toMatchObject({ reply: { outcome: 'won' } });
    expect(desk.send(assign(OTHER, 'off_1'))).toMatchObject({ reply: { outcome: 'lost' } });
    expect(desk.view().history.at(-1)).toMatchObject({ status: 'ASSIGNED_TO_DRIVER', by: 'vendor', byId: 'desk' });
  });

  it('case 60: whom a dispatcher gives it to, while the address changes, hears the present one', () => {
    const desk = seeking();
    const dropoff = { position: { lat: -26.24, lng: 27.86 }, address: 'new', note: null };
    desk.send({ type: 'change_dropoff', dropoff });
    expect(desk.send(assign(DRIVER, 'off_9', 1, 'desk'))).toMatchObject({ reply: { outcome: 'won' } });
    expect(desk.effects).toContainEqual(
      expect.objectContaining({
        to: driverRef(REF.tenantId, DRIVER.id),
        command: { type: 'job_changed', orderId: REF.id, phase: 'to_pickup', dropoff: { ...dropoff, name: null }, jobVersion: 2 },
      }),
    );
  });

  it('case 61: may be taken off before the pick-up, is told first, and does not get the job again', () => {
    const desk = withCode();
    expect(desk.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: 'flat tyre' })).toMatchObject({ ok: true });
    expect(desk.effects.map((effect) => effect.type === 'send' && (effect.command as { type: string }).type)).toEqual([
      'job_ended',
      'open_job',
    ]);
    expect(desk.effects[1]).toMatchObject({ command: { job: { version: 2, excludedDriverIds: [DRIVER.id] } } });
    expect(desk.send(assign(DRIVER, 'off_3', 2))).toMatchObject({ reply: { outcome: 'withdrawn' } });
    expect(desk.send(assign(OTHER, 'off_4', 2))).toMatchObject({ reply: { outcome: 'won' } });
    expect(desk.view().delivery).toMatchObject({ leg: 2, driver: OTHER, arrivedPickupAtMs: null });
  });

  it('case 61: taken off, leaves the order at its own fee, without the surge of its offer', () => {
    const desk = seeking();
    const feeMinor = desk.view().delivery?.feeMinor ?? 0;
    desk.send({ ...assign(DRIVER, 'off_1'), feeMinor: feeMinor * 2 } as OrderCommand);
    desk.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: null });
    expect(desk.effects[1]).toMatchObject({ command: { type: 'open_job', job: { feeMinor } } });
    expect(desk.view().delivery?.feeMinor).toBe(feeMinor);
  });

  it('case 61: stays after the pick-up', () => {
    const desk = carried();
    expect(desk.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: null })).toEqual({
      ok: false,
      refusal: { code: 'delivery.wrong_phase', details: { phase: 'picked_up' } },
    });
  });

  it('is told to the customer with link and code, once a leg', () => {
    const desk = assigned();
    expect(desk.effects).toEqual([{ type: 'external', id: expect.any(String), handler: 'delivery.credentials', input: { leg: 1 } }]);
    const issued = { type: 'credentials_issued', leg: 1, otp: OTP, trackingToken: 't', trackingUrl: 'https://x/t/t' } as const;
    desk.send(issued);
    expect(desk.effects[0]).toMatchObject({
      to: conversationRef(REF.tenantId, DATA_SHARD, 'cus_1'),
      command: { status: 'ASSIGNED_TO_DRIVER', tracking: { url: 'https://x/t/t', otp: OTP, driverName: 'Lwazi' } },
    });
    expect(desk.send({ ...issued, otp: '0000' })).toEqual({ ok: true, events: [] });
  });
});

describe('the way to the door', () => {
  it('goes arrived, picked up, arrived, delivered; each repeated step changes nothing', () => {
    const desk = withCode();
    for (const [name, otp] of [
      ['arrived', null],
      ['picked_up', null],
      ['arrived', null],
      ['delivered', OTP],
    ] as const) {
      expect(step(desk, name, undefined, otp)).toMatchObject({ ok: true, reply: { ok: true } });
      const again = step(desk, name, undefined, otp);
      expect(again).toMatchObject({ ok: true, events: [], reply: { ok: true } });
    }
    expect(desk.view()).toMatchObject({ status: 'DELIVERED', delivery: { phase: 'delivered', otpVerified: true } });
  });

  it('case 36: a driver who is not there has not arrived, unless the fence or a dispatcher says so; both are written down', () => {
    for (const distanceM of [151, 3_000, null]) {
      const desk = withCode();
      expect(step(desk, 'arrived', near(desk, 'driver', distanceM))).toMatchObject({
        ok: false,
        refusal: { code: 'delivery.not_at_stop' },
      });
      expect(step(desk, 'picked_up', near(desk, 'driver', distanceM))).toMatchObject({
        ok: false,
        refusal: { code: 'delivery.not_at_stop' },
      });
      expect(step(desk, 'arrived', near(desk, 'dispatcher', distanceM))).toMatchObject({ ok: true });
      expect(desk.journal.at(-1)?.event).toMatchObject({
        type: 'leg_moved',
        data: { to: 'at_pickup', evidence: { by: 'dispatcher', distanceM } },
      });
    }
    const fenced = withCode();
    expect(step(fenced, 'arrived', { ...FENCE, distanceM: 45 })).toMatchObject({ ok: true });
  });

  it('an arrival seen at the shop is none at the door, however late it is told', () => {
    const desk = withCode();
    step(desk, 'picked_up');
    const late: OrderCommand = { type: 'driver_step', driverId: DRIVER.id, step: 'arrived', stop: 'pickup', otp: null, evidence: FENCE };
    expect(desk.send(late)).toMatchObject({ ok: true, events: [] });
    expect(desk.view().delivery).toMatchObject({ phase: 'picked_up', arrivedDropoffAtMs: null });
    expect(desk.send({ ...late, stop: 'dropoff' })).toMatchObject({ ok: true });
    expect(desk.view().delivery?.phase).toBe('at_dropoff');
    expect(withCode().send({ ...late, stop: 'dropoff' })).toMatchObject({ ok: false, refusal: { code: 'delivery.wrong_phase' } });
  });

  it("a dispatcher's word about one driver does not count for the next", () => {
    const desk = assigned();
    desk.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: null });
    desk.send(assign(OTHER, 'off_4', 2));
    expect(step(desk, 'arrived', near(desk, 'dispatcher', null))).toEqual({ ok: false, refusal: { code: 'delivery.not_yours' } });
  });

  it('an old position proves nothing', () => {
    const desk = withCode();
    expect(step(desk, 'arrived', NEAR)).toMatchObject({ ok: false, refusal: { code: 'delivery.not_at_stop' } });
  });

  it('nobody else may take a step', () => {
    const desk = withCode();
    expect(step(desk, 'arrived', undefined, null, OTHER.id)).toEqual({ ok: false, refusal: { code: 'delivery.not_yours' } });
  });

  it('a code that is not given at all is asked for and costs no try', () => {
    const desk = carried();
    for (let i = 0; i < 7; i++)
      expect(step(desk, 'delivered')).toEqual({ ok: false, refusal: { code: 'delivery.otp_missing', details: { tries_left: 5 } } });
    expect(step(desk, 'delivered', undefined, '0000')).toMatchObject({ reply: { triesLeft: 4 } });
    expect(step(desk, 'delivered', undefined, OTP)).toMatchObject({ ok: true, reply: { ok: true } });
  });

  it('a wrong code is counted; after five only a dispatcher closes the delivery', () => {
    const desk = carried();
    for (const triesLeft of [4, 3, 2, 1, 0])
      expect(step(desk, 'delivered', undefined, '0000')).toMatchObject({
        ok: true,
        reply: { ok: false, code: 'delivery.otp_wrong', triesLeft },
      });
    expect(step(desk, 'delivered', undefined, OTP)).toEqual({ ok: false, refusal: { code: 'delivery.otp_locked' } });
    expect(step(desk, 'delivered', near(desk, 'dispatcher'))).toMatchObject({ ok: true, reply: { ok: true } });
    expect(desk.view().delivery?.otpVerified).toBe(false);
  });

  it('ends for the driver with the cash of the order, for the shelf with the sale', () => {
    const desk = carried();
    step(desk, 'delivered', undefined, OTP);
    expect(desk.effects).toContainEqual(
      expect.objectContaining({ command: { type: 'job_ended', orderId: REF.id, outcome: 'delivered', cashMinor: PLACE.quote.totalMinor } }),
    );
    expect(desk.stockCommands()).toEqual([{ type: 'settle_reservation', reservationId: REF.id }]);
    expect(desk.effects).toContainEqual(
      expect.objectContaining({ command: expect.objectContaining({ type: 'order_changed', status: 'DELIVERED' }) }),
    );
  });

  it('closed by the shop is a delivery like any other: paid, shown and open for stars, without a code', () => {
    const desk = carried();
    desk.step('deliver', 'vendor');
    const told = { type: 'job_ended', orderId: REF.id, outcome: 'delivered', cashMinor: 2_500 };
    expect(desk.effects).toContainEqual(expect.objectContaining({ command: told }));
    expect(desk.view().delivery).toMatchObject({ phase: 'delivered', otpVerified: false, deliveredAtMs: desk.nowMs - 1_000 });
    expect(desk.send({ type: 'track', leg: 1 })).toMatchObject({ refusal: { code: 'tracking.ended', details: { phase: 'delivered' } } });
    const collected = seeking();
    collected.step('deliver', 'vendor');
    expect(collected.view().delivery).toMatchObject({ phase: 'ended', driver: null });
  });

  it('goods that have left the shop do not come back to the shelf when the order is called off', () => {
    const desk = carried();
    desk.step('cancel', 'vendor');
    expect(desk.stockCommands()).toEqual([{ type: 'settle_reservation', reservationId: REF.id }]);
  });
});

describe('whoever holds a tracking link', () => {
  it('case 42: sees one leg while it runs, and nothing before, after, or of another leg', () => {
    const desk = withCode();
    expect(desk.send({ type: 'track', leg: 1 })).toMatchObject({ ok: true, reply: { orderId: REF.id, delivery: { driver: DRIVER } } });
    expect(JSON.stringify(desk.send({ type: 'track', leg: 1 }))).not.toContain(OTP);
    expect(desk.send({ type: 'track', leg: 2 })).toMatchObject({ ok: false, refusal: { code: 'order.not_found' } });
    desk.send({ type: 'release_driver', driverId: null, by: 'vendor', reason: null });
    expect(desk.send({ type: 'track', leg: 1 })).toMatchObject({ ok: false, refusal: { code: 'tracking.ended' } });
    desk.send(assign(OTHER, 'off_4', 2));
    expect(desk.send({ type: 'track', leg: 1 })).toMatchObject({ ok: false, refusal: { code: 'tracking.ended' } });
    expect(desk.send({ type: 'track', leg: 2 })).toMatchObject({ ok: true, reply: { delivery: { driver: OTHER } } });
  });
});

describe('what a market says of an order', () => {
  it('case 56: why nobody takes it is kept once, of the present version only', () => {
    const desk = seeking();
    const stalled = { type: 'job_stalled', jobVersion: 1, reason: 'market.none_in_range' } as const;
    desk.send(stalled);
    expect(desk.view().delivery?.problem).toBe('market.none_in_range');
    expect(desk.send(stalled)).toEqual({ ok: true, events: [] });
    expect(desk.send({ ...stalled, jobVersion: 9, reason: 'x.y' })).toEqual({ ok: true, events: [] });
    desk.send(assign(DRIVER, 'off_1'));
    expect(desk.view().delivery?.problem).toBeNull();
  });
});

describe('a new arrival time', () => {
  const moving = (desk: Desk, more: object = {}) =>
    ({
      type: 'eta_moved',
      driverId: DRIVER.id,
      atMs: desk.nowMs + 721_000,
      latestAtMs: desk.nowMs + 961_000,
      toldBefore: 0,
      ...more,
    }) as const;

  it('is told to the customer while the goods are under way, and changes nothing that anybody sees of the order', () => {
    const desk = carried();
    const before = desk.view();
    const moved = moving(desk);
    expect(desk.send(moved)).toMatchObject({ ok: true, events: [{ type: 'eta_told', data: { arrivalAtMs: moved.atMs } }] });
    expect(desk.effects).toMatchObject([
      { to: { kind: 'conversation' }, command: { type: 'order_changed', eta: { fromMin: 12, toMin: 16 } } },
    ]);
    const { version, updatedAtMs, ...seen } = desk.view();
    const { version: _version, updatedAtMs: _updatedAtMs, ...seenBefore } = before;
    expect(seen).toEqual(seenBefore);
    expect([version, updatedAtMs]).toEqual([before.version + 1, before.updatedAtMs]);
    expect(desk.send({ ...moved, driverId: OTHER.id })).toEqual({ ok: true, events: [] });
    expect(withCode().send(moved)).toEqual({ ok: true, events: [] });
  });

  it('is told once to who says it twice, also after the order was recovered; who counts anew hears what was told', () => {
    const desk = carried();
    const first = moving(desk);
    desk.send(first);
    const told = { count: 1, arrivalAtMs: first.atMs, atMs: desk.nowMs };
    desk.state = desk.replayed();
    expect(desk.send(first)).toEqual({ ok: true, events: [], reply: told });
    expect(desk.send(moving(desk, { atMs: first.atMs + 900_000 }))).toEqual({ ok: true, events: [], reply: told });
    const second = moving(desk, { atMs: first.atMs + 900_000, toldBefore: 1 });
    expect(desk.send(second)).toMatchObject({ reply: { count: 2, arrivalAtMs: second.atMs, atMs: desk.nowMs } });
    expect(desk.effects).toHaveLength(1);
  });

  it('of the driver before is not what the next one is measured by', () => {
    const desk = carried();
    desk.send(moving(desk));
    const { delivery } = desk.state.order!;
    const meta = { ref: REF, seq: desk.seq + 1, atMs: desk.nowMs };
    const event = {
      type: 'driver_assigned',
      data: { id: OTHER.id, vehicle: 'car', offerId: 'off_2', feeMinor: 1, manualBy: null },
    } as const;
    expect(delivery?.etaTold).toMatchObject({ count: 1 });
    expect(orderBehaviour.evolve(desk.state, event, meta).order?.delivery?.etaTold).toBeNull();
  });
});
