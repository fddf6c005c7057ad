/** What an older build says of a journal that a newer one wrote, and what the newer one finds when it is back. */
import { afterEach, describe, expect, it } from 'vitest';
import { conversationBehaviour } from '../../src/actors/conversation/actor.ts';
import { driverBehaviour } from '../../src/actors/driver/actor.ts';
import { orderBehaviour } from '../../src/actors/order/actor.ts';
import { tenantBehaviour } from '../../src/actors/tenant/actor.ts';
import type { AnyBehaviour, DurableBehaviour } from '../../src/runtime/behaviour.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import { NewerEvent, recover, upcastEvent } from '../../src/runtime/journal/recovery.ts';
import type { StoredEvent } from '../../src/runtime/journal/store.ts';
import type { MemoryStore } from '../support/memory-store.ts';
import { counter, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const a = ref('a');
const old: AnyBehaviour = { ...counter, eventVersions: { added: 1 } };

let fixture: RuntimeFixture;
afterEach(() => fixture?.runtime.close());

async function restarted(store: MemoryStore, behaviour: AnyBehaviour): Promise<void> {
  await fixture.runtime.close();
  fixture = await startRuntime({ store, behaviours: [behaviour] });
}

const stored = (type: string, version: number): StoredEvent => ({
  seq: 1,
  pos: 1,
  atMs: 1,
  type,
  version,
  data: {},
  personal: undefined,
  meta: {},
});

describe('an event of a newer build', () => {
  it('makes its actor answer with a code of its own, harms no other, and is read by the newer build when it is back', async () => {
    fixture = await startRuntime();
    const { store } = fixture;
    await fixture.runtime.ask(a, { type: 'called' });
    await fixture.runtime.ask(ref('b'), { type: 'add', amount: 2 });
    await restarted(store, old);
    for (let tries = 0; tries < 9; tries++)
      expect(await fixture.runtime.ask(a, { type: 'add', amount: 1 })).toEqual({
        ok: false,
        fault: { code: 'runtime.newer_events', retryAfterMs: 60_000 },
      });
    expect(await fixture.runtime.ask(ref('b'), { type: 'get' })).toMatchObject({ ok: true, value: { total: 2 } });
    await restarted(store, counter);
    expect(await fixture.runtime.ask(a, { type: 'get' })).toMatchObject({ ok: true, value: { calls: 1, total: 0 } });
  });

  it('is not mistaken for a journal that nobody can read, which has a code of its own and harms no other actor', async () => {
    fixture = await startRuntime();
    const { store } = fixture;
    await fixture.runtime.ask(a, { type: 'add', amount: 1 });
    await fixture.runtime.ask(ref('b'), { type: 'add', amount: 2 });
    const rows = store.rows.get(entityKey(a)) ?? [];
    // As if an event between were lost.
    rows.push({ ...(rows[0] as (typeof rows)[0]), seq: 3 });
    await restarted(store, counter);
    expect(await fixture.runtime.ask(a, { type: 'get' })).toEqual({
      ok: false,
      fault: { code: 'runtime.unreadable', retryAfterMs: 60_000 },
    });
    expect(await fixture.runtime.ask(ref('b'), { type: 'get' })).toMatchObject({ ok: true, value: { total: 2 } });
    store.loadFails = true;
    expect(await fixture.runtime.ask(ref('c'), { type: 'get' })).toMatchObject({ ok: false, fault: { code: 'runtime.unavailable' } });
  });

  it.each(
    [tenantBehaviour, conversationBehaviour, orderBehaviour, driverBehaviour].map((behaviour) => [behaviour.kind, behaviour] as const),
  )('is told from its own by every %s: an unknown type, and a later version of a known one', (_, behaviour) => {
    const any = behaviour as unknown as DurableBehaviour<unknown, unknown, never>;
    const load = (event: StoredEvent) => recover(any, ref('x', 7, behaviour.kind), { snapshot: null, events: [event] });
    expect(() => load(stored('of_a_newer_build', 1))).toThrow(NewerEvent);
    for (const [type, version] of Object.entries(behaviour.eventVersions ?? {})) {
      expect(() => load(stored(type, version + 1))).toThrow(NewerEvent);
      expect(upcastEvent(any, stored(type, version)).type).toBe(type);
    }
  });
});

describe('an order', () => {
  it('is read with the event by which older builds kept the answer to a step that moved nothing', () => {
    const state = orderBehaviour.initial(a);
    const meta = { ref: a, seq: 1, atMs: 1 };
    const event = upcastEvent(orderBehaviour as never, { ...stored('step_repeated', 1), data: { step: 'arrived' } });
    expect(orderBehaviour.evolve(state, event as never, meta).order).toBe(state.order);
  });
});
