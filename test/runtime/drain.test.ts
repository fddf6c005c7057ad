/** A thread that is told to end in order: what was decided becomes durable first. Time is virtual: nothing leaves by itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { holdCommits, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const a = ref('a');
const flushMs = 20;

let clock: VirtualClock;
let store: MemoryStore;
let fixture: RuntimeFixture;
beforeEach(() => {
  clock = new VirtualClock();
  store = new MemoryStore();
});
afterEach(() => fixture.runtime.close());

const stored = () => store.rows.get(entityKey(a))?.map(({ type }) => type) ?? [];

describe('a thread that drains', () => {
  it('writes what waits for company, and answers it', async () => {
    fixture = await startRuntime({ store, clock, limits: { flushMs } });
    const answer = fixture.runtime.ask(a, { type: 'add' });
    await expect.poll(() => fixture.runtime.journal.stats.waiting).toBe(1);
    await fixture.runtime.drain();
    expect(stored()).toEqual(['added']);
    expect(await answer).toMatchObject({ ok: true });
    expect(await fixture.runtime.ask(a, { type: 'add' })).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
  });

  it('keeps the outcome of an effect that ends with it: the next life does not call a second time', async () => {
    let runs = 0;
    let end: () => void = () => undefined;
    const echo = () => {
      runs++;
      return new Promise<unknown>((resolve) => {
        end = () => resolve({ type: 'called' });
      });
    };
    fixture = await startRuntime({ store, clock, handlers: { echo } });
    await fixture.runtime.ask(a, { type: 'call' });
    await expect.poll(() => runs).toBe(1);
    end();
    await fixture.runtime.drain();
    await fixture.runtime.close();
    expect(stored()).toEqual(['added', 'called']);
    fixture = await startRuntime({ store, clock, handlers: { echo } });
    expect(await fixture.runtime.ask(a, { type: 'get' })).toMatchObject({ ok: true, value: { calls: 1 } });
    expect(runs).toBe(1);
  });

  it('waits for the batch on its way, and for the one that gathered behind it', async () => {
    fixture = await startRuntime({ store, clock });
    await fixture.runtime.ask(a, null);
    const commits = holdCommits(store);
    const first = fixture.runtime.ask(a, { type: 'add' });
    await expect.poll(commits.isHeld).toBe(true);
    const second = fixture.runtime.ask(a, { type: 'add' });
    await expect.poll(() => fixture.runtime.journal.stats.waiting).toBe(1);
    let isDrained = false;
    const drained = fixture.runtime.drain().then(() => {
      isDrained = true;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(isDrained).toBe(false);
    store.onCommit = () => 'ok';
    commits.release();
    await drained;
    expect(stored()).toEqual(['added', 'added']);
    expect([(await first).ok, (await second).ok]).toEqual([true, true]);
  });

  it('does not wait for a database that is away', async () => {
    fixture = await startRuntime({ store, clock });
    store.onCommit = () => Promise.reject(new Error('connection lost'));
    store.openShards = () => Promise.reject(new Error('connection lost'));
    const answer = fixture.runtime.ask(a, { type: 'add' });
    await fixture.runtime.drain();
    expect(await answer).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
  });
});
