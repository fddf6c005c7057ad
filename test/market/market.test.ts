/** The market actor around the dispatcher, on a virtual clock, with fake driver actors. */
import { describe, expect, it } from 'vitest';
import { createMarketBehaviour, Market } from '../../src/actors/market/actor.ts';
import type { DriverProfile, Job, MarketMessage, MarketView, OfferedJob } from '../../src/actors/market/protocol.ts';
import { driverRef, marketRef, newDriverRef, newOrderRef, orderRef } from '../../src/actors/refs.ts';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';

const T0 = Date.UTC(2026, 10, 20, 10);
const SHOP = { lat: -26.25, lng: 27.85 };
const HOME = { lat: -26.26, lng: 27.86 };
const REF = marketRef(7, 4, SHOP);
const ORDER = newOrderRef(7, 4, 'cus_1', '1').id;
const driverId = (n: number): string => newDriverRef(7, 4, `d${n}`).id;

function profile(n: number, more: Partial<DriverProfile> = {}): DriverProfile {
  return {
    driverId: driverId(n),
    vehicle: 'motorbike',
    coldStorage: false,
    rating: 4.5,
    completion: 1,
    acceptance: 1,
    completedJobs: 0,
    recentJobsMs: [],
    idleSinceMs: T0,
    earnedTodayMinor: 0,
    onlineSinceMs: T0,
    freeSlots: 2,
    stops: [],
    ...more,
  };
}

function jobOf(version = 1): { job: Job; offered: OfferedJob } {
  const shared = { orderId: ORDER, distanceM: 2_000, currency: 'ZAR', cashMinor: 5_000, promisedAtMs: null };
  return {
    job: {
      ...shared,
      version,
      pickup: SHOP,
      dropoff: HOME,
      readyAtMs: T0,
      openedAtMs: T0,
      feeMinor: 2_000,
      needs: { vehicles: [], coldStorage: false, minRating: 0 },
      excludedDriverIds: [],
    },
    offered: {
      ...shared,
      code: 'K7F',
      jobVersion: version,
      pickup: { position: SHOP, name: 'Shop', address: null, note: null },
      dropoff: { position: HOME, name: null, address: '12 Vilakazi Street', note: null },
    },
  };
}

class Bench {
  readonly clock = new VirtualClock(T0);
  readonly told: { to: EntityRef; command: { type: string } & Record<string, unknown> }[] = [];
  readonly asked: { to: EntityRef; command: { type: string; offer: Record<string, unknown> }; commandId: string | undefined }[] = [];
  answer: Answer = { ok: true, value: undefined };
  readonly market: Market;
  isBroken = false;
  replied: unknown;

  constructor() {
    this.market = new Market(REF, { clock: this.clock, dispatch: {}, routing: null, system: this.#system() });
  }

  #system() {
    return {
      tell: (to: EntityRef, command: unknown): boolean => {
        if (to.kind === 'market') {
          if (to.id === REF.id) this.send(command as MarketMessage);
          return true;
        }
        this.told.push({ to, command: command as never });
        return true;
      },
      ask: async (to: EntityRef, command: unknown, options?: { commandId?: string }) => {
        this.asked.push({ to, command: command as never, commandId: options?.commandId });
        if (this.isBroken) throw new Error('planted');
        return this.answer as Answer<never>;
      },
    };
  }

  send(message: MarketMessage): void {
    this.market.receive(message, { ref: REF, reply: (value) => (this.replied = value) });
  }

  /** In steps, as time comes; answers of asks arrive between. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.clock.advance(Math.min(100, left));
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  /** Drivers that stand 300, 600, 900 m from the shop. */
  drivers(count: number): this {
    this.send({ type: 'drivers', profiles: Array.from({ length: count }, (_, n) => profile(n)) });
    const packed = new Uint8Array(1 + count * 24);
    const view = new DataView(packed.buffer);
    for (let n = 0; n < count; n++) {
      view.setFloat64(1 + n * 24, SHOP.lat + 0.0027 * (n + 1), true);
      view.setFloat64(1 + n * 24 + 8, SHOP.lng, true);
      view.setFloat64(1 + n * 24 + 16, this.clock.nowMs(), true);
    }
    this.send({
      type: 'positions',
      driverIds: Array.from({ length: count }, (_, n) => driverId(n)),
      packed: packed.subarray(1),
      receivedAtMs: this.clock.nowMs(),
    });
    return this;
  }

  look(): MarketView {
    this.send({ type: 'look' });
    return this.replied as MarketView;
  }

  get offersTo(): string[] {
    return this.asked.map(({ to }) => to.id);
  }
}

describe('a market', () => {
  it('asks the nearest driver actor, with everything that the driver has to know, under the name of the offer', async () => {
    const bench = new Bench().drivers(3);
    bench.send({ type: 'open_job', ...jobOf() });
    expect(bench.replied).toEqual({ outcome: 'opened' });
    await bench.pass(200);
    expect(bench.asked).toHaveLength(1);
    const { to, command, commandId } = bench.asked[0]!;
    expect(to).toEqual(driverRef(7, driverId(0)));
    expect(command).toMatchObject({ type: 'offer', offer: { orderId: ORDER, jobVersion: 1, currency: 'ZAR', job: jobOf().offered } });
    expect(commandId).toBe(`offer:${String(command.offer.offerId)}`);
    await bench.pass(4_000);
    expect(bench.asked).toHaveLength(1);
  });

  it.each([false, true])(
    'case 54: a driver actor that refuses, or cannot be asked (%s), is passed over for the next, at once',
    async (isBroken) => {
      const bench = new Bench().drivers(2);
      bench.isBroken = isBroken;
      bench.answer = { ok: false, refusal: { code: 'driver.busy' } };
      bench.send({ type: 'open_job', ...jobOf() });
      await bench.pass(200);
      bench.isBroken = false;
      bench.answer = { ok: true, value: undefined };
      await bench.pass(400);
      expect(bench.offersTo).toEqual([driverId(0), driverId(1)]);
    },
  );

  it('case 47: a refusal goes to the next driver, a win ends the job', async () => {
    const bench = new Bench().drivers(2);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(200);
    const offerId = String(bench.asked[0]?.command.offer.offerId);
    bench.send({ type: 'offer_ended', offerId, outcome: 'declined', bidMinor: null });
    await bench.pass(400);
    expect(bench.offersTo).toEqual([driverId(0), driverId(1)]);
    bench.send({ type: 'offer_ended', offerId: String(bench.asked[1]?.command.offer.offerId), outcome: 'won', bidMinor: null });
    await bench.pass(4_000);
    expect(bench.asked).toHaveLength(2);
    expect(bench.look().jobs).toEqual([]);
  });

  it('a driver who names a price is asked again at that price when nobody else is there', async () => {
    const bench = new Bench().drivers(1);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(200);
    const offerId = String(bench.asked[0]?.command.offer.offerId);
    bench.send({ type: 'offer_ended', offerId, outcome: 'declined', bidMinor: 2_600 });
    await bench.pass(400);
    expect(bench.asked.map(({ to, command }) => [to.id, command.offer.feeMinor])).toEqual([
      [driverId(0), 2_000],
      [driverId(0), 2_600],
    ]);
  });

  it('case 60: a job that is taken or cancelled elsewhere withdraws its offer, and says which', async () => {
    for (const reason of ['taken', 'cancelled'] as const) {
      const bench = new Bench().drivers(1);
      bench.send({ type: 'open_job', ...jobOf() });
      await bench.pass(200);
      bench.send({ type: 'close_job', orderId: ORDER, reason });
      expect(bench.told).toMatchObject([
        { to: { id: driverId(0) }, command: { type: 'withdraw', offerId: bench.asked[0]?.command.offer.offerId, reason } },
      ]);
      await bench.pass(4_000);
      expect(bench.asked).toHaveLength(1);
    }
  });

  it('case 51: an offer stands while its driver rides over the border, and the driver is gone when it has ended', async () => {
    const bench = new Bench().drivers(1);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(200);
    bench.send({ type: 'driver_gone', driverId: driverId(0), elsewhere: true });
    await bench.pass(4_000);
    expect([bench.told, bench.asked.length]).toEqual([[], 1]);
    bench.send({ type: 'offer_ended', offerId: String(bench.asked[0]?.command.offer.offerId), outcome: 'declined', bidMinor: null });
    await bench.pass(4_000);
    expect([bench.look().drivers, bench.asked.length]).toEqual([[], 1]);
  });

  it('case 51: without an offer a driver over the border is gone at once; at the end of its shift an offer goes too', async () => {
    const bench = new Bench().drivers(2);
    bench.send({ type: 'driver_gone', driverId: driverId(1), elsewhere: true });
    expect(bench.look().drivers).toMatchObject([{ driverId: driverId(0) }]);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(200);
    bench.send({ type: 'driver_gone', driverId: driverId(0) });
    expect(bench.told).toMatchObject([{ to: { id: driverId(0) }, command: { type: 'withdraw' } }]);
  });

  it('case 49: an edited job voids the offer of the old version and is offered anew', async () => {
    const bench = new Bench().drivers(1);
    bench.send({ type: 'open_job', ...jobOf(1) });
    await bench.pass(200);
    bench.send({ type: 'open_job', ...jobOf(2) });
    expect(bench.told.at(-1)?.command.type).toBe('withdraw');
    await bench.pass(2_200);
    expect(bench.asked.at(-1)?.command.offer).toMatchObject({ jobVersion: 2 });
  });

  it('case 49: an older version that comes late does not bring its address back', async () => {
    const bench = new Bench().drivers(1);
    const edited = jobOf(2);
    bench.send({ type: 'open_job', ...edited });
    bench.send({ type: 'open_job', ...jobOf(1), offered: { ...jobOf(1).offered, dropoff: { ...edited.offered.dropoff, address: 'old' } } });
    await bench.pass(200);
    expect(bench.asked[0]?.command.offer).toMatchObject({
      jobVersion: 2,
      job: { jobVersion: 2, dropoff: { address: '12 Vilakazi Street' } },
    });
  });

  it('case 44: a job that an acceptance found taken is offered to nobody else', async () => {
    const bench = new Bench().drivers(3);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(200);
    const offerId = String(bench.asked[0]?.command.offer.offerId);
    bench.send({ type: 'offer_ended', offerId, outcome: 'lost', bidMinor: null });
    await bench.pass(10_000);
    expect(bench.asked).toHaveLength(1);
    expect(bench.look().jobs).toEqual([]);
  });

  it('case 25: drivers who were not heard of for a minute are asked nothing', async () => {
    const bench = new Bench().drivers(2);
    await bench.pass(61_000);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(2_200);
    expect(bench.asked).toEqual([]);
  });

  it('forgets a job that its order says no more, and withdraws what it has offered of it', async () => {
    const bench = new Bench();
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(60_000);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(60_000);
    expect(bench.look().jobs).toHaveLength(1);
    await bench.pass(10_000);
    expect(bench.look().jobs).toEqual([]);
  });

  it('case 56: tells the order why nobody takes it, once', async () => {
    const bench = new Bench();
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(10_000);
    const stalled = bench.told.filter(({ command }) => command.type === 'job_stalled');
    expect(stalled).toEqual([{ to: orderRef(7, ORDER), command: { type: 'job_stalled', jobVersion: 1, reason: 'market.no_drivers' } }]);
  });

  it('makes no offer under a name of another market that started in the same moment', async () => {
    const names = [SHOP, { lat: -33.9, lng: 18.4 }].map((at) => {
      const asked: string[] = [];
      const ref = marketRef(7, 4, at);
      const market = new Market(ref, {
        clock: new VirtualClock(T0),
        dispatch: {},
        routing: null,
        system: {
          tell: () => true,
          ask: async (_to, command) => {
            asked.push(String((command as { offer: { offerId: string } }).offer.offerId));
            return { ok: true, value: undefined } as never;
          },
        },
      });
      const send = (message: MarketMessage): void => market.receive(message, { ref, reply: () => undefined });
      const packed = new Uint8Array(new Float64Array([at.lat, at.lng, T0]).buffer);
      const { job, offered } = jobOf();
      send({ type: 'drivers', profiles: [profile(0)] });
      send({ type: 'positions', driverIds: [driverId(0)], packed, receivedAtMs: T0 });
      send({ type: 'open_job', job: { ...job, pickup: at }, offered });
      send({ type: 'tick' });
      return asked[0];
    });
    expect(names[0]).toBeDefined();
    expect(names[1]).toBeDefined();
    expect(names[0]).not.toBe(names[1]);
  });

  it('started anew makes no offer under a name of its predecessor', async () => {
    const names = new Set<string>();
    for (let start = 0; start < 3; start++) {
      const bench = new Bench();
      bench.clock.advance(start * 1_000);
      const again = new Market(REF, {
        clock: bench.clock,
        dispatch: {},
        routing: null,
        system: {
          tell: () => true,
          ask: async (_to, command) => {
            names.add(String((command as { offer: { offerId: string } }).offer.offerId));
            return { ok: true, value: undefined } as never;
          },
        },
      });
      const send = (message: MarketMessage): void => again.receive(message, { ref: REF, reply: () => undefined });
      send({ type: 'drivers', profiles: [profile(0)] });
      const packed = new Uint8Array(new Float64Array([SHOP.lat, SHOP.lng, bench.clock.nowMs()]).buffer);
      send({ type: 'positions', driverIds: [driverId(0)], packed, receivedAtMs: bench.clock.nowMs() });
      send({ type: 'open_job', ...jobOf() });
      send({ type: 'tick' });
    }
    expect(names.size).toBe(3);
  });

  it('a batch of positions that is not as long as its drivers is not read', () => {
    const bench = new Bench();
    bench.send({ type: 'drivers', profiles: [profile(0)] });
    bench.send({ type: 'positions', driverIds: [driverId(0)], packed: new Uint8Array(23), receivedAtMs: T0 });
    expect(bench.look().drivers).toEqual([]);
  });

  it('is an actor in memory', () => {
    const behaviour = createMarketBehaviour({
      clock: new VirtualClock(T0),
      dispatch: {},
      routing: null,
      system: { tell: () => true, ask: async () => ({ ok: true, value: null as never }) },
    });
    expect(behaviour.durable).toBe(false);
    expect(behaviour.kind).toBe('market');
  });
});

describe.each([-3_600_000, 3_600_000])('a clock that is set by %i ms', (stepMs) => {
  const open = async (drivers: number): Promise<Bench> => {
    const bench = new Bench().drivers(drivers);
    bench.send({ type: 'open_job', ...jobOf() });
    await bench.pass(200);
    expect(bench.offersTo).toEqual([driverId(0)]);
    return bench;
  };

  it('ends no offer sooner or later: one without an answer goes to the next driver after its time', async () => {
    const bench = await open(2);
    const offer = bench.asked[0]?.command.offer as { expiresAtMs: number };
    const lastsMs = offer.expiresAtMs - bench.clock.nowMs();
    bench.clock.step(stepMs);
    for (let ms = 0; ms < lastsMs; ms += 1_000) {
      await bench.pass(1_000);
      bench.send({ type: 'positions', driverIds: [], packed: new Uint8Array(0), receivedAtMs: bench.clock.nowMs() });
    }
    expect(bench.told.filter(({ command }) => command.type === 'withdraw')).toEqual([]);
    await bench.pass(10_000);
    expect(bench.told.filter(({ command }) => command.type === 'withdraw')).toMatchObject([{ to: { id: driverId(0) } }]);
    bench.drivers(2);
    await bench.pass(10_000);
    expect(bench.offersTo).toEqual([driverId(0), driverId(1)]);
  });

  it('forgets no driver, and hears where each is now', async () => {
    const bench = new Bench().drivers(2);
    bench.clock.step(stepMs);
    bench.send({ type: 'open_job', ...jobOf() });
    const packed = new Uint8Array(24);
    const view = new DataView(packed.buffer);
    [SHOP.lat + 0.0001, SHOP.lng, bench.clock.nowMs()].forEach((value, i) => void view.setFloat64(i * 8, value, true));
    bench.send({ type: 'positions', driverIds: [driverId(1)], packed, receivedAtMs: bench.clock.nowMs() });
    await bench.pass(200);
    expect(bench.offersTo).toEqual([driverId(1)]);
    expect(bench.look().drivers).toHaveLength(2);
  });
});
