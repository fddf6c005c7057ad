/** What the runtime promises about durable actors, on a store that fails on request. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { type CounterCommand, holdCommits, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

const add = (amount: number): CounterCommand => ({ type: 'add', amount });
const a = ref('a');

async function total(id = a): Promise<unknown> {
  const answer = await fixture.runtime.ask<{ total: number }>(id, { type: 'get' });
  return answer.ok ? answer.value.total : answer;
}

describe('durability', () => {
  it('answers only after the batch is stored', async () => {
    fixture = await startRuntime();
    const commits = holdCommits(fixture.store);
    let answered = false;
    const asked = fixture.runtime.ask(a, add(1)).then((answer) => {
      answered = true;
      return answer;
    });
    await expect.poll(commits.isHeld).toBe(true);
    expect(answered).toBe(false);
    commits.release();
    expect(await asked).toMatchObject({ ok: true, value: 1 });
  });

  it('holds a read of uncommitted state until what it shows is stored', async () => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(1));
    const commits = holdCommits(fixture.store);
    const order: string[] = [];
    const written = fixture.runtime.ask(a, add(1)).then(() => order.push('write'));
    const read = fixture.runtime.ask(a, { type: 'get' }).then(() => order.push('read'));
    await expect.poll(commits.isHeld).toBe(true);
    expect(order).toEqual([]);
    commits.release();
    await Promise.all([written, read]);
    expect(order).toEqual(['write', 'read']);
  });

  it('gathers concurrent commands into few batches and gives every shard gapless positions', async () => {
    fixture = await startRuntime();
    const refs = Array.from({ length: 50 }, (_, i) => ref(`g${i}`, i % 3));
    await Promise.all(refs.flatMap((to) => [1, 2, 3, 4].map((n) => fixture.runtime.ask(to, add(n)))));
    expect(fixture.store.batches).toBeLessThan(50);
    for (const shard of [0, 1, 2]) {
      const positions = [...fixture.store.rows.values()]
        .flat()
        .filter((row) => row.ref.shard === shard)
        .map((row) => row.pos)
        .sort((x, y) => x - y);
      expect(positions).toEqual(positions.map((_, i) => i + 1));
    }
  });

  it('throws state away with a failed batch and recovers what was stored', async () => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(5));
    fixture.store.onCommit = () => {
      throw new Error('disk away');
    };
    const failed = await Promise.all([1, 2, 3].map((n) => fixture.runtime.ask(a, add(n))));
    for (const answer of failed) expect(answer).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
    fixture.store.onCommit = () => 'ok';
    await expect.poll(() => total()).toBe(5);
  });

  it('applies a command once although its first outcome was lost', async () => {
    fixture = await startRuntime();
    let lose = true;
    fixture.store.onCommit = () => {
      if (!lose) return 'ok';
      lose = false;
      return 'after';
    };
    const first = await fixture.runtime.ask(a, add(7), { commandId: 'once' });
    expect(first).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
    let second: Answer = first;
    await expect
      .poll(async () => {
        second = await fixture.runtime.ask(a, add(7), { commandId: 'once' });
        return second.ok;
      })
      .toBe(true);
    expect(second).toMatchObject({ value: 7, duplicate: true });
    expect(await total()).toBe(7);
  });

  it('isolates an entity whose journal moved behind its back; others of the batch are stored', async () => {
    fixture = await startRuntime();
    const b = ref('b');
    await Promise.all([fixture.runtime.ask(a, add(1)), fixture.runtime.ask(b, add(1))]);
    const stored = fixture.store.rows.get(entityKey(a)) as NonNullable<ReturnType<MemoryStore['rows']['get']>>;
    stored.push({ ...(stored[0] as (typeof stored)[0]), seq: 2, pos: 99, data: { amount: 100 } });
    const [onA, onB] = await Promise.all([fixture.runtime.ask(a, add(1)), fixture.runtime.ask(b, add(1))]);
    expect([onA.ok, onB.ok]).toEqual([true, true]);
    expect([await total(a), await total(b)]).toEqual([102, 2]);
    expect(fixture.runtime.counters.conflicts).toBe(1);
  });

  it('stops the actors of a shard that another owner took', async () => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(1));
    fixture.store.epochs.set(a.shard, 2);
    expect(await fixture.runtime.ask(a, add(1))).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
    expect(fixture.store.rows.get(entityKey(a))).toHaveLength(1);
    expect((await fixture.runtime.ask(ref('other', 8), add(1))).ok).toBe(true);
  });
});

describe('idempotency', () => {
  it('applies a command id once under parallel redelivery and answers every sender the same', async () => {
    fixture = await startRuntime();
    const answers = await Promise.all(Array.from({ length: 8 }, () => fixture.runtime.ask(a, add(3), { commandId: 'same' })));
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, value: 3 });
    expect(await total()).toBe(3);
  });

  it('remembers across a restart, also when the id is older than the short memory', async () => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(3), { commandId: 'old' });
    for (let i = 0; i < 40; i++) await fixture.runtime.ask(a, add(1), { commandId: `later${i}` });
    expect(await fixture.runtime.ask(a, add(3), { commandId: 'old' })).toMatchObject({ ok: true, duplicate: true });
    const store = fixture.store;
    await fixture.runtime.close();
    fixture = await startRuntime({ store });
    expect(await fixture.runtime.ask(a, add(3), { commandId: 'later39' })).toMatchObject({ ok: true, duplicate: true });
    expect(await total()).toBe(43);
  });

  it.each([
    { now: 'refuses', later: { type: 'refuse' } as const },
    { now: 'needs no event for', later: { type: 'get' } as const },
  ])('answers a repeat that the short memory has forgotten as the first time, though the state of today $now it', async ({ later }) => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(3), { commandId: 'old', fingerprint: 'x' });
    for (let i = 0; i < 40; i++) await fixture.runtime.ask(a, add(1), { commandId: `later${i}` });
    expect(await fixture.runtime.ask(a, later, { commandId: 'old', fingerprint: 'x' })).toEqual({ ok: true, value: 3, duplicate: true });
    expect(await fixture.runtime.ask(a, later, { commandId: 'old', fingerprint: 'y' })).toMatchObject({
      refusal: { code: 'idempotency.key_reused' },
    });
    expect(fixture.runtime.counters.duplicates).toBe(2);
  });

  it('says that a command must come again, not that it is refused, while the store cannot say whether it was applied before', async () => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(3), { commandId: 'old' });
    fixture.store.findProcessed = () => Promise.reject(new Error('away'));
    expect(await fixture.runtime.ask(a, { type: 'refuse' }, { commandId: 'new' })).toMatchObject({
      fault: { code: 'runtime.unavailable' },
    });
    expect(await fixture.runtime.ask(a, { type: 'refuse' })).toMatchObject({ refusal: { code: 'counter.refused' } });
  });

  it('refuses the same key with another body', async () => {
    fixture = await startRuntime();
    await fixture.runtime.ask(a, add(3), { commandId: 'key', fingerprint: 'x' });
    expect(await fixture.runtime.ask(a, add(4), { commandId: 'key', fingerprint: 'y' })).toMatchObject({
      ok: false,
      refusal: { code: 'idempotency.key_reused' },
    });
  });
});

describe('supervision', () => {
  it('gives a poison message up after three tries, into the dead letters, and keeps order and state', async () => {
    fixture = await startRuntime();
    const answers = await Promise.all([
      fixture.runtime.ask(a, add(1)),
      fixture.runtime.ask(a, { type: 'crash' }),
      fixture.runtime.ask(a, add(2)),
    ]);
    expect(answers.map((answer) => answer.ok)).toEqual([true, false, true]);
    expect(answers[1]).toMatchObject({ fault: { code: 'runtime.poison' } });
    expect(fixture.store.deadLetters).toMatchObject([{ reason: 'runtime.poison', tries: 3 }]);
    expect(await total()).toBe(3);
  });

  it('quarantines an actor that keeps crashing, and only that one', async () => {
    fixture = await startRuntime();
    await Promise.all([
      fixture.runtime.ask(a, { type: 'crash' }),
      fixture.runtime.ask(a, { type: 'crash' }),
      fixture.runtime.ask(a, { type: 'crash' }),
    ]);
    expect(await fixture.runtime.ask(a, add(1))).toMatchObject({ ok: false, fault: { code: 'runtime.quarantined' } });
    expect((await fixture.runtime.ask(ref('b'), add(1))).ok).toBe(true);
    expect(fixture.runtime.counters.quarantines).toBe(1);
  });

  it('answers a full mailbox at once and serves on', async () => {
    fixture = await startRuntime({ limits: { commandMax: 100 } });
    const answers = await Promise.all(Array.from({ length: 500 }, () => fixture.runtime.ask(a, add(1))));
    const accepted = answers.filter((answer) => answer.ok).length;
    const overloaded = answers.filter((answer) => !answer.ok && 'fault' in answer && answer.fault.code === 'runtime.overloaded').length;
    expect({ accepted, overloaded }).toEqual({ accepted: 100, overloaded: 400 });
    expect(await total()).toBe(100);
  });

  it('refuses a call cycle instead of waiting for itself', async () => {
    fixture = await startRuntime();
    expect(await fixture.runtime.ask(a, add(1), { chain: [entityKey(a)] })).toMatchObject({
      ok: false,
      fault: { code: 'runtime.call_cycle' },
    });
  });

  it('ends an ask at its deadline when the store is stuck', async () => {
    fixture = await startRuntime();
    fixture.store.onCommit = () => new Promise(() => undefined);
    expect(await fixture.runtime.ask(a, add(1), { deadlineMs: Date.now() + 50 })).toMatchObject({
      ok: false,
      fault: { code: 'runtime.timeout' },
    });
  });
});

describe('effects and timers', () => {
  it('delivers an effect to another actor exactly once and hands the answer back', async () => {
    fixture = await startRuntime();
    const b = ref('b', 9);
    await fixture.runtime.ask(a, { type: 'call', to: b, amount: 4 });
    await expect
      .poll(async () => ((await fixture.runtime.ask<{ calls: number }>(a, { type: 'get' })) as { value: { calls: number } }).value.calls)
      .toBe(1);
    expect(await total(b)).toBe(4);
    await expect.poll(() => fixture.runtime.pendingEffects).toBe(0);
  });

  it('resumes after a crash an effect whose completion was never stored', async () => {
    const runs: boolean[] = [];
    const never = {
      echo: (run: { resumed: boolean }) => {
        runs.push(run.resumed);
        return new Promise<unknown>(() => undefined);
      },
    };
    fixture = await startRuntime({ handlers: never });
    await fixture.runtime.ask(a, { type: 'call' });
    await expect.poll(() => runs.length).toBe(1);
    const store = fixture.store;
    await fixture.runtime.close();
    fixture = await startRuntime({
      store,
      handlers: {
        echo: async (run) => {
          runs.push(run.resumed);
          return { type: 'called' };
        },
      },
    });
    await expect.poll(() => runs).toEqual([false, true]);
    await expect
      .poll(async () => ((await fixture.runtime.ask<{ calls: number }>(a, { type: 'get' })) as { value: { calls: number } }).value.calls)
      .toBe(1);
  });

  it('retries an effect that fails, with backoff, until it succeeds', async () => {
    let tries = 0;
    fixture = await startRuntime({
      handlers: {
        echo: async () => {
          if (++tries < 3) throw new Error('not yet');
          return { type: 'called' };
        },
      },
    });
    await fixture.runtime.ask(a, { type: 'call' });
    await expect.poll(() => tries).toBe(3);
  });

  it('fires a reminder once, after a restart too, and forgets it when it is handled', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 3_600_000, amount: 9 });
    expect(fixture.store.timers.size).toBe(1);
    const store = fixture.store;
    await fixture.runtime.close();
    clock.advance(3_600_000);
    fixture = await startRuntime({ store, clock });
    await expect
      .poll(() => {
        clock.advance(1_000);
        return fixture.store.timers.size;
      })
      .toBe(0);
    expect(await total()).toBe(9);
  });

  it('re-arming a name makes the earlier timer undeliverable', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 1_000, amount: 1, durable: false });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 5_000, amount: 10, durable: false });
    clock.advance(2_000);
    expect(await total()).toBe(0);
    clock.advance(4_000);
    expect(await total()).toBe(10);
  });
});

describe('memory', () => {
  it('puts the least recently used to sleep beyond the cap and wakes them with their state', async () => {
    fixture = await startRuntime({ limits: { entityMax: 10 } });
    for (let i = 0; i < 100; i++) await fixture.runtime.ask(ref(`m${i}`, i), add(i));
    await expect.poll(() => fixture.runtime.entities).toBeLessThanOrEqual(10);
    expect(await total(ref('m3', 3))).toBe(3);
  });

  it('recovers from a snapshot plus the events after it', async () => {
    fixture = await startRuntime();
    for (let i = 0; i < 150; i++) await fixture.runtime.ask(a, add(1));
    await expect.poll(() => fixture.store.snapshots.size).toBe(1);
    const store = fixture.store;
    await fixture.runtime.close();
    fixture = await startRuntime({ store });
    expect(await total()).toBe(150);
  });
});
