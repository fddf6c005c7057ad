/** Orders and drivers in one whole runtime, with a store that fails and a crash in the middle: two guards, no double assignment. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AcceptOutcome, DriverOffer, DriverView } from '../../src/actors/driver/protocol.ts';
import type { OrderView } from '../../src/actors/order/protocol.ts';
import { newDriverRef, newOrderRef } from '../../src/actors/refs.ts';
import type { Answer } from '../../src/runtime/behaviour.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import { seededRandom } from '../../src/runtime/executor/deterministic-executor.ts';
import type { ThreadRuntime } from '../../src/runtime/thread/thread-runtime.ts';
import { PLACE } from '../order/harness.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { startRuntime } from '../support/runtime.ts';
import { BEHAVIOURS } from './company.ts';
import { offerOf, PERSON } from './harness.ts';

const JOBS = 100;
const DRIVERS = 300;
const ACCEPTS = 1_000;
const OFFER_MS = 60_000;
const SETTLE_MS = 20_000;
const LATEST_TURNS = 200;

const HANDLERS = {
  'delivery.credentials': async ({ input }: { input: unknown }) => ({
    type: 'credentials_issued',
    leg: (input as { leg: number }).leg,
    otp: '1234',
    trackingToken: 't',
    trackingUrl: 'https://x/t',
  }),
};

const running: ThreadRuntime[] = [];
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.close();
});

class City {
  readonly store = new MemoryStore();
  readonly random: () => number;
  readonly orders = Array.from({ length: JOBS }, (_, i) => newOrderRef(7, 4, `cus_${i}`, `${i}`));
  readonly drivers = Array.from({ length: DRIVERS }, (_, i) => newDriverRef(7, 4, `d${i}`));
  readonly offers = new Map<string, { readonly driver: EntityRef; readonly offer: DriverOffer }>();
  runtime!: ThreadRuntime;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  async start(): Promise<void> {
    ({ runtime: this.runtime } = await startRuntime({ store: this.store, behaviours: [...BEHAVIOURS], handlers: HANDLERS }));
    running.push(this.runtime);
  }

  /** What a dead process leaves: nothing but the store. */
  async crash(): Promise<void> {
    running.splice(running.indexOf(this.runtime), 1);
    const dead = this.runtime;
    const before = this.store.onCommit;
    this.store.onCommit = () => {
      throw new Error('dead');
    };
    await dead.close();
    this.store.onCommit = before;
    await this.start();
  }

  async ask<R>(to: EntityRef, command: unknown, commandId?: string): Promise<R> {
    const answer: Answer<R> = await this.runtime.ask<R>(to, command, commandId === undefined ? {} : { commandId });
    if (!answer.ok) throw new Error('refusal' in answer ? answer.refusal.code : answer.fault.code);
    return answer.value;
  }

  async open(): Promise<void> {
    await Promise.all(
      this.orders.map(async (order, i) => {
        await this.ask(order, { ...PLACE, customerId: `cus_${i}` });
        for (const transition of ['accept', 'prepare', 'ready'])
          await this.ask(order, { type: 'transition', transition, by: { role: 'vendor', id: null }, reason: null });
      }),
    );
    await Promise.all(
      this.drivers.map(async (driver) => {
        for (const command of [
          { type: 'register', driver: { ...PERSON, documents: {} } },
          { type: 'approve', by: 'x' },
          { type: 'go_online' },
        ])
          await this.ask(driver, command);
      }),
    );
  }

  /** Three drivers for each job, and each of them is held by it. */
  async offer(): Promise<void> {
    await Promise.all(
      this.drivers.map(async (driver, i) => {
        const order = this.orders[i % JOBS] as EntityRef;
        const offer = { ...offerOf(`off_${i}`, order.id), driverId: driver.id, expiresAtMs: Date.now() + OFFER_MS, exclusive: false };
        this.offers.set(offer.offerId, { driver, offer });
        await this.ask(driver, { type: 'offer', offer });
      }),
    );
  }

  /** Taps again until there is a word, as a phone does that lost its connection. */
  async accept(offerId: string): Promise<AcceptOutcome> {
    const driver = this.offers.get(offerId)?.driver as EntityRef;
    for (;;) {
      const answer = await this.runtime.ask<{ outcome: AcceptOutcome }>(driver, { type: 'accept', offerId, receivedAtMs: Date.now() });
      if (answer.ok) return answer.value.outcome;
      if ('refusal' in answer) throw new Error(answer.refusal.code);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async views(): Promise<{ orders: OrderView[]; drivers: DriverView[] }> {
    const [orders, drivers] = await Promise.all([
      Promise.all(this.orders.map((order) => this.ask<OrderView>(order, { type: 'get' }))),
      Promise.all(this.drivers.map((driver) => this.ask<DriverView>(driver, { type: 'get' }))),
    ]);
    return { orders, drivers };
  }

  expectNobodyTwice({ orders, drivers }: { orders: OrderView[]; drivers: DriverView[] }): void {
    const riders = new Map<string, string[]>();
    for (const driver of drivers) {
      expect(driver.jobs.length).toBeLessThanOrEqual(1);
      for (const { job } of driver.jobs) riders.set(job.orderId, [...(riders.get(job.orderId) ?? []), driver.id]);
    }
    for (const order of orders) {
      const assigned = order.status === 'ASSIGNED_TO_DRIVER' ? [order.delivery?.driver?.id] : [];
      expect(riders.get(order.id) ?? []).toEqual(assigned);
    }
  }
}

/** Every twentieth batch is lost, and of those half were written. */
function failing(city: City): void {
  city.store.onCommit = () => {
    const dice = city.random();
    if (dice < 0.025) throw new Error('connection lost');
    return dice < 0.05 ? 'after' : 'ok';
  };
}

/** So that acceptances come at different moments of each other's way. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe.each([1, 2, 3])('a thousand acceptances of a hundred jobs by three hundred drivers (seed %i)', (seed) => {
  it('case 43, 44, 46, 48, 52: nobody twice, everybody answered, cancelled orders have nobody, through lost batches and a crash', {
    timeout: 60_000,
  }, async () => {
    const city = new City(seed);
    await city.start();
    await city.open();
    await city.offer();
    failing(city);
    const outcomes = new Map<string, AcceptOutcome[]>();
    const accepts = Array.from({ length: ACCEPTS }, async (_, n) => {
      const offerId = `off_${n < DRIVERS ? n : Math.floor(city.random() * DRIVERS)}`;
      if (n > DRIVERS) await turns(Math.floor(city.random() * LATEST_TURNS));
      const outcome = await city.accept(offerId);
      outcomes.set(offerId, [...(outcomes.get(offerId) ?? []), outcome]);
    });
    const cancels = city.orders
      .filter((_, i) => i % 7 === 0)
      .map((order) =>
        city.ask(order, { type: 'transition', transition: 'cancel', by: { role: 'vendor', id: null }, reason: null }).catch(() => null),
      );
    while (outcomes.size < DRIVERS / 3) await turns(1);
    await city.crash();
    await Promise.all([...accepts, ...cancels]);
    city.store.onCommit = () => 'ok';

    await expect
      .poll(async () => (await city.views()).drivers.filter((driver) => driver.profile.freeSlots === 2 && driver.jobs.length > 0).length, {
        timeout: SETTLE_MS,
      })
      .toBe(0);
    // What was pending is settled: every offer has a last word, and asking again does not change it.
    for (const offerId of city.offers.keys()) await expect.poll(() => city.accept(offerId), { timeout: SETTLE_MS }).not.toBe('pending');
    await expect.poll(() => city.runtime.pendingEffects, { timeout: SETTLE_MS }).toBe(0);
    const views = await city.views();
    city.expectNobodyTwice(views);
    const wanted = views.orders.filter((order) => order.status !== 'CANCELLED');
    expect(wanted.filter((order) => order.delivery?.driver == null)).toEqual([]);
    expect([...outcomes.values()].flat()).toHaveLength(ACCEPTS);
    expect(views.drivers.filter((driver) => driver.offer !== null)).toEqual([]);
  });
});
