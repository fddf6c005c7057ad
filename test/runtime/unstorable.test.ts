/** What happens to a decision that the store refuses however often it comes: it is given up once, and its actor goes on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import type { CommitBatch, CommitResult } from '../../src/runtime/journal/store.ts';
import { RECENT_COMMANDS } from '../../src/runtime/recent-commands.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const UNSTORABLE = 666;
const REPEATS = 6;
const a = ref('a');

class PickyStore extends MemoryStore {
  commits = 0;

  override async commit(batch: CommitBatch): Promise<CommitResult> {
    this.commits++;
    const refused = batch.rows.filter((row) => (row.data as { amount?: number } | null)?.amount === UNSTORABLE);
    if (refused.length === 0) return await super.commit(batch);
    return { ok: false, reason: 'conflict', entityKeys: refused.map((row) => entityKey(row.ref)) };
  }
}

let clock: VirtualClock;
let store: PickyStore;
let fixture: RuntimeFixture;
beforeEach(() => {
  clock = new VirtualClock();
  store = new PickyStore();
});
afterEach(() => fixture.runtime.close());

/** Some minutes, in which whatever is not settled would come again. */
async function minutes(): Promise<void> {
  for (let n = 0; n < 60; n++) {
    clock.advance(5_000);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }
}

const goesOn = async () => expect((await fixture.runtime.ask(a, { type: 'add', amount: 1 })).ok).toBe(true);

describe('a decision that can never be stored', () => {
  it('ends a command as poison, with one dead letter, instead of having its sender come for ever', async () => {
    fixture = await startRuntime({ store, clock });
    let answer: unknown = null;
    void fixture.runtime.ask(a, { type: 'add', amount: UNSTORABLE }, { commandId: 'c' }).then((given) => {
      answer = given;
    });
    await expect
      .poll(() => {
        clock.advance(10);
        return answer;
      })
      .toMatchObject({ ok: false, fault: { code: 'runtime.poison' } });
    expect(store.deadLetters).toHaveLength(1);
    await goesOn();
  });

  it('ends the result of an effect with one dead letter: the store is not asked again and again, the effect does not run again', async () => {
    let runs = 0;
    const echo = async () => {
      runs++;
      return { type: 'add', amount: UNSTORABLE };
    };
    fixture = await startRuntime({ store, clock, handlers: { echo } });
    await fixture.runtime.ask(a, { type: 'call' });
    await minutes();
    expect({ runs, letters: store.deadLetters.length, pending: fixture.runtime.pendingEffects }).toEqual({
      runs: 1,
      letters: 1,
      pending: 0,
    });
    expect(store.commits).toBeLessThan(10);
    await goesOn();
  });

  it('ends a reminder with one dead letter: it does not come again', async () => {
    fixture = await startRuntime({ store, clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 5_000, amount: UNSTORABLE });
    await minutes();
    expect({ letters: store.deadLetters.length, timers: store.timers.size }).toEqual({ letters: 1, timers: 0 });
    await goesOn();
  });
});

describe('a decision that shares its batches with what the store refuses', () => {
  it('is not given up for it: repeats of what the actor has long forgotten come between, one after the other', async () => {
    fixture = await startRuntime({ store, clock });
    const { runtime } = fixture;
    for (let n = 0; n <= RECENT_COMMANDS + REPEATS; n++) await runtime.ask(a, { type: 'add', amount: 1 }, { commandId: `old${n}` });
    let repeats = 0;
    // Nobody waits for them long: when the actor is read anew they are gone, and another stands in their place.
    const repeat = (forMs: number) =>
      void runtime.tell(a, { type: 'add', amount: 1 }, { commandId: `old${repeats++}`, deadlineMs: clock.nowMs() + forMs });
    // While the actor is read anew after each refusal, the next one arrives behind it.
    const load = store.load.bind(store);
    store.load = (of) => {
      if (repeats < REPEATS) repeat(5);
      return load(of);
    };
    repeat(15);
    let answer: unknown = null;
    void runtime.ask(a, { type: 'add', amount: 1_000 }, { commandId: 'new' }).then((given) => {
      answer = given;
    });
    await expect
      .poll(() => {
        clock.advance(10);
        return answer;
      })
      .toMatchObject({ ok: true });
    expect(repeats).toBeGreaterThan(1);
    expect(store.deadLetters).toEqual([]);
    const stored = (store.rows.get(entityKey(a)) ?? []).map(({ data }) => (data as { amount: number }).amount);
    expect(stored.filter((amount) => amount === 1_000)).toHaveLength(1);
    expect(stored).toHaveLength(RECENT_COMMANDS + REPEATS + 2);
  });
});
