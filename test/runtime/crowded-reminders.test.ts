/** Many reminders at once: after an outage, in a rush, or of actors that cannot take them. None waits for long because of the others. Time is virtual. */
import { afterEach, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const SECOND_MS = 1_000;
const POLL_MS = 15 * SECOND_MS;
const ENTITIES = 50;

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

/** Lets what is under way arrive; no virtual time passes. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= SECOND_MS) {
    clock.advance(SECOND_MS);
    await settle();
  }
}

/** As a life before left them. @param dueAtMs of the nth. */
function leave(store: MemoryStore, count: number, dueAtMs: (n: number) => number, entity = (n: number) => `e${n % ENTITIES}`): void {
  for (let n = 0; n < count; n++) {
    const to = ref(entity(n));
    store.timers.set(`${entityKey(to)}|t${n}`, { ref: to, name: `t${n}`, dueAtMs: dueAtMs(n), command: { type: 'add' } });
  }
}

async function total(id: string): Promise<number> {
  const answer = await fixture.runtime.ask(ref(id), { type: 'get' });
  return answer.ok ? (answer.value as { total: number }).total : Number.NaN;
}

it('what fell due while nobody served is caught up with at a thousand a second', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  leave(store, 5_000, () => clock.nowMs() - SECOND_MS);
  fixture = await startRuntime({ clock, store });
  await pass(clock, 6 * SECOND_MS);
  expect(store.timers.size).toBe(0);
  expect(await total('e0')).toBe(5_000 / ENTITIES);
});

it('a lost batch puts off no more than itself', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  leave(store, 8_000, () => clock.nowMs() - SECOND_MS);
  let batches = 0;
  store.onCommit = () => {
    if (++batches % 7 === 3) throw new Error('connection lost');
    return 'ok';
  };
  fixture = await startRuntime({ clock, store });
  // Eight pages, three that come again, and five seconds for the last that is lost.
  await pass(clock, 18 * SECOND_MS);
  expect(batches).toBeGreaterThan(16);
  expect(store.timers.size).toBe(0);
});

it('a rush of reminders, armed long before, is late by a second at most', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const fromMs = clock.nowMs() + 60 * SECOND_MS;
  // Five hundred a second, for ten seconds.
  leave(store, 5_000, (n) => fromMs + n * 2);
  fixture = await startRuntime({ clock, store });
  await settle();
  await pass(clock, 60 * SECOND_MS);
  for (let s = 1; s <= 10; s++) {
    await pass(clock, SECOND_MS);
    const late = [...store.timers.values()].filter((timer) => timer.dueAtMs < clock.nowMs() - SECOND_MS);
    expect(late, `after ${s} s`).toEqual([]);
  }
});

it('reminders of an actor that cannot be read hide none behind them', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const load = store.load.bind(store);
  store.load = async (to, kind) => {
    if (to.id === 'stuck') throw new Error('written by a newer build');
    return load(to, kind);
  };
  leave(
    store,
    1_500,
    () => clock.nowMs() - SECOND_MS,
    () => 'stuck',
  );
  fixture = await startRuntime({ clock, store });
  await settle();
  await fixture.runtime.ask(ref('a'), { type: 'remind', dueAtMs: clock.nowMs() + 60 * SECOND_MS, amount: 5 });
  await pass(clock, 60 * SECOND_MS + POLL_MS);
  expect(await total('a')).toBe(5);
  expect([...store.timers.values()].filter((timer) => timer.ref.id !== 'stuck')).toEqual([]);
});
