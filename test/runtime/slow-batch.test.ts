/** A database that stands still fails nothing for a while: the operator hears of it all the same. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { holdCommits, type RuntimeFixture, ref, startRuntime } from '../support/runtime.ts';

const a = ref('a');
const TAKES_LONG = 'the database takes long to store a batch: all answers of this thread wait for it';
const IS_OVER = 'the batch that took long is over';

let clock: VirtualClock;
let fixture: RuntimeFixture;
afterEach(() => fixture.runtime.close());

/** Time as a thread sees it that is not busy. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 100) clock.advance(100);
}

async function started(): Promise<{ readonly commits: ReturnType<typeof holdCommits>; readonly answer: Promise<unknown> }> {
  clock = new VirtualClock();
  fixture = await startRuntime({ clock });
  await fixture.runtime.ask(a, { type: 'add' });
  const commits = holdCommits(fixture.store);
  const answer = fixture.runtime.ask(a, { type: 'add' });
  await expect.poll(commits.isHeld).toBe(true);
  return { commits, answer };
}

describe('a batch that the database does not answer', () => {
  it('is told of once when it takes longer than two seconds, and once when it is over', async () => {
    const { commits, answer } = await started();
    pass(1_900);
    expect(fixture.logged).toEqual([]);
    pass(5_000);
    expect(fixture.logged).toEqual([TAKES_LONG]);
    commits.release();
    expect(await answer).toMatchObject({ ok: true });
    pass(1_000);
    expect(fixture.logged).toEqual([TAKES_LONG, IS_OVER]);
  });

  it('is over, too, when its outcome is lost', async () => {
    const { commits, answer } = await started();
    pass(3_000);
    commits.lose();
    expect(await answer).toMatchObject({ ok: false });
    pass(100);
    expect(fixture.logged).toEqual([TAKES_LONG, IS_OVER]);
  });

  it('is not blamed for the time in which the thread itself stood still', async () => {
    const { commits, answer } = await started();
    pass(500);
    const stalledMs = 9_000;
    // No look falls into it: the timers of a thread that stands still run late, and only once.
    const { after } = clock;
    clock.after = (delayMs, task) => after.call(clock, Math.max(delayMs, stalledMs), task);
    pass(100);
    clock.after = after;
    pass(stalledMs);
    expect(fixture.logged).toEqual([]);
    commits.release();
    await answer;
  });

  it('is told of by itself: batches that follow each other closely are not taken for one', async () => {
    clock = new VirtualClock();
    fixture = await startRuntime({ clock });
    for (let n = 0; n < 30; n++) {
      const commits = holdCommits(fixture.store);
      const answer = fixture.runtime.ask(a, { type: 'add' });
      await expect.poll(commits.isHeld, { interval: 1 }).toBe(true);
      clock.advance(100);
      commits.release();
      await answer;
    }
    expect(fixture.logged).toEqual([]);
  });
});
