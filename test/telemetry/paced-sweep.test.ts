/** A sweep over many: each once, none in a hurry, and no timer over nothing. */
import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { PacedSweep } from '../../src/telemetry/paced-sweep.ts';

const EVERY_MS = 10_000;
const STEP_MS = 500;

function sweepOver(items: Map<string, string>, looked: (item: string) => void = () => undefined) {
  const clock = new VirtualClock();
  const seen: { item: string; atMs: number }[] = [];
  const begun: number[] = [];
  const sweep = new PacedSweep<string>({
    clock,
    items,
    everyMs: EVERY_MS,
    stepMs: STEP_MS,
    begin: () => begun.push(clock.monotonicMs()),
    visit: (item, nowMs) => {
      seen.push({ item, atMs: nowMs });
      looked(item);
    },
  });
  return { clock, sweep, seen, begun };
}

function named(count: number): Map<string, string> {
  return new Map(Array.from({ length: count }, (_, i) => [`k${i}`, `item ${i}`]));
}

it.each([1, 19, 20, 21, 1_003])(
  'looks at each of %i items once a sweep, a share at each step, and begins the next one on time',
  (count) => {
    const items = named(count);
    const { clock, sweep, seen, begun } = sweepOver(items);
    sweep.start();
    sweep.start();
    clock.advance(4 * EVERY_MS - 1);
    expect(begun).toEqual([EVERY_MS, 2 * EVERY_MS, 3 * EVERY_MS]);
    const first = seen.filter(({ atMs }) => atMs < 2 * EVERY_MS);
    expect(first.map(({ item }) => item)).toEqual([...items.values()]);
    const share = Math.ceil((count * STEP_MS) / EVERY_MS);
    // Of one step at most `share`: the next after so many is of another.
    for (const [i, { atMs }] of first.slice(share).entries()) expect(atMs).toBeGreaterThan(first[i]?.atMs ?? atMs);
    expect(clock.pending).toBe(1);
  },
);

it('looks at what was added meanwhile and not at what has gone', () => {
  const items = named(40);
  const { clock, sweep, seen } = sweepOver(items, (item) => {
    if (item !== 'item 0') return;
    items.delete('k39');
    items.set('late', 'late');
  });
  sweep.start();
  clock.advance(2 * EVERY_MS - 1);
  expect(seen.map(({ item }) => item)).toEqual([...named(39).values(), 'late']);
});

it('rests without a timer once nothing is left, and goes on when started again', () => {
  const items = named(3);
  const { clock, sweep, seen } = sweepOver(items, () => items.clear());
  sweep.start();
  clock.advance(3 * EVERY_MS);
  expect([seen.length, clock.pending]).toEqual([1, 0]);
  items.set('again', 'again');
  sweep.start();
  clock.advance(EVERY_MS);
  expect(seen.map(({ item }) => item)).toEqual(['item 0', 'again']);
});

it('an end in the middle of a sweep leaves no timer behind', () => {
  const items = named(1_000);
  const { clock, sweep, seen } = sweepOver(items);
  sweep.start();
  clock.advance(EVERY_MS + STEP_MS);
  const before = seen.length;
  sweep.end();
  expect(clock.pending).toBe(0);
  clock.advance(EVERY_MS);
  expect(seen).toHaveLength(before);
});
