/** Positions between two threads: what crosses, what waits, what is given up, what is answered. */
import fc from 'fast-check';
import { pack } from 'msgpackr/pack';
import { unpack } from 'msgpackr/unpack';
import { describe, expect, it } from 'vitest';
import { newDriverRef } from '../../src/actors/refs.ts';
import type { Fix } from '../../src/geo/gps/fix.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { Outbox } from '../../src/telemetry/outbox.ts';
import { PackedFixes, readPacked } from '../../src/telemetry/packed-fixes.ts';
import { type DriverSource, driverSource, type TelemetryNotice } from '../../src/telemetry/protocol.ts';
import { SourceNumbers, SourceTable } from '../../src/telemetry/source-table.ts';
import { FLUSH_MS, Telemetry } from '../../src/telemetry/telemetry.ts';
import { DATA_SHARD, DRIVER, driverView, FakeFeed, FakeSystem, fixAt, ORDER, off, SHOP, START_MS, settled, TENANT } from './support.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyFix: fc.Arbitrary<Fix> = fc
  .record({
    atMs: number,
    lat: number,
    lng: number,
    accuracyM: fc.option(number),
    speedMps: fc.option(number),
    headingDeg: fc.option(number),
    mock: fc.boolean(),
  })
  .map(({ mock, ...fix }) => (mock ? { ...fix, isMock: true } : fix));

describe('packed fixes', () => {
  it('come out as they went in, at any alignment, joined by source and arrival', () => {
    const arrivals = fc.array(fc.record({ source: fc.nat(3), fixes: fc.array(anyFix, { minLength: 1, maxLength: 5 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(arrivals, fc.nat(7), (given, shift) => {
        const packed = new PackedFixes();
        for (const [i, { source, fixes }] of given.entries()) for (const fix of fixes) packed.push(source, i, fix);
        const bytes = packed.bytes();
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const seen: unknown[] = [];
        readPacked(shifted, (source, fixes, receivedAtMs) => seen.push([source, receivedAtMs, fixes]));
        expect(seen).toEqual(given.map(({ source, fixes }, i) => [source, i, fixes]));
      }),
      { numRuns: 200 },
    );
  });
});

describe('numbers of sources', () => {
  const sources = Array.from({ length: 3 }, (_, i) => driverSource(TENANT, DRIVER.id, `phone ${i}`, 0));

  it('begin anew when a table is full, and the other side follows', () => {
    const numbers = new SourceNumbers(2);
    const table = new SourceTable();
    for (const source of [...sources, ...sources]) {
      const number = numbers.numberOf(source);
      expect(table.learn(numbers.news())).toBe(true);
      expect(number).toBeLessThan(2);
      expect(table.sourceOf(number)).toBe(source);
      numbers.told();
    }
  });

  it('mean nothing to who has missed some', () => {
    const numbers = new SourceNumbers();
    numbers.numberOf(sources[0] as DriverSource);
    numbers.told();
    numbers.numberOf(sources[1] as DriverSource);
    expect(new SourceTable().learn(numbers.news())).toBe(false);
  });

  it('of one table mean nothing in another of the same length', () => {
    const [first, second, table] = [new SourceNumbers(), new SourceNumbers(), new SourceTable()];
    first.numberOf(sources[0] as DriverSource);
    table.learn(first.news());
    second.numberOf(sources[1] as DriverSource);
    second.told();
    second.numberOf(sources[2] as DriverSource);
    expect(table.learn(second.news())).toBe(false);
  });
});

describe('an outbox', () => {
  const sources = Array.from({ length: 4 }, (_, i) => driverSource(TENANT, DRIVER.id, `phone ${i}`, 0));

  it('keeps the newest of each source when it is full, counts the rest, and never grows', () => {
    const outbox = new Outbox(8);
    for (let i = 0; i < 100; i++) outbox.push(sources[i % 3] as (typeof sources)[number], [fixAt(SHOP, i)], i);
    expect(outbox.waiting).toBeLessThanOrEqual(8);
    const left: number[] = [];
    outbox.flush((_news, packed) => {
      readPacked(packed, (_source, fixes) => left.push(...fixes.map((fix) => fix.atMs)));
      return true;
    });
    expect(left).toEqual(expect.arrayContaining([97, 98, 99]));
    expect(left.length + outbox.dropped).toBe(100);
  });

  it('drops what finds no room when there are more sources than places', () => {
    const outbox = new Outbox(2);
    for (const source of sources) outbox.push(source, [fixAt(SHOP, 1)], 1);
    expect([outbox.waiting, outbox.dropped]).toEqual([2, 2]);
  });

  it('keeps everything that the link would not take', () => {
    const outbox = new Outbox();
    outbox.push(sources[0] as (typeof sources)[number], [fixAt(SHOP, 1), fixAt(SHOP, 2)], 5);
    expect(outbox.flush(() => false)).toBe(false);
    expect(outbox.waiting).toBe(2);
    expect(outbox.flush(() => true)).toBe(true);
    expect(outbox.waiting).toBe(0);
  });
});

/** Thread 1 has the socket, thread 0 the driver; notices cross as bytes. */
class TwoThreads {
  readonly clock = new VirtualClock(START_MS);
  readonly system = new FakeSystem();
  readonly threads: Telemetry[] = [];
  readonly sent: TelemetryNotice[] = [];
  isFull = false;
  readonly source = driverSource(TENANT, DRIVER.id, 'phone', START_MS);

  constructor() {
    for (const thread of [0, 1]) this.start(thread);
    this.system.views.set(DRIVER.id, driverView());
  }

  /** One that is there already has died. */
  start(thread: number): void {
    this.threads[thread] = new Telemetry({
      links: { thread, threadOf: () => 0, send: (to, notice) => this.#carry(to, notice) },
      system: this.system,
      feed: new FakeFeed(),
      clock: this.clock,
      tracks: { write: async () => undefined },
    });
  }

  /** A second passes, and the phone says where it is. */
  async drive(source: DriverSource = this.source): Promise<void> {
    this.clock.advance(1_000);
    this.door.push(source, [fixAt(SHOP, this.clock.nowMs())], this.clock.nowMs());
    this.clock.advance(FLUSH_MS);
    await settled();
  }

  batches(): Extract<TelemetryNotice, { type: 'gps.batch' }>[] {
    return this.sent.flatMap((notice) => (notice.type === 'gps.batch' ? [notice] : []));
  }

  get home(): Telemetry {
    return this.threads[0] as Telemetry;
  }

  get door(): Telemetry {
    return this.threads[1] as Telemetry;
  }

  #carry(to: number, notice: TelemetryNotice): boolean {
    if (this.isFull) return false;
    this.sent.push(notice);
    const bytes = pack(notice);
    queueMicrotask(() => this.threads[to]?.notice(unpack(bytes) as TelemetryNotice));
    return true;
  }
}

describe('two threads', () => {
  it('positions reach the home thread in batches, at most one each time', async () => {
    const two = new TwoThreads();
    for (let i = 0; i < 50; i++) two.door.push(two.source, [fixAt(off(SHOP, i), START_MS + i * 1_000)], START_MS + i * 1_000);
    expect(two.sent).toHaveLength(0);
    two.clock.advance(FLUSH_MS);
    await settled();
    expect(two.sent).toHaveLength(1);
    expect(two.home.stats().accepted).toBe(50);
    expect(two.door.stats()).toMatchObject({ accepted: 0, waitingFixes: 0 });
  });

  it('a phone is named in full once, and by number from then on', async () => {
    const two = new TwoThreads();
    const other = driverSource(TENANT, newDriverRef(TENANT, DATA_SHARD, 'lerato').id, 'phone', START_MS);
    await two.drive();
    await two.drive(other);
    await two.drive();
    expect(two.batches().map(({ news }) => [news.first, news.sources.map(({ key }) => key)])).toEqual([
      [0, [two.source.key]],
      [1, [other.key]],
      [2, []],
    ]);
    expect(two.home.stats().accepted).toBe(2);
  });

  it('a home thread that has died and is there anew gives no position to the wrong driver, and is told who is who', async () => {
    const two = new TwoThreads();
    const other = driverSource(TENANT, newDriverRef(TENANT, DATA_SHARD, 'lerato').id, 'phone', START_MS);
    await two.drive(other);
    await two.drive();
    two.start(0);
    await two.drive();
    expect(two.home.stats()).toMatchObject({ drivers: 0, accepted: 0 });
    expect(two.door.stats().conflatedFixes).toBe(1);
    await two.drive();
    expect(two.home.stats()).toMatchObject({ drivers: 1, accepted: 1 });
    expect(await two.door.where(two.source, ORDER.id)).not.toBe(null);
  });

  it('a door thread that is there anew is understood at once', async () => {
    const two = new TwoThreads();
    await two.drive();
    two.start(1);
    await two.drive();
    expect(two.home.stats().accepted).toBe(2);
  });

  it('a full link makes them wait, and they come when it has room', async () => {
    const two = new TwoThreads();
    two.isFull = true;
    two.door.push(two.source, [fixAt(SHOP, START_MS)], START_MS);
    two.clock.advance(50);
    await settled();
    expect(two.door.stats().waitingFixes).toBe(1);
    two.isFull = false;
    two.clock.advance(10);
    await settled();
    expect(two.home.stats().accepted).toBe(1);
  });

  it('a report and the question where a driver is are answered across; what was heard before counts', async () => {
    const two = new TwoThreads();
    const report = await two.door.report(
      two.source,
      [fixAt(SHOP, START_MS), fixAt(SHOP, START_MS), fixAt({ lat: 91, lng: 0 }, START_MS)],
      START_MS,
    );
    expect(report).toEqual({
      kind: 'judged',
      items: [
        { verdict: 'accepted', code: null, retryAfterMs: 0 },
        { verdict: 'duplicate', code: 'gps.duplicate', retryAfterMs: 0 },
        { verdict: 'rejected', code: 'gps.invalid_lat', retryAfterMs: 0 },
      ],
    });
    two.door.push(two.source, [fixAt(off(SHOP, 5), START_MS + 1_000)], START_MS + 1_000);
    expect(await two.door.where(two.source, ORDER.id)).toMatchObject({ atMs: START_MS + 1_000 });
  });

  it('a question that nobody answers ends', async () => {
    const two = new TwoThreads();
    two.isFull = true;
    expect(await two.door.report(two.source, [fixAt(SHOP, START_MS)], START_MS)).toEqual({ kind: 'unavailable' });
    two.isFull = false;
    two.threads[0] = { notice: () => undefined } as unknown as Telemetry;
    const asked = two.door.where(two.source, ORDER.id);
    two.clock.advance(6_000);
    expect(await asked).toBe(null);
  });

  it('advice finds its way back to the thread of the device', async () => {
    const two = new TwoThreads();
    const advice: unknown[] = [];
    two.door.onAdvice((...given) => advice.push(given));
    for (let i = 0; i < 100; i++) {
      two.clock.advance(200);
      two.door.push(two.source, [fixAt(off(SHOP, i), two.clock.nowMs())], two.clock.nowMs());
    }
    two.clock.advance(10);
    await settled();
    expect(advice).toEqual([[two.source.key, 'phone', 1_000]]);
  });
});
