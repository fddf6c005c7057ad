/** What an actor takes again after a refusal or a crash: in the order in which it came, and answered whatever becomes of the actor. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import type { CommitBatch, CommitResult } from '../../src/runtime/journal/store.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const a = ref('a');

/** Holds commits back until they are let through or refused. */
class GateStore extends MemoryStore {
  held: ((fate: 'store' | 'refuse') => void) | null = null;
  isOpen = true;

  override async commit(batch: CommitBatch): Promise<CommitResult> {
    if (this.isOpen) return await super.commit(batch);
    const fate = await new Promise<'store' | 'refuse'>((resolve) => {
      this.held = resolve;
    });
    if (fate === 'store') return await super.commit(batch);
    return { ok: false, reason: 'conflict', entityKeys: batch.rows.map((row) => entityKey(row.ref)) };
  }

  settle(fate: 'store' | 'refuse'): void {
    this.isOpen = true;
    this.held?.(fate);
  }
}

let clock: VirtualClock;
let store: GateStore;
let fixture: RuntimeFixture;
beforeEach(() => {
  clock = new VirtualClock();
  store = new GateStore();
});
afterEach(() => fixture.runtime.close());

/** Whatever is answered while time passes. */
async function answers<T extends readonly unknown[]>(asks: { readonly [K in keyof T]: Promise<T[K]> }, stepMs: number): Promise<T> {
  let all: T | null = null;
  void Promise.all(asks).then((given) => {
    all = given as unknown as T;
  });
  await expect
    .poll(() => {
      clock.advance(stepMs);
      return all;
    })
    .not.toBeNull();
  return all as unknown as T;
}

const isHeld = () => store.held !== null;

describe('an actor that crashes while a batch of it is on its way', () => {
  it('takes what of the batch is refused before the message that crashed', async () => {
    let crashes = 1;
    fixture = await startRuntime({
      store,
      clock,
      behaviours: [
        {
          durable: true,
          kind: 'counter',
          kindCode: 50,
          stateVersion: 1,
          initial: () => null,
          decide: (_state, command: { readonly name: string }) => {
            if (command.name === 'second' && crashes-- > 0) throw new Error('planted');
            return { ok: true, events: [{ type: 'said', data: command.name }] };
          },
          evolve: () => null,
        },
      ],
    });
    const { runtime } = fixture;
    await runtime.ask(a, null);
    store.isOpen = false;
    const first = runtime.ask(a, { name: 'first' });
    await expect.poll(isHeld).toBe(true);
    const second = runtime.ask(a, { name: 'second' });
    await expect.poll(() => runtime.counters.restarts).toBe(1);
    store.settle('refuse');
    const given = await answers<[Answer, Answer]>([first, second], 10);
    expect(given.map(({ ok }) => ok)).toEqual([true, true]);
    expect(store.rows.get(entityKey(a))?.map(({ data }) => data)).toEqual(['first', 'second']);
  });
});

describe('an actor that is set aside while a batch of it is on its way', () => {
  /** The batch is refused when the actor takes nothing any more. */
  async function refusedWhileQuarantined(): Promise<void> {
    await expect.poll(isHeld).toBe(true);
    void fixture.runtime.ask(a, { type: 'crash' });
    await expect.poll(() => fixture.runtime.counters.quarantines).toBe(1);
    store.settle('refuse');
    await expect.poll(() => fixture.runtime.counters.conflicts).toBe(1);
  }

  it('answers at once what of the batch is refused', async () => {
    fixture = await startRuntime({ store, clock, limits: { restartsPerMinute: 0 } });
    await fixture.runtime.ask(a, null);
    store.isOpen = false;
    const refused = fixture.runtime.ask(a, { type: 'add' });
    await refusedWhileQuarantined();
    expect(await refused).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
  });

  it('hears of an effect whose result was refused again, so that it does not count as running for ever', async () => {
    let runs = 0;
    const echo = async () => {
      runs++;
      return { type: 'called' };
    };
    fixture = await startRuntime({ store, clock, handlers: { echo }, limits: { restartsPerMinute: 0 } });
    await fixture.runtime.ask(a, null);
    store.onCommit = () => {
      store.isOpen = false;
      return 'ok';
    };
    await fixture.runtime.ask(a, { type: 'call' });
    await refusedWhileQuarantined();
    store.onCommit = () => 'ok';
    await expect
      .poll(() => {
        clock.advance(5_000);
        return fixture.runtime.pendingEffects;
      })
      .toBe(0);
    expect(runs).toBe(1);
    expect(await fixture.runtime.ask(a, { type: 'get' })).toMatchObject({ ok: true, value: { calls: 1 } });
  });
});

describe('an actor whose thread ends', () => {
  it('answers what it would have taken again', async () => {
    fixture = await startRuntime({ store, clock });
    await fixture.runtime.ask(a, null);
    store.isOpen = false;
    const refused = fixture.runtime.ask(a, { type: 'add' });
    await expect.poll(isHeld).toBe(true);
    store.settle('refuse');
    await expect.poll(() => fixture.runtime.counters.conflicts).toBe(1);
    await fixture.runtime.close();
    expect(await refused).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
  });
});
