/** A driver's shifts, jobs, money and ratings, decided by the pure actor. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { DOCUMENT_KINDS, type DriverPatch, VEHICLE_TYPES } from '../../src/actors/driver/protocol.ts';
import { ORDER, offerOf, PERSON, REF, Rider, T0 } from './harness.ts';

const HOUR_MS = 3_600_000;

describe('a driver', () => {
  it('applies, is approved, goes online; registering again changes nothing', () => {
    const rider = new Rider();
    expect(rider.send({ type: 'get' })).toEqual({ ok: false, refusal: { code: 'driver.not_found' } });
    expect(rider.send({ type: 'register', driver: PERSON })).toMatchObject({
      reply: { status: 'applied', name: PERSON.name, online: false },
    });
    expect(rider.send({ type: 'go_online' })).toEqual({ ok: false, refusal: { code: 'driver.not_approved' } });
    rider.send({ type: 'approve', by: 'owner' });
    expect(rider.send({ type: 'go_online' })).toMatchObject({ reply: { online: true, onlineSinceMs: T0 } });
    expect(rider.send({ type: 'go_online' })).toMatchObject({ events: [] });
    expect(rider.send({ type: 'register', driver: { ...PERSON, name: 'x' } })).toMatchObject({ events: [], reply: { name: PERSON.name } });
  });

  it('with an expired document may not work', () => {
    const rider = new Rider().online();
    rider.send({ type: 'go_offline', reason: 'driver' });
    rider.nowMs = T0 + 24 * HOUR_MS;
    expect(rider.send({ type: 'go_online' })).toEqual({ ok: false, refusal: { code: 'driver.unfit' } });
    rider.send({ type: 'change', patch: { documents: { licence: { number: 'L2', expiresOn: '2027-01-01' } } } });
    expect(rider.send({ type: 'go_online' })).toMatchObject({ ok: true });
  });

  it('stays on shift while it has a job', () => {
    const rider = new Rider().online().won();
    for (const reason of ['driver', 'silent'] as const)
      expect(rider.send({ type: 'go_offline', reason })).toEqual({ ok: false, refusal: { code: 'driver.has_job' } });
  });

  it('suspended while riding ends the job and gets no further one', () => {
    const rider = new Rider().online().won();
    rider.send({ type: 'suspend', by: 'owner', reason: 'complaint' });
    // Off shift nobody would know where it is, and it could not show that it has come to a door.
    expect(rider.view()).toMatchObject({ status: 'suspended', online: true, jobs: [{}], profile: { freeSlots: 0 } });
    rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 0 });
    expect(rider.news).toContainEqual({ type: 'shift', online: false });
    expect(rider.view()).toMatchObject({ online: false, jobs: [], earnings: { deliveries: 1 } });
  });

  it('suspended while its acceptance is under way rides what it wins, and is off shift when it has lost', () => {
    for (const outcome of ['won', 'lost']) {
      const rider = new Rider().online().offered();
      rider.accept();
      rider.send({ type: 'suspend', by: 'owner', reason: null });
      expect(rider.view().online).toBe(true);
      rider.answered(outcome);
      expect(rider.view()).toMatchObject({ online: outcome === 'won', jobs: outcome === 'won' ? [{}] : [] });
    }
  });
});

describe('a finished job', () => {
  it("is paid less the platform's share, once, with the cash in the driver's pocket", () => {
    const rider = new Rider().online().won();
    const ended = { type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 8_000 } as const;
    rider.send(ended);
    expect(rider.send(ended)).toEqual({ ok: true, events: [] });
    expect(rider.view().earnings).toEqual({
      currency: 'ZAR',
      todayMinor: 1_700,
      totalMinor: 1_700,
      platformFeeMinor: 300,
      deliveries: 1,
      cashOnHandMinor: 8_000,
    });
    expect(rider.news).toEqual([]);
    rider.nowMs = T0 + 24 * HOUR_MS;
    expect(rider.view().earnings).toMatchObject({ todayMinor: 0, totalMinor: 1_700 });
  });

  it.each(['cancelled', 'released'] as const)('that was %s pays nothing and frees the slot', (outcome) => {
    const rider = new Rider().online().won();
    rider.send({ type: 'job_ended', orderId: ORDER, outcome, cashMinor: 0 });
    expect(rider.news).toEqual([{ type: 'delivery_ended', orderId: ORDER, outcome }]);
    expect(rider.view()).toMatchObject({ jobs: [], earnings: { totalMinor: 0 }, profile: { freeSlots: 2 } });
  });

  it('hands in cash up to what is there; too much in the pocket stops further jobs', () => {
    const rider = new Rider().online().won();
    rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 500_001 });
    expect(rider.view().profile.freeSlots).toBe(0);
    expect(rider.send({ type: 'settle_cash', amountMinor: 500_002, by: 'owner' })).toMatchObject({
      ok: false,
      refusal: { code: 'driver.cash_exceeds' },
    });
    rider.send({ type: 'settle_cash', amountMinor: 500_001, by: 'owner' });
    expect(rider.view()).toMatchObject({ earnings: { cashOnHandMinor: 0 }, profile: { freeSlots: 2 } });
  });
});

it('is rated once for each delivery of its own', () => {
  const rider = new Rider().online().won();
  expect(rider.send({ type: 'rate', orderId: ORDER, stars: 1 })).toEqual({ ok: false, refusal: { code: 'delivery.not_yours' } });
  rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 0 });
  const before = rider.view().profile.rating;
  expect(rider.send({ type: 'rate', orderId: ORDER, stars: 1 })).toMatchObject({ ok: true, events: [{ type: 'driver_rated' }] });
  expect(rider.view().profile.rating).toBeLessThan(before);
  expect(rider.send({ type: 'rate', orderId: ORDER, stars: 1 })).toMatchObject({ ok: true, events: [] });
  expect(rider.send({ type: 'rate', orderId: ORDER, stars: 5 })).toEqual({ ok: false, refusal: { code: 'driver.already_rated' } });
});

describe('the standing bid of a driver', () => {
  it('says what is carried in the order of the stops', () => {
    const rider = new Rider().online().won();
    expect(rider.view().profile.stops.map((stop) => stop.kind)).toEqual(['pickup', 'dropoff']);
    rider.send({ type: 'job_changed', orderId: ORDER, phase: 'to_dropoff', dropoff: null });
    expect(rider.view().profile.stops.map((stop) => stop.kind)).toEqual(['dropoff']);
  });

  it('rides two jobs in the order that the market planned, and what it did not know comes last', () => {
    const rider = new Rider().online().won();
    const second = 'ord_4000002';
    const plan = [
      { orderId: ORDER, kind: 'pickup' },
      { orderId: second, kind: 'pickup' },
      { orderId: second, kind: 'dropoff' },
      { orderId: ORDER, kind: 'dropoff' },
    ] as const;
    rider.send({ type: 'offer', offer: offerOf('off_2', second, { plan }) });
    rider.send({ type: 'job_changed', orderId: ORDER, phase: 'to_dropoff', dropoff: null });
    rider.accept('off_2');
    rider.answered('won', 'off_2');
    const names = () => rider.view().profile.stops.map(({ orderId, kind }) => ({ orderId, kind }));
    expect(names()).toEqual(plan.slice(1));
    rider.send({ type: 'job_ended', orderId: second, outcome: 'cancelled', cashMinor: 0 });
    expect(names()).toEqual(plan.slice(3));
    rider.won('off_3', 'ord_4000003');
    expect(names()).toEqual([plan[3], { orderId: 'ord_4000003', kind: 'pickup' }, { orderId: 'ord_4000003', kind: 'dropoff' }]);
  });

  it('case 59: counts refusals and expiries against the acceptance, taken and withdrawn offers not', () => {
    const rider = new Rider().online();
    const before = rider.view().profile.acceptance;
    rider.offered('off_a').send({ type: 'withdraw', offerId: 'off_a', reason: 'taken' });
    expect(rider.view().profile.acceptance).toBe(before);
    rider.offered('off_b').send({ type: 'decline', offerId: 'off_b' });
    const once = rider.view().profile.acceptance;
    expect(once).toBeLessThan(before);
    rider.offered('off_c').send({ type: 'offer_due', offerId: 'off_c' });
    expect(rider.view().profile.acceptance).toBeLessThan(once);
  });

  it('counts the jobs of the last two hours only', () => {
    const rider = new Rider().online().won();
    expect(rider.view().profile.recentJobsMs).toHaveLength(1);
    rider.nowMs = T0 + 2 * HOUR_MS + 1;
    expect(rider.view().profile.recentJobsMs).toEqual([]);
  });

  it('does not count a job that was called off before the pick-up, and counts one that was paid', () => {
    const rider = new Rider().online().won();
    rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'cancelled', cashMinor: 0 });
    expect(rider.view().profile.recentJobsMs).toEqual([]);
    rider.won('off_2', 'ord_4000002');
    rider.send({ type: 'job_changed', orderId: 'ord_4000002', phase: 'to_dropoff', dropoff: null });
    rider.send({ type: 'job_ended', orderId: 'ord_4000002', outcome: 'cancelled', cashMinor: 0, carried: true });
    expect(rider.view().profile.recentJobsMs).toHaveLength(1);
  });
});

it('the journal alone gives the state, also after the person is erased', () => {
  const rider = new Rider().online().won();
  rider.send({ type: 'job_ended', orderId: ORDER, outcome: 'delivered', cashMinor: 8_000 });
  const live = rider.state;
  expect(rider.restarted().state).toEqual(live);
  let state = driverBehaviour.initial(REF);
  for (const { event, seq, atMs } of rider.journal) {
    const { personal: _personal, ...rest } = event as typeof event & { personal?: unknown };
    state = driverBehaviour.evolve(state, rest as typeof event, { ref: REF, seq, atMs });
  }
  expect(JSON.stringify(state)).not.toContain('Lwazi');
});

describe('who a driver is', () => {
  it('is in no open part of its events: name, phone, plate and the numbers of papers', () => {
    const rider = new Rider().online();
    rider.send({ type: 'change', patch: { documents: { insurance: { number: 'INS 9', expiresOn: '2027-01-01' } } } });
    const open = JSON.stringify(rider.journal.map(({ event: { personal: _personal, ...rest } }) => rest));
    for (const word of ['Lwazi', PERSON.phone, 'GP 12', 'L1', 'INS 9']) expect(open).not.toContain(word);
    expect(open).toContain('2027-01-01');
    expect(rider.restarted().view()).toMatchObject({ ...PERSON, documents: { insurance: { number: 'INS 9', expiresOn: '2027-01-01' } } });
  });

  it('is merged by the actor: two changes that were made of the same view both stay', () => {
    const rider = new Rider().online();
    rider.send({ type: 'change', patch: { vehicle: { type: 'bakkie' }, documents: { insurance: { number: 'I', expiresOn: null } } } });
    rider.send({ type: 'change', patch: { name: 'L. Dlamini', vehicle: { coldStorage: true } } });
    rider.send({ type: 'change', patch: { documents: { licence: null } } });
    expect(rider.restarted().view()).toMatchObject({
      name: 'L. Dlamini',
      phone: PERSON.phone,
      vehicle: { type: 'bakkie', registration: 'GP 12', coldStorage: true },
    });
    expect(rider.view().documents).toEqual({ insurance: { number: 'I', expiresOn: null } });
    rider.send({ type: 'change', patch: { vehicle: { registration: null } } });
    expect(rider.view().vehicle).toEqual({ type: 'bakkie', registration: null, coldStorage: true });
  });

  it('keeps whatever any order of changes has named last, and nothing else is touched', () => {
    const document = fc.record({ number: fc.constantFrom(null, 'A', 'B'), expiresOn: fc.constantFrom(null, '2027-01-01') });
    const documents = fc.record(Object.fromEntries(DOCUMENT_KINDS.map((kind) => [kind, fc.option(document)])), { requiredKeys: [] });
    const vehicle = fc.record(
      { type: fc.constantFrom(...VEHICLE_TYPES), registration: fc.constantFrom(null, 'GP 1'), coldStorage: fc.boolean() },
      { requiredKeys: [] },
    );
    const patch = fc.record(
      { name: fc.constantFrom('x', 'y'), phone: fc.constantFrom('1', '2'), vehicle, documents },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 8 }), (patches) => {
        const rider = new Rider().online();
        for (const each of patches) rider.send({ type: 'change', patch: each as DriverPatch });
        const fields: [string, unknown][] = [PERSON, ...patches].flatMap(({ vehicle: car, documents: papers, ...own }) =>
          [own, car ?? {}, papers ?? {}].flatMap((part) => Object.entries(part)),
        );
        const { name, phone, vehicle: car, documents: papers } = rider.view();
        const last = new Map(fields.filter(([, value]) => value !== undefined));
        const named = [...last].filter(([key, value]) => value !== null || key === 'registration');
        expect(new Map(Object.entries({ name, phone, ...car, ...papers }))).toEqual(new Map(named));
      }),
      { numRuns: 50 },
    );
  });

  it('is still read from events of the time when plate and numbers were open', () => {
    const { name, phone, vehicle, documents } = PERSON;
    const event = { type: 'driver_registered', data: { vehicle, documents }, personal: { name, phone } } as const;
    const state = driverBehaviour.evolve(driverBehaviour.initial(REF), event, { ref: REF, seq: 1, atMs: T0 });
    expect(state.person).toMatchObject(PERSON);
  });
});
