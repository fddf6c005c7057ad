/** Entities that go to sleep together: their snapshots leave room for those that wake, and none is lost. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import type { EntityRef } from '../../src/runtime/entity.ts';
import type { StoredSnapshot } from '../../src/runtime/journal/store.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const ENTITIES = 100;
/** Enough that a sleep is worth a snapshot. */
const EVENTS = 20;
const UNDER_WAY_MAX = 32;
const IDLE_MS = 60_000;

class SlowStore extends MemoryStore {
  readonly waiting: (() => void)[] = [];

  override async saveSnapshot(of: EntityRef, kindCode: number, snapshot: StoredSnapshot): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    await super.saveSnapshot(of, kindCode, snapshot);
  }
}

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

async function start(entityMax: number) {
  const clock = new VirtualClock();
  const store = new SlowStore();
  fixture = await startRuntime({ clock, store, limits: { idleMs: IDLE_MS, entityMax } });
  const adds = Array.from({ length: ENTITIES * EVENTS }, (_, n) => fixture.runtime.ask(ref(`e${n % ENTITIES}`), { type: 'add' }));
  expect((await Promise.all(adds)).every((answer) => answer.ok)).toBe(true);
  return { clock, store };
}

it('a thread forgets the tenants of whom nobody is awake, and knows them again when somebody wakes', async () => {
  const clock = new VirtualClock();
  fixture = await startRuntime({ clock, limits: { idleMs: IDLE_MS } });
  const { runtime } = fixture;
  const add = (tenantId: number, id: string) => runtime.ask({ ...ref(id), tenantId }, { type: 'add' });
  for (let tenantId = 1; tenantId <= ENTITIES; tenantId++) expect(await add(tenantId, 'a')).toMatchObject({ ok: true, value: 1 });
  await add(1, 'b');
  expect([runtime.entities, runtime.tenantKinds]).toEqual([ENTITIES + 1, ENTITIES]);
  clock.advance(IDLE_MS + 1_000);
  expect([runtime.entities, runtime.tenantKinds, runtime.admission.tenants]).toEqual([0, 0, 0]);
  expect(await add(1, 'a')).toMatchObject({ ok: true, value: 2 });
  expect(await add(1, 'b')).toMatchObject({ ok: true, value: 2 });
  expect([runtime.entities, runtime.tenantKinds, runtime.admission.tenants]).toEqual([2, 1, 1]);
});

describe('entities that fall idle together', () => {
  it('write few snapshots at a time; the others sleep when there is room, each with its own', async () => {
    const { clock, store } = await start(1_000);
    clock.advance(IDLE_MS + 1_000);
    expect(store.waiting.length).toBe(UNDER_WAY_MAX);
    expect(fixture.runtime.entities).toBe(ENTITIES - UNDER_WAY_MAX);
    await expect
      .poll(() => {
        for (const written of store.waiting.splice(0)) written();
        clock.advance(1_000);
        return fixture.runtime.entities;
      })
      .toBe(0);
    for (const written of store.waiting.splice(0)) written();
    await expect.poll(() => store.snapshots.size).toBe(ENTITIES);
  });

  it('sleep without one where memory is full', async () => {
    const { clock, store } = await start(10);
    clock.advance(1_000);
    expect(fixture.runtime.entities).toBe(10);
    expect(store.waiting.length).toBe(UNDER_WAY_MAX);
    expect(await fixture.runtime.ask(ref('e0'), { type: 'get' })).toMatchObject({ ok: true, value: { total: EVENTS } });
  });
});
