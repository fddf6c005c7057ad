/** An answer that is kept although nothing changed. */
import { afterEach, expect, it } from 'vitest';
import type { AnyBehaviour } from '../../src/runtime/behaviour.ts';
import { entityKey } from '../../src/runtime/entity.ts';
import { RUNTIME_MARKER } from '../../src/runtime/journal/store.ts';
import { counter, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const a = ref('a');
/** Its `get` says how much it is, and keeps what it said. */
const keeping: AnyBehaviour = {
  ...counter,
  decide: (state, command, context) => {
    const decision = counter.decide(state, command, context);
    return decision.ok && command.type === 'get' ? { ...decision, isKept: true } : decision;
  },
};

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

it('is heard again under its id after a restart, whatever changed since, and leaves no event of the actor', async () => {
  fixture = await startRuntime({ behaviours: [keeping] });
  const { store } = fixture;
  const get = (commandId: string) => fixture.runtime.ask(a, { type: 'get' }, { commandId, storeReply: true });
  const first = await get('k');
  expect(first).toMatchObject({ ok: true, value: { total: 0 } });
  await fixture.runtime.ask(a, { type: 'add', amount: 3 });
  expect(await get('k')).toEqual({ ...first, duplicate: true });
  await fixture.runtime.close();
  fixture = await startRuntime({ store, behaviours: [keeping] });
  expect(await get('k')).toEqual({ ...first, duplicate: true });
  expect(await get('k2')).toMatchObject({ ok: true, value: { total: 3 } });
  expect((store.rows.get(entityKey(a)) ?? []).map((row) => row.type)).toEqual([RUNTIME_MARKER, 'added', RUNTIME_MARKER]);
});

it('without an id is none: nothing is written', async () => {
  fixture = await startRuntime({ behaviours: [keeping] });
  expect(await fixture.runtime.ask(a, { type: 'get' })).toMatchObject({ ok: true, value: { total: 0 } });
  expect(fixture.store.rows.size).toBe(0);
});
