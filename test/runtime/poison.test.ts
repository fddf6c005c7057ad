/** What happens to a message that its actor cannot take, when the runtime itself would bring it again and again. */
import { afterEach, expect, it } from 'vitest';
import type { DurableBehaviour } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { type CounterCommand, type CounterEvent, counter, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

const a = ref('a');

/** A counter whose reminder and whose effects come back as what it cannot bear. */
const brittle: DurableBehaviour<{ total: number; calls: number }, CounterCommand, CounterEvent> = {
  ...counter,
  decide(state, command, context) {
    const decision = counter.decide(state, command, context);
    if (!decision.ok || decision.timers === undefined) return decision;
    return { ...decision, timers: decision.timers.map((op) => (op.op === 'arm' ? { ...op, command: { type: 'crash' } } : op)) };
  },
};

/** Until the first dead letter, and some minutes on, in which whatever is not settled would come again. */
async function untilGivenUp(clock: VirtualClock): Promise<void> {
  await expect
    .poll(() => {
      clock.advance(1_000);
      return fixture.store.deadLetters.length;
    })
    .toBe(1);
  for (let n = 0; n < 20; n++) {
    clock.advance(10_000);
    await new Promise(setImmediate);
  }
}

it('the result of an effect that its actor cannot take is given up once: one dead letter, and the effect does not run again', async () => {
  const clock = new VirtualClock();
  let runs = 0;
  const echo = async () => {
    runs++;
    return { type: 'crash' };
  };
  fixture = await startRuntime({ clock, handlers: { echo } });
  await fixture.runtime.ask(a, { type: 'call' });
  await untilGivenUp(clock);
  expect({ runs, letters: fixture.store.deadLetters.length, quarantines: fixture.runtime.counters.quarantines }).toEqual({
    runs: 1,
    letters: 1,
    quarantines: 0,
  });
  const store = fixture.store;
  await fixture.runtime.close();
  fixture = await startRuntime({ store, clock, handlers: { echo } });
  expect((await fixture.runtime.ask(a, { type: 'add' })).ok).toBe(true);
  expect(runs).toBe(1);
});

it('a reminder that its actor cannot take is given up once and does not come again', async () => {
  const clock = new VirtualClock();
  fixture = await startRuntime({ clock, behaviours: [brittle] });
  await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 5_000 });
  await untilGivenUp(clock);
  expect(fixture.store.timers.size).toBe(0);
  expect({ letters: fixture.store.deadLetters.length, quarantines: fixture.runtime.counters.quarantines }).toEqual({
    letters: 1,
    quarantines: 0,
  });
});

it('a volatile timer that outlived its incarnation keeps the next one neither awake nor from sleep', async () => {
  const clock = new VirtualClock();
  fixture = await startRuntime({ clock, limits: { restartsPerMinute: 2 } });
  await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 200_000, durable: false });
  const crashed = fixture.runtime.ask(a, { type: 'crash' });
  await expect
    .poll(() => {
      clock.advance(50);
      return fixture.runtime.counters.quarantines;
    })
    .toBe(1);
  await crashed;
  clock.advance(61_000);
  expect(fixture.runtime.entities).toBe(0);
  await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 300_000, durable: false });
  // It waits for its timer in memory, however idle it is, and leaves when that has fired.
  clock.advance(200_000);
  expect(fixture.runtime.entities).toBe(1);
  clock.advance(101_000);
  await expect
    .poll(() => {
      clock.advance(10_000);
      return fixture.runtime.entities;
    })
    .toBe(0);
});
