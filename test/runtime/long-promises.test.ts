/** A promise that waits for hours makes a restart no longer: who has nothing to do is not read again. Time is virtual. */
import { afterEach, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const SHARD = 7;
const OTHERS = 500;
/** More of one shard than are named. */
const CROWD = 300;

const open: RuntimeFixture[] = [];
afterEach(async () => {
  for (const { runtime } of open.splice(0)) await runtime.close();
});

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= SECOND_MS) {
    clock.advance(SECOND_MS);
    await settle();
  }
}

/** A life in which `slow` waits until it is let go, with whoever ran it. The one before it was killed: it saved and closed nothing. */
async function start(store: MemoryStore, clock: VirtualClock): Promise<RuntimeFixture & { ran: string[]; release(): void }> {
  const ran: string[] = [];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = async ({ ref: { id } }: { ref: { id: string } }) => {
    ran.push(id);
    await released;
    return { type: 'called' };
  };
  const fixture = await startRuntime({ store, clock, handlers: { slow, echo: async () => ({ type: 'called' }) } });
  open.push(fixture);
  await settle();
  return { ...fixture, ran, release };
}

const call = ({ runtime }: RuntimeFixture, id: string, handler: string) => runtime.ask(ref(id, SHARD), { type: 'call', handler });
const calls = async ({ runtime }: RuntimeFixture, id: string): Promise<number> => {
  const answer = await runtime.ask(ref(id, SHARD), { type: 'get' });
  return answer.ok ? (answer.value as { calls: number }).calls : Number.NaN;
};

it('after a crash only who waits and who promised in the last half minute is read again', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const first = await start(store, clock);
  await call(first, 'stuck', 'slow');
  for (let n = 0; n < OTHERS; n++) await call(first, `e${n}`, 'echo');
  await pass(clock, MINUTE_MS);
  await call(first, 'late', 'slow');

  const second = await start(store, clock);
  await pass(clock, SECOND_MS);
  expect(second.runtime.checkpoints.settled).toBe(true);
  expect(second.ran.sort()).toEqual(['late', 'stuck']);
  expect(second.runtime.counters.activations).toBe(2);
  // It may not pass what waits: ids of commands are kept as long.
  expect(store.checkpoints.get(SHARD) ?? 0).toBe(0);

  // It waits over a second crash as well, and everything is settled once it is done.
  await pass(clock, MINUTE_MS);
  const third = await start(store, clock);
  await pass(clock, SECOND_MS);
  expect(third.ran.sort()).toEqual(['late', 'stuck']);
  third.release();
  await pass(clock, MINUTE_MS);
  expect([await calls(third, 'stuck'), await calls(third, 'late')]).toEqual([1, 1]);
  const { lastPos } = (await store.openShards([SHARD])).get(SHARD) ?? { lastPos: 0 };
  expect(store.checkpoints.get(SHARD)).toBe(lastPos);
});

it('of more who wait than are named nobody is forgotten, crash after crash', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const first = await start(store, clock);
  const everybody = Array.from({ length: CROWD }, (_, n) => `w${String(n).padStart(3, '0')}`);
  for (const id of everybody) {
    await call(first, id, 'slow');
    await call(first, `done-${id}`, 'echo');
  }
  await pass(clock, MINUTE_MS);
  for (let crash = 0; crash < 3; crash++) {
    const life = await start(store, clock);
    await pass(clock, MINUTE_MS);
    expect(life.ran.sort()).toEqual(everybody);
    expect(store.passed.get(SHARD)?.except.length ?? 0).toBeLessThanOrEqual(256);
  }
});

it('nothing is passed while it is not known what was promised', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const first = await start(store, clock);
  await call(first, 'stuck', 'slow');
  store.onCommit = () => {
    store.loadFails = true;
    return 'after';
  };
  expect((await call(first, 'doubtful', 'slow')).ok).toBe(false);
  store.onCommit = () => 'ok';
  await pass(clock, MINUTE_MS);
  expect(first.runtime.journal.writable).toBe(true);
  expect(store.passed.size).toBe(0);
  store.loadFails = false;
  const second = await start(store, clock);
  await pass(clock, SECOND_MS);
  expect(second.ran.sort()).toEqual(['doubtful', 'stuck']);
});
