/** The machine's clock is set back or forward while things wait: what lasts a while lasts no longer and no shorter for it. Time is virtual. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { holdCommits, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const STEPS = [
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
] as const;
const a = ref('a');

let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

/** Lets what is under way arrive; no virtual time passes. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function total(): Promise<unknown> {
  const answer = await fixture.runtime.ask(a, { type: 'get' });
  return answer.ok ? (answer.value as { total: number }).total : answer;
}

describe.each(STEPS)('the clock is set %s an hour', (_direction, stepMs) => {
  it.each([undefined, 3 * SECOND_MS])(
    'an ask that nobody answers is given up when its time is over, neither sooner nor later (%s)',
    async (ms) => {
      const clock = new VirtualClock();
      fixture = await startRuntime({ clock });
      const commits = holdCommits(fixture.store);
      let answer: Answer | null = null;
      const options = ms === undefined ? undefined : { deadlineMs: clock.nowMs() + ms };
      void fixture.runtime.ask(a, { type: 'add' }, options).then((given) => (answer = given));
      await expect.poll(() => commits.isHeld()).toBe(true);
      clock.step(stepMs);
      const waitMs = ms ?? 10 * SECOND_MS;
      clock.advance(waitMs - SECOND_MS);
      await settle();
      expect(answer).toBe(null);
      clock.advance(SECOND_MS + 200);
      await settle();
      expect(answer).toMatchObject({ ok: false, fault: { code: 'runtime.timeout' } });
      commits.release();
    },
  );

  it('a command is carried out while somebody waits for it, and not when nobody does any more', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    const inTime = fixture.runtime.ask(a, { type: 'add', amount: 1 }, { deadlineMs: clock.nowMs() + 5 * SECOND_MS });
    clock.step(stepMs);
    clock.advance(4 * SECOND_MS);
    expect(await inTime).toMatchObject({ ok: true, value: 1 });
    const b = ref('b');
    const tooLate = fixture.runtime.ask(b, { type: 'add', amount: 1 }, { deadlineMs: clock.nowMs() + 5 * SECOND_MS });
    fixture.runtime.tell(b, { type: 'add', amount: 10 }, { deadlineMs: clock.nowMs() + 5 * SECOND_MS });
    clock.step(stepMs);
    clock.advance(6 * SECOND_MS);
    expect(await tooLate).toMatchObject({ ok: false });
    await settle();
    expect(fixture.store.rows.size).toBe(1);
  });

  it('an idle entity leaves memory after its idle time', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock, limits: { idleMs: 300 * SECOND_MS } });
    await fixture.runtime.ask(a, { type: 'add' });
    clock.step(stepMs);
    clock.advance(290 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(1);
    clock.advance(20 * SECOND_MS);
    expect(fixture.runtime.entities).toBe(0);
  });

  it('a volatile timer fires after the time that it was armed for', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 30 * SECOND_MS, amount: 5, durable: false });
    clock.step(stepMs);
    clock.advance(29 * SECOND_MS);
    expect(await total()).toBe(0);
    clock.advance(2 * SECOND_MS);
    expect(await total()).toBe(5);
  });

  it('a reminder that is due within seconds fires after those seconds', async () => {
    const clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    await settle();
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 10 * SECOND_MS, amount: 5 });
    clock.step(stepMs);
    clock.advance(9 * SECOND_MS);
    expect(await total()).toBe(0);
    clock.advance(2 * SECOND_MS);
    expect(await total()).toBe(5);
  });
});

describe('a reminder that is due in a while', () => {
  async function reminded(clock: VirtualClock): Promise<void> {
    fixture = await startRuntime({ clock });
    await settle();
    await fixture.runtime.ask(a, { type: 'remind', dueAtMs: clock.nowMs() + 120 * SECOND_MS, amount: 5 });
  }

  async function pass(clock: VirtualClock, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SECOND_MS) {
      clock.advance(SECOND_MS);
      await settle();
    }
  }

  it('fires when the clock says so after it was set back: late by the step, never lost, once', async () => {
    const clock = new VirtualClock();
    await reminded(clock);
    clock.step(-60 * SECOND_MS);
    await pass(clock, 150 * SECOND_MS);
    expect(await total()).toBe(0);
    await pass(clock, 60 * SECOND_MS);
    expect(await total()).toBe(5);
    expect(fixture.store.timers.size).toBe(0);
  });

  it('fires within the next poll after the clock was set past it', async () => {
    const clock = new VirtualClock();
    await reminded(clock);
    clock.step(HOUR_MS);
    await pass(clock, 20 * SECOND_MS);
    expect(await total()).toBe(5);
  });
});
