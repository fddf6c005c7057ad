/** How long an entity stays in memory once its story is over, and what wakes it. */
import { afterEach, describe, expect, it } from 'vitest';
import type { VolatileBehaviour } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { counter, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const SECOND_MS = 1_000;
/** Over at ten; before that it idles like any other. */
const endsAtTen = { ...counter, isOver: (state: { readonly total: number }) => state.total >= 10 };

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

async function addTo(id: string, amount: number): Promise<void> {
  expect(await fixture.runtime.ask(ref(id), { type: 'add', amount })).toMatchObject({ ok: true });
}

describe('an entity whose story is over', () => {
  it('leaves memory soon, while one that goes on stays for its idle time', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock, behaviours: [endsAtTen], limits: { idleMs: 300 * SECOND_MS } });
    await addTo('over', 10);
    await addTo('goes-on', 9);
    clock.advance(14 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(2);
    clock.advance(2 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(1);
    clock.advance(300 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(0);
  });

  it('wakes with its state when it is asked, and leaves again', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock, behaviours: [endsAtTen], limits: { idleMs: 300 * SECOND_MS } });
    await addTo('over', 10);
    clock.advance(20 * SECOND_MS);
    expect(await fixture.runtime.ask(ref('over'), { type: 'get' })).toMatchObject({ ok: true, value: { total: 10 } });
    // A second look finds it over before its turn begins.
    await fixture.runtime.ask(ref('over'), { type: 'get' });
    clock.advance(20 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(0);
  });

  it('that begins anew idles like any other', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock, behaviours: [endsAtTen], limits: { idleMs: 300 * SECOND_MS } });
    await addTo('again', 10);
    await addTo('again', -5);
    await addTo('again', 1);
    clock.advance(60 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(1);
  });

  it('stays while an effect of it is on its way', async () => {
    const clock = new VirtualClock();
    let finish: (message: unknown) => void = () => undefined;
    const handlers = { echo: () => new Promise<unknown>((resolve) => (finish = resolve)) };
    fixture = await startRuntime({ clock, handlers, behaviours: [endsAtTen], limits: { idleMs: 300 * SECOND_MS } });
    await addTo('busy', 10);
    await fixture.runtime.ask(ref('busy'), { type: 'call' });
    clock.advance(60 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(1);
    finish({ type: 'called' });
    await expect.poll(() => fixture.runtime.pendingEffects).toBe(0);
    clock.advance(20 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(0);
  });
});

it('a volatile actor that answered early and still works does not leave memory: no second one begins beside it', async () => {
  const clock = new VirtualClock();
  let release: () => void = () => undefined;
  const slow: VolatileBehaviour<number, 'work' | 'count'> = {
    durable: false,
    kind: 'slow',
    initial: () => 0,
    async receive(done, message, context) {
      context.reply(done);
      if (message === 'work') await new Promise<void>((resolve) => (release = resolve));
      return done + 1;
    },
  };
  fixture = await startRuntime({ clock, behaviours: [slow], limits: { idleMs: SECOND_MS } });
  const worker = ref('worker', 7, 'slow');
  expect(await fixture.runtime.ask(worker, 'work')).toMatchObject({ ok: true, value: 0 });
  clock.advance(10 * SECOND_MS);
  const counted = fixture.runtime.ask(worker, 'count');
  release();
  expect(await counted).toMatchObject({ ok: true, value: 1 });
});
