/** Offers and acceptances of a driver, whatever crosses on the way. */
import { describe, expect, it } from 'vitest';
import { ACCEPT_GRACE_MS } from '../../src/actors/driver/state.ts';
import { orderRef } from '../../src/actors/refs.ts';
import { ORDER, offerOf, REF, Rider, T0 } from './harness.ts';

const SECOND = 'ord_4000002';
const THIRD = 'ord_4000003';
const refused = (code: string) => ({ ok: false, refusal: { code } });
const reply = (outcome: string) => ({ ok: true, reply: { outcome } });

describe('an offer', () => {
  it('reserves the driver before anybody is told, with its time and the time to be delivered', () => {
    const rider = new Rider().online().offered();
    expect(rider.news).toEqual([{ type: 'offer', offer: offerOf('off_1') }]);
    expect(rider.timers).toEqual([
      { op: 'arm', name: 'offer', dueAtMs: T0 + 62_001, durable: false, command: { type: 'offer_due', offerId: 'off_1' } },
      { op: 'arm', name: 'delivery', dueAtMs: T0 + 5_000, durable: false, command: { type: 'delivery_due', offerId: 'off_1' } },
    ]);
    expect(rider.send({ type: 'offer', offer: offerOf('off_2', SECOND) })).toEqual(refused('driver.busy'));
    expect(rider.send({ type: 'offer', offer: offerOf('off_1') })).toEqual({ ok: true, events: [] });
  });

  it('is not for a driver who is offline, not approved, suspended or unknown', () => {
    const rider = new Rider();
    expect(rider.send({ type: 'offer', offer: offerOf('off_1') })).toEqual(refused('driver.not_found'));
    rider.online();
    rider.send({ type: 'go_offline', reason: 'driver' });
    expect(rider.send({ type: 'offer', offer: offerOf('off_1') })).toEqual(refused('driver.offline'));
    rider.send({ type: 'suspend', by: 'owner', reason: null });
    expect(rider.send({ type: 'offer', offer: offerOf('off_1') })).toEqual(refused('driver.suspended'));
  });

  it('keeps where the customer lives out of the open part of the journal', () => {
    const rider = new Rider().online().offered();
    expect(JSON.stringify(rider.journal.at(-1)?.event.data)).not.toContain('Vilakazi');
  });

  it('case 63: whose phone does not show that it has it is closed as undelivered, and the driver is free', () => {
    const rider = new Rider().online().offered();
    rider.send({ type: 'delivery_due', offerId: 'off_1' });
    expect(rider.journal.at(-1)?.event).toMatchObject({ type: 'offer_closed', data: { outcome: 'undelivered' } });
    expect(rider.view().offer).toBeNull();
    rider.offered('off_2');
    rider.send({ type: 'offer_delivered', offerId: 'off_2' });
    expect(rider.timers).toEqual([{ op: 'cancel', name: 'delivery', durable: false }]);
  });

  it('case 52: an open one that a crash left behind is none after its time, without any timer', () => {
    const rider = new Rider().online().offered().restarted();
    expect(rider.view().offer).not.toBeNull();
    rider.nowMs = T0 + 62_001;
    expect(rider.view().offer).toBeNull();
    expect(rider.send({ type: 'offer', offer: offerOf('off_2', SECOND, { expiresAtMs: T0 + 90_000 }) })).toMatchObject({
      ok: true,
      events: [{ type: 'offer_closed', data: { offerId: 'off_1', outcome: 'expired' } }, { type: 'offer_made' }],
    });
  });

  it('case 50: ends with the shift, and nobody waits for it beyond its time', () => {
    const rider = new Rider().online().offered();
    rider.send({ type: 'go_offline', reason: 'driver' });
    expect(rider.news).toContainEqual({ type: 'offer_closed', offerId: 'off_1', reason: 'declined' });
    expect(rider.view()).toMatchObject({ online: false, offer: null });
    const dead = new Rider().online().offered();
    dead.nowMs = T0 + 62_001;
    dead.send({ type: 'offer_due', offerId: 'off_1' });
    expect(dead.news).toContainEqual({ type: 'offer_closed', offerId: 'off_1', reason: 'expired' });
  });
});

describe('an acceptance', () => {
  it('is reserved, then asked of the order, and only its word makes a job', () => {
    const rider = new Rider().online().offered();
    expect(rider.accept()).toMatchObject(reply('pending'));
    expect(rider.effects).toEqual([
      {
        type: 'send',
        id: 'assign:off_1',
        to: orderRef(REF.tenantId, ORDER),
        command: {
          type: 'assign',
          driver: { id: REF.id, name: 'Lwazi', vehicle: 'motorbike', registration: 'GP 12' },
          offerId: 'off_1',
          jobVersion: 1,
          feeMinor: 2_000,
          manualBy: null,
        },
        onResult: { type: 'assign_answered', offerId: 'off_1' },
      },
    ]);
    expect(rider.view().jobs).toEqual([]);
    rider.answered('won');
    expect(rider.news).toMatchObject([
      { type: 'offer_settled', outcome: 'won' },
      { type: 'delivery', job: { phase: 'to_pickup' } },
    ]);
    expect(rider.view()).toMatchObject({ offer: null, jobs: [{ offerId: 'off_1', feeMinor: 2_000 }] });
  });

  it.each([
    [{ ok: true, value: { outcome: 'lost' } }, 'lost', 'taken'],
    [{ ok: true, value: { outcome: 'withdrawn' } }, 'withdrawn', 'cancelled'],
    [{ ok: false, refusal: { code: 'order.not_found' } }, 'withdrawn', 'cancelled'],
    [null, 'withdrawn', 'cancelled'],
  ])('case 43: that the order answers with %j frees the driver, who is told', (result, outcome, reason) => {
    const rider = new Rider().online().offered();
    rider.accept();
    rider.send({ type: 'assign_answered', offerId: 'off_1', result });
    expect(rider.news).toEqual([
      { type: 'offer_closed', offerId: 'off_1', reason },
      { type: 'offer_settled', offerId: 'off_1', outcome },
    ]);
    expect(rider.view()).toMatchObject({ offer: null, jobs: [], profile: { freeSlots: 2 } });
    expect(rider.accept()).toMatchObject(reply(outcome));
    expect(rider.view().profile.acceptance).toBe(1);
  });

  it('case 44: of a second job with the one slot taken is not possible: there is one reservation', () => {
    const rider = new Rider().online().won('off_1').won('off_2', SECOND);
    expect(rider.view().jobs).toHaveLength(2);
    expect(rider.view().profile.freeSlots).toBe(0);
    expect(rider.send({ type: 'offer', offer: offerOf('off_3', THIRD) })).toEqual(refused('driver.busy'));
  });

  it.each([
    [60_000, 60_000, 'pending'],
    [60_001, 60_001, 'pending'],
    [62_000, 62_000, 'pending'],
    [62_001, 62_001, 'expired'],
    [59_999, 64_000, 'pending'],
  ])('case 45: received %i ms after it was made and decided at %i is %s', (receivedMs, nowMs, outcome) => {
    const rider = new Rider().online().offered();
    rider.nowMs = T0 + nowMs;
    expect(rider.accept('off_1', T0 + receivedMs)).toMatchObject(reply(outcome));
  });

  it('case 46: tapped twice, before and after the answer, is one', () => {
    const rider = new Rider().online().offered();
    rider.accept();
    expect(rider.accept()).toEqual({ ok: true, events: [], reply: { outcome: 'pending' } });
    rider.answered('won');
    expect(rider.answered('won')).toEqual({ ok: true, events: [] });
    expect(rider.accept()).toEqual({ ok: true, events: [], reply: { outcome: 'already_yours' } });
    expect(rider.restarted().accept()).toEqual({ ok: true, events: [], reply: { outcome: 'already_yours' } });
    expect(rider.view().jobs).toHaveLength(1);
  });

  it.each([
    { outcome: 'cancelled', cashMinor: 0 },
    { outcome: 'released', cashMinor: 0 },
    { outcome: 'delivered', cashMinor: 8_000 },
  ] as const)(
    'repeated when the job that it won is over ($outcome) it is nobody’s any more, also after a restart; another job stays',
    (end) => {
      const rider = new Rider().online().won('off_1').won('off_2', SECOND);
      rider.send({ type: 'job_ended', orderId: ORDER, ...end });
      const gone = { ok: true, events: [], reply: { outcome: 'withdrawn' } };
      expect(rider.accept('off_1')).toEqual(gone);
      expect(rider.restarted().accept('off_1')).toEqual(gone);
      expect(rider.accept('off_2')).toEqual({ ok: true, events: [], reply: { outcome: 'already_yours' } });
    },
  );

  it('case 47: after a refusal, and a refusal after it: the first durable word counts', () => {
    const declined = new Rider().online().offered();
    declined.send({ type: 'decline', offerId: 'off_1' });
    expect(declined.accept()).toEqual({ ok: true, events: [], reply: { outcome: 'declined' } });
    const accepted = new Rider().online().offered();
    accepted.accept();
    expect(accepted.send({ type: 'decline', offerId: 'off_1' })).toEqual({ ok: true, events: [], reply: { outcome: 'pending' } });
    accepted.answered('won');
    expect(accepted.send({ type: 'decline', offerId: 'off_1' })).toEqual({ ok: true, events: [], reply: { outcome: 'already_yours' } });
  });

  it("case 48: of an offer that was withdrawn meanwhile hears so; one under way is the order's to answer", () => {
    const rider = new Rider().online().offered();
    rider.send({ type: 'withdraw', offerId: 'off_1', reason: 'cancelled' });
    expect(rider.accept()).toMatchObject(reply('withdrawn'));
    const asked = new Rider().online().offered();
    asked.accept();
    expect(asked.send({ type: 'withdraw', offerId: 'off_1', reason: 'taken' })).toEqual({ ok: true, events: [] });
    expect(asked.send({ type: 'offer_due', offerId: 'off_1' })).toEqual({ ok: true, events: [] });
  });

  it('case 43: whose job somebody else has is lost, as for one who was second: the phone hears taken, and it is no refusal', () => {
    const rider = new Rider().online();
    const { acceptance } = rider.view().profile;
    rider.offered().send({ type: 'withdraw', offerId: 'off_1', reason: 'taken' });
    expect(rider.news).toEqual([
      { type: 'offer_closed', offerId: 'off_1', reason: 'taken' },
      { type: 'offer_settled', offerId: 'off_1', outcome: 'lost' },
    ]);
    expect(rider.accept()).toMatchObject(reply('lost'));
    expect(rider.view().profile.acceptance).toBe(acceptance);
  });

  it('case 58: is checked again: a licence that ran out since, a suspension', () => {
    const rider = new Rider().online();
    rider.send({ type: 'offer', offer: offerOf('off_1', ORDER, { expiresAtMs: T0 + 20 * 3_600_000 }) });
    rider.nowMs = T0 + 15 * 3_600_000;
    expect(rider.accept()).toMatchObject(reply('withdrawn'));
    expect(rider.effects).toEqual([]);
    expect(rider.send({ type: 'go_online' })).toEqual(refused('driver.unfit'));
  });

  it("case 64: of an offer that was never this driver's is refused", () => {
    expect(new Rider().online().accept('off_other')).toEqual(refused('offer.not_yours'));
    expect(new Rider().online().offered().accept('off_2')).toEqual(refused('offer.not_yours'));
  });

  it('by a bid at or below the fee is one; above it, it is a refusal with a price', () => {
    const rider = new Rider().online().offered();
    expect(rider.send({ type: 'bid', offerId: 'off_1', amountMinor: 2_500, receivedAtMs: T0 })).toMatchObject(reply('declined'));
    expect(rider.journal.at(-1)?.event).toMatchObject({ type: 'offer_closed', data: { outcome: 'declined', bidMinor: 2_500 } });
    const slow = new Rider().online().offered();
    const receivedAtMs = (slow.state.reservation?.offer.expiresAtMs ?? 0) + ACCEPT_GRACE_MS + 1;
    expect(slow.send({ type: 'bid', offerId: 'off_1', amountMinor: 2_500, receivedAtMs })).toMatchObject(reply('expired'));
    for (const amountMinor of [null, 1_900, 2_000]) {
      const willing = new Rider().online().offered();
      expect(willing.send({ type: 'bid', offerId: 'off_1', amountMinor, receivedAtMs: T0 })).toMatchObject(reply('pending'));
      expect(willing.effects[0]).toMatchObject({ command: { feeMinor: 2_000 } });
    }
  });

  it('case 60: of a dispatcher makes room for itself, but not against an acceptance under way', () => {
    const rider = new Rider().online().offered();
    expect(rider.send({ type: 'take', offer: offerOf('off_m', SECOND), by: 'desk' })).toMatchObject(reply('pending'));
    expect(rider.news).toContainEqual({ type: 'offer_closed', offerId: 'off_1', reason: 'cancelled' });
    expect(rider.news.some((news) => news.type === 'offer')).toBe(false);
    expect(rider.effects[0]).toMatchObject({ command: { type: 'assign', manualBy: 'desk' } });
    expect(rider.send({ type: 'take', offer: offerOf('off_n', THIRD), by: 'desk' })).toEqual(refused('driver.busy'));
    rider.answered('won', 'off_m');
    expect(rider.view().jobs).toMatchObject([{ job: { orderId: SECOND } }]);
  });

  it('case 60: of a dispatcher is not for a driver who is off shift, nor for one who has the order', () => {
    const rider = new Rider().online();
    rider.send({ type: 'go_offline', reason: 'driver' });
    expect(rider.send({ type: 'take', offer: offerOf('off_m'), by: 'desk' })).toEqual(refused('driver.offline'));
    const riding = new Rider().online().won();
    expect(riding.send({ type: 'take', offer: offerOf('off_n'), by: 'desk' })).toEqual(refused('driver.busy'));
    expect(riding.view().jobs).toHaveLength(1);
  });
});

describe('what the order tells before its answer to the acceptance has come', () => {
  const moved = { type: 'job_changed', orderId: ORDER, phase: 'at_pickup', dropoff: null } as const;

  it.each(['cancelled', 'released'] as const)('a job that was %s meanwhile is not kept for ever', (outcome) => {
    const rider = new Rider().online().offered();
    rider.accept();
    rider.send({ type: 'job_ended', orderId: ORDER, outcome, cashMinor: 0 });
    expect(rider.news).toContainEqual({ type: 'offer_settled', offerId: 'off_1', outcome: 'won' });
    expect(rider.news.at(-1)).toEqual({ type: 'delivery_ended', orderId: ORDER, outcome });
    expect(rider.answered('won')).toEqual({ ok: true, events: [] });
    expect(rider.view()).toMatchObject({ offer: null, jobs: [], profile: { freeSlots: 2, stops: [] } });
    expect(rider.send({ type: 'go_offline', reason: 'driver' })).toMatchObject({ ok: true });
  });

  it('a delivery that was closed meanwhile is paid', () => {
    const rider = new Rider().online().offered();
    rider.accept();
    rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 8_000 });
    expect(rider.view()).toMatchObject({ jobs: [], earnings: { deliveries: 1, totalMinor: 1_700, cashOnHandMinor: 8_000 } });
  });

  it('a step or another door is not lost', () => {
    const dropoff = { position: { lat: -26.3, lng: 27.95 }, name: null, address: 'new', note: null };
    const rider = new Rider().online().offered();
    rider.accept();
    rider.send({ ...moved, dropoff });
    rider.answered('won');
    expect(rider.view().jobs).toMatchObject([{ phase: 'at_pickup', job: { dropoff } }]);
  });

  it('an older step that comes late does not take a later one back, but its door counts', () => {
    const dropoff = { position: { lat: -26.3, lng: 27.95 }, name: null, address: 'new', note: null };
    const rider = new Rider().online().won();
    rider.send({ ...moved, phase: 'to_dropoff' });
    expect(rider.send(moved)).toEqual({ ok: true, events: [] });
    rider.send({ ...moved, dropoff });
    expect(rider.view()).toMatchObject({ jobs: [{ phase: 'to_dropoff', job: { dropoff } }], profile: { stops: [{ kind: 'dropoff' }] } });
  });

  it('is nothing to a driver who has only been offered it, or was offered another one', () => {
    const rider = new Rider().online().offered();
    expect(rider.send(moved)).toEqual({ ok: true, events: [] });
    rider.accept();
    expect(rider.send({ ...moved, orderId: SECOND })).toEqual({ ok: true, events: [] });
  });
});
