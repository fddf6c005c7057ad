/** Stopping in reverse order: one step that fails or hangs keeps no other from running, and the end says all that went wrong. */
import { expect, test } from 'vitest';
import { ThreadHangs } from '../../src/node/fleet.ts';
import { StopProblem, type Undo, unwind } from '../../src/node/unwinding.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const noLimit = (): number => 60_000;
const clock = (): number => 0;

test('steps run in reverse order and are told what is left of the time', async () => {
  const seen: unknown[] = [];
  let nowMs = 0;
  const step = (what: string): Undo => ({
    what,
    limitMs: noLimit,
    run: async (leftMs) => {
      seen.push([what, leftMs]);
      nowMs += 70;
    },
  });
  await unwind([step('first'), step('second'), step('third')], 100, () => nowMs);
  expect(seen).toEqual([
    ['third', 100],
    ['second', 30],
    ['first', 0],
  ]);
});

test('one that hangs and one that fails keep no other from running, and are both told of', async () => {
  const ran: string[] = [];
  const steps: Undo[] = [
    { what: 'the last', limitMs: noLimit, run: async () => ran.push('last') },
    { what: 'the stuck', limitMs: () => 1, run: never },
    { what: 'the broken', limitMs: noLimit, run: () => Promise.reject(new Error('broken')) },
    {
      what: 'the hasty',
      limitMs: () => 1,
      run: () => {
        throw new Error('broken at once');
      },
    },
  ];
  const message = 'broken at once; broken; the stuck took longer than 1 ms';
  await expect(unwind(steps, 0, clock)).rejects.toMatchObject({ message, threadHangs: false });
  expect(ran).toEqual(['last']);
});

test('a thread that hangs is told from the rest: only a kill ends its process', async () => {
  const steps: Undo[] = [{ what: 'threads', limitMs: noLimit, run: () => Promise.reject(new ThreadHangs('worker thread 1 hangs')) }];
  const problem = await unwind(steps, 0, clock).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(StopProblem);
  expect(problem).toMatchObject({ threadHangs: true });
});
