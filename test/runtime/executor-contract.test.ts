/** One contract for every executor: the promises that cells build on. */
import { afterEach, describe, expect, it } from 'vitest';
import { DeterministicExecutor } from '../../src/runtime/executor/deterministic-executor.ts';
import type { Executor } from '../../src/runtime/executor/executor.ts';
import { NactExecutor } from '../../src/runtime/executor/nact-executor.ts';

interface Rig {
  readonly executor: Executor;
  /** Lets scheduled turns run until `done` holds. */
  until(done: () => boolean): Promise<void>;
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

const rigs: Record<string, () => Rig> = {
  nact: () => ({
    executor: new NactExecutor(),
    async until(done) {
      for (let i = 0; i < 10_000 && !done(); i++) await nextTick();
    },
  }),
  deterministic: () => {
    const executor = new DeterministicExecutor(42);
    return {
      executor,
      async until(done) {
        for (let i = 0; i < 10_000 && !done(); i++) {
          executor.step();
          await nextTick();
        }
      },
    };
  },
};

describe.each(Object.entries(rigs))('executor %s', (_name, create) => {
  let rig: Rig;
  afterEach(() => rig.executor.close());

  it('runs as many turns as were asked for', async () => {
    rig = create();
    let turns = 0;
    const slot = rig.executor.spawn(1, () => void turns++);
    for (let i = 0; i < 5; i++) slot.schedule();
    await rig.until(() => turns === 5);
    expect(turns).toBe(5);
  });

  it('never overlaps two turns of one slot, even when they are asynchronous', async () => {
    rig = create();
    let running = 0;
    let most = 0;
    let turns = 0;
    const slot = rig.executor.spawn(1, async () => {
      most = Math.max(most, ++running);
      await nextTick();
      running--;
      turns++;
    });
    for (let i = 0; i < 10; i++) slot.schedule();
    await rig.until(() => turns === 10);
    expect({ turns, most }).toEqual({ turns: 10, most: 1 });
  });

  it('lets other slots run while one waits', async () => {
    rig = create();
    let release: () => void = () => undefined;
    let others = 0;
    const stuck = rig.executor.spawn(1, () => new Promise<void>((resolve) => (release = resolve)));
    const other = rig.executor.spawn(1, () => void others++);
    stuck.schedule();
    other.schedule();
    await rig.until(() => others === 1);
    expect(others).toBe(1);
    release();
  });

  it('starts no turn after stop, and keeps siblings of the group alive', async () => {
    rig = create();
    let stopped = 0;
    let alive = 0;
    const first = rig.executor.spawn(3, () => void stopped++);
    const second = rig.executor.spawn(3, () => void alive++);
    first.stop();
    first.schedule();
    second.schedule();
    await rig.until(() => alive === 1);
    expect({ stopped, alive }).toEqual({ stopped: 0, alive: 1 });
  });
});

describe('deterministic executor', () => {
  it('replays the same interleaving from the same seed', async () => {
    const run = (seed: number): string => {
      const executor = new DeterministicExecutor(seed);
      let trace = '';
      const slots = ['a', 'b', 'c', 'd'].map((name) =>
        executor.spawn(1, () => {
          trace += name;
        }),
      );
      for (let i = 0; i < 5; i++) for (const slot of slots) slot.schedule();
      while (executor.step());
      return trace;
    };
    expect(run(7)).toBe(run(7));
    expect(new Set([1, 2, 3, 4, 5, 6].map(run)).size).toBeGreaterThan(1);
  });
});
