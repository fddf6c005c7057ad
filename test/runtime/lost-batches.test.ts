/** What the runtime promises when nobody knows whether a batch was stored: the store is asked, memory is not believed. */
import { afterEach, describe, expect, it } from 'vitest';
import type { DurableBehaviour } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { MemoryStore } from '../support/memory-store.ts';
import {
  type CounterCommand,
  type CounterEvent,
  counter,
  holdCommits,
  type RuntimeFixture,
  ref,
  startRuntime,
} from '../support/runtime.ts';

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

const a = ref('a');
const LATER_MS = 3_600_000;

async function total(id = a): Promise<unknown> {
  const answer = await fixture.runtime.ask<{ total: number }>(id, { type: 'get' });
  return answer.ok ? answer.value.total : answer;
}

/** Lets time pass in small steps until `isReached`, with room for the store between them. */
async function pass(clock: VirtualClock, isReached: () => boolean): Promise<void> {
  await expect
    .poll(
      () => {
        clock.advance(1_000);
        return isReached();
      },
      { interval: 5 },
    )
    .toBe(true);
}

describe('reminders', () => {
  it('a reminder fires although the decision that would have moved it was lost while it fell due', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 5_000, amount: 9 });
    const commits = holdCommits(fixture.store);
    const moved = fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + LATER_MS, amount: 1 });
    await expect.poll(commits.isHeld).toBe(true);
    clock.advance(6_000);
    // The firing has met the state that believes in the later time.
    await new Promise(setImmediate);
    fixture.store.onCommit = () => 'ok';
    commits.lose();
    expect((await moved).ok).toBe(false);
    await pass(clock, () => fixture.store.timers.size === 0);
    expect(await total()).toBe(9);
  });

  it('a reminder that was moved by a decision with an unknown outcome fires only at the later time', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 10_000, amount: 1 });
    fixture.store.onCommit = () => 'after';
    const laterMs = clock.nowMs() + LATER_MS;
    expect((await fixture.runtime.ask(a, { type: 'remind', dueAtMs: laterMs, amount: 100 })).ok).toBe(false);
    fixture.store.onCommit = () => 'ok';
    const quietUntilMs = clock.nowMs() + 60_000;
    await pass(clock, () => clock.nowMs() >= quietUntilMs);
    expect(await total()).toBe(0);
    clock.advance(laterMs - clock.nowMs() - 1_000);
    await pass(clock, () => fixture.store.timers.size === 0);
    expect(await total()).toBe(100);
  });

  it('a firing whose outcome was unknown is not applied a second time', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 5_000, amount: 9 });
    let lost = 0;
    fixture.store.onCommit = () => {
      lost++;
      return lost === 1 ? 'after' : 'ok';
    };
    await pass(clock, () => lost === 1);
    const quietUntilMs = clock.nowMs() + 60_000;
    await pass(clock, () => clock.nowMs() >= quietUntilMs);
    expect(await total()).toBe(9);
  });

  it('a reminder that falls due while its cancellation is written does not fire', async () => {
    const clock = new VirtualClock();
    const cancels: DurableBehaviour<{ total: number; calls: number }, CounterCommand, CounterEvent> = {
      ...counter,
      decide: (state, command, context) =>
        command.type === 'refuse'
          ? { ok: true, events: [{ type: 'added', data: { amount: 0 } }], timers: [{ op: 'cancel', name: 'tick', durable: true }] }
          : counter.decide(state, command, context),
    };
    fixture = await startRuntime({ clock, behaviours: [cancels] });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 5_000, amount: 9 });
    const commits = holdCommits(fixture.store);
    const cancelled = fixture.runtime.ask(a, { type: 'refuse' });
    await expect.poll(commits.isHeld).toBe(true);
    clock.advance(6_000);
    await new Promise(setImmediate);
    fixture.store.onCommit = () => 'ok';
    commits.release();
    expect((await cancelled).ok).toBe(true);
    const quietUntilMs = clock.nowMs() + 60_000;
    await pass(clock, () => clock.nowMs() >= quietUntilMs);
    expect(await total()).toBe(0);
  });

  it('a poll that began before a reminder was settled does not bring it back', async () => {
    const clock = new VirtualClock();
    const store = new MemoryStore();
    fixture = await startRuntime({ clock, store });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 16_000, amount: 9 });
    // The poll of the 15th second reads, and gets its answer only after the reminder has fired and was settled.
    let answer: () => void = () => undefined;
    let asked = false;
    const read = store.dueTimers.bind(store);
    store.dueTimers = async (...wanted) => {
      const due = await read(...wanted);
      asked = true;
      await new Promise<void>((resolve) => (answer = resolve));
      return due;
    };
    await pass(clock, () => asked);
    await pass(clock, () => store.timers.size === 0);
    store.dueTimers = read;
    expect(await total()).toBe(9);
    answer();
    await new Promise(setImmediate);
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect(await total()).toBe(9);
  });
});

describe('effects', () => {
  it('an effect that was promised in a batch with an unknown outcome runs although its actor could not be read at once', async () => {
    const runs: string[] = [];
    fixture = await startRuntime({
      handlers: {
        echo: async ({ id }) => {
          runs.push(id);
          return { type: 'called' };
        },
      },
    });
    fixture.store.onCommit = () => {
      fixture.store.loadFails = true;
      return 'after';
    };
    expect((await fixture.runtime.ask(a, { type: 'call' })).ok).toBe(false);
    fixture.store.onCommit = () => 'ok';
    // Nobody writes to the actor any more: what it promised has to happen all the same.
    await expect.poll(() => fixture.logged).toContain('actor could not be recovered');
    fixture.store.loadFails = false;
    await expect.poll(() => runs.length).toBe(1);
  });

  it('the checkpoint does not pass a promise of unknown outcome before it was resumed', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock, handlers: { echo: () => new Promise(() => undefined) } });
    fixture.store.onCommit = () => {
      fixture.store.loadFails = true;
      return 'after';
    };
    expect((await fixture.runtime.ask(a, { type: 'call' })).ok).toBe(false);
    fixture.store.onCommit = () => 'ok';
    const untilMs = clock.nowMs() + 10_000;
    await pass(clock, () => clock.nowMs() >= untilMs);
    expect(fixture.store.checkpoints.get(a.shard) ?? 0).toBe(0);
    fixture.store.loadFails = false;
  });

  it('the log names the actor that cannot be read, and why', async () => {
    fixture = await startRuntime();
    fixture.store.loadFails = true;
    expect((await fixture.runtime.ask(a, { type: 'get' })).ok).toBe(false);
    const line = fixture.facts[fixture.logged.indexOf('actor could not be recovered')];
    expect(line).toMatchObject({ entity: `${a.kind}/${a.tenantId}/${a.id}`, error: expect.stringMatching(/./) });
    fixture.store.loadFails = false;
  });

  it('one actor that cannot be read keeps no other from resuming its effects after a crash', async () => {
    const never = { echo: () => new Promise<unknown>(() => undefined) };
    fixture = await startRuntime({ handlers: never });
    const sick = ref('sick', 3);
    const well = ref('well', 4);
    await fixture.runtime.ask(sick, { type: 'call' });
    await fixture.runtime.ask(well, { type: 'call' });
    const store = fixture.store;
    await fixture.runtime.close();
    const load = store.load.bind(store);
    store.load = (to) => (to.id === 'sick' ? Promise.reject(new Error('journal gap')) : load(to));
    const resumed: string[] = [];
    fixture = await startRuntime({
      store,
      handlers: {
        echo: async (run) => {
          resumed.push(run.ref.id);
          return { type: 'called' };
        },
      },
    });
    await expect.poll(() => resumed).toEqual(['well']);
    store.load = load;
    await expect.poll(() => resumed).toEqual(['well', 'sick']);
  });

  it('one actor that cannot be read wakes none of its shard again and again, and its own promise is kept when it can be', async () => {
    const never = { echo: () => new Promise<unknown>(() => undefined) };
    const others = Array.from({ length: 300 }, (_, i) => ref(`well${i}`));
    fixture = await startRuntime({ handlers: never });
    await Promise.all([ref('sick'), ...others].map((to) => fixture.runtime.ask(to, { type: 'call' })));
    const store = fixture.store;
    await fixture.runtime.close();
    const load = store.load.bind(store);
    let isSick = true;
    const loads: string[] = [];
    store.load = (to) => {
      loads.push(to.id);
      return to.id === 'sick' && isSick ? Promise.reject(new Error('journal gap')) : load(to);
    };
    const resumed = new Set<string>();
    const clock = new VirtualClock();
    fixture = await startRuntime({
      store,
      clock,
      // Who is done goes to sleep, so that every waking shows.
      limits: { idleMs: 500 },
      handlers: {
        echo: async (run) => {
          resumed.add(run.ref.id);
          return { type: 'called' };
        },
      },
    });
    await expect.poll(() => resumed.size).toBe(others.length);
    const untilMs = clock.nowMs() + 60_000;
    await pass(clock, () => clock.nowMs() >= untilMs);
    expect(loads.filter((id) => id !== 'sick')).toHaveLength(others.length);
    isSick = false;
    await pass(clock, () => resumed.has('sick'));
  });
});
