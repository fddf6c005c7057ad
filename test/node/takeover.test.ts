/** A start whose database is another process's outlives the end of that process, and waits for nothing else. Time is virtual. */
import { expect, it } from 'vitest';
import { throughTakeover } from '../../src/node/takeover.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';

const gone = (): Error => Object.assign(new Error('connect ENOENT'), { code: 'ENOENT', syscall: 'connect' });

/** Passes time until it has ended. */
async function ended<T>(clock: VirtualClock, running: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  let end: { value: T } | { error: unknown } | null = null;
  void running.then(
    (value) => (end = { value }),
    (error: unknown) => (end = { error }),
  );
  while (end === null) {
    await new Promise(setImmediate);
    clock.advance();
  }
  return end;
}

it('what fails while the server is away is done again until it is there', async () => {
  const clock = new VirtualClock();
  let tries = 0;
  const task = async (): Promise<string> => {
    if (++tries < 30) throw gone();
    return 'done';
  };
  expect(await ended(clock, throughTakeover({ wasShared: true }, task, clock))).toEqual({ value: 'done' });
  expect(clock.monotonicMs()).toBe(2_900);
});

it('a server that does not come back ends the start after fifteen seconds, with what an operator can do', async () => {
  const clock = new VirtualClock();
  const task = async (): Promise<never> => {
    throw gone();
  };
  expect(await ended(clock, throughTakeover({ wasShared: true }, task, clock))).toMatchObject({ error: { code: 'database.unavailable' } });
  expect(clock.monotonicMs()).toBe(15_000);
});

it.each([
  ['a server that nobody else ran', false, gone()],
  ['anything but an outage', true, new Error('a defect')],
])('%s is not waited for', async (_what, wasShared, problem) => {
  const clock = new VirtualClock();
  let tries = 0;
  const task = async (): Promise<never> => {
    tries++;
    throw problem;
  };
  expect(await ended(clock, throughTakeover({ wasShared }, task, clock))).toHaveProperty('error');
  expect({ tries, tookMs: clock.monotonicMs() }).toEqual({ tries: 1, tookMs: 0 });
});
