/** An order and its drivers, with every message between them late, twice or crossing another, and everybody changing their mind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLACE } from './harness.ts';
import { Saga } from './saga.ts';

const DOORS = [
  { lat: -26.25, lng: 27.85 },
  { lat: -26.26, lng: 27.86 },
  { lat: -26.27, lng: 27.87 },
] as const;
const RIDING: ReadonlySet<string> = new Set(['assigned', 'at_pickup', 'picked_up', 'at_dropoff']);

const who = fc.nat({ max: 2 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), at: fc.nat({ max: 5 }), isAnswerLost: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('offer' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('accept' as const), who }) },
  fc.record({ do: fc.constant('ended' as const), who, how: fc.constantFrom('decline', 'bid', 'withdraw', 'offer_due') }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('won' as const), who }) },
  fc.record({ do: fc.constant('look' as const), who }),
  fc.record({ do: fc.constant('take' as const) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ride' as const), who, to: fc.constantFrom('arrived', 'picked_up', 'delivered') }) },
  fc.record({ do: fc.constant('move' as const), door: fc.nat({ max: 2 }) }),
  fc.record({ do: fc.constant('release' as const), who }),
  fc.record({ do: fc.constant('end' as const), how: fc.constantFrom('cancel', 'deliver', 'refund') }),
  fc.record({ do: fc.constant('rate' as const), stars: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('shift' as const), who, to: fc.constantFrom('go_online', 'go_offline', 'suspend', 'approve') }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 5_000, 25_000, 700_000) }),
  fc.record({ do: fc.constant('restart' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const ACTS: { readonly [D in Step['do']]: (saga: Saga, one: Extract<Step, { readonly do: D }>) => void } = {
  deliver: (saga, { at, isAnswerLost }) => saga.deliver(at, isAnswerLost),
  offer: (saga, { who: at }) => saga.offer(at),
  accept: (saga, { who: at }) => saga.accept(at),
  ended: (saga, { who: at, how }) => saga.close(at, how as 'bid'),
  won: (saga, { who: at }) => {
    saga.offer(at);
    saga.accept(at);
    saga.drain();
  },
  look: (saga, { who: at }) => saga.look(at),
  take: (saga) => saga.take(),
  ride: (saga, { who: at, to }) => saga.ride(at, to as 'arrived'),
  move: ({ order }, { door }) =>
    void order.send({ type: 'change_dropoff', dropoff: { ...PLACE.dropoff, position: DOORS[door] ?? DOORS[0] } }),
  release: (saga, { who: at }) =>
    void saga.order.send({ type: 'release_driver', driverId: saga.driver(at).ref.id, by: 'vendor', reason: null }),
  end: (saga, { how }) => saga.walk(how as 'cancel', 'vendor'),
  rate: ({ order }, { stars }) => void order.send({ type: 'rate_driver', customerId: PLACE.customerId, stars }),
  shift: (saga, { who: at, to }) => void saga.driver(at).send(shift(to)),
  pass: (saga, { ms }) => saga.pass(ms),
  restart: (saga) => saga.restart(),
};

function shift(to: string) {
  if (to === 'go_online') return { type: 'go_online' } as const;
  if (to === 'go_offline') return { type: 'go_offline', reason: 'driver' } as const;
  return to === 'suspend' ? ({ type: 'suspend', by: 'x', reason: null } as const) : ({ type: 'approve', by: 'x' } as const);
}

/** Somebody will say something: no order waits for nobody, nobody is on shift for ever. */
function expectAwake(saga: Saga): void {
  const { delivery, status } = saga.view;
  if (status === 'CREATED') expect([...saga.order.timers.keys()]).toContain('accept');
  if (delivery?.phase === 'seeking') expect([...saga.order.timers.keys()]).toContain('seek');
  for (const driver of saga.drivers) if (driver.state.onlineSinceMs !== null) expect([...driver.timers.keys()]).toContain('silence');
}

/** Everything has been said and heard. */
function expectAgreed(saga: Saga): void {
  const { delivery, dropoff, quote, status } = saga.view;
  const rider = delivery !== null && RIDING.has(delivery.phase) ? delivery.driver?.id : null;
  for (const { ref, state } of saga.drivers) {
    expect(state.reservation?.mode).not.toBe('accepting');
    expect(state.jobs.map(({ job }) => job.dropoff.position)).toEqual(ref.id === rider ? [dropoff.position] : []);
    expect(state.jobs.map(({ phase }) => phase)).toEqual(ref.id === rider ? [PHASES[delivery?.phase ?? 'ended']] : []);
    expect(new Set(state.plan.map(({ kind }) => kind)).size).toBe(state.plan.length);
    expect(state.cashOnHandMinor).toBe(status === 'DELIVERED' && delivery?.driver?.id === ref.id ? quote.totalMinor : 0);
  }
  const given = saga.order.state.order?.delivery?.driverStars;
  expect(saga.drivers.flatMap(({ state }) => state.delivered.flatMap(({ stars }) => stars ?? []))).toEqual(
    given === undefined ? [] : [given],
  );
  const closed = saga.drivers.flatMap(({ journal }) => journal.flatMap(({ event }) => (event.type === 'job_closed' ? [event.data] : [])));
  const delivered = (closed as { outcome: string; feeMinor: number }[]).filter(({ outcome }) => outcome === 'delivered');
  const byDriver = delivery?.driver != null && (status === 'DELIVERED' || status === 'REFUNDED');
  expect(delivered.length).toBe(byDriver ? 1 : 0);
  expect((closed as { feeMinor: number }[]).filter(({ feeMinor }) => feeMinor > 0).length).toBeLessThanOrEqual(1);
}

const PHASES: Readonly<Record<string, string>> = {
  assigned: 'to_pickup',
  at_pickup: 'at_pickup',
  picked_up: 'to_dropoff',
  at_dropoff: 'at_dropoff',
};

/** What it has found; runs are random otherwise. */
const FOUND: Step[][] = [
  [{ do: 'look', who: 0 }, { do: 'take' }, { do: 'move', door: 1 }],
  [
    { do: 'won', who: 0 },
    { do: 'move', door: 0 },
    { do: 'move', door: 1 },
    { do: 'deliver', at: 3, isAnswerLost: false },
  ],
  [
    { do: 'won', who: 0 },
    { do: 'ride', who: 0, to: 'arrived' },
    { do: 'ride', who: 0, to: 'picked_up' },
    { do: 'ride', who: 0, to: 'delivered' },
    { do: 'rate', stars: 3 },
    { do: 'deliver', at: 6, isAnswerLost: false },
  ],
];

describe('an order and its drivers', () => {
  it('agree in the end on who rides, where to and what was paid, whatever crosses, is lost, comes twice or starts again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const saga = new Saga();
        for (const to of ['accept', 'prepare', 'ready'] as const) saga.walk(to, 'vendor');
        saga.deliver(saga.pending.length - 1, false);
        for (const one of steps) {
          ACTS[one.do](saga, one as never);
          expectAwake(saga);
          expect(saga.order.replayed()).toEqual(saga.order.state);
        }
        saga.drain();
        expectAgreed(saga);
        for (const driver of saga.drivers) expect(driver.replayed()).toEqual(driver.state);
      }),
      { numRuns: 300, examples: FOUND.map((steps) => [steps]) },
    );
  });
});
