/** What becomes of a shift whose home thread has died: the actor's reminder is durable, and so is what the home thread told it. */
import { afterEach, expect, it } from 'vitest';
import type { DriverCommand, DriverView } from '../../src/actors/driver/protocol.ts';
import { HEARD_EVERY_MS, SILENT_MS } from '../../src/actors/driver/silence.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import type { ThreadRuntime } from '../../src/runtime/thread/thread-runtime.ts';
import { driverSource } from '../../src/telemetry/protocol.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { BEHAVIOURS } from '../driver/company.ts';
import { PERSON } from '../driver/harness.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { startRuntime } from '../support/runtime.ts';
import { DRIVER, FakeFeed, fixAt, SHOP, START_MS, TENANT } from './support.ts';

const STEP_MS = 10_000;
/** Of the event loop, a millisecond each: more than any question and answer take. */
const TURNS = 20;
const SOURCE = driverSource(TENANT, DRIVER.id, 'phone', START_MS);

/** Runtime and telemetry of one thread, with a time of their own: whoever is left alone has been killed. */
class Thread {
  readonly clock: VirtualClock;
  readonly runtime: ThreadRuntime;
  readonly telemetry: Telemetry;

  private constructor(clock: VirtualClock, runtime: ThreadRuntime) {
    this.clock = clock;
    this.runtime = runtime;
    this.telemetry = new Telemetry({
      links: { thread: 0, threadOf: () => 0, send: () => false },
      system: runtime,
      feed: new FakeFeed(),
      clock,
      tracks: { write: async () => undefined },
    });
  }

  static async start(store: MemoryStore, nowMs: number): Promise<Thread> {
    const clock = new VirtualClock(nowMs);
    const { runtime } = await startRuntime({ store, clock, behaviours: [...BEHAVIOURS] });
    threads.push(runtime);
    return new Thread(clock, runtime);
  }

  /** In steps of `STEP_MS`, after each of which everybody has said what there is to say. */
  async pass(ms: number, phoneTalks = false): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.advance(STEP_MS);
      if (phoneTalks) this.telemetry.push(SOURCE, [fixAt(SHOP, this.clock.nowMs())], this.clock.nowMs());
      await this.#talk();
    }
  }

  async ask<R>(command: DriverCommand): Promise<R> {
    const asked = this.runtime.ask<R>(DRIVER, command);
    await this.#talk();
    const answer = await asked;
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  }

  async isOnline(): Promise<boolean> {
    return (await this.ask<DriverView>({ type: 'get' })).online;
  }

  async #talk(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      this.clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const threads: ThreadRuntime[] = [];
afterEach(async () => {
  for (const runtime of threads.splice(0)) await runtime.close();
});

/** A driver who rode about for ten minutes when the thread died. @returns the store, and when the driver was last heard */
async function orphaned(): Promise<{ store: MemoryStore; lastHeardMs: number }> {
  const store = new MemoryStore();
  const thread = await Thread.start(store, START_MS);
  await thread.ask({ type: 'register', driver: { ...PERSON, documents: {} } });
  await thread.ask({ type: 'approve', by: 'owner' });
  await thread.ask({ type: 'go_online' });
  await thread.pass(600_000, true);
  expect(await thread.isOnline()).toBe(true);
  return { store, lastHeardMs: thread.clock.nowMs() - 2 * TURNS };
}

/** Instants at which the journal has the end of a shift. */
function shiftEnds(store: MemoryStore): number[] {
  return (store.rows.get(entityKey(DRIVER)) ?? []).filter((row) => row.type === 'shift_ended').map((row) => row.atMs);
}

it('a driver who was heard no more when the thread died is off shift after the usual silence, and never before', async () => {
  const { store, lastHeardMs } = await orphaned();
  const next = await Thread.start(store, lastHeardMs + 2 * TURNS);
  await next.pass(SILENT_MS + HEARD_EVERY_MS + 90_000);
  const ended = shiftEnds(store);
  expect(ended).toHaveLength(1);
  expect(ended[0]).toBeGreaterThanOrEqual(lastHeardMs + SILENT_MS);
  expect(await next.isOnline()).toBe(false);
  expect([...store.timers.keys()]).toEqual([]);
});

it('a driver whose phone finds the new thread stays on shift', async () => {
  const { store, lastHeardMs } = await orphaned();
  const next = await Thread.start(store, lastHeardMs + 2 * TURNS);
  await next.pass(SILENT_MS * 3, true);
  expect(await next.isOnline()).toBe(true);
  expect(shiftEnds(store)).toEqual([]);
});

it.each([3_600_000, -3_600_000])(
  'a clock that is set by %i ms ends no shift of a driver who is heard, and keeps no silent one on shift',
  async (byMs) => {
    const store = new MemoryStore();
    const thread = await Thread.start(store, START_MS);
    await thread.ask({ type: 'register', driver: { ...PERSON, documents: {} } });
    await thread.ask({ type: 'approve', by: 'owner' });
    await thread.ask({ type: 'go_online' });
    await thread.pass(60_000, true);
    thread.clock.step(byMs);
    await thread.pass(120_000, true);
    expect(await thread.isOnline()).toBe(true);
    expect(shiftEnds(store)).toEqual([]);
    await thread.pass(SILENT_MS + 60_000);
    expect(await thread.isOnline()).toBe(false);
  },
);
